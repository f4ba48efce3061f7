"""The pace of this machine, kept in the store: measured at first, then learnt from every run."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import numpy as np

from spikedash.jobs import files
from spikedash.prices import FIRST, Pace
from spikedash.records import F64

SHORTEST_S = 0.03  # of a run that says anything


def pace(folder: Path) -> Pace | None:
    """What was learnt; None where nothing was yet."""
    try:
        kept = json.loads((folder / "speed.json").read_bytes())
        found = Pace(np.array(kept["factors"], float), np.array(kept["doubt"], float))
    except (*files.DAMAGED, TypeError):
        return None
    as_they_should = (found.factors.shape, found.doubt.shape) == (FIRST.factors.shape, FIRST.doubt.shape)
    return found if as_they_should and np.isfinite(found.factors).all() and np.isfinite(found.doubt).all() else None


def learn(folder: Path, work: F64, took_s: float) -> None:
    """Take in that so much work, (kinds,), took took_s."""
    if min(float(work.sum()), took_s) >= SHORTEST_S:
        keep(folder, (pace(folder) or FIRST).after(work, took_s))


def keep(folder: Path, known: Pace) -> None:
    """Where the disk is full nothing is learnt, and nothing lost."""
    with contextlib.suppress(OSError):
        content = {"factors": known.factors.round(4).tolist(), "doubt": known.doubt.round(6).tolist()}
        files.write_json(folder / "speed.json", content, durable=False)
