"""The f-I curve of a theta neuron: the rate that a constant drive gives, with and without private noise."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.optimize import isotonic_regression

from spikedash.engine.neurons import theta_step
from spikedash.engine.noise import add_normal
from spikedash.params import Network
from spikedash.records import F64

COPIES = 96  # neurons per drive
SETTLE_STEPS, COUNT_STEPS = 200, 2500
LOWEST_HZ = 0.1  # a recorded rate of zero asks for the drive of this rate


class GainCurve(NamedTuple):
    drive: F64  # (points,) increasing, drive units
    rate_hz: F64  # (points,) never decreasing


def phi_inverse(rate_hz: F64 | float, tau_ms: float) -> F64:
    """Drive at which a noiseless theta neuron fires at a rate: (π r)² with r in spikes per tau."""
    return np.square(np.pi * np.asarray(rate_hz, np.float64) * tau_ms / 1000.0)


def measure(network: Network, highest_hz: float, key: int) -> GainCurve:
    """Simulate isolated neurons over a range of drives with the network's own noise and step.

    A rate rises with its drive; the isotonic regression (SciPy) takes the counting noise out of the curve.
    """
    top = 1.3 * float(phi_inverse(highest_hz, network.tau_ms)) + 2.0
    low = -3.0 * network.noise - 1.0
    drive = np.unique(np.concatenate([np.linspace(low, min(top, 3.0), 90), np.linspace(min(top, 3.0), top, 40)]))
    base = np.repeat(drive, COPIES).astype(np.float32)
    rng = np.random.default_rng(key)
    theta = rng.uniform(-np.pi, np.pi, base.size)
    s, c = np.sin(theta / 2).astype(np.float32), np.cos(theta / 2).astype(np.float32)
    fired = np.zeros(base.size, np.uint8)
    counts = np.zeros(base.size, np.int64)
    h, std = np.float32(network.dt_ms / network.tau_ms), np.float32(network.noise)
    for step in range(SETTLE_STEPS + COUNT_STEPS):
        a = base.copy()
        if network.noise > 0:
            add_normal(a, std, key, step)
        theta_step(s, c, a, h, fired)
        if step >= SETTLE_STEPS:
            counts += fired
    seconds = COUNT_STEPS * network.dt_ms / 1000.0
    rate = counts.reshape(drive.size, COPIES).mean(1) / seconds
    return GainCurve(drive, isotonic_regression(rate).x)


def drive_for(rate_hz: F64, network: Network, key: int) -> F64:
    """Drive at which neurons with the network's noise fire at the given rates in Hz (any shape)."""
    wanted = np.maximum(rate_hz, LOWEST_HZ)
    if network.noise == 0:
        return phi_inverse(wanted, network.tau_ms)
    curve = measure(network, float(wanted.max()), key)
    # Only rising parts of the curve can be inverted.
    rising = np.concatenate([[True], np.diff(curve.rate_hz) > 1e-9])
    return np.asarray(np.interp(wanted, curve.rate_hz[rising], curve.drive[rising]))
