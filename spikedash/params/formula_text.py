"""The text of a formula: a small language of numbers, names and functions, read with `ast`.

No library fits: numexpr hands the text to Python's own compiler, asteval brings a whole language, and simpleeval's guards
compare single numbers. Here only what is listed below has a meaning, and nothing of it can loop, call back or grow.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from difflib import get_close_matches
from functools import lru_cache, reduce
from typing import Any, NamedTuple

import numpy as np

MOST_LETTERS = 300
MOST_LEVELS = 40
DEFAULT = "sin(2*pi*t/500 + phase)"

#: What a formula may name, and what it means.
NAMES = {
    "t": "time since the pattern began, ms",
    "T": "length of the pattern, ms",
    "i": "number of the neuron, 0 to n − 1",
    "n": "number of neurons",
    "phase": "drawn for every neuron, 0 to 2π",
    "uniform": "drawn for every neuron, 0 to 1",
    "normal": "drawn for every neuron, mean 0 and standard deviation 1",
    "exc": "1 for an excitatory neuron, 0 for an inhibitory one",
    "pattern": "number of the pattern, from 1",
    "pi": "3.14159…",
}


class Function(NamedTuple):
    """How many values it takes (`most` None: as many as are given), and what it gives for them."""

    least: int
    most: int | None
    compute: Callable[..., Any]
    words: str


FUNCTIONS = {
    "sin": Function(1, 1, np.sin, "sine of an angle in rad"),
    "cos": Function(1, 1, np.cos, "cosine of an angle in rad"),
    "tan": Function(1, 1, np.tan, "tangent of an angle in rad"),
    "tanh": Function(1, 1, np.tanh, "hyperbolic tangent"),
    "exp": Function(1, 1, np.exp, "e to this power"),
    "log": Function(1, 1, np.log, "natural logarithm"),
    "sqrt": Function(1, 1, np.sqrt, "square root"),
    "abs": Function(1, 1, np.abs, "size without sign"),
    "sign": Function(1, 1, np.sign, "−1, 0 or 1"),
    "floor": Function(1, 1, np.floor, "whole number below"),
    "min": Function(2, None, lambda *values: reduce(np.minimum, values), "least of its values"),
    "max": Function(2, None, lambda *values: reduce(np.maximum, values), "greatest of its values"),
    "where": Function(
        3, 3, lambda test, yes, no: np.where(test != 0, yes, no), "where(t < 300, a, b) is a before 300 ms, then b"
    ),
}
OPERATORS: dict[type[ast.operator], Callable[..., Any]] = {
    ast.Add: np.add,
    ast.Sub: np.subtract,
    ast.Mult: np.multiply,
    ast.Div: np.true_divide,
    ast.Mod: np.mod,
    ast.Pow: np.power,
}
COMPARISONS: dict[type[ast.cmpop], Callable[..., Any]] = {
    ast.Lt: np.less,
    ast.LtE: np.less_equal,
    ast.Gt: np.greater,
    ast.GtE: np.greater_equal,
}

#: As people type or paste them; one letter for one, so that places stay.
_SPELT = str.maketrans({"−": "-", "–": "-", "×": "*", "·": "*", "÷": "/", "\u00a0": " ", "\t": " ", "\r": " ", "\n": " "})
_FOREIGN = re.compile(r"[^A-Za-z0-9_π+\-*/%().,<> =]")
_LETTER = r"A-Za-z_π"
#: A product without its sign, and where the sign belongs: 2pi, 2(t), )(, )2, t sin(t).
_PRODUCT = re.compile(
    rf"(?<![\w.π])((?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(?=[{_LETTER}(])|(\))\s*(?=[\w(π])|([{_LETTER}]\w*)\s+(?=[\wπ(])"
)
_ALLOWED = "write numbers, names, functions and + − * / % ** ( )"
_FORMS: dict[type[ast.expr], str] = {
    ast.IfExp: "choose with where(t < 300, a, b)",
    ast.Call: "write * for a product",
    ast.BoolOp: "multiply what must hold together, (t > 100)*(t < 300)",
    ast.Compare: "compare two values with <, <=, > or >=, and multiply what must hold together",
}
_HINTS = {
    "^": "a power is written **",
    ";": "give one expression",
    ":": "choose with where(t < 300, a, b)",
    "[": "brackets are round",
    "]": "brackets are round",
    "{": "brackets are round",
    "}": "brackets are round",
    "!": "compare with <, <=, > or >=",
}


def _at(text: str, place: int, end: int | None = None) -> str:
    """ "“foo” at character 5" for the piece of text from `place` to `end`, or some letters of it."""
    last = min(len(text) if end is None else end, place + 16)
    piece = text[place:last].strip() or text.strip()[-1:]
    return f"“{piece}{'…' if last < (len(text) if end is None else end) else ''}” at character {place + 1}"


@lru_cache(256)
def parse(text: str) -> ast.expr:
    """The tree of a formula, in which everything has a meaning.

    Raises:
        ValueError: the first thing that has none: what, where, what would be right; it goes on after "target.formula".
    """
    if not text.strip():
        raise ValueError(f"is empty; write one such as {DEFAULT}")
    if len(text) > MOST_LETTERS:
        raise ValueError(f"has {len(text):,} characters; it must have at most {MOST_LETTERS}")
    plain = text.translate(_SPELT)
    foreign = _FOREIGN.search(plain)
    if foreign:
        hint = _HINTS.get(foreign[0], _ALLOWED)
        shown = foreign[0] if foreign[0].isprintable() else repr(foreign[0])[1:-1]
        raise ValueError(f"has “{shown}” at character {foreign.start() + 1}, which means nothing here; {hint}")
    lead = len(plain) - len(plain.lstrip())
    try:
        tree = ast.parse(plain.lstrip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ValueError(_unreadable(plain, error, lead)) from None
    _check(tree, plain, lead, 0)
    return tree


def _unreadable(text: str, error: BaseException, lead: int) -> str:
    product = _PRODUCT.search(text)
    if product and product[0].strip() in FUNCTIONS:
        return f"has {_at(text, product.start(), product.end())} without a bracket; write {product[0].strip()}(…)"
    if product:
        rest = text[product.end() :].lstrip()
        right = re.match(r"\w+|.", rest)
        between = f"{product[0].strip()} and {right[0] if right else ''}"
        return f"has no sign between {between} at character {product.end() + 1}; write * for a product"
    opened: list[int] = []
    for place, letter in enumerate(text):
        if letter == "(":
            opened.append(place)
        elif letter == ")":
            if not opened:
                return f"closes a bracket at character {place + 1} that was never opened; take it away or add one before"
            opened.pop()
    if opened:
        return f"opens a bracket at character {opened[-1] + 1} that is never closed; add ) where it ends"
    if text.rstrip()[-1:] in "+-*/%<>=,":
        return f"ends with {text.rstrip()[-1]}; a number or a name must follow"
    place = min(len(text) - 1, max(0, lead + (getattr(error, "offset", None) or 1) - 1))
    return f"cannot be read from {_at(text, place)}; write it like {DEFAULT}"


def _check(node: ast.expr, text: str, lead: int, level: int) -> None:
    """Raises ValueError at the first part of the tree that has no meaning here."""

    def wrong(why: str, whole: ast.expr = node) -> ValueError:
        return ValueError(
            f"has {_at(text, _place(text, lead, whole.col_offset), _place(text, lead, whole.end_col_offset))}, {why}"
        )

    if level > MOST_LEVELS:
        raise wrong(f"nested too deep; at most {MOST_LEVELS} brackets may stand in each other")
    match node:
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            if not _is_finite(value):
                raise wrong("a number too large to compute with; write a smaller one")
        case ast.Name(id=name):
            if name in FUNCTIONS:
                raise wrong(f"a function without its bracket; write {name}(…)")
            if name not in NAMES and name != "π":
                raise wrong(f"which is unknown here; {_meant(name, [*NAMES, *FUNCTIONS])}")
        case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS:
            _check(left, text, lead, level + 1 if not isinstance(left, ast.BinOp) else level)
            _check(right, text, lead, level + 1)
        case ast.UnaryOp(op=ast.UAdd() | ast.USub(), operand=operand):
            _check(operand, text, lead, level + 1)
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in COMPARISONS:
            _check(left, text, lead, level + 1)
            _check(right, text, lead, level + 1)
        case ast.Call(func=ast.Name(id=name) as func, args=args, keywords=[]):
            if name not in FUNCTIONS:
                product = f"write {name}*(…) for a product" if name in NAMES else _meant(name, list(FUNCTIONS))
                raise wrong(f"which is no function; {product}", func)
            if complaint := _miscounted(name, len(args)):
                raise wrong(complaint, func)
            for arg in args:
                _check(arg, text, lead, level + 1)
        case ast.Tuple(elts=[first, *_]):
            comma = text.index(",", _place(text, lead, first.end_col_offset))
            raise ValueError(f"has a comma at character {comma + 1} outside of a function; decimals have a point, such as 0.5")
        case _:
            hint = _ALLOWED if isinstance(node, ast.Call) and node.keywords else _FORMS.get(type(node), _ALLOWED)
            raise wrong(f"which has no meaning here; {hint}")


def _place(text: str, lead: int, offset: int | None) -> int:
    """Python counts bytes, from the first letter that is no space."""
    return lead + len(text.lstrip().encode()[:offset].decode())


def _is_finite(value: float) -> bool:
    try:
        return bool(np.isfinite(float(value)))
    except OverflowError:
        return False


def _meant(name: str, known: list[str]) -> str:
    near = get_close_matches(name, known, 1, 0.65)
    return f"the nearest known is {near[0]}" if near else f"known are {', '.join(known)}"


def _miscounted(name: str, given: int) -> str:
    """What is wrong with this many values for a function, or nothing."""
    least, most, *_ = FUNCTIONS[name]
    if given >= least and (most is None or given <= most):
        return ""
    takes = f"at least {least} values" if most is None else f"{least} value{'s' if least > 1 else ''}"
    return f"which takes {takes} and is given {given}{'; decimals have a point, such as 0.5' if given > least else ''}"
