"""The folder of one attempt at a run: what the worker writes there, and how it is read back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from spikedash.jobs import files
from spikedash.jobs.views import Frame, ResultView, SetupView
from spikedash.records import I32, Result, Setup, Trial

MOST_NEURONS = 2000  # whose drive is kept; all of a smaller network
KINDS = ("train", "test")


class Progress(NamedTuple):
    """How far an attempt has come."""

    version: int = 0  # counts what was published
    phase: str = ""  # "" before the first step, then training, testing, asking or analysing
    loops_done: int = 0
    tests_done: int = 0
    active_s: float = 0.0


def write_progress(folder: Path, progress: Progress, *, durable: bool) -> None:
    files.write_json(folder / "progress.json", progress._asdict(), durable=durable)


def read_progress(folder: Path) -> Progress:
    """All zeros before the first step."""
    try:
        return Progress(**json.loads((folder / "progress.json").read_bytes()))
    except (*files.DAMAGED, TypeError):
        return Progress()


def kept_neurons(n: int) -> I32:
    """Neurons whose drive is kept: all, or evenly spread ones; (q,) ascending."""
    return np.unique(np.linspace(0, n - 1, min(n, MOST_NEURONS)).round().astype(np.int32))


def write_setup(folder: Path, setup: Setup) -> None:
    """Keep what pictures need of a setup; it can be built again, so it does not wait for the disk."""
    neurons = kept_neurons(setup.n)
    arrays: dict[str, npt.ArrayLike] = {
        "shape": np.array([setup.n, setup.n_exc, setup.typed], np.int64),
        "neurons": neurons,
        "sample_ms": setup.sample_ms,
        "target": setup.sampled_target[:, :, neurons],
        "stim": setup.stim,
    }
    files.write_arrays(folder / "setup.npz", arrays, durable=False)


def read_setup(folder: Path) -> SetupView | None:
    try:
        arrays = files.read_arrays(folder / "setup.npz")
        n, n_exc, typed = (int(value) for value in arrays["shape"])
        return SetupView(n, n_exc, bool(typed), *(arrays[name] for name in SetupView._fields[3:]))
    except files.DAMAGED:
        return None


def write_frame(folder: Path, frame: Frame) -> None:
    """Replace the frame of an attempt; it does not wait for the disk, since the next one follows soon."""
    trial = frame.trial
    arrays: dict[str, npt.ArrayLike] = {
        "trial": np.array([KINDS.index(trial.kind), trial.index], np.int64),
        "times": np.array([trial.start_ms, trial.cue_ms, trial.end_ms, frame.now_ms], np.float64),
        **{name: getattr(frame, name) for name in Frame._fields[2:]},
    }
    files.write_arrays(folder / "frame.npz", arrays, durable=False)


def read_frame(folder: Path) -> Frame | None:
    try:
        arrays = files.read_arrays(folder / "frame.npz")
        kind, index = (int(value) for value in arrays["trial"])
        start, cue, end, now = (float(value) for value in arrays["times"])
        trial = Trial("test" if kind else "train", index, start, cue, end)
        return Frame(trial, now, *(arrays[name] for name in Frame._fields[2:]))
    except files.DAMAGED:
        return None


def write_result(folder: Path, result: Result, summary: dict[str, Any]) -> None:
    """Keep a result; the summary comes last, so that where it is, everything is."""
    neurons = kept_neurons(result.setup.n)
    arrays: dict[str, npt.ArrayLike] = {
        "neurons": neurons,
        "mean_drive": result.mean_drive[:, :, neurons],
        "per_neuron": result.per_neuron,
        "weights": result.weights,
        "pre": result.setup.pre,
    }
    files.write_arrays(folder / "result.npz", arrays)
    files.write_json(folder / "summary.json", summary)


def read_result(folder: Path, *, weights: bool) -> ResultView | None:
    try:
        summary = json.loads((folder / "summary.json").read_bytes())
        arrays = files.read_arrays(folder / "result.npz", leave_out=() if weights else ("weights", "pre"))
        return ResultView(
            summary, arrays["neurons"], arrays["mean_drive"], arrays["per_neuron"], arrays.get("weights"), arrays.get("pre")
        )
    except files.DAMAGED:
        return None


def write_insight(folder: Path, arrays: files.Arrays) -> None:
    files.write_arrays(folder / "insight.npz", arrays)


def read_insight(folder: Path) -> files.Arrays | None:
    try:
        return files.read_arrays(folder / "insight.npz")
    except files.DAMAGED:
        return None
