"""The f-I curve of a neuron: the rate that a constant drive gives, with and without private noise."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.optimize import isotonic_regression

from spikedash import engine
from spikedash.engine.gain import SMOOTHNESS
from spikedash.engine.models import step_neurons
from spikedash.engine.noise import add_normal
from spikedash.network import cell_values
from spikedash.params import Network
from spikedash.records import F32, F64

COARSE_COPIES, COPIES = 32, 160  # neurons per drive: to find where the rates lie, and to measure them there
POINTS = 60  # drives between silence and the highest rate
SETTLE_STEPS, COUNT_STEPS = 200, 2500
LOWEST_HZ = 0.1  # a recorded rate of zero asks for the drive of this rate
FLOOR = -0.5  # drive at which the smooth gain counts as silence: 0.8 Hz at a membrane time of 10 ms


class GainCurve(NamedTuple):
    drive: F64  # (points,) increasing, drive units
    rate_hz: F64  # (points,) never decreasing


def phi_inverse(rate_hz: F64 | float, tau_ms: float) -> F64:
    """Drive at which a noiseless theta neuron fires at a rate: (π r)² with r in spikes per tau."""
    return np.square(np.pi * np.asarray(rate_hz, np.float64) * tau_ms / 1000.0)


def smooth_inverse(rate: F32 | F64 | float) -> F64:
    """Drive at which the smooth gain (engine/gain.py) gives a rate in spikes per tau; FLOOR for silence."""
    square = np.square(np.pi * np.asarray(rate, np.float64)) / float(SMOOTHNESS)
    with np.errstate(divide="ignore"):
        # log(e^x - 1) without overflow.
        drive = float(SMOOTHNESS) * (square + np.log(-np.expm1(-square)))
    return np.maximum(drive, FLOOR)


def measure(network: Network, highest_hz: float, key: int, cell: F32 | None = None) -> GainCurve:
    """Simulate isolated neurons over a range of total inputs with the network's own model, noise and step.

    The range is measured twice. With little noise all rates up to 4 Hz lie within a quarter of a drive unit, where an even
    grid has three points: straight lines between them asked for 10 to 20 % less than 1 Hz.
    A rate rises with its input; the isotonic regression (SciPy) takes the counting noise out of the curve.
    cell (4,) holds the numbers of the neuron model where it has any.
    """
    top, low = _top(network, highest_hz, key, cell), -3.0 * network.noise - 1.0
    knee = min(top, 3.0)
    coarse = np.unique(np.concatenate([np.linspace(low, knee, 90), np.linspace(knee, top, 40)]))
    rate = isotonic_regression(_rates(network, coarse, COARSE_COPIES, COUNT_STEPS, key, cell)).x
    rising = _rising(rate)
    # Even steps of the root of the rate: counting noise is then the same at every point, and low rates get most points.
    levels = np.square(np.linspace(0, math.sqrt(1.1 * highest_hz + 1), POINTS))
    drive = np.unique(np.interp(levels, rate[rising], coarse[rising]))
    return GainCurve(drive, isotonic_regression(_rates(network, drive, COPIES, COUNT_STEPS, key + 1, cell)).x)


def _rising(rate: F64) -> npt.NDArray[np.bool_]:
    """Where a curve rises: only there it can be inverted. Of equal rates the last one counts, so that silence ends late."""
    return np.concatenate([np.diff(rate) > 1e-9, [True]])


def _top(network: Network, highest_hz: float, key: int, cell: F32 | None) -> float:
    """An input that gives more than a rate."""
    top = 1.3 * float(phi_inverse(highest_hz, network.tau_ms)) + 2.0
    while network.model != "theta" and top < 1e4:
        if _rates(network, np.array([top]), 8, 1000, key, cell)[0] > 1.1 * highest_hz + 2:
            break
        top *= 1.5
    return top


def _rates(network: Network, drive: F64, copies: int, steps: int, key: int, cell: F32 | None) -> F64:
    """Rates in Hz at constant inputs (points,)."""
    base = np.repeat(drive, copies).astype(np.float32)
    cells = np.repeat(np.zeros((4, 1), np.float32) if cell is None else cell[:, None], base.size, axis=1)
    model = engine.MODELS[network.model]
    x, y = (part.astype(np.float32) for part in model.start(np.random.default_rng(key), cells))
    fired = np.zeros(base.size, np.uint8)
    counts = np.zeros(base.size, np.int64)
    h, std = np.float32(network.dt_ms / network.tau_ms), np.float32(network.noise)
    for step in range(SETTLE_STEPS + steps):
        a = base.copy()
        if network.noise > 0:
            add_normal(a, std, key, step, 0)
        step_neurons(model.number, x, y, a, cells, h, float(network.dt_ms), fired)
        if step >= SETTLE_STEPS:
            counts += fired
    return np.asarray(counts.reshape(drive.size, copies).mean(1) / (steps * network.dt_ms / 1000.0))


def drive_for(rate_hz: F64, network: Network, key: int) -> F64:
    """Synaptic drive (T, n) at which the network's neurons, with its noise, fire at the given rates in Hz (..., n)."""
    wanted = np.maximum(rate_hz, LOWEST_HZ)
    if network.noise == 0 and network.model == "theta":
        return phi_inverse(wanted, network.tau_ms) - network.bias
    cells, kinds = np.unique(cell_values(network), axis=1, return_inverse=True)
    out = np.empty_like(wanted)
    for kind, cell in enumerate(cells.T):
        who = kinds.ravel() == kind if cells.shape[1] > 1 else np.s_[:]
        curve = measure(network, float(wanted[..., who].max()), key, cell)
        rising = _rising(curve.rate_hz)
        out[..., who] = np.interp(wanted[..., who], curve.rate_hz[rising], curve.drive[rising]) - network.bias
    return out
