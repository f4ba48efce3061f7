"""The smooth gain against SciPy, and its inverse."""

import numpy as np
from scipy.special import expit, logsumexp

from spikedash import gain
from spikedash.engine.gain import rate_of, slope_of

X = np.concatenate([np.linspace(-3, 3, 61), [-40.0, -8.0, 15.0, 400.0]])


def phi(x, c=0.1):
    return np.sqrt(c * logsumexp([np.zeros_like(x), x / c], axis=0)) / np.pi


def test_rate_and_slope_are_those_of_the_formula():
    np.testing.assert_allclose([rate_of(np.float32(x)) for x in X], phi(X), rtol=2e-4, atol=1e-12)
    near = X[(X > -4) & (X < 20)]
    slope = expit(near / 0.1) / (2 * np.pi**2 * phi(near))
    np.testing.assert_allclose([slope_of(np.float32(x)) for x in near], slope, rtol=1e-3)
    h = 1e-4
    np.testing.assert_allclose([slope_of(np.float32(x)) for x in near], (phi(near + h) - phi(near - h)) / (2 * h), rtol=2e-3)
    assert slope_of(np.float32(-500.0)) == 0


def test_the_inverse_gives_the_rate_back_and_ends_at_the_floor():
    rates = phi(np.linspace(-0.45, 30, 50))
    np.testing.assert_allclose(phi(gain.smooth_inverse(rates)), rates, rtol=1e-6)
    assert gain.smooth_inverse(0.0) == gain.FLOOR == gain.smooth_inverse(phi(np.array(-5.0)))
