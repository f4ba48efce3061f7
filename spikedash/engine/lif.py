"""One step of the leaky integrate-and-fire neuron, solved exactly for a constant input."""

from __future__ import annotations

import numpy as np
from numba import njit

THRESHOLD = np.float32(0.0)
RESET = np.float32(-15.0)


@njit(cache=True, error_model="numpy")
def lif_step(v, a, h, fired):
    """Advance tau dv/dt = -v + a by h = dt/tau with a held constant (float32 arrays (n,); v, fired in place).

    v is in mV from the threshold, so that an input of 0 is the threshold as it is for the theta neuron; the reset lies
    15 mV below (-65 mV for a threshold of -50 mV). The rest of the step after a spike counts; at most one spike a step.
    """
    keep = np.exp(-h)
    for i in range(v.size):
        new = a[i] + (v[i] - a[i]) * keep
        fired[i] = new >= THRESHOLD and a[i] > THRESHOLD
        if fired[i]:
            # exp(-(time left after the crossing)) is keep over exp(-(time to it)).
            left = keep * max(np.float32(1.0), (a[i] - v[i]) / (a[i] - THRESHOLD))
            new = min(THRESHOLD, a[i] + (RESET - a[i]) * min(left, np.float32(1.0)))
        v[i] = new
