"""Spike trains whose rate and regularity are known."""

import numpy as np
import pytest

from spikedash import analysis


def test_bins_hold_every_spike_inside_and_none_outside():
    bins = np.array([0, 0, 2, 5, -1, 1], np.int32)
    neurons = np.array([1, 1, 0, 0, 0, 9], np.int32)
    np.testing.assert_array_equal(analysis.bin_spikes(bins, neurons, 3, 2), [[0, 2], [0, 0], [1, 0]])


def test_intervals_of_poisson_gamma_and_clock():
    """CV is 1 for Poisson, 1/√k for gamma intervals of shape k, 0 for a clock."""
    rng = np.random.default_rng(3)
    trains = [rng.exponential(20, 4000), rng.gamma(4, 5, 4000), np.full(4000, 20.0), np.full(3, 20.0)]
    ms = np.concatenate([np.cumsum(train) for train in trains])
    who = np.repeat(np.arange(4), [len(train) for train in trains])
    shuffled = rng.permutation(len(ms))
    got = analysis.interval_cv(ms[shuffled], who[shuffled], 6)
    np.testing.assert_allclose(got[:3], [1, 0.5, 0], atol=0.04)
    assert np.isnan(got[3:]).all()  # two intervals, or none


def test_no_interval_reaches_from_one_trial_into_the_next():
    ms = np.array([0, 10, 20, 30, 40, 50, 3, 13, 23, 33, 43, 53.0])
    trial = np.repeat([0, 1], 6)
    who = np.zeros(12, np.int32)
    assert analysis.interval_cv(ms, who, 1, trial)[0] == pytest.approx(0, abs=1e-12)
    assert analysis.interval_cv(ms, who, 1)[0] > 0.3


def test_rates_by_type_and_psth_are_in_hertz():
    counts = np.array([[4, 4, 1]] * 100)  # 100 bins of 5 ms, 20 trials
    np.testing.assert_allclose(analysis.psth_hz(counts, 20, 5.0, 30.0), [[40, 40, 10]] * 100)
    excitatory, inhibitory = analysis.type_rates_hz(counts.sum(0), 2, 20 * 0.5)
    assert (excitatory, inhibitory) == (40, 10)
    assert np.isnan(analysis.type_rates_hz(counts.sum(0), 3, 10)[1])


def test_a_psth_nears_the_rate_of_a_poisson_neuron():
    rng = np.random.default_rng(4)
    t = np.arange(0, 1000, 5.0)[:, None]
    rate = 30 + 20 * np.sin(2 * np.pi * t / 500)
    counts = rng.poisson(rate * 0.005 * 20_000)
    np.testing.assert_allclose(analysis.psth_hz(counts, 20_000, 5.0, 5.0), rate, atol=1.5)
