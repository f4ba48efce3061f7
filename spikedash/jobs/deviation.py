"""How far a network's phases part after one deleted spike, before and after training; asked by the worker, within a second."""

from __future__ import annotations

import numpy as np

from spikedash import analysis
from spikedash.jobs.files import Arrays
from spikedash.jobs.insight_cost import BEYOND_MS, affordable_pairs
from spikedash.params import Params, Probe
from spikedash.records import F32, F64, Result, Setup
from spikedash.training.phases import twins

DELETED = 0.2  # of the target window has passed when the spike is left out


def deviation(params: Params, result: Result, window: float) -> Arrays:
    """Mean phase deviation over pairs of trials and neurons; nothing where neurons have no phase or it would take too long.

    window is the length of the target window in ms.

    deviation_ms (s,); deviation (2, s) rad, trained and untrained; deviation_about (3,) when the spike is deleted (ms),
    length of the target window (ms), pairs.
    """
    setup = result.setup
    pairs = affordable_pairs(params, window)
    if not pairs:
        return {}
    # A recording brings its own length, which the settings do not tell.
    asked = params.with_values({"target.duration_ms": window})
    question = Probe(delete=True, delete_ms=round(DELETED * window), trials=pairs, seed=1)
    time, trained = _apart(asked, setup, result.weights, question)
    _, untrained = _apart(asked, setup, setup.weights, question)
    return {
        "deviation_ms": time,
        "deviation": np.stack([trained, untrained]).astype(np.float32),
        "deviation_about": np.array([question.delete_ms, window, pairs]),
    }


def _apart(params: Params, setup: Setup, weights: F32, question: Probe) -> tuple[F64, F64]:
    phases = twins(params, setup._replace(weights=weights), question, BEYOND_MS)
    return phases.time_ms, np.mean([analysis.phase_deviation(*pair) for pair in phases.theta], axis=0)
