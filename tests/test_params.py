"""Parameters: every rule is told in one sentence, and what is valid survives a round trip."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spikedash.params import KNOBS, Curve, InputError, Params, bounds, from_json, from_tree


@pytest.mark.parametrize("name", KNOBS)
def test_every_knob_has_a_label_a_help_and_a_range_that_it_keeps(name):
    knob = KNOBS[name]
    assert knob.json_schema_extra["label"]
    assert knob.description.endswith((".", ")"))
    low, high = bounds(name)
    if knob.annotation not in (int, float):
        return
    assert low <= knob.default <= high
    for outside in (low - 1, high + 1, float("nan"), "many", None):
        with pytest.raises(InputError, match=rf"^{name.replace('.', '[.]')} is .*; it must be .* from .* to .*\.$"):
            Params().with_values({name: outside})


def test_sliders_may_send_whole_numbers_as_floats_and_back():
    assert Params().with_values({"network.n": 200.0}).network.n == 200
    assert isinstance(Params().with_values({"network.sigma": 1}).network.sigma, float)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (
            {"target.period_min_ms": 900, "target.period_max_ms": 500},
            "target.period_min_ms is 900, above target.period_max_ms = 500",
        ),
        ({"training.rest_min_ms": 400}, "training.rest_min_ms is 400, above training.rest_max_ms = 300"),
        ({"training.update_ms": 0.5}, "shorter than one step"),
        ({"target.family": "drawn"}, "no curve is drawn"),
        ({"target.family": "recorded"}, "no recording is given"),
        ({"target.family": "spiral"}, "one of sine, periodic"),
        ({"network.dale": "perhaps"}, "true or false"),
    ],
)
def test_rules_between_parameters_are_told(values, words):
    with pytest.raises(InputError, match=words):
        Params().with_values(values)


def test_a_drawn_curve_stays_in_range():
    with pytest.raises(InputError, match="point 2 of the curve is 99; drawn values lie between -20 and 20"):
        from_tree({"target": {"family": "drawn", "curves": [{"values": [0, 99]}]}})


@pytest.mark.parametrize(
    ("times", "words"),
    [
        ([0, 5], "the curve has 3 values at 2 times"),
        ([0, 5, 5], "point 3 of the curve is at 5 ms, not after the one before at 5 ms; times must rise"),
        ([-1, 5, 9], "point 1 of the curve is at -1 ms; times lie between 0 and 10000 ms"),
    ],
)
def test_the_times_of_a_curve_rise_within_their_range(times, words):
    with pytest.raises(InputError, match=words):
        from_tree({"target": {"family": "drawn", "curves": [{"values": [0, 1, 0], "times_ms": times}]}})


@settings(max_examples=50, deadline=None)
@given(st.integers(2, 50_000), st.floats(0, 1), st.lists(st.floats(-20, 20), min_size=2, max_size=9))
def test_json_keeps_every_bit(n, frac_exc, values):
    tree = {
        "network": {"n": n, "frac_exc": frac_exc},
        "target": {"family": "drawn", "curves": [Curve(values=tuple(values)).model_dump()]},
    }
    params = from_tree(tree)
    assert from_json(params.model_dump_json()) == params


@pytest.mark.parametrize("text", ["", "{", "[]", "3", '{"network": 5}', '{"other": {}}'])
def test_json_that_is_no_params_is_refused(text):
    with pytest.raises(InputError) as refused:
        from_json(text)
    assert "\n" not in str(refused.value)
