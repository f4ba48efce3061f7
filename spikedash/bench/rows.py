"""What `make bench` measures: each job beside its reference in one run, as medians over repeats."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from spikedash import engine, training
from spikedash.bench import runs, updates
from spikedash.bench.measure import Row, paired, timed
from spikedash.engine.theta import theta_step, theta_step_rk4
from spikedash.records import F32, F64


def theta(n: int = 1000, times: int = 400, repeats: int = 9) -> Row:
    """One exact step of n neurons on one core, inputs given, against four-stage Runge-Kutta."""
    rng = np.random.default_rng(0)
    a: F32 = rng.normal(0.5, 1.0, n).astype(np.float32)
    a64: F64 = a.astype(np.float64)
    phase = rng.uniform(-np.pi, np.pi, n)
    s, c = np.sin(phase / 2).astype(np.float32), np.cos(phase / 2).astype(np.float32)
    fired = np.zeros(n, np.uint8)
    h = np.float32(0.1)
    theta_step(s, c, a, h, fired)
    theta_step_rk4(phase, a64, 0.1, fired)
    exact, rk4 = paired(
        lambda: timed(lambda: theta_step(s, c, a, h, fired), times),
        lambda: timed(lambda: theta_step_rk4(phase, a64, 0.1, fired), times),
        repeats,
    )
    return Row(f"theta step, one of {n} neurons", exact / n, "rk4", rk4 / exact)


def rows() -> Iterator[Row]:
    """Every row, one after the other."""
    training.warm_up()
    engine.set_threads(None)
    yield theta()
    yield from updates.rows()
    yield from runs.rows()
