"""What an experiment is made of, told before it starts; `Pace.seconds` makes it how long that takes here."""

from __future__ import annotations

import numpy as np

from spikedash import cost
from spikedash.experiments import Cell, Experiment, Question, asked_points, cells, seed_count
from spikedash.params import Params, Probe
from spikedash.records import F64, Recording

#: Stands for a recording whose name does not matter here.
UNNAMED = {"target.recording": "0" * 64}


def work(
    experiment: Experiment, full: bool = False, seeds: int | None = None, recording: Recording | None = None, threads: int = 2
) -> F64:
    """All cells, seeds and questions; seconds by kind of work, (kinds,)."""
    units = 0 if recording is None else recording.rate_hz.shape[1]
    networks = [network_work(experiment, cell, full, recording, threads) for cell in cells(experiment, full, units)]
    total: F64 = np.sum(networks, axis=0) * (seeds or seed_count(experiment, full))
    return total


def network_work(
    experiment: Experiment, cell: Cell, full: bool = False, recording: Recording | None = None, threads: int = 2
) -> F64:
    """One network of a cell, with its questions."""
    window = float(recording.time_ms[-1] - recording.time_ms[0]) if recording is not None else None
    params = cell.params(1, UNNAMED if recording is not None else None)
    asked = [Question(values) for _, values in asked_points(experiment, full)]
    questions = [_question(params, question, window) for question in [*experiment.questions.values(), *asked]]
    total: F64 = np.sum([cost.estimate(params, threads, window).work, *questions], axis=0)
    return total


def _question(params: Params, question: Question, window: float | None) -> F64:
    """A question's trials; twins run twice more, and longer."""
    trials = Probe.model_validate(dict(question.probe)).trials
    alone = params.with_values({"training.loops": 0, "training.test_trials": trials})
    once = cost.estimate(alone, 1, window).work
    longer = 1 + question.beyond_ms / (window or params.target.duration_ms)
    return once * (1 + 2 * longer) if question.phases else once
