"""How slow this machine is, from a run that takes a moment."""

from __future__ import annotations

import time

from spikedash import cost, training
from spikedash.params import Params


def slowness() -> float:
    """Seconds of a small run here over those of its estimate; compile the kernels first."""
    params = Params().with_values({"network.weights": "mixed", "training.loops": 8, "training.test_trials": 2})
    setup, started = training.prepare(params), time.monotonic()
    for _ in training.train(params, setup=setup):
        pass
    return (time.monotonic() - started) / cost.estimate(params).seconds
