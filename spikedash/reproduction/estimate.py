"""How long an experiment takes, told before it starts."""

from __future__ import annotations

from spikedash import cost
from spikedash.experiments import Cell, Experiment, Question, asked_points, cells, seed_count
from spikedash.params import Params, Probe
from spikedash.records import Recording

#: Stands for a recording whose name does not matter here.
UNNAMED = {"target.recording": "0" * 64}


def seconds(
    experiment: Experiment, full: bool = False, seeds: int | None = None, recording: Recording | None = None, threads: int = 2
) -> float:
    """Seconds for all cells, seeds and questions."""
    units = 0 if recording is None else recording.rate_hz.shape[1]
    total = sum(network_seconds(experiment, cell, full, recording, threads) for cell in cells(experiment, full, units))
    return total * (seeds or seed_count(experiment, full))


def network_seconds(
    experiment: Experiment, cell: Cell, full: bool = False, recording: Recording | None = None, threads: int = 2
) -> float:
    """Seconds for one network of a cell, with its questions."""
    window = float(recording.time_ms[-1] - recording.time_ms[0]) if recording is not None else None
    params = cell.params(1, UNNAMED if recording is not None else None)
    asked = [Question(values) for _, values in asked_points(experiment, full)]
    questions = sum(_question(params, question, window) for question in [*experiment.questions.values(), *asked])
    return cost.estimate(params, threads, window).seconds + questions


def _question(params: Params, question: Question, window: float | None) -> float:
    """Seconds of a question's trials; twins run twice more, and longer."""
    trials = Probe.model_validate(dict(question.probe)).trials
    alone = params.with_values({"training.loops": 0, "training.test_trials": trials})
    once = cost.estimate(alone, 1, window).seconds
    longer = 1 + question.beyond_ms / (window or params.target.duration_ms)
    return once * (1 + 2 * longer) if question.phases else once
