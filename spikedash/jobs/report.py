"""What a worker shows of a run while it goes on: events at once, frames and progress a few times a second."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Literal

import numpy as np

from spikedash.jobs import files, folders
from spikedash.jobs.spikes import Collector, write_spikes
from spikedash.jobs.views import Frame
from spikedash.records import F32, I32, LoopRecord, Setup, Snapshot, TestRecord, Trial

FRAME_S = 0.2  # between two frames
LOOP_S = 0.12  # at the end of a loop
LONGEST_S = 0.45  # for frames so large that writing them takes a good part of the time
COST_SHARE = 8  # writing takes at most one part in this


class Report:
    """Writes into the folder of one attempt."""

    def __init__(self, folder: Path, setup: Setup, dt_ms: float) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        folders.write_setup(folder, setup, dt_ms)
        self._folder = folder
        self._events = (folder / "progress.jsonl").open("wb", buffering=0)
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
        if phase == "analysing":
            write_spikes(self._folder, self._tests.spikes())
        if time.monotonic() - self._shown >= self._pace or phase == "analysing":
            self.publish()

    def test_spikes(self) -> tuple[F32, I32, I32]:
        """Times (ms), neurons and trials (m,) of all spikes in test trials of the first pattern, up to spikes.MOST_SPIKES."""
        return self._tests.of_first_pattern(self._sets)

    def _add(self, event: LoopRecord | TestRecord) -> None:
        # One unbuffered write per line: whatever kills this process, what has ended stays.
        self._events.write(files.event_line(event))

    def publish(self, *, last: bool = False) -> None:
        """Show everything taken so far; the `last` time it waits for the disk."""
        began = time.monotonic()
        if self._trial is not None:
            spike_ms, spike_neuron = np.concatenate(self._spike_ms), np.concatenate(self._spike_neuron)
            self._spike_ms, self._spike_neuron = [spike_ms], [spike_neuron]
            folders.write_frame(
                self._folder,
                Frame(self._trial, self._now_ms, spike_ms, spike_neuron, self._neurons, self._drive[: self._samples]),
            )
        if last and self._progress.phase == "testing":  # stopped between two test trials
            write_spikes(self._folder, self._tests.spikes())
        self._progress = self._progress._replace(version=self._progress.version + 1, active_s=self.active_s())
        # Frame first: whoever sees the new version finds the frame that belongs to it.
        folders.write_progress(self._folder, self._progress, durable=last)
        if last:
            self._events.close()
        self._shown = time.monotonic()
        self._pace = min(LONGEST_S, max(FRAME_S, COST_SHARE * (self._shown - began)))

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
