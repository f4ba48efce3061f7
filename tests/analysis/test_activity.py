"""Analyses against NumPy, SciPy and known truths."""

import numpy as np
import pytest
from scipy.stats import pearsonr

from spikedash import analysis


def test_pearson_is_scipys():
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((2, 50, 7))
    expected = [pearsonr(x[:, i], y[:, i]).statistic for i in range(7)]
    np.testing.assert_allclose(analysis.pearson(x.astype(np.float32), y), expected, atol=1e-6)


def test_constant_activity_counts_as_zero_and_a_constant_target_not_at_all():
    varying = np.arange(10.0)
    activity = np.column_stack([np.full(10, 3.3), varying, varying])
    target = np.column_stack([varying, np.full(10, 2.0), -varying])
    r = analysis.pearson(activity, target)
    assert r[0] == 0
    assert np.isnan(r[1])
    assert r[2] == pytest.approx(-1)
    assert analysis.mean_or_nan(r) == pytest.approx(-0.5)


def test_bins_hold_every_spike_inside_and_none_outside():
    bins = np.array([0, 0, 2, 5, -1, 1], np.int32)
    neurons = np.array([1, 1, 0, 0, 0, 9], np.int32)
    np.testing.assert_array_equal(analysis.bin_spikes(bins, neurons, 3, 2), [[0, 2], [0, 0], [1, 0]])


def test_fit_reaches_its_ceiling_when_the_model_is_the_truth():
    """Poisson trials of known rates: the fit's expectation is the ceiling's."""
    rng = np.random.default_rng(1)
    t = np.arange(0, 2000, 5.0)
    truth = 20 + 15 * np.sin(2 * np.pi * t[:, None] / np.linspace(400, 1500, 40))
    counts = np.array([sum(rng.poisson(truth * 0.005) for _ in range(10)) for _ in range(2)])
    fit = analysis.rate_fit(counts, truth, 5.0)
    assert 0.6 < fit.ceiling < 0.999
    assert fit.mean == pytest.approx(fit.ceiling, abs=0.02)
    assert fit.median == pytest.approx(np.median(fit.per_neuron))
    assert fit.ceiling == np.median(fit.ceilings)


def test_sign_changes_ignore_zeros():
    before = np.array([[1.0, -1.0, 0.5, 0.0]], np.float32)
    after = np.array([[-1.0, -2.0, 0.0, 3.0]], np.float32)
    assert analysis.count_sign_changes(before, after) == 1
