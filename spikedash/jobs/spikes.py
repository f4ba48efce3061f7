"""The spikes of a run's test trials: collected while it goes on, kept in the folder of its attempt, for analyses and exports."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from spikedash.jobs import files
from spikedash.jobs.folders import KINDS, read_frame
from spikedash.records import F32, F64, I32, Snapshot, Trial

MOST_SPIKES = 4_000_000  # in all; a trial that begins below this is kept whole


class Spikes(NamedTuple):
    """Whole trials, in the order of their numbers; times in ms, 0 is the start of a trial's target window."""

    ms: F32  # (m,)
    neuron: I32  # (m,)
    trial: I32  # (m,) number of the trial that each spike belongs to
    trials: F64  # (t, 5) kind (index into folders.KINDS), number, start, cue and end of every trial


class Collector:
    """Takes snapshots, and keeps the spikes of test trials that came to their end."""

    def __init__(self) -> None:
        self._whole: list[Spikes] = []
        self._many = 0
        self._trial: Trial | None = None  # that is being kept
        self._ms: list[F32] = []
        self._neuron: list[I32] = []

    def take(self, snapshot: Snapshot) -> None:
        """Add what is new of a test trial."""
        if snapshot.trial.kind != "test":
            return
        if snapshot.trial != self._trial:
            if self._many >= MOST_SPIKES:
                return
            self._trial, self._ms, self._neuron = snapshot.trial, [], []
        self._ms.append(snapshot.spike_ms)
        self._neuron.append(snapshot.spike_neuron)
        if snapshot.test:
            self._whole.append(_of(self._trial, np.concatenate(self._ms), np.concatenate(self._neuron)))
            self._many += len(self._whole[-1].ms)
            self._trial = None

    def spikes(self) -> Spikes:
        """All whole trials so far."""
        return _joined(self._whole)

    def checkpoint(self) -> dict[str, npt.NDArray[Any]]:
        """What was collected so far, with the trial that goes on."""
        running = [] if self._trial is None else [_of(self._trial, _end_to_end(self._ms), _end_to_end(self._neuron))]
        whole, part = _joined(self._whole), _joined(running)
        return {
            f"{name}_{field}": array
            for name, of in (("tests", whole), ("testing", part))
            for field, array in of._asdict().items()
        }

    def resume(self, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
        """Go on where a checkpoint left off."""
        whole, part = (Spikes(*(arrays[f"{name}_{field}"] for field in Spikes._fields)) for name in ("tests", "testing"))
        self._whole, self._many = [whole], len(whole.ms)
        for kind, index, start, cue, end in part.trials.tolist():
            self._trial = Trial("test" if kind else "train", int(index), start, cue, end)
            self._ms, self._neuron = [part.ms], [part.neuron]

    def of_first_pattern(self, sets: int) -> tuple[F32, I32, I32]:
        """Times, neurons and trials (m,) of the spikes of every trial that cued the first of so many patterns."""
        found = self.spikes()
        first = found.trial % sets == 0
        return found.ms[first], found.neuron[first], found.trial[first]


def _end_to_end(parts: list[npt.NDArray[Any]]) -> npt.NDArray[Any]:
    return np.concatenate(parts) if parts else np.zeros(0)


def _of(trial: Trial, ms: F32, neuron: I32) -> Spikes:
    about = np.array([[KINDS.index(trial.kind), trial.index, trial.start_ms, trial.cue_ms, trial.end_ms]], np.float64)
    return Spikes(ms, neuron, np.full(len(ms), trial.index, np.int32), about)


def _joined(parts: list[Spikes]) -> Spikes:
    if not parts:
        return Spikes(np.zeros(0, np.float32), np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros((0, 5)))
    return Spikes(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


def write_spikes(folder: Path, spikes: Spikes) -> None:
    """Keep the spikes of whole test trials; nothing where there are none."""
    if len(spikes.trials):
        files.write_arrays(folder / "spikes.npz", spikes._asdict())


def read_spikes(folder: Path) -> Spikes | None:
    """Those of the test trials; of the latest trial where no test trial was kept; None before the first trial."""
    try:
        arrays = files.read_arrays(folder / "spikes.npz")
        return Spikes(*(arrays[name] for name in Spikes._fields))
    except files.DAMAGED:
        frame = read_frame(folder)
    return None if frame is None else _of(frame.trial._replace(end_ms=frame.now_ms), frame.spike_ms, frame.spike_neuron)
