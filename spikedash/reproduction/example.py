"""One trial of a network of the table, kept beside the numbers, so that pictures can be drawn from a table alone."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from spikedash.experiments import Value
from spikedash.params import Params
from spikedash.records import F32, F64, I32, LoopRecord, Result, Setup, Snapshot, TestRecord

SHOWN = 4  # neurons whose drive is kept


class Example(NamedTuple):
    """The last trial of a network and how it learnt. Times in ms; 0 is the start of the target window."""

    key: str  # of its network in the table
    point: Mapping[str, Value]
    seed: int
    n: int
    n_exc: int
    typed: bool
    start_ms: float  # earliest start of any trial
    cue_ms: float
    end_ms: float
    spike_ms: F64  # (m,)
    spike_neuron: I32  # (m,)
    sample_ms: F64  # (samples,)
    neurons: I32  # (q,) those whose drive is kept
    target: F32  # (samples, q)
    drive: F32  # (samples, q)
    loops: tuple[LoopRecord, ...]
    tests: tuple[TestRecord, ...]


class LastTrial:
    """Keeps what the running trial has told, and forgets the trial before it."""

    def __init__(self) -> None:
        self.parts: list[Snapshot] = []

    def add(self, snapshot: Snapshot) -> None:
        if self.parts and snapshot.trial != self.parts[-1].trial:
            self.parts.clear()
        self.parts.append(snapshot)

    def example(self, key: str, params: Params, result: Result, point: Mapping[str, Value]) -> Example:
        """What there is of it once its network is trained and tested."""
        setup, trial = result.setup, self.parts[-1].trial
        neurons, cue_ms = shown(setup), float(params.cue.duration_ms)
        target = setup.sampled_target[trial.index % len(setup.target)]
        return Example(
            key,
            dict(point),
            params.training.seed,
            setup.n,
            setup.n_exc,
            setup.typed,
            -float(params.training.rest_max_ms) - cue_ms,
            -cue_ms,
            trial.end_ms,
            np.concatenate([part.spike_ms for part in self.parts]).astype(np.float64),
            np.concatenate([part.spike_neuron for part in self.parts]),
            setup.sample_ms,
            neurons,
            target[:, neurons],
            np.concatenate([part.drive for part in self.parts])[:, neurons],
            result.loops,
            result.tests,
        )


def shown(setup: Setup) -> I32:
    """A few neurons spread over those that learn (q,), one of them inhibitory where there are such."""
    learning = np.flatnonzero(setup.trained).astype(np.int32)
    excitatory, inhibitory = learning[learning < setup.n_exc], learning[learning >= setup.n_exc]
    if setup.typed and len(excitatory) and len(inhibitory):
        return np.concatenate([_spread(excitatory, SHOWN - 1), _spread(inhibitory, 1)])
    return _spread(learning, SHOWN)


def _spread(values: I32, count: int) -> I32:
    return values[np.unique(len(values) * (2 * np.arange(count) + 1) // (2 * count))]


DIGITS = {"spike_ms": 1, "target": 4, "drive": 4}


def to_tree(example: Example) -> dict[str, Any]:
    """As JSON has it, with as many digits as a picture can show."""
    tree: dict[str, Any] = {}
    for name, value in example._asdict().items():
        if name in ("loops", "tests"):
            tree[name] = [[None if math.isnan(number) else number for number in record] for record in value]
        elif isinstance(value, np.ndarray):
            tree[name] = [[round(number, DIGITS.get(name, 3)) for number in row] for row in np.atleast_2d(value).tolist()]
            tree[name] = tree[name] if value.ndim == 2 else tree[name][0]
        else:
            tree[name] = value
    return tree


def from_tree(tree: Mapping[str, Any]) -> Example:
    """The same from its JSON object."""
    kinds = {"spike_neuron": np.int32, "neurons": np.int32, "target": np.float32, "drive": np.float32}
    arrays = {
        name: np.array(tree[name], kinds.get(name, np.float64))
        for name in ("spike_ms", "spike_neuron", "sample_ms", "neurons", "target", "drive")
    }
    loops = tuple(LoopRecord(int(record[0]), *map(_number, record[1:])) for record in tree["loops"])
    tests = tuple(TestRecord(int(record[0]), *map(_number, record[1:])) for record in tree["tests"])
    return Example(**{**tree, **arrays, "loops": loops, "tests": tests})


def _number(value: float | None) -> float:
    return math.nan if value is None else value
