"""What a worker keeps of a finished network, against counting by hand and against identities of linear algebra."""

from __future__ import annotations

import numpy as np
import pytest

from spikedash import training
from spikedash.jobs import folders
from spikedash.jobs.insight import insight
from spikedash.jobs.insight_cost import affordable_pairs
from spikedash.jobs.report import Report
from spikedash.params import Params
from spikedash.records import Recording

TINY = {"network.n": 40, "training.loops": 4, "training.test_trials": 4, "target.duration_ms": 300, "network.tau_s_ms": 20}


def train(params, folder, recording=None):
    """Result, spikes as (trial, ms, neuron) counted by the test, and what is kept."""
    setup = training.prepare(params, recording)
    report, seen, result = Report(folder, setup), [], None
    for snapshot in training.train(params, recording, threads=1, setup=setup):
        report.take(snapshot)
        if snapshot.trial.kind == "test":
            seen += [
                (snapshot.trial.index, ms, neuron) for ms, neuron in zip(snapshot.spike_ms, snapshot.spike_neuron, strict=True)
            ]
        result = snapshot.result
    report.publish(last=True)
    kept = insight(params, result, *report.test_spikes())
    folders.write_insight(folder, kept)
    return result, seen, folders.read_insight(folder)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    return train(Params().with_values(TINY), tmp_path_factory.mktemp("tiny"))


def test_rates_are_spikes_in_the_window_over_its_time(tiny):
    _, seen, kept = tiny
    expected = np.zeros(40)
    for _, ms, neuron in seen:
        expected[neuron] += 0 <= ms < 300
    np.testing.assert_allclose(kept["rate_hz"], expected / (4 * 0.3))


def test_every_synapse_is_counted_before_and_after(tiny):
    result, _, kept = tiny
    synapses = int((result.setup.pre < 40).sum()) * result.setup.weights.shape[2]
    assert kept["before"].sum() == kept["after"].sum() == synapses
    assert list(kept["kinds"]) == ["E", "I"]


def test_eigenvalues_sum_to_the_trace_and_their_squares_to_that_of_the_square(tiny):
    result, _, kept = tiny
    W = np.zeros((40, 40))
    for i in range(40):
        for j, weight in zip(result.setup.pre[i], result.weights[i, :, 0], strict=True):
            if j < 40:
                W[i, j] = weight
    values = kept["eigen_after"] * abs(W.sum(1).mean() / kept["eigen_about"][1, 1])  # the scale, by way of the row sum
    assert values.sum() == pytest.approx(np.trace(W), abs=1e-3)
    assert np.square(values).sum() == pytest.approx(np.trace(W @ W), rel=1e-3)


def test_the_prediction_of_the_drive_has_the_shape_of_what_is_shown(tiny):
    result, _, kept = tiny
    assert kept["predicted"].shape == kept["psth_hz"].shape == (60, 40)
    r = [np.corrcoef(kept["predicted"][:, i], result.mean_drive[0][:, i])[0, 1] for i in range(40)]
    np.testing.assert_allclose(kept["drive_fit"], r, atol=1e-5)


def test_trials_are_the_same_until_a_spike_is_deleted_and_the_weights_decide_what_follows(tiny):
    _, _, kept = tiny
    deleted, window, pairs = kept["deviation_about"]
    assert (deleted, window, pairs) == (60, 300, 5)
    before = kept["deviation_ms"] < deleted
    assert not kept["deviation"][:, before].any()
    assert (kept["deviation"][:, ~before].max(1) > 0).all()
    assert kept["deviation"].max() <= np.pi
    assert affordable_pairs(Params().with_values({**TINY, "network.model": "lif"}), 300) == 0
    assert affordable_pairs(Params().with_values({**TINY, "network.n": 1001}), 300) == 0


def test_recorded_rates_come_back_with_their_fit(tmp_path):
    from scipy.ndimage import gaussian_filter1d

    from spikedash.analysis import PSTH_SMOOTHING_MS

    t = np.arange(61) * 10.0
    rates = 15 + 10 * np.sin(2 * np.pi * (t[:, None] / 400 + np.arange(6) / 6))
    recording = Recording(rates, t, tuple("abcdef"), ())
    params = Params().with_values({**TINY, "target.family": "recorded", "target.recording": "0" * 64})
    result, seen, kept = train(params, tmp_path, recording)
    counts = np.zeros((len(result.setup.sample_ms), 6))
    for _, ms, neuron in seen:
        if ms >= 0 and neuron < 6:
            counts[int(ms // 5), neuron] += 1
    psth = gaussian_filter1d(counts, PSTH_SMOOTHING_MS / 5, axis=0, mode="nearest") / (4 * 0.005)
    np.testing.assert_allclose(kept["fitted_hz"], psth, rtol=1e-4, atol=1e-4)
    r = [np.corrcoef(psth[:, i], kept["recorded_hz"][:, i])[0, 1] for i in range(6)]
    np.testing.assert_allclose(kept["fit"], r, atol=1e-4)


def test_a_run_without_tests_keeps_its_weights_alone(tmp_path):
    _, _, kept = train(Params().with_values({**TINY, "training.test_trials": 0}), tmp_path)
    assert {"before", "after", "eigen_before"} <= set(kept)
    assert not {"rate_hz", "predicted", "fit"} & set(kept)
