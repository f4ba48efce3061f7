"""How slow this machine is against the one whose prices `cost` knows: measured at first, then learnt from every run."""

from __future__ import annotations

import contextlib
import json
import math
from pathlib import Path

from spikedash.jobs import files

SHORTEST_S = 0.03  # of a run that says anything
NEWEST = 0.3  # weight of the latest run among those before
LOWEST, HIGHEST = 0.1, 30.0


def slowness(folder: Path) -> float | None:
    """Seconds of a run here over those of its estimate; None where nothing was measured yet."""
    try:
        found = float(json.loads((folder / "speed.json").read_bytes())["slowness"])
    except (*files.DAMAGED, TypeError):
        return None
    return min(HIGHEST, max(LOWEST, found)) if math.isfinite(found) else None


def learn(folder: Path, told_s: float, took_s: float) -> None:
    """Take in that a run which should take told_s took took_s; where the disk is full nothing is learnt, and nothing lost."""
    if min(told_s, took_s) < SHORTEST_S:
        return
    before, now = slowness(folder), took_s / told_s
    new = now if before is None else before ** (1 - NEWEST) * now**NEWEST
    with contextlib.suppress(OSError):
        files.write_json(folder / "speed.json", {"slowness": round(min(HIGHEST, max(LOWEST, new)), 4)}, durable=False)
