"""Measures against NumPy and SciPy."""

import numpy as np
from scipy import stats

from spikedash import analysis
from spikedash.engine.measure import correlations, squared_distance


def test_correlations_are_scipys_even_far_from_zero():
    rng = np.random.default_rng(0)
    x = (rng.standard_normal((150, 7)) + 1000).astype(np.float32)
    y = (0.5 * x + rng.standard_normal((150, 7))).astype(np.float32)
    expected = [stats.pearsonr(x[:, i].astype(float), y[:, i].astype(float)).statistic for i in range(7)]
    np.testing.assert_allclose(correlations(x, y), expected, rtol=1e-9)
    np.testing.assert_allclose(analysis.pearson(x, y), expected, rtol=1e-9)


def test_constant_activity_is_zero_and_a_constant_target_unknown():
    x, y = np.zeros((5, 3), np.float32), np.zeros((5, 3), np.float32)
    x[:, 1], y[:, 0] = np.arange(5), np.arange(5)
    found = correlations(x, y)
    assert found[0] == 0
    assert np.isnan(found[1:]).all()
    assert correlations(x[:0], y[:0]).shape == (3,)


def test_squared_distance():
    rng = np.random.default_rng(1)
    a, b = rng.standard_normal((2, 1001)).astype(np.float32)
    assert np.isclose(squared_distance(a, b), np.square(a.astype(float) - b).sum(), rtol=1e-12)
