"""The method as a person would write it from the paper: NumPy, one neuron at a time, Runge-Kutta, dense P.

It is the reference of the benchmark and the oracle of the tests, and shares no code with the engine.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


class Student:
    """A network of theta neurons; W is (n, n) with zeros where there is no synapse, theta (n,), r and u (n,)."""

    def __init__(self, W: Array, *, tau_ms: float, tau_s_ms: float, dt_ms: float, lam: float) -> None:
        self.W = W.astype(np.float64)
        self.n = W.shape[0]
        self.inputs = [np.flatnonzero(W[i]) for i in range(self.n)]
        self.P = [np.eye(len(js)) / lam for js in self.inputs]
        self.h, self.decay, self.kick = dt_ms / tau_ms, np.exp(-dt_ms / tau_s_ms), tau_ms / tau_s_ms
        self.theta = np.zeros(self.n)
        self.r = np.zeros(self.n)
        self.u = np.zeros(self.n)

    def step(self, current: Array) -> Array:
        """One step with an external current (n,); returns who fired (n,) bool."""
        a = self.u + current

        def slope(theta: Array) -> Array:
            return np.asarray(1 - np.cos(theta) + a * (1 + np.cos(theta)))

        h, theta = self.h, self.theta
        k1 = slope(theta)
        k2 = slope(theta + h / 2 * k1)
        k3 = slope(theta + h / 2 * k2)
        k4 = slope(theta + h * k3)
        theta = theta + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        fired = theta > np.pi
        self.theta = np.where(fired, theta - 2 * np.pi, theta)
        self.r = self.r * self.decay + self.kick * fired
        self.u = self.W @ self.r
        return np.asarray(fired)

    def learn(self, target: Array) -> None:
        """One update of every neuron's weights towards a drive target (n,)."""
        for i, js in enumerate(self.inputs):
            r = self.r[js]
            k = self.P[i] @ r
            g = 1.0 / (1.0 + r @ k)
            self.P[i] -= g * np.outer(k, k)
            self.W[i, js] += (target[i] - self.W[i, js] @ r) * g * k
        self.u = self.W @ self.r
