"""Running cells: what comes in which order, the same bits as plain training, and the numbers of questions."""

from __future__ import annotations

import numpy as np
import pytest

from spikedash import training
from spikedash.experiments import EXPERIMENTS, Axis, Cell, Check, Experiment, Question, Row, asked_points, cells
from spikedash.params import InputError, Probe
from spikedash.records import Snapshot
from spikedash.reproduction import estimate
from spikedash.reproduction.judge import judge
from spikedash.reproduction.run import Asking, Measured, run_cell
from spikedash.training.phases import twins

TINY = {
    "network.n": 40,
    "network.p": 0.5,
    "network.weights": "mixed",
    "target.duration_ms": 200,
    "training.rest_min_ms": 20,
    "training.rest_max_ms": 60,
    "training.loops": 2,
    "training.test_trials": 2,
}
LOSS = Experiment(
    "tiny",
    "Tiny",
    "Loses neurons.",
    TINY,
    axes=(
        Axis("n", "Neurons", "", (20, 40), (40,), "network.n"),
        Axis("removed", "Removed", "", (0.0, 0.5), (0.0, 1.0), "probe.remove"),
    ),
    questions={"before": Question({"trials": 3}, of="untrained")},
    asked={"trials": 2},
    measure=lambda outcome: {
        "spikes": int(outcome.asked.counts.sum()),
        "before": int(outcome.answers["before"].counts.sum()),
        "rate": outcome.asked.result.rate_hz,
    },
    checks=(Check("rate", "rate_hz", 0, 400, "made up"),),
)


def test_a_cell_trains_as_plain_training_does_and_then_answers(last_result):
    (cell,) = cells(LOSS)
    params = cell.params(3)
    events = list(run_cell(LOSS, params, point=cell.point))
    kinds = [type(event) for event in events]
    assert kinds == sorted(kinds, key=[Snapshot, Asking, Measured].index)
    assert [(e.done, e.total) for e in events if isinstance(e, Asking)] == [(1, 3), (2, 3), (3, 3)]
    end = events[-1]
    assert end.result.weights_sha256 == last_result(params).weights_sha256
    assert [row.point for row in end.rows] == [{"n": 40, "removed": 0.0}, {"n": 40, "removed": 1.0}]
    assert {row.seed for row in end.rows} == {3}
    for row in end.rows:
        assert row.numbers["rate_hz"] == pytest.approx(end.result.rate_hz)
        assert row.numbers["correlation.test_mean"] == pytest.approx(end.result.correlation.test_mean)
        # Spikes counted on the sample grid, and the rate that the session measured by itself.
        assert row.numbers["spikes"] / (2 * 40 * 0.2) == pytest.approx(row.numbers["rate"])
        assert row.numbers["before"] > 0


def test_cells_are_the_grid_of_the_trained_axes():
    assert [cell.values["network.n"] for cell in cells(LOSS, full=True)] == [20, 40]
    assert [values for _, values in asked_points(LOSS, full=True)] == [{"trials": 2, "remove": 0.0}, {"trials": 2, "remove": 0.5}]


def test_an_estimate_grows_with_seeds_and_the_full_form():
    np.testing.assert_allclose(estimate.work(LOSS, seeds=6), 2 * estimate.work(LOSS, seeds=3))
    assert all((estimate.work(e, True) >= estimate.work(e)).all() for e in EXPERIMENTS.values() if not e.needs_recording)


def test_twins_are_one_trial_until_the_spike_is_left_out():
    params = Cell({}, {**TINY, "network.sigma": 4}).params(1)
    setup = training.prepare(params)
    question = Probe(delete=True, delete_ms=100, trials=2)
    t, theta = twins(params, setup, question, beyond_ms=100)
    assert theta.shape == (2, 2, 60, 40)
    assert t[0] == 5
    assert t[-1] == 300
    with_all, without = theta[:, 0], theta[:, 1]
    np.testing.assert_array_equal(with_all[:, t <= 100], without[:, t <= 100])
    assert (with_all[:, -1] != without[:, -1]).any()
    assert not np.array_equal(theta[0], theta[1])
    np.testing.assert_array_equal(theta, twins(params, setup, question, beyond_ms=100).theta)


def test_only_theta_neurons_have_phases():
    params = Cell({}, {**TINY, "network.model": "lif"}).params(1)
    with pytest.raises(InputError, match="have no phase"):
        twins(params, training.prepare(params), Probe())


#: Short forms that take some seconds each; the others are run by `python -m spikedash experiment all`.
QUICK = [name for name, e in EXPERIMENTS.items() if not e.needs_recording and estimate.work(e).sum() < 15]


@pytest.mark.slow
@pytest.mark.parametrize("name", QUICK)
def test_a_quick_experiment_reproduces_its_figure(name):
    experiment = EXPERIMENTS[name]
    table: list[Row] = []
    for cell in cells(experiment):
        for seed in (1, 2, 3):
            *_, end = run_cell(experiment, cell.params(seed), point=cell.point)
            table += end.rows
    missed = [verdict for verdict in judge(experiment, table) if not verdict.passed]
    assert not missed


def test_enough_experiments_are_quick_enough_to_be_tested_here():
    assert {"fig1-drive", "fig1-rate", "fig3-periodic", "fig3-chaotic", "fig3-ou", "fig3-lif"} <= set(QUICK)
