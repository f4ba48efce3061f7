"""Correlations against SciPy."""

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
