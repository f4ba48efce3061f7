"""The pace of this machine, from a few small networks that each do another kind of work."""

from __future__ import annotations

import time

from spikedash import cost, training
from spikedash.params import Params
from spikedash.prices import FIRST, Pace

#: From the most telling on, since there may be time for some of them only.
REHEARSALS: tuple[dict[str, object], ...] = (
    {"network.n": 200, "training.loops": 8, "training.test_trials": 2},
    {"network.n": 200, "network.noise": 3, "training.loops": 6, "training.test_trials": 2},
    {"network.n": 700, "network.p": 0.2, "training.loops": 6, "training.test_trials": 2},
    {"network.n": 1000, "network.wiring": "shared", "training.loops": 6, "training.test_trials": 2},
    {"network.n": 1000, "network.p": 0.1, "training.loops": 0, "training.test_trials": 4},
)


def measured(budget_s: float = 0.5) -> Pace:
    """As many rehearsals as fit into budget_s, and one at least; compile the kernels first."""
    pace, began = FIRST, time.monotonic()
    for values in REHEARSALS:
        params = Params().with_values({"network.weights": "mixed", **values})
        setup, started = training.prepare(params), time.monotonic()
        for _ in training.train(params, setup=setup):
            pass
        now = time.monotonic()
        pace = pace.after(cost.estimate(params).work, now - started)
        if now - began > budget_s:
            break
    return pace
