"""train(params): prepare a network, practise its patterns by recursive least squares, test it; yields what happens."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from spikedash import engine
from spikedash.params import Params, Probe
from spikedash.perturb import perturbed
from spikedash.records import F32, Recording, Setup, Snapshot
from spikedash.training.prepare import PROBE, prepare
from spikedash.training.session import Arrays, RunFailed, Session
from spikedash.training.summary import summary

__all__ = ["RunFailed", "Session", "begin", "prepare", "probe", "summary", "train", "warm_up"]


def train(
    params: Params, recording: Recording | None = None, *, threads: int | None = None, setup: Setup | None = None
) -> Iterator[Snapshot]:
    """Train a network and test it, yielding what happened every 60 ms of compute or so.

    Equal params and recording give equal bits for any number of threads. Leaving the iterator alone pauses the run;
    closing it ends the run. The last snapshot carries the result.

    Raises:
        InputError: parameters that cannot make a run.
        RunFailed: the network diverged.
    """
    yield from begin(params, recording, threads=threads, setup=setup)


def begin(
    params: Params,
    recording: Recording | None = None,
    *,
    threads: int | None = None,
    setup: Setup | None = None,
    resume: Arrays | None = None,
) -> Session:
    """The same as an object that can also give a checkpoint between snapshots, or `resume` from the arrays of one.

    Raises:
        InputError: parameters that cannot make a run, or the checkpoint of another one.
    """
    engine.set_threads(threads)
    return Session(params, recording, setup or prepare(params, recording), resume=resume)


def probe(
    params: Params,
    weights: F32,
    question: Probe,
    recording: Recording | None = None,
    *,
    threads: int | None = None,
    setup: Setup | None = None,
) -> Session:
    """Test trials of a trained network (weights (groups, k, M)) under the circumstances that the question sets.

    Equal seeds give equal initial states, onsets and noise, so that two questions can be compared trial by trial.

    Raises:
        InputError: the run has no such pattern.
    """
    engine.set_threads(threads)
    setup = setup or prepare(params, recording)
    changed = perturbed(setup, weights, question, np.random.default_rng([params.training.seed, PROBE, question.seed]))
    noise = math.hypot(params.network.noise, question.noise)
    asked = params.with_values(
        {
            "training.loops": 0,
            "training.test_trials": question.trials,
            "target.sets": 1,
            "network.noise": min(noise, 50.0),
        }
    )
    # Frozen noise belongs to the network that learnt with it, so the run's own seed stays.
    return Session(asked, recording, changed, drop_ms=question.delete_ms if question.delete else -1, draw=question.seed)


def warm_up() -> None:
    """Compile or load every kernel a run may need."""
    tiny = Params().with_values(
        {
            "network.n": 4,
            "network.p": 0.5,
            "network.noise": 1,
            "training.loops": 1,
            "training.test_trials": 1,
            "target.duration_ms": 100,
        }
    )
    for _ in train(tiny):
        pass
