"""The neuron models behind one interface: a step function, and a declaration of how a trial finds the neurons.

A model has two variables x and y per neuron, and up to four numbers of its own (`Neurons.cells`). To add one, write its
step in a file beside this one, give it a number and a branch in `step_neurons`, and declare its start below.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from spikedash.engine.izhikevich import izhikevich_step
from spikedash.engine.lif import RESET, lif_step
from spikedash.engine.theta import theta_step, theta_step_rk4

THETA, THETA_RK4, LIF, IZHIKEVICH, UNITS = range(5)

Floats = npt.NDArray[np.floating]
Start = Callable[[np.random.Generator, Floats], tuple[Floats, Floats]]


class Model(NamedTuple):
    number: int
    start: Start  # random (x, y) of n neurons, given their cells (4, n)


@njit(cache=True, error_model="numpy")
def unit_step(x, a, h):
    """Rate units: tau dx/dt = -x + a, solved exactly over h = dt/tau (x in place)."""
    keep = np.exp(-h)
    for i in range(x.size):
        x[i] = a[i] + (x[i] - a[i]) * keep


@njit(cache=True, error_model="numpy")
def step_neurons(model, x, y, a, cells, h, dt, fired):
    """Advance all neurons by one step (h = dt/tau, dt in ms) under a constant input a; x, y, fired in place."""
    if model == THETA:
        theta_step(x, y, a, h, fired)
    elif model == THETA_RK4:
        theta_step_rk4(x, a, h, fired)
    elif model == LIF:
        lif_step(x, a, h, fired)
    elif model == IZHIKEVICH:
        izhikevich_step(x, y, a, cells, dt, fired)
    else:
        unit_step(x, a, h)


def _phase(rng: np.random.Generator, cells: Floats) -> tuple[Floats, Floats]:
    half = np.asarray(rng.uniform(-np.pi, np.pi, cells.shape[1])) / 2
    return np.sin(half), np.cos(half)


def _phase_angle(rng: np.random.Generator, cells: Floats) -> tuple[Floats, Floats]:
    phase = np.asarray(rng.uniform(-np.pi, np.pi, cells.shape[1]))
    return phase, np.zeros_like(phase)


def _voltage(rng: np.random.Generator, cells: Floats) -> tuple[Floats, Floats]:
    v = np.asarray(rng.uniform(RESET, 0.0, cells.shape[1]))
    return v, np.zeros_like(v)


def _voltage_and_recovery(rng: np.random.Generator, cells: Floats) -> tuple[Floats, Floats]:
    v = np.asarray(rng.uniform(-70.0, -50.0, cells.shape[1]))
    return v, np.asarray(cells[1] * v)


def _activation(rng: np.random.Generator, cells: Floats) -> tuple[Floats, Floats]:
    x = np.asarray(rng.standard_normal(cells.shape[1]))
    return x, np.zeros_like(x)


MODELS = {
    "theta": Model(THETA, _phase),
    "theta-rk4": Model(THETA_RK4, _phase_angle),
    "lif": Model(LIF, _voltage),
    "izhikevich": Model(IZHIKEVICH, _voltage_and_recovery),
    "rate": Model(UNITS, _activation),
}
