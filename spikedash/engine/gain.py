"""The gain of a noisy theta neuron: φ(x) = √(c log(1 + e^{x/c})) / π spikes per tau, and its slope."""

from __future__ import annotations

import numpy as np
from numba import njit

SMOOTHNESS = np.float32(0.1)  # c, drive units


@njit(cache=True, error_model="numpy")
def softplus(x):
    """c log(1 + e^{x/c}), without overflow."""
    z = x / SMOOTHNESS
    return max(x, np.float32(0.0)) + SMOOTHNESS * np.log1p(np.exp(-abs(z)))


@njit(cache=True, error_model="numpy")
def rate_of(x):
    """φ(x)."""
    return np.sqrt(softplus(x)) / np.float32(np.pi)


@njit(cache=True, error_model="numpy")
def slope_of(x):
    """φ'(x); 0 where φ itself has underflown."""
    soft = softplus(x)
    if soft < np.float32(1e-30):
        return np.float32(0.0)
    logistic = np.float32(1.0) / (np.float32(1.0) + np.exp(-x / SMOOTHNESS))
    return logistic / (np.float32(2.0 * np.pi) * np.sqrt(soft))
