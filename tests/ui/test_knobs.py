"""Every declared parameter has a control that can say everything that is allowed, and nothing twice."""

from __future__ import annotations

import itertools

import pytest

from spikedash.experiments import PRESETS
from spikedash.params import KNOBS, Params, bounds
from spikedash.ui import controls, knobs

NUMBERS = [name for name in KNOBS if KNOBS[name].annotation in (int, float)]


@pytest.mark.parametrize("name", NUMBERS)
def test_sliders_reach_both_ends_and_the_default(name: str) -> None:
    halts = knobs.stops(name)
    if not halts:
        assert name.endswith("seed")
        return
    low, high = bounds(name)
    assert halts[0] == low
    assert halts[-1] == high
    assert KNOBS[name].default in halts
    assert halts == sorted(set(halts))
    assert len(halts) <= 250


@pytest.mark.parametrize("name", NUMBERS)
def test_every_halt_is_a_valid_value(name: str) -> None:
    rest = {"training.rest_max_ms": 10_000, "target.period_max_ms": 10_000, "target.fast_max_ms": 10_000, "network.dt_ms": 0.05}
    rest |= {"target.period_min_ms": 10, "target.fast_min_ms": 10, "training.rest_min_ms": 0, "training.update_ms": 1000}
    for value in knobs.stops(name):
        Params().with_values({**rest, name: value})


def test_a_wide_range_is_felt_as_a_logarithm() -> None:
    halts = knobs.stops("network.n")
    ratios = [after / before for before, after in itertools.pairwise(halts)]
    assert max(ratios) <= 1.5
    assert len(halts) < 60


def test_settings_of_params_make_the_same_params() -> None:
    params = Params().with_values({"network.n": 321, "target.family": "ou", "target.tau_c_ms": 90, "network.dale": True})
    assert controls.params_of(knobs.flat(params), None, None) == params


def test_a_knob_that_does_not_show_keeps_its_default() -> None:
    settings = {**knobs.flat(Params()), "network.weights": "mixed", "network.J": 999}
    assert controls.params_of(settings, None, None).network.J == Params().network.J


def test_drawn_curves_and_recordings_travel_only_where_they_are_chosen() -> None:
    curve = {"group": "all", "values": [0.0, 1.0], "random_phase": True}
    usual = knobs.flat(Params())
    assert controls.params_of(usual, [curve], {"id": "a" * 64}) == Params()
    drawn = controls.params_of({**usual, "target.family": "drawn"}, [curve], None)
    assert drawn.target.curves[0].values == (0.0, 1.0)
    recorded = controls.params_of({**usual, "target.family": "recorded"}, None, {"id": "a" * 64})
    assert recorded.target.recording == "a" * 64


def test_every_row_names_conditions_that_exist() -> None:
    told = controls.spec()
    for row in (*told["knobs"].values(), *told["rows"].values()):
        for other, allowed in row["when"].items():
            assert set(allowed) <= set(knobs.choices(other))


def test_presets_hold_every_setting() -> None:
    for values in controls.spec()["presets"].values():
        assert set(values) == set(KNOBS)


def test_what_suits_recordings_is_in_their_preset() -> None:
    told = controls.suits_recordings()
    preset = PRESETS[told["preset"]]
    assert preset.values["target.family"] == "recorded"
    assert set(told["matter"]) <= set(preset.values)
    for name in told["matter"]:
        assert preset.values[name] != KNOBS[name].default


def test_every_knob_has_a_name_and_help_and_every_choice_a_word() -> None:
    for name, known in controls.spec()["knobs"].items():
        assert known["label"][0].isupper()
        assert (KNOBS[name].description or "").endswith(".")
        assert set(known["words"]) == set(knobs.choices(name))
        for said in known["words"].values():
            assert said[0].isupper()
        assert len(set(known["words"].values())) == len(known["words"])
