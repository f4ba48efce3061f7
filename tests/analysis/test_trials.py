"""Trial-to-trial variability of activity made with a known share of noise."""

import numpy as np
import pytest

from spikedash import analysis


def test_spread_and_repeat_of_signal_plus_noise():
    """Signal of variance 1 and noise of variance v: trials correlate at 1/(1 + v), and lie √v apart from their mean."""
    rng = np.random.default_rng(5)
    std = np.array([0.2, 1.0, 2.0])
    signal = rng.standard_normal((5000, 3))
    trials = signal + std * rng.standard_normal((50, 5000, 3))
    got = analysis.variability(trials)
    np.testing.assert_allclose(got.repeat, 1 / (1 + std**2), atol=0.01)
    np.testing.assert_allclose(got.spread, std, rtol=0.05)


def test_repeat_is_the_mean_over_pairs(rng):
    trials = rng.standard_normal((4, 30, 2)).cumsum(1)
    pairs = [np.corrcoef(trials[:, :, i])[np.triu_indices(4, 1)].mean() for i in range(2)]
    np.testing.assert_allclose(analysis.variability(trials).repeat, pairs, atol=1e-12)


def test_equal_trials_do_not_vary_and_one_trial_says_nothing(rng):
    one = rng.standard_normal((1, 40, 3))
    got = analysis.variability(np.repeat(one, 5, axis=0))
    np.testing.assert_allclose(got.spread, 0, atol=1e-12)
    np.testing.assert_allclose(got.repeat, 1)
    assert np.isnan(analysis.variability(one).spread).all()
    assert np.isnan(analysis.variability(np.ones((5, 40, 3))).repeat).all()


def test_fano_factor_of_poisson_and_binomial_counts():
    rng = np.random.default_rng(6)
    counts = np.column_stack([rng.poisson(8, 20_000), rng.binomial(20, 0.75, 20_000), np.full(20_000, 3), np.zeros(20_000, int)])
    got = analysis.fano(counts)
    np.testing.assert_allclose(got[:3], [1, 0.25, 0], atol=0.03)
    assert np.isnan(got[3])


def test_phases_differ_the_short_way_round():
    first = np.array([[0.1, 3.0], [6.0, 100 * np.pi]])
    second = np.array([[-0.1, -3.0], [0.0, 0.0]])
    expected = [(0.2 + (2 * np.pi - 6)) / 2, (2 * np.pi - 6) / 2]
    np.testing.assert_allclose(analysis.phase_deviation(first, second), expected, atol=1e-12)


def test_independent_phases_are_a_quarter_turn_apart(rng):
    first, second = rng.uniform(-np.pi, np.pi, (2, 3, 20_000))
    np.testing.assert_allclose(analysis.phase_deviation(first, second), np.pi / 2, atol=0.03)
    assert analysis.phase_deviation(first, first + 2 * np.pi) == pytest.approx([0, 0, 0], abs=1e-9)
