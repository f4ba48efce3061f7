"""One step of Izhikevich's neuron (2003): v' = 0.04 v² + 5 v + 140 - w + input, w' = a (b v - w), time in ms."""

from __future__ import annotations

import numpy as np
from numba import njit

PEAK = np.float32(30.0)  # mV
LONGEST = 0.25  # ms of a step taken at once
# Completed, the square is 0.04 (v + 62.5)² - 16.25.
CURVATURE, MIDDLE, LOWEST = np.float32(0.04), np.float32(62.5), np.float32(-16.25)


@njit(cache=True, error_model="numpy")
def quadratic_flow(V, A, t):
    """V' = 0.04 V² + A solved exactly over a time t; returns infinity once V has passed it."""
    z = CURVATURE * A * t * t
    root = np.sqrt(abs(z))
    cos, sin = np.float32(1.0), t
    if z > np.float32(1e-8):
        cos, sin = np.cos(root), t * np.sin(root) / root
    elif z < np.float32(-1e-8):
        sin = t * np.tanh(root) / root  # both over cosh, which would overflow and cancels
    below = cos - CURVATURE * V * sin
    # From 0 to the pole is half a turn at most; beyond it the neuron has fired whatever the sign says.
    if below <= np.float32(0.0) or (z > np.float32(0.0) and root >= np.float32(np.pi)):
        return np.float32(np.inf)
    return (V * cos + A * sin) / below


@njit(cache=True, error_model="numpy")
def izhikevich_step(v, w, a, cells, dt, fired):
    """Advance v (mV) and the recovery w by dt ms with the input a held constant (float32 (n,); v, w, fired in place).

    cells (4, n) holds a, b, c and d of every neuron. v flows exactly between half steps of w (Strang splitting).
    """
    pieces = int(np.ceil(dt / LONGEST))
    t = np.float32(dt / pieces)
    for i in range(v.size):
        b, reset, jump = cells[1, i], cells[2, i], cells[3, i]
        keep = np.exp(np.float32(-0.5) * cells[0, i] * t)
        fired[i] = 0
        for _ in range(pieces):
            w[i] = b * v[i] + (w[i] - b * v[i]) * keep
            new = quadratic_flow(v[i] + MIDDLE, a[i] - w[i] + LOWEST, t) - MIDDLE
            if new >= PEAK:
                fired[i] = 1
                v[i] = reset
                w[i] += jump
            else:
                v[i] = new
            w[i] = b * v[i] + (w[i] - b * v[i]) * keep
