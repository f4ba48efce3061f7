"""Every declared experiment is complete, valid at every point in both forms, and says why it expects what it expects."""

from __future__ import annotations

import pytest

from spikedash import experiments
from spikedash.experiments import EXPERIMENTS, PRESETS, asked_points, cells, seed_count
from spikedash.params import Params, Probe
from spikedash.reproduction.judge import applies

#: The rows of the table of experiments that the project set out to reproduce.
ROWS = {
    "fig1-drive",
    "fig1-rate",
    "fig1-rate-units",
    "fig1-from-silence",
    "fig2-two-patterns",
    "fig3-periodic",
    "fig3-chaotic",
    "fig3-ou",
    "fig3-quasi-static",
    "fig3-heterogeneity",
    "fig3-neuron-loss",
    "fig3-amplitude",
    "fig3-lif",
    "fig3-izhikevich",
    "fig3-same-target-noise",
    "fig4-innate",
    "fig4-perturbation",
    "fig4-spectrum",
    "fig4-scan",
    "fig5-cortex",
    "fig5-shuffle",
    "fig6-errors",
    "fig7-capacity",
}
FORMS = pytest.mark.parametrize("full", [False, True], ids=["short", "full"])
EACH = pytest.mark.parametrize("experiment", EXPERIMENTS.values(), ids=lambda e: e.name)
RECORDED = {"target.recording": "0" * 64}
UNITS = 100


def test_every_row_of_the_table_has_an_experiment():
    assert set(PRESETS) >= ROWS


def test_names_files_and_places_are_unique():
    from importlib import resources

    files = [file for file in resources.files(experiments).iterdir() if "EXPERIMENT =" in file.read_text("utf-8")]
    assert len(files) == len(PRESETS)  # a name that two files share would hide one of them
    assert {file.name.removesuffix(".py").replace("_", "-") for file in files} == set(PRESETS)
    assert len({e.order for e in PRESETS.values()}) == len(PRESETS)


@EACH
def test_what_people_read_is_there(experiment):
    assert experiment.title
    assert experiment.claim.endswith(".")
    assert experiment.blurb.endswith(".")
    assert not experiment.note or experiment.note.endswith(".")
    for axis in experiment.axes:
        assert axis.label
        assert bool(axis.parameter) != bool(axis.settings)
        assert len(set(axis.full)) == len(axis.full) > 1


@EACH
@FORMS
def test_every_cell_and_question_is_valid(experiment, full):
    more = RECORDED if experiment.needs_recording else {}
    found = cells(experiment, full, UNITS if experiment.needs_recording else 0)
    assert found
    for cell in found:
        params = cell.params(1, more)
        assert params.training.loops > 0
        for axis in experiment.axes:
            if not axis.asked:
                assert dict(axis.values(cell.point[axis.name], UNITS)).items() <= cell.values.items()
    for _, values in asked_points(experiment, full):
        Probe.model_validate(dict(values))
    for question in experiment.questions.values():
        Probe.model_validate(dict(question.probe))
    assert seed_count(experiment, full) >= 3


@EACH
def test_the_preset_is_valid_and_the_short_form_changes_something_known(experiment):
    more = RECORDED if experiment.needs_recording else {}
    Params().with_values({**experiment.values, **more})
    Params().with_values({**experiment.values, **experiment.short, **more})


@EACH
@FORMS
def test_bands_are_bands_with_reasons_at_points_that_are_run(experiment, full):
    checks = [check for check in experiment.checks if applies(check, full)]
    assert checks
    points = {axis.name: axis.points(full) for axis in experiment.axes}
    for check in checks:
        assert check.low <= check.high
        assert len(check.why) > 10
        for name, value in check.at.items():
            assert value in points[name], f"{check.what}: {name} {value} is not run"
        if not check.every:
            open_axes = {name for name, values in points.items() if len(values) > 1} - set(check.at)
            assert not open_axes, f"{check.what}: the point says nothing about {open_axes}"
