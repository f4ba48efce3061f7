"""What is measured after every loop, in one or two passes over the arrays; sums in double precision and in a fixed order."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, fastmath={"contract"}, error_model="numpy")
def correlations(activity, target):
    """Pearson's r of each column of float32 (samples, n) -> float64 (n,); 0 for constant activity, nan for a constant target."""
    samples, n = activity.shape
    mean_x, mean_y = np.zeros(n), np.zeros(n)
    xx, yy, xy, largest = np.zeros(n), np.zeros(n), np.zeros(n), 1.0
    for t in range(samples):
        for i in range(n):
            mean_x[i] += activity[t, i]
            mean_y[i] += target[t, i]
    for i in range(n):
        mean_x[i] /= max(1, samples)
        mean_y[i] /= max(1, samples)
    for t in range(samples):
        for i in range(n):
            x, y = activity[t, i] - mean_x[i], target[t, i] - mean_y[i]
            xx[i] += x * x
            yy[i] += y * y
            xy[i] += x * y
            largest = max(largest, abs(activity[t, i]))
    out = np.empty(n)
    for i in range(n):
        if yy[i] == 0.0:
            out[i] = np.nan
        elif np.sqrt(xx[i]) <= 1e-12 * largest:
            out[i] = 0.0
        else:
            out[i] = xy[i] / (np.sqrt(xx[i]) * np.sqrt(yy[i]))
    return out


@njit(cache=True, fastmath={"contract", "reassoc"}, error_model="numpy")
def squared_distance(one, other):
    """Σ (one - other)² of two flat float32 arrays."""
    total = 0.0
    for i in range(one.size):
        difference = np.float64(one[i]) - np.float64(other[i])
        total += difference * difference
    return total
