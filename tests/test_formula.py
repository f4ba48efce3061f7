"""Formulas: what they give is what NumPy gives, and nothing else can be written."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import stats

from spikedash import targets
from spikedash.params import InputError, Params, Target
from spikedash.params.formula import compute
from spikedash.params.formula_text import FUNCTIONS, MOST_LETTERS, NAMES, parse

T = np.arange(300.0)[:, None]
PHASE = np.linspace(0, 6, 4)
VALUES = {"t": T, "T": 300.0, "i": np.arange(4.0), "n": 4.0, "phase": PHASE, "exc": np.array([1.0, 1, 1, 0]), "pattern": 1.0}
VALUES |= {"uniform": np.array([0.1, 0.4, 0.6, 0.9]), "normal": np.array([-1.0, 0, 0.5, 2])}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sin(2*pi*t/500 + phase)", np.sin(2 * np.pi * T / 500 + PHASE)),
        ("2*exp(-((t - T*i/n)/80)**2) - 0.5", 2 * np.exp(-(((T - 300 * np.arange(4) / 4) / 80) ** 2)) - 0.5),
        ("where(t < 100, 1, -2)", np.where(T < 100, 1.0, -2.0)),
        ("(t >= 100)*(t <= 200)", ((T >= 100) & (T <= 200)) * 1.0),
        ("-2**2 % 3", np.float64(-(2**2) % 3)),
        ("max(0, cos(t/50), 0.5*normal)", np.maximum(np.maximum(0, np.cos(T / 50)), 0.5 * VALUES["normal"])),
        ("  2×π·t÷T − 1 ", 2 * np.pi * T / 300 - 1),
        ("sqrt(uniform)\n + log(1 + t)*.1", np.sqrt(VALUES["uniform"]) + np.log1p(T) * 0.1),
        ("1e-1*sign(tanh(t - 150)) + abs(floor(-1.5)) + tan(0) + min(1, 2)", 0.1 * np.sign(T - 150) + 2 + 1),
    ],
)
def test_a_formula_gives_what_numpy_gives(text, expected):
    np.testing.assert_allclose(np.broadcast_to(compute(text, VALUES), np.shape(expected)), expected, atol=1e-12)


#: Text and part of the sentence, which names what is wrong and where.
WRONG = {
    "": "is empty",
    "2pi*t": "no sign between 2 and pi at character 2",
    "3 (t)": "“3 (t)” at character 1, which has no meaning here; write * for a product",
    "sin t": "“sin” at character 1 without a bracket",
    "cos(2*pi*t": "a bracket at character 4 that is never closed",
    "t)": "a bracket at character 2 that was never opened",
    "0,5*t": "a comma at character 2 outside of a function; decimals have a point",
    "sin(0,5)": "“sin” at character 1, which takes 1 value and is given 2; decimals have a point",
    "where(t)": "“where” at character 1, which takes 3 values and is given 1",
    "t + phse": "“phse” at character 5, which is unknown here; the nearest known is phase",
    "phase(2)": "“phase” at character 1, which is no function; write phase*(…)",
    "1 + sin": "“sin” at character 5, a function without its bracket",
    "t^2": "“^” at character 2, which means nothing here; a power is written **",
    "t if t < 3 else 1": "choose with where",
    "0 < t < 9": "multiply what must hold together",
    "t *": "ends with *",
    "1e999": "a number too large",
}


@pytest.mark.parametrize("text", WRONG)
def test_what_is_wrong_is_told_with_its_place(text):
    with pytest.raises(InputError) as refused:
        Params().with_values({"target.family": "formula", "target.formula": text})
    assert str(refused.value).startswith("target.formula ")
    assert WRONG[text] in str(refused.value)
    assert str(refused.value).endswith(".")


HOSTILE = [
    "t.__class__.__bases__[0].__subclasses__()",
    "().__class__",
    "__import__('os').system('true')",
    "sin.__globals__",
    "sin(t).tofile('x')",
    "(lambda: 0)()",
    "[t for t in 9]",
    "{1: 2}",
    "f'{t}'",
    "'a'*999999999",
    "(t := 3)",
    "sin(*t)",
    "sin(x=t)",
    "t if t else t",
    "not t",
    "~t",
    "t @ t",
    "t << 99",
    "1j*t",
    "True",
    "None",
    "...",
    "await t",
    "print(1)",
    "eval(t)",
    "t\x00",
    "т",  # Cyrillic
    "𝐭",  # Python reads it as t
]


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_but_arithmetic_can_be_written(text):
    with pytest.raises(ValueError, match=r".+"):
        parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "9**9**9**9**9",
        "10**400",
        "(" * 140 + "t" + ")" * 140,
        "-" * (MOST_LETTERS - 1) + "t",
        "sin(" * 60 + "t" + ")" * 60,
        "9" * (MOST_LETTERS + 1),
        "+".join(["t"] * 5000),
        "max(" + ",".join("t" * 140) + ")**99",
        "exp(exp(exp(exp(t))))",
        "1/(t - 500)",
        "log(t - 1)",
        "0/0",
        "t/10",
    ],
)
def test_heavy_and_unbounded_formulas_are_refused_at_once(text):
    started = time.process_time()
    with pytest.raises(InputError, match=r"^target\.formula .*\.$"):
        Params().with_values({"target.family": "formula", "target.formula": text})
    assert time.process_time() - started < 0.5


LETTERS = st.sampled_from(
    [*NAMES, *FUNCTIONS, *"+-*/%()<>=., 0123456789", "**", "1e5", "π", "if", "and", "__", "\n", "'", "[", ":"]
)


@settings(max_examples=200, deadline=None)
@given(st.lists(LETTERS, max_size=30).map("".join) | st.text(max_size=40))
@example("1if t else 2")
def test_any_text_is_computed_or_refused_in_a_sentence(text):
    refusal = None
    try:
        value = compute(text, VALUES)
    except ValueError as error:
        refusal = str(error)
    if refusal is None:
        assert value.dtype == np.float64
        np.broadcast_shapes(value.shape, (300, 4))
    else:
        assert refusal
        assert "\n" not in refusal


LEAVES = st.sampled_from(["t", "phase", "i", "T", "0.5", "3", "uniform"])
TREES = st.recursive(
    LEAVES,
    lambda inner: (
        st.tuples(inner, st.sampled_from(["+", "-", "*"]), inner).map(lambda p: f"({p[0]} {p[1]} {p[2]})")
        | st.tuples(st.sampled_from(["sin", "cos", "tanh", "abs"]), inner).map(lambda p: f"{p[0]}({p[1]})")
    ),
    max_leaves=12,
)


@settings(max_examples=100, deadline=None)
@given(TREES)
def test_a_formula_and_python_itself_agree(text):
    if len(text) > MOST_LETTERS:
        return
    names = {**VALUES, "sin": np.sin, "cos": np.cos, "tanh": np.tanh, "abs": np.abs}
    expected = eval(text, {"__builtins__": {}}, names)  # noqa: S307 - the oracle, on text of this test's own making
    np.testing.assert_array_equal(compute(text, VALUES), np.float64(expected))


def filled(text, n=50, duration=200, **more):
    values = {"target.family": "formula", "target.formula": text, "target.duration_ms": duration, "network.n": n, **more}
    params = Params().with_values(values)
    out = np.empty((duration, n), np.float32)
    targets.fill(out, params, np.arange(float(duration)), round(0.8 * n), more.get("pattern", 0))
    return out


def test_draws_have_the_distributions_that_their_names_say():
    n = 4000
    assert stats.kstest(filled("phase/(2*pi)", n, 100)[0], "uniform").pvalue > 1e-3
    assert stats.kstest(filled("uniform", n, 100)[0], "uniform").pvalue > 1e-3
    assert stats.kstest(filled("normal", n, 100)[0], "norm").pvalue > 1e-3
    np.testing.assert_array_equal(filled("exc", 10, 100)[0], [1] * 8 + [0] * 2)
    np.testing.assert_allclose(filled("i/n + t/T", 10, 100)[50], np.arange(10) / 10 + 0.5, rtol=1e-6)


def test_blocks_of_neurons_change_nothing(monkeypatch):
    once = filled("sin(t/50 + phase) + normal + i/n")
    monkeypatch.setattr(targets, "FORMULA_BLOCK", 1000)
    np.testing.assert_array_equal(filled("sin(t/50 + phase) + normal + i/n"), once)


def test_a_value_out_of_range_names_the_time_and_the_neuron():
    with pytest.raises(InputError, match=r"target\.formula is infinite at t = 77 ms for neuron 3[;]"):
        list(
            targets.written(
                Target(formula="where(i < 3, 0, 1/(t - 77))"), np.array([77.0]), 2 * 3, 4, 1, np.random.default_rng(0)
            )
        )
    with pytest.raises(InputError, match=r"is 21\.5 at t = 0 ms for neuron 43; it must stay between -20 and 20"):
        filled("where(i < 43, 0, i/2)", 44)


def test_every_pattern_can_have_its_own(small):
    from spikedash import training

    params = small(target__family="formula", target__formula="pattern + 0*t", target__sets=2)
    target = training.prepare(params).target
    np.testing.assert_array_equal(target[0], 1)
    np.testing.assert_array_equal(target[1], 2)


def test_a_plain_number_of_the_command_line_is_a_formula():
    assert Params().with_values({"target.family": "formula", "target.formula": 0.5}).target.formula == "0.5"
