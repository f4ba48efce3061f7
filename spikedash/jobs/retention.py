"""Which finished runs and unused recordings are removed when the store's settings limit age or size.

A run that waits, computes or rests is never removed, and neither is one that somebody gave a title or a colour: that is how a
person says that it matters. Without settings everything stays.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from spikedash.jobs import recordings
from spikedash.jobs.database import Database
from spikedash.jobs.limits import Limits
from spikedash.params import InputError
from spikedash.records import Recording

log = logging.getLogger(__name__)

REMOVABLE = """
SELECT id, finished FROM runs WHERE state IN ('done', 'stopped', 'failed') AND title = '' AND colour = '' ORDER BY finished
"""
USED = "SELECT recording FROM runs UNION SELECT recording FROM cells"


class Old(NamedTuple):
    """A finished run that may go."""

    id: str
    finished: float
    bytes: int


def size_of(folder: Path) -> int:
    """Bytes of all files below a folder."""
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size
        except OSError:  # gone meanwhile
            continue
    return total


def chosen(runs: list[Old], total_bytes: int, now: float, limits: Limits) -> list[str]:
    """Ids of the runs to remove: those too old, then the oldest until the rest is small enough; pure.

    Args:
        runs: those that may go, the oldest first.
        total_bytes: of all runs, also those that may not go.
    """
    gone = [run for run in runs if now - run.finished > 86400 * limits.keep_days]
    left = total_bytes - sum(run.bytes for run in gone)
    for run in runs[len(gone) :]:
        if left <= 1e9 * limits.keep_gb:
            break
        gone.append(run)
        left -= run.bytes
    return [run.id for run in gone]


def remove_old(database: Database, limits: Limits, delete: Callable[[str], None]) -> list[str]:
    """Remove what the limits say; returns the ids."""
    if limits.keep_days == limits.keep_gb == Limits().keep_days:
        return []
    folder = database.path.parent / "runs"
    with database.read() as db:
        rows = db.execute(REMOVABLE).fetchall()
    sizes = {path.name: size_of(path) for path in folder.glob("*")}
    runs = [Old(row["id"], row["finished"], sizes.get(row["id"], 0)) for row in rows]
    gone = chosen(runs, sum(sizes.values()), time.time(), limits)
    for run_id in gone:
        delete(run_id)
        log.info("a run was removed, since the store keeps runs for a limited time or size", extra={"run": run_id})
    return gone


def remove_unused(database: Database, limits: Limits) -> list[str]:
    """Remove recordings that were uploaded long ago and that no run has learnt or shall learn; returns their ids."""
    if math.isinf(limits.upload_days):
        return []
    folder, before = database.path.parent / "recordings", time.time() - 86400 * limits.upload_days
    gone = [upload.id for upload in _unused(database, recordings.uploads(folder)) if upload.uploaded < before]
    for recording_id in gone:
        recordings.remove(folder, recording_id)
        log.info("the recording %.12s was removed, since no run uses it", recording_id)
    return gone


def make_room(database: Database, person: str, recording: Recording, limits: Limits) -> None:
    """Have room for another recording of a person; their oldest that are nobody else's and that no run uses give way.

    Raises:
        InputError: the runs of this person use too many.
    """
    folder, most = database.path.parent / "recordings", 1e6 * limits.upload_mb
    theirs = [upload for upload in recordings.uploads(folder) if person in upload.owners]
    needed = recording.rate_hz.nbytes + recording.time_ms.nbytes
    if needed + sum(upload.bytes for upload in theirs) <= most:
        return
    this = recordings.content_id(recording)
    theirs = [upload for upload in theirs if upload.id != this]
    total = needed + sum(upload.bytes for upload in theirs)
    for upload in _unused(database, [upload for upload in theirs if len(upload.owners) == 1]):
        if total <= most:
            break
        recordings.remove(folder, upload.id)
        total -= upload.bytes
    if total > most:
        raise InputError(
            f"Your recordings would take {total / 1e6:,.1f} MB, and each person may keep {most / 1e6:,.1f} MB here; "
            "delete runs that use one you no longer need."
        )


def _unused(database: Database, uploads: list[recordings.Upload]) -> list[recordings.Upload]:
    with database.read() as db:
        used = {row["recording"] for row in db.execute(USED)}
    return [upload for upload in uploads if upload.id not in used]
