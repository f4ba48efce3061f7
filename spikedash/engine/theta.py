"""One step of the theta neuron: the exact solution, and classical Runge-Kutta as a reference."""

from __future__ import annotations

import numpy as np
from numba import njit

# Beyond this |z| the series below lose float32 accuracy.
Z_SERIES = np.float32(4.0)
PI = np.float32(np.pi)


@njit(cache=True, fastmath={"contract"}, error_model="numpy")
def theta_step(s, c, a, h, fired):
    """Advance tau dv/dt = v² + a by h = dt/tau with a held constant (float32 arrays (n,); s, c, fired in place).

    With v = s/c the flow is linear: c' = c C - s S and s' = s C + c a S with C = cos √z, S = h sin √z / √z and z = a h²
    (cosh and sinh for z < 0). A neuron fires when v passes +infinity, that is when c changes sign; at most once a step.
    """
    one = np.float32(1.0)
    h2 = h * h
    wide = 0
    for i in range(s.size):
        z = a[i] * h2
        near = abs(z) <= Z_SERIES
        wide |= not near
        # One power series serves both signs of z.
        cos = one + z * (
            np.float32(-1 / 2)
            + z
            * (
                np.float32(1 / 24)
                + z
                * (
                    np.float32(-1 / 720)
                    + z * (np.float32(1 / 40320) + z * (np.float32(-1 / 3628800) + z * np.float32(1 / 479001600)))
                )
            )
        )
        sin = h * (
            one
            + z
            * (
                np.float32(-1 / 6)
                + z
                * (
                    np.float32(1 / 120)
                    + z
                    * (
                        np.float32(-1 / 5040)
                        + z * (np.float32(1 / 362880) + z * (np.float32(-1 / 39916800) + z * np.float32(1 / 6227020800)))
                    )
                )
            )
        )
        c_new = c[i] * cos - s[i] * sin
        s_new = s[i] * cos + c[i] * a[i] * sin
        fired[i] = c[i] * c_new < np.float32(0.0)
        # Only the ratio s/c matters; a unit length keeps both in range.
        scale = one / np.sqrt(s_new * s_new + c_new * c_new)
        s[i] = s_new * scale if near else s[i]
        c[i] = c_new * scale if near else c[i]
    if wide:
        theta_step_wide(s, c, a, h, fired, Z_SERIES)


@njit(cache=True, error_model="numpy")
def theta_step_wide(s, c, a, h, fired, beyond):
    """The same step by trigonometric functions, for inputs of which |a h²| is larger than `beyond`."""
    for i in range(s.size):
        z = a[i] * (h * h)
        if abs(z) <= beyond:
            continue
        root = np.sqrt(abs(z))
        if z > np.float32(0.0):
            cos = np.cos(root)
            sin = h * np.sin(root) / root
        else:
            # Divided by cosh, which would overflow; s and c are scaled to unit length anyway.
            cos = np.float32(1.0)
            sin = h * np.tanh(root) / root
        c_new = c[i] * cos - s[i] * sin
        s_new = s[i] * cos + c[i] * a[i] * sin
        # In π or more of phase every neuron passes infinity, whatever the sign of c says afterwards.
        fired[i] = c[i] * c_new < np.float32(0.0) or (z > np.float32(0.0) and root >= PI)
        scale = np.float32(1.0) / np.sqrt(s_new * s_new + c_new * c_new)
        s[i] = s_new * scale
        c[i] = c_new * scale


@njit(cache=True, error_model="numpy")
def theta_step_rk4(theta, a, h, fired):
    """The same neuron by Runge-Kutta on its phase (float64 (n,), in place): tau dθ/dt = 1 - cos θ + a (1 + cos θ)."""
    for i in range(theta.size):
        x = theta[i]
        k1 = 1 - np.cos(x) + a[i] * (1 + np.cos(x))
        y = x + 0.5 * h * k1
        k2 = 1 - np.cos(y) + a[i] * (1 + np.cos(y))
        y = x + 0.5 * h * k2
        k3 = 1 - np.cos(y) + a[i] * (1 + np.cos(y))
        y = x + h * k3
        k4 = 1 - np.cos(y) + a[i] * (1 + np.cos(y))
        x += h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        fired[i] = x > np.pi
        if x > np.pi:
            x -= 2 * np.pi
        theta[i] = x
