"""Tracking and sampling errors against filter theory and simulated Poisson populations."""

import numpy as np
import pytest
from scipy.signal import lfilter, lsim

from spikedash import analysis


@pytest.mark.parametrize("tau_s", [0.5, 7.0, 90.0])
def test_the_filter_is_that_of_the_synapse(tau_s):
    """Against SciPy's simulation of τ dy/dt = x - y with inputs that are straight between samples."""
    x = np.random.default_rng(0).standard_normal((60, 2))
    expected = [lsim(([1], [tau_s, 1]), curve - curve[0], np.arange(60) * 2.0)[1] + curve[0] for curve in x.T]
    np.testing.assert_allclose(analysis.low_pass(x, tau_s, 2.0), np.transpose(expected), atol=1e-9)
    np.testing.assert_allclose(analysis.low_pass(np.full((9, 1), 3.0), tau_s, 2.0), 3.0)


@pytest.mark.parametrize("tau_s", [2.0, 20.0, 150.0])
def test_a_sine_lags_as_the_filter_says(tau_s):
    """|1 - 1/(1 + iωτ)| = ωτ/√(1 + (ωτ)²)."""
    t = np.arange(0, 4000, 0.5)[:, None]
    omega = 2 * np.pi / 200
    sine = np.sin(omega * t)
    late = slice(-4000, None)  # ten periods, long after the start
    missed = (sine - analysis.low_pass(sine, tau_s, 0.5))[late].std() / sine[late].std()
    assert missed == pytest.approx(omega * tau_s / np.hypot(1, omega * tau_s), rel=0.01)
    assert analysis.lag_error(sine, tau_s, 0.5)[0] == pytest.approx(missed, rel=0.2)


@pytest.mark.parametrize(("tau_s", "tau_c"), [(10.0, 100.0), (50.0, 100.0), (200.0, 100.0)])
def test_an_ou_target_lags_as_theory_says(tau_s, tau_c):
    rng = np.random.default_rng(1)
    decay = np.exp(-1 / tau_c)
    noise = rng.standard_normal((4000, 200)) * np.sqrt(1 - decay**2)
    x = np.empty_like(noise)
    x[0] = rng.standard_normal(200)
    for t in range(1, len(x)):
        x[t] = decay * x[t - 1] + noise[t]
    got = np.sqrt(np.mean(np.square(analysis.lag_error(x, tau_s, 1.0))))
    assert got == pytest.approx(np.sqrt(tau_s / (tau_s + tau_c)), rel=0.05)


@pytest.mark.parametrize("tau_s", [10.0, 40.0])
def test_sampling_error_is_that_of_a_poisson_population(tau_s):
    rng = np.random.default_rng(2)
    n, tau = 60, 10.0
    rate = rng.uniform(0.05, 0.5, n)
    pre = np.stack([rng.permutation(n)[:30] for _ in range(3)]).astype(np.int32)
    weights = rng.standard_normal((3, 30, 2)).astype(np.float32)
    dt = 0.2
    spikes = rng.poisson(rate * dt / tau, (150_000, n))
    r = lfilter([tau / tau_s], [1, -np.exp(-dt / tau_s)], spikes, axis=0)[5000:]
    u = np.concatenate([r[:, pre[g]] @ weights[g] for g in range(3)], axis=1)
    got = analysis.shot_noise(pre, weights, rate[None], tau, tau_s)[0]
    np.testing.assert_allclose(got[:6], u.var(0), rtol=0.15)
    assert np.mean(got[:6] / u.var(0)) == pytest.approx(1, abs=0.06)


def test_the_sampling_error_falls_with_the_root_of_neurons_and_synaptic_time():
    def error(n, tau_s):
        pre, weights = np.arange(n, dtype=np.int32)[None], np.full((1, n, n), 1 / n, np.float32)
        return np.sqrt(analysis.shot_noise(pre, weights, np.full((1, n), 0.1), 10.0, tau_s)[0, 0])

    assert error(400, 20.0) == pytest.approx(error(100, 20.0) / 2)
    assert error(100, 80.0) == pytest.approx(error(100, 20.0) / 2)
    assert error(50, 20.0) == pytest.approx(np.sqrt(0.1 * 10 / (2 * 20) / 50))


def test_weights_that_solve_the_quasi_static_equation_miss_the_lag():
    """W φ(f) = f exactly makes W L φ(f) = L f."""
    rng = np.random.default_rng(3)
    n, samples = 60, 25
    target = rng.standard_normal((samples, n)).cumsum(0) * 0.2 + 0.5
    W = (np.linalg.pinv(np.sqrt(np.maximum(target, 0)) / np.pi) @ target).T
    got = analysis.trained_errors(np.arange(n, dtype=np.int32)[None], W.T[None].astype(np.float32), target, 10.0, 20.0, 5.0)
    np.testing.assert_allclose(got.tracking, analysis.lag_error(target, 20.0, 5.0), rtol=1e-3)
    np.testing.assert_allclose(got.total, np.hypot(got.tracking, got.sampling))


