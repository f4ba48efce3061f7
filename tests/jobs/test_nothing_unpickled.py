"""Whoever can write into the store's folder still runs no code by it: a planted pickle is damage, not a program."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest

from spikedash.jobs import folders, recordings
from spikedash.jobs.claims import Pen, Queue


class Planted:
    """Unpickling it would make a folder."""

    def __init__(self, trap: Path) -> None:
        self.trap = trap

    def __reduce__(self):
        return os.mkdir, (str(self.trap),)


@pytest.fixture
def trap(tmp_path):
    yield tmp_path / "trap"
    assert not (tmp_path / "trap").exists()


def bomb(path: Path, trap: Path, *names: str) -> None:
    """An NPZ whose every array is a pickle, as somebody careless would read it."""
    np.savez(path, **{name: np.array([Planted(trap)], dtype=object) for name in names})


def test_the_trap_is_sprung_by_whoever_unpickles(tmp_path):
    """So that the tests below show something."""
    bomb(tmp_path / "x.npz", tmp_path / "sprung", "a")
    np.load(tmp_path / "x.npz", allow_pickle=True)["a"]
    assert (tmp_path / "sprung").exists()


@pytest.mark.parametrize(
    ("file", "read"),
    [
        ("frame.npz", folders.read_frame),
        ("setup.npz", folders.read_setup),
        ("result.npz", lambda folder: folders.read_result(folder, weights=True)),
        ("insight.npz", folders.read_insight),
    ],
)
def test_a_planted_pickle_in_a_runs_folder_is_damage(tmp_path, trap, file, read):
    names = ("trial", "times", "shape", "neurons", "spike_ms", "mean_drive", "per_neuron", "weights", "pre", "rate_hz")
    bomb(tmp_path / file, trap, *names)
    (tmp_path / "summary.json").write_text(json.dumps({}))
    assert read(tmp_path) is None


def test_a_planted_recording_is_not_there(tmp_path, trap):
    bomb(tmp_path / f"{'0' * 64}.npz", trap, "rate_hz", "time_ms", "words")
    with pytest.raises(KeyError):
        recordings.load(tmp_path, "0" * 64)


def test_a_planted_result_is_shown_as_none(store, small, trap):
    run = store.launch(small)
    claim = Queue(store.database).claim("starting")
    folder = store.run_folder(run) / str(claim.attempt)
    folder.mkdir(parents=True)
    bomb(folder / "result.npz", trap, "neurons", "mean_drive", "per_neuron", "weights", "pre")
    (folder / "summary.json").write_text("{}")
    assert Pen(store.database, claim).end("done")
    assert store.result(run, weights=True) is None
