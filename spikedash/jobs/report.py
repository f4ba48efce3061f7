"""What a worker shows of a run while it goes on: events at once, frames and progress a few times a second.

A full disk stops nothing here: events wait until there is room, and frames are left out.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from spikedash.jobs import files, folders, space
from spikedash.jobs.spikes import Collector, write_spikes
from spikedash.jobs.views import Frame
from spikedash.records import F32, I32, LoopRecord, Setup, Snapshot, TestRecord, Trial

FRAME_S = 0.2  # between two frames
LOOP_S = 0.12  # at the end of a loop
LONGEST_S = 0.45  # for frames so large that writing them takes a good part of the time
COST_SHARE = 8  # writing takes at most one part in this


class Report:
    """Writes into the folder of one attempt, and goes on where a checkpoint (`resume`) left off."""

    def __init__(self, folder: Path, setup: Setup, resume: Mapping[str, npt.NDArray[Any]] | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        folders.write_setup(folder, setup)
        self._folder = folder
        self._events = (folder / "progress.jsonl").open("wb", buffering=0)
        self._unwritten = b""
        self._progress = folders.Progress(phase="training")
        self._trial: Trial | None = None
        self._sets = len(setup.target)
        self._tests = Collector()
        self._now_ms = 0.0
        self._spike_ms: list[F32] = []
        self._spike_neuron: list[I32] = []
        self._neurons = folders.kept_neurons(setup.n)
        self._drive = np.zeros((len(setup.sample_ms), len(self._neurons)), np.float32)
        self._samples = 0
        self._shown = -np.inf  # when the latest frame was written; the first snapshot is shown at once
        self._pace = FRAME_S
        self._resumed: float | None = time.monotonic()
        self._active_s = 0.0
        if resume is not None:
            self._resume(resume)

    def checkpoint(self) -> dict[str, npt.NDArray[Any]]:
        """Everything that is shown and cannot be read off the training; the events themselves are in its own checkpoint."""
        trial = self._trial or Trial("train", 0, 0, 0, 0)
        return {
            "shown_trial": np.array([folders.KINDS.index(trial.kind), trial.index, trial.start_ms, trial.cue_ms, trial.end_ms]),
            "shown_now": np.array([self._now_ms, self.active_s()]),
            "shown_ms": np.concatenate([np.zeros(0, np.float32), *self._spike_ms]),
            "shown_neuron": np.concatenate([np.zeros(0, np.int32), *self._spike_neuron]),
            "shown_drive": self._drive[: self._samples].copy(),
            "shown_phase": np.frombuffer(self._progress.phase.encode(), np.uint8),
            **self._tests.checkpoint(),
        }

    def _resume(self, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
        """Show again what was shown when the checkpoint was made."""
        kind, index, *times = arrays["shown_trial"].tolist()
        self._trial = Trial("test" if kind else "train", int(index), *times)
        self._now_ms, self._active_s = arrays["shown_now"].tolist()
        self._spike_ms, self._spike_neuron = [arrays["shown_ms"]], [arrays["shown_neuron"]]
        self._samples = len(arrays["shown_drive"])
        self._drive[: self._samples] = arrays["shown_drive"]
        self._tests.resume(arrays)
        loops = [LoopRecord(int(row[0]), *map(float, row[1:])) for row in arrays["loops"]]
        tests = [TestRecord(int(row[0]), *map(float, row[1:])) for row in arrays["tests"]]
        for loop in loops:
            self._add(loop)
        for test in tests:
            self._add(test)
        phase = arrays["shown_phase"].tobytes().decode()
        self._progress = folders.Progress(0, phase, len(loops), len(tests), self._active_s)
        self.publish()

    @property
    def done(self) -> int:
        """Loops and tests so far."""
        return self._progress.loops_done + self._progress.tests_done

    def take(self, snapshot: Snapshot) -> None:
        """Add a snapshot, and publish when it is time."""
        if snapshot.trial != self._trial:
            self._trial, self._samples = snapshot.trial, 0
            self._spike_ms, self._spike_neuron = [], []
            phase = "training" if snapshot.trial.kind == "train" else "testing"
            self._progress = self._progress._replace(phase=phase)
        self._tests.take(snapshot)
        self._now_ms = snapshot.now_ms
        self._spike_ms.append(snapshot.spike_ms)
        self._spike_neuron.append(snapshot.spike_neuron)
        self._samples = snapshot.sample_start + len(snapshot.drive)
        self._drive[snapshot.sample_start : self._samples] = snapshot.drive[:, self._neurons]
        if snapshot.loop:
            self._add(snapshot.loop)
            self._progress = self._progress._replace(loops_done=self._progress.loops_done + 1)
        if snapshot.test:
            self._add(snapshot.test)
            self._progress = self._progress._replace(tests_done=self._progress.tests_done + 1)
        wait = min(self._pace, LOOP_S) if snapshot.loop or snapshot.test else self._pace
        if time.monotonic() - self._shown >= wait:
            self.publish()

    def work_on(self, phase: Literal["asking", "analysing"]) -> None:
        """What follows the test trials shows as a phase of its own."""
        self._progress = self._progress._replace(phase=phase)
        if time.monotonic() - self._shown >= self._pace or phase == "analysing":
            self.publish()

    def test_spikes(self) -> tuple[F32, I32, I32]:
        """Times (ms), neurons and trials (m,) of all spikes in test trials of the first pattern, up to spikes.MOST_SPIKES."""
        return self._tests.of_first_pattern(self._sets)

    def _add(self, event: LoopRecord | TestRecord) -> None:
        # One unbuffered write per line: whatever kills this process, what has ended stays.
        self._unwritten += files.event_line(event)
        try:
            self._unwritten = self._unwritten[self._events.write(self._unwritten) :]
        except OSError as error:
            if not space.is_full(error):
                raise

    def publish(self, *, last: bool = False) -> None:
        """Show everything taken so far; the `last` time it waits for the disk.

        Raises:
            OSError: it is the last time, and the disk is full; try again.
        """
        began = time.monotonic()
        try:
            while self._unwritten:
                self._unwritten = self._unwritten[self._events.write(self._unwritten) :]
            if last:
                write_spikes(self._folder, self._tests.spikes())
            self._show(durable=last)
            if last:
                self._events.close()
        except OSError as error:
            if last or not space.is_full(error):
                raise
        self._shown = time.monotonic()
        self._pace = min(LONGEST_S, max(FRAME_S, COST_SHARE * (self._shown - began)))

    def _show(self, *, durable: bool) -> None:
        if self._trial is not None:
            spike_ms, spike_neuron = np.concatenate(self._spike_ms), np.concatenate(self._spike_neuron)
            self._spike_ms, self._spike_neuron = [spike_ms], [spike_neuron]
            folders.write_frame(
                self._folder,
                Frame(self._trial, self._now_ms, spike_ms, spike_neuron, self._neurons, self._drive[: self._samples]),
            )
        self._progress = self._progress._replace(version=self._progress.version + 1, active_s=self.active_s())
        # Frame first: whoever sees the new version finds the frame that belongs to it.
        folders.write_progress(self._folder, self._progress, durable=durable)

    def active_s(self) -> float:
        """Seconds spent computing, pauses left out."""
        return self._active_s + (time.monotonic() - self._resumed if self._resumed is not None else 0.0)

    def rest(self) -> None:
        """Time stands still, and what was computed is shown."""
        self._active_s, self._resumed = self.active_s(), None
        self.publish()

    def go_on(self) -> None:
        """Time runs again."""
        self._resumed = time.monotonic()
