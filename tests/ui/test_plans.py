"""Sweeps before they are launched: which cells, in which order, and what is refused by name."""

from __future__ import annotations

import itertools

import pytest

from spikedash.experiments import EXPERIMENTS, PRESETS
from spikedash.jobs import insight_cost
from spikedash.params import InputError
from spikedash.ui import plans
from spikedash.ui.plans import Scan
from spikedash.ui.sweeps import proposals

FIT = "correlation.test_mean"


def test_a_grid_has_a_cell_for_every_pair_and_seed_one_seed_after_the_other():
    plan = plans.grid("", {"network.n": 50}, [Scan("network.tau_s_ms", "10, 20"), Scan("training.loops", "5 6;7")], 2, FIT)
    found = [(c.params.network.tau_s_ms, c.params.training.loops, c.params.training.seed) for c in plan.cells]
    first = plan.cells[0].params.training.seed
    expected = [(tau, loops, seed) for seed in (first, first + 1) for tau, loops in itertools.product((10, 20), (5, 6, 7))]
    assert found == expected
    assert {c.params.network.n for c in plan.cells} == {50}
    assert [c.place for c in plan.cells[:6]] == list(itertools.product(range(2), range(3)))
    assert plan.cells[0].name == f"Synaptic time τs 10 ms · Loops 5 · seed {first}"


@pytest.mark.parametrize(
    ("scans", "seeds", "sentence"),
    [
        ([], 1, "Choose at least one setting"),
        ([Scan("training.loops", "1"), Scan("training.loops", "2")], 1, "varied twice"),
        ([Scan("training.loops", "1, x")], 1, "'x', which is no number"),
        ([Scan("training.loops", " , ")], 1, "has 0 values"),
        ([Scan("training.loops", "1.5")], 1, "training.loops"),
        ([Scan("network.wiring", "sparse, dense")], 1, "no 'dense'; it can be sparse"),
        ([Scan("training.loops", "1")], 21, "number of seeds is 21"),
        (
            [Scan("training.loops", ",".join(map(str, range(1, 25)))), Scan("network.n", ",".join(map(str, range(10, 34))))],
            4,
            "2,304",
        ),
    ],
)
def test_what_is_wrong_with_a_grid_is_told(scans, seeds, sentence):
    with pytest.raises(InputError, match=sentence):
        plans.grid("", {}, scans, seeds, FIT)


@pytest.mark.parametrize("name", [name for name, e in EXPERIMENTS.items() if not e.needs_recording])
@pytest.mark.parametrize("full", [False, True])
def test_every_experiment_becomes_a_sweep_that_covers_its_axes(name, full):
    experiment = EXPERIMENTS[name]
    plan = plans.of_experiment(experiment, full)
    trained = [axis for axis in plan.axes if not axis.asked]
    places = set(itertools.product(*(range(len(axis.values)) for axis in trained)))
    by_seed = {}
    for cell in plan.cells:
        by_seed.setdefault(cell.seed, []).append(cell.place)
        assert cell.params.training.seed == cell.seed
    assert len(by_seed) == experiment.seeds[full]
    assert all(set(found) == places and len(found) == len(places) for found in by_seed.values())
    assert plan.experiment == name


def test_an_experiment_on_recordings_asks_for_one():
    name = next(name for name, e in PRESETS.items() if e.needs_recording)
    with pytest.raises(InputError, match="upload a recording"):
        plans.of_experiment(PRESETS[name], False)


@pytest.mark.parametrize(("name", "values"), proposals().items())
def test_values_are_proposed_for_every_setting_and_can_be_run(name, values):
    plan = plans.grid("", {}, [Scan(name, values)], 1, FIT)
    assert len(plan.cells) >= 2


def test_a_grid_takes_what_all_its_runs_take_on_the_workers_there_are(monkeypatch):
    plan = plans.grid("", {"network.noise": 1}, [Scan("network.n", "50, 100, 200"), Scan("training.loops", "5 10")], 4, FIT)
    every = sum(insight_cost.run_work(cell.params).sum() for cell in plan.cells)
    for cores, slots in ((2, 1), (6, 3)):
        monkeypatch.setattr(plans.os, "cpu_count", lambda cores=cores: cores)
        assert plans.work(plan).sum() == pytest.approx(every / slots)


def test_an_experiment_takes_its_networks_and_what_their_pages_tell():
    experiment = EXPERIMENTS["fig1-drive"]
    plan = plans.of_experiment(experiment, True)
    assert plans.work_of(experiment, True).sum() >= plans.work(plan).sum() > 0