def test_least_squares_reaches_what_a_noisy_population_lets_it():
    """The weights trained by plain regression on simulated Poisson synapses miss as much as expected, on other trials too."""
    rng = np.random.default_rng(4)
    t = np.arange(0, 500.0)
    target = np.sin(2 * np.pi * t[:, None] / rng.uniform(150, 400, 40) + rng.uniform(0, 6, 40)) + 0.3
    tau, tau_s, k = 10.0, 20.0, 30
    expected = analysis.expected_errors(target, np.arange(k), tau, [tau_s], 1.0, lam=1e-6, updates=500)
    rate = np.sqrt(np.maximum(target[:, :k], 0)) / np.pi

    def trial():
        r = np.empty_like(rate)
        now = rate[0].copy()
        for step, each in enumerate(rate):
            now = now * np.exp(-1 / tau_s) + (tau / tau_s) * rng.poisson(each / tau)
            r[step] = now
        return r

    x = np.concatenate([trial() for _ in range(60)])
    w = np.linalg.lstsq(x, np.tile(target, (60, 1)), rcond=None)[0]
    tests = np.array([trial() @ w for _ in range(40)])
    missed = np.sqrt(np.mean(np.square(tests - target).mean((0, 1)) / target.var(0)))
    assert expected.total[0] == pytest.approx(missed, rel=0.05)
    single = np.mean([np.corrcoef(run[:, i], target[:, i])[0, 1] for run in tests for i in range(40)])
    assert expected.correlation[0] == pytest.approx(single, abs=0.05)


@pytest.mark.parametrize("samples", [20, 90])
def test_expected_errors_are_those_of_a_plain_regression_of_every_neuron(rng, samples):
    """Ridge as least squares with one more sample per input; more curves than samples, or fewer; one of them is constant."""
    target = rng.standard_normal((samples, 50)).cumsum(0)
    target[:, 49] = 1.0
    inputs, lam, updates = np.arange(12), 0.7, 40
    for tau_s in (5.0, 60.0):
        got = analysis.expected_errors(target, inputs, 10.0, tau_s, 5.0, lam=lam, updates=updates)
        rate = np.sqrt(np.maximum(target[:, inputs], 0)) / np.pi
        x, noise = analysis.low_pass(rate, tau_s, 5.0), rate.mean(0) * 10.0 / (2 * tau_s)
        ridge = np.diag(np.sqrt(samples * (noise + lam / updates)))
        missed, shot = [], []
        for goal in target[:, :49].T:
            w = np.linalg.lstsq(np.r_[x, ridge], np.r_[goal, np.zeros(len(inputs))], rcond=None)[0]
            missed.append(np.mean((goal - x @ w) ** 2) / goal.var())
            shot.append(noise @ w**2 / goal.var())
        np.testing.assert_allclose(got.tracking, [np.sqrt(np.mean(missed))], rtol=1e-9)
        np.testing.assert_allclose(got.sampling, [np.sqrt(np.mean(shot))], rtol=1e-9)


def test_constant_targets_have_no_expected_errors():
    got = analysis.expected_errors(np.ones((30, 4)), np.arange(3), 10.0, [5.0, 50.0], 5.0)
    assert np.isnan(got.tracking).tolist() == np.isnan(got.sampling).tolist() == [True, True]


def test_both_errors_trade_places_along_the_synaptic_time(rng):
    decay = np.exp(-5 / 100)
    target = np.empty((200, 60))
    target[0] = rng.standard_normal(60)
    for t in range(1, 200):
        target[t] = decay * target[t - 1] + np.sqrt(1 - decay**2) * rng.standard_normal(60)
    got = analysis.expected_errors(target, np.arange(40), 10.0, [1, 3, 30, 200, 1000], 5.0, followers=np.arange(40, 60))
    best = int(got.total.argmin())
    assert best in (2, 3)
    assert (np.diff(got.correlation) > 0).tolist() == [step < best for step in range(4)]
    assert got.sampling[-1] < got.sampling[1]


def test_trials_tell_a_constant_miss_from_what_they_differ_by():
    rng = np.random.default_rng(5)
    target = rng.standard_normal((3000, 2))
    target = (target - target.mean(0)) / target.std(0)
    miss = 0.4 * rng.standard_normal((3000, 2))
    trials = target + miss + np.array([0.2, 1.0]) * rng.standard_normal((6, 3000, 2))
    got = analysis.measured_errors(trials, target)
    np.testing.assert_allclose(got.tracking, 0.4, rtol=0.08)
    np.testing.assert_allclose(got.sampling, [0.2, 1.0], rtol=0.03)
