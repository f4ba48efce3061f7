"""The theta neuron against theory and against SciPy's adaptive integrator."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from spikedash.engine.theta import theta_step, theta_step_rk4, theta_step_wide

H = np.float32(0.1)


def by_trigonometry(s, c, a, h, fired):
    theta_step_wide(s, c, a, h, fired, np.float32(-1))


def spikes_of(step, a, steps, h=H):
    """Spike counts (n,) of neurons at constant input a, started at rest phase."""
    s, c = np.zeros(a.size, np.float32), np.ones(a.size, np.float32)
    fired, count = np.zeros(a.size, np.uint8), np.zeros(a.size, np.int64)
    for _ in range(steps):
        step(s, c, a, h, fired)
        count += fired
    return count


@pytest.mark.parametrize("step", [theta_step, by_trigonometry])
def test_rate_at_constant_input_is_root_over_pi(step):
    a = np.array([0.01, 0.1, 0.5, 1.0, 4.0, 20.0, 90.0], np.float32)
    steps = 40_000
    expected = np.sqrt(a) / np.pi * steps * 0.1
    np.testing.assert_allclose(spikes_of(step, a, steps), expected, atol=1.01)


def test_never_fires_below_threshold():
    a = np.array([-0.001, -1.0, -30.0, -1e4, -1e9], np.float32)
    assert spikes_of(theta_step, a, 3000).sum() == 0


def test_fires_at_any_large_input():
    a = np.array([1e3, 1e5, 1e9], np.float32)
    assert (spikes_of(theta_step, a, 100) >= 99).all()


def test_follows_an_adaptive_integrator_through_changing_input():
    rng = np.random.default_rng(0)
    steps, n = 300, 6
    a = rng.normal(0.8, 2.0, (steps, n)).astype(np.float32)
    phase = rng.uniform(-3, 3, n)
    s, c = np.sin(phase / 2).astype(np.float32), np.cos(phase / 2).astype(np.float32)
    fired = np.zeros(n, np.uint8)
    ours = np.zeros((steps, n), bool)
    theirs = np.zeros((steps, n), bool)
    for t in range(steps):
        theta_step(s, c, a[t], H, fired)
        ours[t] = fired
        for i in range(n):
            flow = solve_ivp(
                lambda _, x, i=i, t=t: 1 - np.cos(x) + a[t, i] * (1 + np.cos(x)), (0, 0.1), [phase[i]], rtol=1e-9, atol=1e-9
            )
            phase[i] = flow.y[0, -1]
            theirs[t, i] = phase[i] > np.pi
            phase[i] -= 2 * np.pi * theirs[t, i]
    assert theirs.sum() > 25
    # A crossing within rounding of a step's end may be booked one step later.
    np.testing.assert_array_equal(ours.sum(0), theirs.sum(0))
    assert np.abs(np.flatnonzero(ours.T.ravel()) - np.flatnonzero(theirs.T.ravel())).max() <= 1
    np.testing.assert_allclose(np.arctan2(s, c) * 2 % (2 * np.pi), phase % (2 * np.pi), atol=2e-3)


def test_series_and_trigonometry_agree_where_both_hold():
    rng = np.random.default_rng(1)
    a = rng.uniform(-390, 390, 4000).astype(np.float32)
    phase = rng.uniform(-np.pi, np.pi, a.size)
    one = [np.sin(phase / 2).astype(np.float32), np.cos(phase / 2).astype(np.float32)]
    two = [x.copy() for x in one]
    fired = [np.zeros(a.size, np.uint8), np.zeros(a.size, np.uint8)]
    theta_step(*one, a, H, fired[0])
    by_trigonometry(*two, a, H, fired[1])
    # (s, c) and (-s, -c) are the same neuron, so directions are compared, not signs.
    np.testing.assert_allclose(np.abs(one[0] * two[0] + one[1] * two[1]), 1.0, atol=1e-5)
    assert np.count_nonzero(fired[0] != fired[1]) <= 2


def test_exact_step_has_the_spikes_of_a_twenty_times_finer_runge_kutta():
    rng = np.random.default_rng(2)
    n, steps = 50, 1000
    a = rng.normal(0.5, 1.0, n).astype(np.float32)
    theta = np.zeros(n)
    fired, count = np.zeros(n, np.uint8), np.zeros(n, np.int64)
    for _ in range(steps * 20):
        theta_step_rk4(theta, a.astype(np.float64), 0.005, fired)
        count += fired
    np.testing.assert_allclose(spikes_of(theta_step, a, steps), count, atol=1)
