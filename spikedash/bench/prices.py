"""The prices of prices.py, fitted to runs of many kinds: `python -m spikedash bench --prices`."""

from __future__ import annotations

import json
import time

import numpy as np
from scipy.optimize import least_squares

from spikedash import cost, prices, training
from spikedash.experiments import EXPERIMENTS
from spikedash.params import Params

USUAL: dict[str, object] = {
    "network.weights": "mixed",
    "network.sigma": 1,
    "training.rest_min_ms": 200,
    "training.rest_max_ms": 200,
}
FEW: dict[str, object] = {"training.loops": 6, "training.test_trials": 2}
KINDS: list[dict[str, object]] = [
    {"network.n": 200},
    {"network.n": 200, "training.update_ms": 2},
    {"network.n": 200, "training.update_ms": 2, "training.rule": "rate"},
    {"network.n": 200, "network.noise": 3},
    {"network.n": 200, "network.p": 0.05, "training.update_ms": 2},
    {"network.n": 200, "network.integrator": "rk4"},
    *(dict(EXPERIMENTS[name].values) for name in ("fig3-lif", "fig3-izhikevich", "fig4-innate")),
    {"network.n": 300, "network.model": "rate"},
    {"network.n": 500, "network.p": 0.1, "training.update_ms": 1},
    {"network.n": 500},
    {"network.n": 500, "training.update_ms": 50},
    {"network.n": 1000, "network.p": 0.1},
    {"network.n": 1000, "network.p": 0.1, "network.weights": "balanced", "network.dale": True, "network.J": 1},
    {"network.n": 1000},
    {"network.n": 1000, "training.update_ms": 4},
    {"network.n": 2000, "network.p": 0.05},
    {"network.n": 1500, "network.p": 0.2},
    {"network.n": 700, "network.p": 0.2},
    {"network.n": 20_000, "network.p": 0.015, "network.wiring": "shared", "network.group": 200},
    {"network.n": 500, "network.wiring": "shared"},
    {"network.n": 1000, "network.wiring": "shared"},
    {"network.n": 1000, "network.wiring": "shared", "network.group": 100, "training.update_ms": 2},
    {"network.n": 5000, "network.p": 0.06, "network.wiring": "shared", "network.group": 50},
    {"network.n": 10_000, "network.p": 0.03, "network.wiring": "shared", "network.group": 100},
    {"network.n": 10_000, "network.p": 0.01, "network.wiring": "shared", "network.group": 20},
    {"network.n": 50_000, "network.p": 0.006, "network.wiring": "shared", "network.group": 250},
    {"network.n": 500, "network.wiring": "all"},
    {"network.n": 1000, "network.wiring": "all"},
    {"network.n": 1000, "network.wiring": "all", "network.autapses": True},
    {"network.n": 2000, "network.wiring": "all"},
    {"network.n": 2000, "network.wiring": "all", "network.autapses": True, "training.update_ms": 2},
]


def timed(params: Params) -> tuple[float, float]:
    """Seconds of a whole run on two threads after its preparation, the shorter of two, and its population rate in Hz."""
    setup, found, rates = training.prepare(params), [], []
    for _ in range(2):
        started = time.perf_counter()
        for snapshot in training.train(params, setup=setup, threads=2):
            if (event := snapshot.loop or snapshot.test) is not None:
                rates.append(event.rate_hz)
        found.append(time.perf_counter() - started)
    return min(found), float(np.mean(rates))


def fitted() -> tuple[dict[str, float], list[tuple[str, float, float]]]:
    """Prices in ns, and for every kind of run the seconds as measured and as these prices make them.

    Least squares of the logarithms, so that small networks have their say. No run does one piece of work alone: what is not
    told apart stays near the present price.
    """
    names = list(prices.PRICES)
    rows, times, labels = [], [], []
    for kind in KINDS:
        for changes in ({}, {"training.loops": 0, "training.test_trials": 8}):
            params = Params().with_values({**USUAL, **kind, **FEW, **changes})
            took, rate_hz = timed(params)
            parts = list(zip(cost.repetitions(params, 2), cost.work(params, rate_hz=rate_hz), strict=True))
            rows.append([sum(often * part.get(name, 0.0) for often, part in parts) for name in names])
            times.append(1e9 * took)
            labels.append(json.dumps({**kind, **changes}))
    A, b, present = np.array(rows), np.array(times), np.log(list(prices.PRICES.values()))
    found = least_squares(lambda x: np.r_[np.log(A @ np.exp(x) / b) / prices.NOISE, x - present], present, loss="soft_l1").x
    told = A @ np.exp(found)
    return {name: float(f"{price:.3g}") for name, price in zip(names, np.exp(found), strict=True)}, list(
        zip(labels, b / 1e9, told / 1e9, strict=True)
    )


def report() -> str:
    """The prices, and how well they tell what was measured."""
    found, table = fitted()
    lines = [f"{measured:8.4f} s  {100 * told / measured:4.0f} %  {kind}" for kind, measured, told in table]
    return "\n".join([*lines, json.dumps(found, indent=1)])
