"""What is told of the analyses before a run is what they do after it."""

from __future__ import annotations

import numpy as np
import pytest

from spikedash import engine, gain, prices, training
from spikedash.jobs import insight_cost
from spikedash.jobs.insight import insight
from spikedash.jobs.report import Report
from spikedash.params import Params

TINY = {"network.n": 40, "training.loops": 2, "training.test_trials": 4, "target.duration_ms": 300}


@pytest.fixture
def pieces(monkeypatch):
    """How often a piece of work is said to be done."""

    def count(params: Params, piece: str) -> float:
        before = insight_cost.work(params).sum()
        with monkeypatch.context() as patch:
            patch.setitem(prices.PRICES, piece, prices.PRICES[piece] + 1e9)
            return float(insight_cost.work(params).sum() - before)

    return count


@pytest.fixture
def analysed(tmp_path, monkeypatch):
    """The arrays of a run's page, its spikes, and how often kernels were called and neurons stepped for them."""

    def run(params: Params):
        setup, calls, steps = training.prepare(params), [], []
        report, result = Report(tmp_path, setup), None
        for snapshot in training.train(params, setup=setup, threads=1):
            report.take(snapshot)
            result = snapshot.result
        report.publish(last=True)
        spikes, advance, rates = report.test_spikes(), engine.advance, gain._rates
        monkeypatch.setattr(engine, "advance", lambda *given: (calls.append(1), advance(*given)))

        def measured(network, drive, copies, count, *more):
            steps.append(drive.size * copies * (gain.SETTLE_STEPS + count))
            return rates(network, drive, copies, count, *more)

        monkeypatch.setattr(gain, "_rates", measured)
        return insight(params, result, *spikes), len(spikes[0]), len(calls), sum(steps)

    return run


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"network.noise": 2.0},
        {"network.model": "lif"},
        {"network.model": "izhikevich"},
        {"training.rule": "rate"},
        {"training.test_trials": 0},
        {"network.wiring": "shared", "network.group": 20},
    ],
)
def test_kernels_are_called_and_curves_measured_as_often_as_told(pieces, analysed, changes):
    params = Params().with_values({**TINY, **changes})
    found, _, calls, steps = analysed(params)
    assert calls == pytest.approx(pieces(params, "call"), rel=0.02)
    told = pieces(params, "response") + pieces(params, "noisy response")
    assert steps == pytest.approx(told, rel=0.15)
    assert ("predicted" in found) == (pieces(params, "gathered") > 0)
    values = len(found["eigen_before"]) + len(found["eigen_after"])
    assert pieces(params, "eigenvalue") <= values * params.network.n


def test_spikes_are_as_many_as_the_population_rate_makes_them(pieces, analysed):
    params = Params().with_values({**TINY, "network.n": 200})
    _, spikes, _, _ = analysed(params)
    assert spikes == pytest.approx(pieces(params, "sorted spike"), rel=0.5)  # the rate is a typical one


def test_large_networks_are_spared_what_they_could_not_pay(pieces):
    small, large = (Params().with_values({"network.n": n, "network.p": 0.1}) for n in (1000, 1001))
    for piece in ("eigenvalue", "call"):
        assert pieces(small, piece) > pieces(large, piece) == 0


def test_a_recording_brings_its_own_length():
    params = Params()
    assert np.all(insight_cost.run_work(params, 2, 3000.0) >= insight_cost.run_work(params))
    assert insight_cost.work(params, 3000.0).sum() > insight_cost.work(params).sum()
