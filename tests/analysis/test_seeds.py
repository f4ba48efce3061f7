"""Means and extremes over seeds against NumPy."""

import numpy as np

from spikedash import analysis


def test_missing_seeds_do_not_count(rng):
    values = rng.standard_normal((6, 5))
    values[rng.random((6, 5)) < 0.4] = np.nan
    values[2, 0] = 1.0
    got = analysis.over_seeds(values[[0, 2, 4]])
    for k, row in enumerate((0, 2, 4)):
        there = values[row][~np.isnan(values[row])]
        assert got.seeds[k] == there.size > 0
        np.testing.assert_allclose([got.mean[k], got.low[k], got.high[k]], [there.mean(), there.min(), there.max()])


def test_a_point_without_any_seed_is_no_number():
    got = analysis.over_seeds(np.array([[np.nan, np.nan], [-1.0, np.nan]]))
    assert np.isnan([got.mean[0], got.low[0], got.high[0]]).all()
    assert (got.mean[1], got.low[1], got.high[1]) == (-1, -1, -1)
    assert got.seeds.tolist() == [0, 1]
    assert analysis.over_seeds(np.zeros((0, 3))).mean.size == 0


def test_mean_and_deviation_are_numpys_where_curves_are_ragged():
    curves = [[0.1, 0.5, 0.9], [0.3, np.nan], [0.2, 0.4, 0.5, 1.0]]
    table = np.array([[0.1, 0.3, 0.2], [0.5, np.nan, 0.4], [0.9, np.nan, 0.5], [np.nan, np.nan, 1.0]])
    band = analysis.mean_sd(curves)
    np.testing.assert_allclose(band.mean, np.nanmean(table, 1))
    np.testing.assert_allclose(band.sd[:3], np.nanstd(table[:3], 1, ddof=1))
    assert np.isnan(band.sd[3])
    assert band.there.tolist() == [3, 2, 2, 1]
    assert analysis.mean_sd([]).mean.size == 0
