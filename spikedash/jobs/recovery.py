"""The notes beside the runs, from which a damaged or lost database is made anew.

Every run's folder holds a `run.json` with what the database knows of it, every sweep has a file in `sweeps/`. They follow the
database within seconds (housekeeping.py), and a launch writes the run's own at once. A database that is found damaged is kept
aside. Runs that had no outcome wait again, and go on from their checkpoints.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from filelock import FileLock

from spikedash.jobs import files
from spikedash.jobs.database import Damaged, Database, StoreError
from spikedash.jobs.views import FINAL

log = logging.getLogger(__name__)

NOTE = "run.json"
SWEEPS = "sweeps"
FLEETING = {"seq", "phase", "wished", "goal", "losses"}  # columns of a run that mean nothing in another database
LATER = 1_000_000_000  # added to a version, so that every page that has seen the run asks again

OF_RUN = """
SELECT runs.*, sweeps.id AS sweep, cells.number AS cell FROM runs
LEFT JOIN cells ON cells.run = runs.id LEFT JOIN sweeps ON sweeps.seq = cells.sweep WHERE runs.id = ?
"""


def opened(folder: Path) -> Database:
    """The database of a store, made anew from the notes where it is damaged or gone.

    Raises:
        StoreError: the folder cannot be used.
    """
    try:
        return _sound(folder)
    except Damaged as error:
        log.error("%s", error)
    with FileLock(folder / "recovery.lock"):
        with contextlib.suppress(Damaged):
            return _sound(folder)  # somebody else was here first
        try:
            _rebuild(folder)
        except (OSError, sqlite3.Error) as error:
            raise StoreError(f"The database in {folder} is damaged, and cannot be made anew: {error}.") from error
    return Database(folder)


def _sound(folder: Path) -> Database:
    database = Database(folder)
    check(database)
    if _unused(database) and _notes(folder):
        raise Damaged("The database knows nothing of the runs whose folders are here.")
    return database


def check(database: Database) -> None:
    """Look through the whole file, which takes milliseconds.

    Raises:
        Damaged: it is not whole.
        StoreError: it cannot be read.
    """
    try:
        with database.read() as db:
            (verdict,) = db.execute("PRAGMA integrity_check(1)").fetchone()
    except sqlite3.Error as error:
        raise StoreError(f"The runs in {database.path.parent} cannot be read: {error}.") from error
    if verdict != "ok":
        raise Damaged(f"The database of the runs is damaged: {verdict}.")


def _unused(database: Database) -> bool:
    """Whether there never was a run or sweep in it."""
    with database.read() as db:
        return db.execute("SELECT 1 FROM sqlite_sequence").fetchone() is None


def _notes(folder: Path) -> bool:
    return next((folder / "runs").glob(f"*/{NOTE}"), None) is not None


def note_run(database: Database, run_id: str) -> None:
    """Write what the database knows of a run beside its files, where that is not there already."""
    with database.read() as db:
        row = db.execute(OF_RUN, (run_id,)).fetchone()
    path = database.path.parent / "runs" / run_id / NOTE
    if row is None:
        path.unlink(missing_ok=True)
        return
    content = {name: row[name] for name in row.keys() if name not in FLEETING}  # noqa: SIM118
    if read(path) != content:
        path.parent.mkdir(parents=True, exist_ok=True)
        files.write_json(path, content)
        files.sync_folder(path.parent.parent)


def note_sweep(database: Database, sweep_id: str) -> None:
    """Write what the database knows of a sweep into a file of its own."""
    path = database.path.parent / SWEEPS / f"{sweep_id}.json"
    with database.read() as db:
        row = db.execute("SELECT * FROM sweeps WHERE id = ?", (sweep_id,)).fetchone()
        cells = db.execute("SELECT * FROM cells WHERE sweep = ? ORDER BY number", (row["seq"] if row else -1,)).fetchall()
    if row is None:
        path.unlink(missing_ok=True)
        return
    content = {**dict(row), "cells": [dict(cell) for cell in cells]}
    path.parent.mkdir(exist_ok=True)
    files.write_json(path, content)


def read(path: Path) -> Any:
    """A note; None where there is none that can be read."""
    try:
        return json.loads(path.read_bytes())
    except files.DAMAGED:
        return None


def _rebuild(folder: Path) -> None:
    """Put a new database in the place of the damaged one, which stays beside it under a name with the time."""
    path = folder / "runs.sqlite"
    with tempfile.TemporaryDirectory(prefix="rebuilding-", dir=folder) as work:
        fresh = Database(Path(work))
        with fresh.write() as db:
            runs, sweeps = _fill(db, folder)
        aside = folder / f"runs.sqlite.damaged-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}"
        with contextlib.suppress(FileNotFoundError):
            shutil.copy2(path, aside)
        # A journal left by the old file would be played back into the new one.
        journal = Path(f"{path}-journal")
        if journal.exists() and journal.stat().st_size:
            journal.replace(f"{aside}-journal")
        journal.unlink(missing_ok=True)
        os.replace(fresh.path, path)
        files.sync_folder(folder)
    log.error("the database was made anew from the folders: %d runs, %d sweeps; the old one is %s", runs, sweeps, aside.name)


def _fill(db: sqlite3.Connection, folder: Path) -> tuple[int, int]:
    """Insert everything that there are notes of; returns how many runs and sweeps."""
    sequence = {}
    sweeps = sorted(_read_all((folder / SWEEPS).glob("*.json")), key=lambda sweep: float(sweep["created"]))
    for sweep in sweeps:
        seq = sequence[sweep["id"]] = _insert(db, "sweeps", {**sweep, "seq": None})
        for cell in sweep["cells"]:
            _insert(db, "cells", {**cell, "sweep": seq, "run": None})
    runs = sorted(_read_all((folder / "runs").glob(f"*/{NOTE}")), key=lambda run: float(run["created"]))
    for run in runs:
        _insert(db, "runs", _standing(folder / "runs" / run["id"], run))
        if run["sweep"] in sequence:
            where = (run["id"], sequence[run["sweep"]], run["cell"])
            db.execute("UPDATE cells SET run = ? WHERE sweep = ? AND number = ?", where)
    return len(runs), len(sweeps)


def _read_all(paths: Iterator[Path]) -> Iterator[dict[str, Any]]:
    for path in paths:
        content = read(path)
        if isinstance(content, dict) and isinstance(content.get("created"), int | float):
            yield content
        else:
            log.error("the note %s cannot be read", path)


def _standing(run_folder: Path, run: dict[str, Any]) -> dict[str, Any]:
    """The row of a run: its outcome, or a place in the queue."""
    row = dict(run)
    attempts = [int(path.name) for path in run_folder.iterdir() if path.name.isdecimal()]
    row["attempt"] = max([row["attempt"], *attempts])
    row["version"] += LATER
    if row["state"] not in FINAL:
        complete = has_result(run_folder / str(row["attempt"]))  # its outcome came after the last note
        row["state"] = "done" if complete else "paused" if row["state"] == "paused" else "queued"
        row["finished"] = (run_folder / str(row["attempt"]) / "summary.json").stat().st_mtime if complete else None
        row["wish"] = "pause" if row["state"] == "paused" else "run"
    return row


def has_result(attempt: Path) -> bool:
    """Whether an attempt has written everything that it found; the summary comes last."""
    return (attempt / "summary.json").exists() and (attempt / "result.npz").exists()


def _insert(db: sqlite3.Connection, table: str, row: dict[str, Any]) -> int:
    """Insert what the table has columns for; returns the number of the new row."""
    names = [column["name"] for column in db.execute(f"PRAGMA table_info({table})") if column["name"] in row]
    # Names of the schema, not of the note.
    words = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"  # noqa: S608
    return db.execute(words, [row[name] for name in names]).lastrowid or 0


def compute_again(database: Database) -> list[str]:
    """Put finished runs without a result, as a copy of a living store may have, back into the queue; returns their ids."""
    runs = database.path.parent / "runs"
    with database.read() as db:
        done = db.execute("SELECT id, attempt FROM runs WHERE state = 'done'").fetchall()
    lost = [row["id"] for row in done if not has_result(runs / row["id"] / str(row["attempt"]))]
    if lost:
        with database.write() as db:
            db.executemany(
                "UPDATE runs SET state = 'queued', wish = 'run', finished = NULL, version = version + 1 WHERE id = ?",
                [(run_id,) for run_id in lost],
            )
        log.error("%d finished runs have no result here and are computed again", len(lost))
    return lost
