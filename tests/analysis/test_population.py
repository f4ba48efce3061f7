"""Two pictures of a population in one order and on one scale."""

import numpy as np

from spikedash import analysis


def test_rows_follow_the_peaks_of_the_first():
    t = np.arange(50.0)[:, None]
    first = 5 + np.exp(-np.square(t - np.array([40, 10, 25, 0])) / 20)
    got = analysis.population_map(first, 2 * first - first.min(0))
    assert got.order.tolist() == [3, 1, 2, 0]
    assert got.first.argmax(0).tolist() == [0, 10, 25, 40]
    np.testing.assert_allclose([got.first.min(), got.first.max()], [0, 1], atol=1e-12)
    np.testing.assert_allclose(got.second, 2 * got.first, atol=1e-9)  # twice the modulation shows


def test_a_constant_neuron_is_flat_and_nothing_breaks():
    got = analysis.population_map(np.full((9, 1), 4.0), np.linspace(0, 8, 9)[:, None])
    assert not got.first.any()
    assert not got.second.any()
