"""The trials of a run laid one after the other on one clock, as a recording session would have them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from spikedash.jobs.folders import KINDS
from spikedash.jobs.spikes import Spikes
from spikedash.records import F64, I32

GAP_S = 1.0  # between two trials, which know nothing of each other


class Session(NamedTuple):
    """Times in s from the start of the first trial; t trials, m spikes in the order of their times."""

    start: F64  # (t,) of the rest before the cue
    cue: F64  # (t,) when the cue begins
    onset: F64  # (t,) when the cue ends and the target window begins
    stop: F64  # (t,)
    kind: tuple[str, ...]  # (t,) train or test
    number: I32  # (t,) 0-based loop or test trial
    pattern: I32  # (t,) 0-based target set
    spike: F64  # (m,)
    neuron: I32  # (m,)

    def of_neuron(self, n: int) -> list[F64]:
        """Spike times of every neuron."""
        order = np.argsort(self.neuron, kind="stable")
        ends = np.cumsum(np.bincount(self.neuron, minlength=n)[:n])
        return np.split(self.spike[order], ends[:-1])


def session(spikes: Spikes, sets: int) -> Session:
    """Loops and test trials take turns through the patterns."""
    kinds, numbers, start, cue, end = spikes.trials.T
    length = (end - start) / 1000
    begins = np.concatenate([[0.0], np.cumsum(length + GAP_S)[:-1]]) if len(length) else length
    place = np.searchsorted(numbers, spikes.trial)
    seconds: F64 = begins[place] + (spikes.ms.astype(np.float64) - start[place]) / 1000
    order: npt.NDArray[np.intp] = np.argsort(seconds, kind="stable")
    return Session(
        begins,
        begins + (cue - start) / 1000,
        begins - start / 1000,
        begins + length,
        tuple(KINDS[int(kind)] for kind in kinds),
        numbers.astype(np.int32),
        (numbers % sets).astype(np.int32),
        seconds[order],
        spikes.neuron[order],
    )
