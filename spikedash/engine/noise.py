"""Normal random numbers as a pure function of (key, step, neuron), so that no order of work can change them."""

from __future__ import annotations

import numpy as np
from numba import njit

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
MIX1 = np.uint64(0xBF58476D1CE4E5B9)
MIX2 = np.uint64(0x94D049BB133111EB)


@njit(cache=True)
def mix(x):
    """The finaliser of SplitMix64 (Steele, Lea & Flood 2014): uint64 to uint64."""
    x = (x ^ (x >> np.uint64(30))) * MIX1
    x = (x ^ (x >> np.uint64(27))) * MIX2
    return x ^ (x >> np.uint64(31))


@njit(cache=True, error_model="numpy")
def add_normal(a, std, key, step, first):
    """Add std times independent normals to a (float32 (count,), in place), those of the neurons from `first` on, which is even.

    Box-Muller gives two neurons one pair.
    """
    base = mix(np.uint64(key) + GOLDEN * (np.uint64(step) + np.uint64(1)))
    n = a.size
    for pair in range((n + 1) // 2):
        bits = mix(base + GOLDEN * np.uint64(first // 2 + pair))
        # 32 bits each; the first lies in (0, 1], so that its logarithm is finite.
        radius = np.sqrt(np.float32(-2.0) * np.log((np.float32(bits >> np.uint64(40)) + np.float32(1.0)) * np.float32(2.0**-24)))
        angle = np.float32(2 * np.pi * 2.0**-32) * np.float32(bits & np.uint64(0xFFFFFFFF))
        a[2 * pair] += std * radius * np.cos(angle)
        if 2 * pair + 1 < n:
            a[2 * pair + 1] += std * radius * np.sin(angle)
