"""The prices of cost.py, fitted to runs of many kinds: `python -m spikedash bench --prices`."""

from __future__ import annotations

import json
import time

import numpy as np
from scipy.optimize import nnls

from spikedash import cost, training
from spikedash.experiments import EXPERIMENTS
from spikedash.params import Params

CHEAPEST = 0.01  # ns; what the fit gives away for nothing still takes some time
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


def seconds(params: Params) -> float:
    """A whole run on two threads, after its preparation; the shorter of two."""
    setup, found = training.prepare(params), []
    for _ in range(2):
        started = time.perf_counter()
        for _ in training.train(params, setup=setup, threads=2):
            pass
        found.append(time.perf_counter() - started)
    return min(found)


def fitted() -> tuple[dict[str, float], list[tuple[str, float, float]]]:
    """Prices in ns, and for every kind of run the seconds as measured and as these prices make them."""
    names = list(cost.PRICES)
    rows, times = [], []
    for kind in KINDS:
        for changes in ({}, {"training.loops": 0, "training.test_trials": 8}):
            params = Params().with_values({**USUAL, **kind, **FEW, **changes})
            loops, trials = params.training.loops, params.training.loops + params.training.test_trials
            often = 1.0, trials, trials / cost.hastened_steps(params, 2), loops / cost.hastened(2)
            parts = list(zip(often, cost.work(params), strict=True))
            rows.append([sum(times * part.get(name, 0.0) for times, part in parts) for name in names])
            times.append(1e9 * seconds(params))
    # Relative errors count, so that small networks have their say.
    A, b = np.array(rows) / np.array(times)[:, None], np.ones(len(times))
    scale = np.maximum(A.max(0), 1e-30)
    prices = nnls(A / scale, b)[0] / scale
    told = np.array(rows) @ prices
    table = [(json.dumps(kind), times[2 * i] / 1e9, float(told[2 * i]) / 1e9) for i, kind in enumerate(KINDS)]
    return {name: float(f"{max(price, CHEAPEST):.3g}") for name, price in zip(names, prices, strict=True)}, table


def report() -> str:
    """The prices, and how well they tell what was measured."""
    prices, table = fitted()
    lines = [f"{measured:8.4f} s  {100 * told / measured:4.0f} %  {kind}" for kind, measured, told in table]
    return "\n".join([*lines, json.dumps(prices, indent=1)])
