"""A target written as a formula, computed with NumPy; formula_text.py reads it."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from spikedash.params.formula_text import COMPARISONS, FUNCTIONS, OPERATORS, parse

F64 = npt.NDArray[np.float64]

HIGHEST = 20.0  # drive units, as of a drawn curve


def compute(text: str, values: Mapping[str, Any]) -> F64:
    """A formula at these values of its names, broadcast against each other; not checked for being finite.

    Raises:
        ValueError: the formula has no meaning, see `parse`.
    """
    with np.errstate(all="ignore"):
        return np.asarray(_value(parse(text), {**values, "pi": np.pi, "π": np.pi}), np.float64)


def _value(node: ast.expr, values: Mapping[str, Any]) -> Any:
    match node:
        case ast.Constant(value=int() | float() as value):
            return np.float64(value)
        case ast.Name(id=name):
            return values[name]
        case ast.BinOp(left=left, op=op, right=right):
            return OPERATORS[type(op)](_value(left, values), _value(right, values), dtype=np.float64)
        case ast.UnaryOp(op=op, operand=operand):
            value = _value(operand, values)
            return np.negative(value) if isinstance(op, ast.USub) else value
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return np.multiply(COMPARISONS[type(op)](_value(left, values), _value(right, values)), 1.0)
        case ast.Call(func=ast.Name(id=name), args=args):
            return FUNCTIONS[name].compute(*(_value(arg, values) for arg in args))
        case _:  # pragma: no cover - parse lets nothing else through
            raise AssertionError(ast.dump(node))


def check_range(values: F64, t_ms: F64, neurons: npt.NDArray[np.integer]) -> None:
    """Values (T, m) at times (T,) of neurons (m,) are finite and no larger than HIGHEST.

    Raises:
        ValueError: where they are not; the sentence goes on after "target.formula".
    """
    odd = ~(np.abs(values) <= HIGHEST)  # nan compares with nothing
    if not odd.any():
        return
    step, place = np.unravel_index(int(odd.argmax()), odd.shape)
    value = float(values[step, place])
    where = f"at t = {t_ms[step]:g} ms for neuron {neurons[place]}"
    if not np.isfinite(value):
        what = "no number" if np.isnan(value) else "infinite"
        raise ValueError(f"is {what} {where}; keep divisors away from 0, roots and logarithms above it, and powers small")
    raise ValueError(f"is {value:.4g} {where}; it must stay between -{HIGHEST:g} and {HIGHEST:g}")


def check_sample(text: str, duration_ms: float, n: int) -> None:
    """Some times, neurons and draws, to find at once what is wrong; a run checks all of them.

    Raises:
        ValueError: as `check_range`.
    """
    t = np.linspace(0.0, duration_ms, 101)[:-1]
    share = (np.arange(8) + 0.5) / 8
    neurons = (share * n).astype(np.int64)
    draws = {"phase": 2 * np.pi * share, "uniform": share[::-1], "normal": 4 * share[[3, 7, 0, 4, 1, 6, 2, 5]] - 2}
    who = {"i": neurons.astype(np.float64), "n": float(n), "exc": np.arange(8) % 2 * 1.0, "pattern": 1.0}
    values = compute(text, {"t": t[:, None], "T": duration_ms, **who, **draws})
    check_range(np.broadcast_to(values, (t.size, 8)), t, neurons)
