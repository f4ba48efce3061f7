"""Rates that look like a recording, for lessons and tries on a server where nobody has uploaded one."""

from __future__ import annotations

import numpy as np

from spikedash.records import Recording

UNITS, LONG_MS, STEP_MS = 60, 1500, 10


def recording(units: int = UNITS, seed: int = 1) -> Recording:
    """Neurons that rise, fall or peak at a time of their own around a rate of their own; the same bits for the same seed."""
    rng = np.random.default_rng(seed)
    time_ms = np.arange(0, LONG_MS + STEP_MS, STEP_MS, dtype=np.float64)
    base = np.clip(rng.lognormal(np.log(6), 0.5, units), 2, 20)
    depth = rng.uniform(0.4, 0.9, units)
    shape = np.empty((len(time_ms), units))
    for unit, kind in enumerate(rng.integers(0, 3, units)):
        middle, width = rng.uniform(200, LONG_MS - 200), rng.uniform(120, 350)
        if kind == 0:
            shape[:, unit] = 2 * np.exp(-(((time_ms - middle) / width) ** 2) / 2) - 0.5
        else:
            shape[:, unit] = np.tanh((time_ms - middle) / width) * (1 if kind == 1 else -1)
    rate_hz = np.round(base * (1 + depth * shape).clip(0.05), 3)
    notes = (f"Made up, not measured: {units} neurons that rise, fall or peak, over {LONG_MS / 1000:g} s.",)
    return Recording(rate_hz, time_ms, tuple(f"made-up-{k + 1}" for k in range(units)), notes)
