"""What stands in a file before its meaning is checked: rates over time, or spike times with or without trials."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from spikedash.readers.timebase import Unit
from spikedash.records import F64


class Rates(NamedTuple):
    """Numbers over time."""

    values: F64  # (T, units), any numbers
    time: F64  # (T,), in `unit`, any numbers
    unit: Unit | None  # None where nothing says it
    time_label: str  # such as "column time_ms"
    names: tuple[str, ...]  # (units,), "" where a neuron has none
    says_hz: bool  # whether the file itself names the unit
    place: Callable[[int, int], str]  # where values[i, j] stands, such as "row 3, column 2 (a)"
    moment: Callable[[int], str]  # where time[i] stands, such as "row 3"
    notes: tuple[str, ...]  # what the file's reader guessed
    menu: Mapping[str, tuple[str, ...]] = {}  # what a choice may be, such as {"time": the columns}


class Trials(NamedTuple):
    """Stretches of the recording that repeat."""

    start: F64  # (trials,), in the unit of the spike times
    stop: F64  # (trials,)
    closed: bool  # whether nothing was recorded outside them
    zero: str  # the moment that counts as time 0 unless another is chosen
    marks: Mapping[str, F64]  # further moments of each trial by name (trials,); nan where a trial has none
    kinds: Mapping[str, tuple[str, ...]]  # columns of words or numbers by name (trials,)

    def moments(self) -> dict[str, F64]:
        """Everything that can count as time 0."""
        return {"start": self.start, "stop": self.stop, **self.marks}


class Spikes(NamedTuple):
    """Spike times of every neuron."""

    times: tuple[F64, ...]  # of each neuron, in `unit`, in any order
    unit: Unit | None
    label: str  # such as "column time_ms"
    names: tuple[str, ...]  # (units,), "" where a neuron has none
    trials: Trials | None
    notes: tuple[str, ...]
    menu: Mapping[str, tuple[str, ...]] = {}
