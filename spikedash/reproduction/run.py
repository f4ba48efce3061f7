"""One cell of an experiment: train it, ask its questions, measure; yields what happens, and at the end the table's rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from spikedash import training
from spikedash.experiments import Answer, Experiment, Outcome, Phases, Question, Row, asked_points
from spikedash.params import Params, Probe
from spikedash.perturb import perturbed
from spikedash.records import Recording, Result, Setup, Snapshot
from spikedash.reproduction.numbers import flat
from spikedash.training.phases import twins
from spikedash.training.prepare import PROBE

#: What a summary holds beside numbers of the science.
BOOKKEEPING = {"seed", "n", "loops", "seconds", "correlation.test_trials"}


class Asking(NamedTuple):
    """Progress between training and outcome: a question was answered."""

    question: str
    done: int
    total: int


class Measured(NamedTuple):
    """The end of a cell."""

    rows: tuple[Row, ...]  # one, or one for every point of the asked axes
    result: Result
    summary: Mapping[str, Any]


class Trained(NamedTuple):
    """What questions are put to."""

    params: Params
    setup: Setup
    result: Result
    recording: Recording | None
    threads: int | None


def run_cell(
    experiment: Experiment,
    params: Params,
    recording: Recording | None = None,
    *,
    point: Mapping[str, Any] | None = None,
    full: bool = False,
    threads: int | None = None,
    setup: Setup | None = None,
    session: training.Session | None = None,
) -> Iterator[Snapshot | Asking | Measured]:
    """Train params, which stand at a point of the trained axes, and measure; the last thing it yields is Measured.

    Args:
        session: the training, where somebody has begun it; it may be over.

    Raises:
        InputError: parameters that cannot make a run.
        RunFailed: the network diverged, in training or in a question.
    """
    setup = setup or training.prepare(params, recording)
    result = None
    for snapshot in session if session is not None else training.train(params, recording, threads=threads, setup=setup):
        yield snapshot
        result = snapshot.result
    assert result is not None, "the last snapshot carries the result"
    network = Trained(params, setup, result, recording, threads)
    asked = asked_points(experiment, full)
    total = len(experiment.questions) + len(asked)
    answers: dict[str, Answer] = {}
    for name, question in experiment.questions.items():
        answers[name] = answer(network, question)
        yield Asking(name, len(answers), total)
    summary = training.summary(result, params, "", 0.0)
    numbers = {name: value for name, value in flat(summary).items() if name not in BOOKKEEPING}
    outcomes = [] if asked else [Outcome(params, result, dict(point or {}), answers)]
    for where, values in asked:
        there = answer(network, Question(values))
        outcomes.append(Outcome(params, result, {**(point or {}), **where}, answers, there))
        yield Asking(", ".join(f"{name} {value}" for name, value in where.items()), len(answers) + len(outcomes), total)
    rows = (Row(one.point, params.training.seed, {**numbers, **experiment.measure(one)}) for one in outcomes)
    yield Measured(tuple(rows), result, summary)


def answer(network: Trained, question: Question) -> Answer:
    """Test trials of a trained network, or of what it was before."""
    params, setup = network.params, network.setup
    probe = Probe.model_validate(dict(question.probe))
    weights = network.result.weights if question.of == "trained" else setup.weights
    counts: npt.NDArray[np.int64] = np.zeros((setup.sample_ms.size, setup.n), np.int64)
    width = setup.sample_ms[1] - setup.sample_ms[0]
    result = None
    for snapshot in training.probe(params, weights, probe, network.recording, threads=network.threads, setup=setup):
        inside = snapshot.spike_ms >= 0
        np.add.at(counts, ((snapshot.spike_ms[inside] / width).astype(int), snapshot.spike_neuron[inside]), 1)
        result = snapshot.result
    assert result is not None, "a probe has at least one trial"
    if not question.phases:
        return Answer(result, counts)
    changed = perturbed(setup, weights, probe, np.random.default_rng([params.training.seed, PROBE, probe.seed]))
    return Answer(result, counts, Phases(*twins(params, changed, probe, question.beyond_ms)))
