"""Links restore what they were made of, and mend what is wrong in them without ever failing."""

from __future__ import annotations

import math
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spikedash.experiments import PRESETS
from spikedash.jobs.store import Store
from spikedash.params import KNOBS, Params, bounds
from spikedash.ui import knobs, link_text
from spikedash.ui.controls import params_of

WAVE = [round(math.sin(k / 9), 3) for k in range(128)]


def written(params, preset="playground"):
    curves = [curve.model_dump() for curve in params.target.curves]
    return link_text.write(preset, knobs.flat(params), curves, params.target.recording)


def restored(text, store=None):
    link = link_text.read(text, store)
    return link, params_of(link.values, link.curves, {"id": link.recording})


@pytest.mark.parametrize("name", [name for name, preset in PRESETS.items() if not preset.needs_recording])
def test_every_preset_comes_back_from_its_full_link(name):
    params = Params().with_values(PRESETS[name].values)
    link, again = restored(written(params, name))
    assert (link.notes, link.preset) == ([], name)
    # What has no effect beside the other settings is not in a run of the page either.
    assert again == params_of(knobs.flat(params), None, None)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_numbers_come_back_to_the_last_bit(data):
    values = {}
    for name in ("network.n", "network.J", "network.tau_s_ms", "network.bias", "training.seed", "target.seed", "cue.amplitude"):
        low, high = bounds(name)
        whole = KNOBS[name].annotation is int
        values[name] = data.draw(st.integers(int(low), int(high)) if whole else st.floats(low, high))
    params = Params().with_values(values)
    link, again = restored(written(params))
    assert link.notes == []
    assert again == params


def test_a_curve_of_points_in_time_keeps_its_times():
    curve = {"group": "all", "values": (0.0, 1.5, -0.25), "times_ms": (0.0, 120.5, 1000.0)}
    params = Params().with_values({"target.family": "drawn", "target.curves": [curve]})
    link, again = restored(written(params))
    assert link.notes == []
    assert again == params


@pytest.mark.parametrize("formula", ["sin(2*pi*t/300 + phase) + 0.5", "10 * exp(-t / 200) % 3", "0.5"])
def test_a_formula_comes_back(formula):
    params = Params().with_values({"target.family": "formula", "target.formula": formula})
    link, again = restored(written(params))
    assert (link.notes, again) == ([], params)


@pytest.mark.parametrize("formula", ["", "sin(", "__import__('os').system('id')", "(" * 3000, "\x00", "<script>"])
def test_a_wrong_formula_is_said_and_left_out(formula):
    link = link_text.read(f"target.family=formula&target.formula={quote(formula)}")
    assert link.values["target.formula"] == Params().target.formula
    assert len(link.notes) == 1
    assert link.notes[0].startswith("“Formula”")


@pytest.mark.parametrize("wave", [WAVE, [math.pi / 7, -20.0, 20.0, 1e-9, 0.1 + 0.2]])
def test_drawn_curves_come_back_to_the_last_bit(wave):
    curves = [
        {"group": "first half", "values": wave, "random_phase": True},
        {"group": "inhibitory", "values": wave[::-1], "random_phase": False},
    ]
    params = Params().with_values({"target.family": "drawn", "target.curves": curves})
    link, again = restored(written(params))
    assert link.curves == curves
    assert again == params


@pytest.mark.parametrize(
    ("text", "name", "value", "words"),
    [
        ("network.n=99999999", "network.n", 50_000, "the largest possible is 50,000"),
        ("network.n=-3", "network.n", 2, "the smallest possible is 2"),
        ("network.n=1e400", "network.n", 200, "no number"),
        ("network.n=nan", "network.n", 200, "no number"),
        ("network.n=", "network.n", 200, "no number"),
        ("network.n=300.7", "network.n", 301, "must be whole"),
        ("network.tau_s_ms=0", "network.tau_s_ms", 1, "the smallest possible is 1.0 ms"),
        ("network.model=banana", "network.model", "theta", "cannot be “banana”"),
        ("network.dale=perhaps", "network.dale", False, "cannot be “perhaps”"),
        ("network.size=3", "network.n", 200, "no setting “network.size”"),
        ("target.formula=sin(", "target.formula", "sin(2*pi*t/500 + phase)", "“Formula” opens a bracket"),
        ("target.formula=", "target.formula", "sin(2*pi*t/500 + phase)", "“Formula” is empty"),
        ("preset=fig99", "network.n", 200, "no preset “fig99”"),
        ("curve=all~1~i!!!", "network.n", 200, "curve of the link could not be read"),
        ("hide=everything", "network.n", 200, "nothing called “everything”"),
    ],
)
def test_what_is_wrong_is_mended_and_said(text, name, value, words):
    link, _ = restored(text)
    assert link.values[name] == value
    assert words in " ".join(link.notes)


def test_settings_that_contradict_each_other_are_said():
    notes = link_text.read("target.period_min_ms=900&target.period_max_ms=400").notes
    assert "do not go together: “Shortest period” is 900" in " ".join(notes)


def test_a_curve_or_a_file_that_is_still_to_come_is_no_fault():
    assert link_text.read("target.family=drawn").notes == []
    assert link_text.read("preset=fig5-cortex").notes == []


def test_a_recording_that_is_not_here_is_said(tmp_path):
    link = link_text.read("preset=fig5-cortex&target.recording=" + "a" * 64, Store(tmp_path))
    assert link.recording == ""
    assert "recording of this link is not on this server" in " ".join(link.notes)


def test_a_link_to_a_run_brings_its_settings(tmp_path):
    store = Store(tmp_path)
    params = Params().with_values(
        {"network.n": 77, "target.family": "drawn", "target.curves": [{"values": (0, 1), "group": "all"}]}
    )
    run = store.launch(params, name=PRESETS["fig1-drive"].title)
    link = link_text.read(f"run={run}", store)
    assert (link.run, link.preset, link.notes) == (run, "fig1-drive", [])
    assert params_of(link.values, link.curves, None) == params


def test_a_run_that_is_not_here_leaves_the_settings_of_the_link(tmp_path):
    link = link_text.read("run=AAAAAAAAAAAAAAAA&network.n=77", Store(tmp_path))
    assert (link.run, link.values["network.n"]) == ("", 77)
    assert "run of this link is not on this server" in " ".join(link.notes)


def test_what_is_hidden_is_named_by_setting_group_or_all():
    assert set(link_text.read("hide=cue,network.n").hide) == {"network.n", *(name for name in KNOBS if name.startswith("cue."))}
    kept = set(link_text.read("hide=all&show=network.n,training").hide)
    assert set(KNOBS) - kept == {"network.n", *(name for name in KNOBS if name.startswith("training."))}
    assert "presets" in kept


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from([*KNOBS, "curve", "run", "hide", "preset", "target.recording", "x"]), st.text(max_size=30))
    )
)
def test_no_link_is_an_error(tmp_path_factory, pairs):
    link = link_text.read("&".join(f"{name}={quote(value, safe='')}" for name, value in pairs))
    for name, value in link.values.items():
        low, high = bounds(name)
        assert low is None or low <= value <= high
    assert len(link.notes) <= link_text.MOST_NOTES + 1


@pytest.mark.parametrize("text", ["", "&&&", "=", "%", "%ff%fe", "a" * 200_000, "network.n", ";;;", "\x00=\x00"])
def test_nonsense_opens_the_playground(text):
    assert link_text.read(text).values["network.n"] == 200
