"""The store of runs: the only thing that pages and workers share."""

from __future__ import annotations

import contextlib
import functools
import re
import secrets
import shutil
import sqlite3
import time
from pathlib import Path

from spikedash.jobs import commands, files, owners, recordings, recovery, retention, speed, turns
from spikedash.jobs.database import Remembered, StoreError
from spikedash.jobs.folders import Progress, read_frame, read_insight, read_progress, read_result, read_setup
from spikedash.jobs.limits import limits
from spikedash.jobs.memory import check_memory
from spikedash.jobs.stories import Stories
from spikedash.jobs.sweeps import Sweeps
from spikedash.jobs.views import (
    FINAL,
    Axis,
    Cell,
    Command,
    Frame,
    Measure,
    NewCell,
    Plan,
    ResultView,
    Row,
    Run,
    SetupView,
    State,
    Sweep,
)
from spikedash.params import InputError, Params, from_json, from_older
from spikedash.prices import FIRST, Pace
from spikedash.records import LoopRecord, Recording, TestRecord

__all__ = [
    "FINAL",
    "Axis",
    "Cell",
    "Command",
    "Frame",
    "Measure",
    "NewCell",
    "Plan",
    "ResultView",
    "Row",
    "Run",
    "SetupView",
    "State",
    "Store",
    "StoreError",
    "Sweep",
]

RUN_ID = re.compile(r"[A-Za-z0-9_-]{16}")
MOST_WAITING = 5000  # of all people together

#: ?1 is who asks, NULL for whom everything belongs to; see owners.py.
SELECT = "SELECT * FROM runs WHERE (?1 IS NULL OR owner IN ('', ?1)) AND "
OWN = "SELECT * FROM runs WHERE (?1 IS NULL OR owner = ?1) AND id = ?2"
DELETE = "DELETE FROM runs WHERE (?1 IS NULL OR owner = ?1) AND id = ?2"
COMMAND = """
UPDATE runs SET state = ?, phase = ?, wish = ?, goal = ?, wished = ?, finished = ?, version = version + 1 WHERE id = ?
"""


class Store:
    """Runs, their progress and results, and recordings, in one folder; safe to share between threads.

    Args:
        person: who asks. What is somebody else's is then not there, and what is everybody's cannot be changed. None for
            workers and the command line, to whom everything belongs.
        most_each: runs of one person that may wait.

    Raises:
        StoreError: the folder cannot be used; one sentence says why.
    """

    def __init__(self, folder: Path, person: owners.Person | None = None, most_each: int = owners.MOST_WAITING_EACH) -> None:
        self.folder = folder.resolve()
        self.database = recovery.opened(self.folder)
        self.sweeps = Sweeps(self.database, self.folder, person)
        self._person = person
        self._most_each = most_each
        self._stories = Stories()
        self._remembered = Remembered(self.database.path)  # the polls of a whole class are answered by one look

    def launch(self, params: Params, *, name: str = "", recording: str = "") -> str:
        """Queue a run; it is on disk when its id is returned.

        Raises:
            InputError: its recording is not here, it would not fit into memory, or too many runs are waiting.
        """
        me = self.me()
        check_memory(params)
        recording = recording or params.target.recording
        if recording:
            try:
                self.recording(recording)
            except KeyError:
                raise InputError(f"There is no recording {recording[:12]!r} here; upload the file again.") from None
        run_id = secrets.token_urlsafe(12)
        with self.database.write() as db:
            (waiting,) = db.execute("SELECT COUNT(*) FROM runs WHERE state = 'queued'").fetchone()
            if waiting >= MOST_WAITING:
                raise InputError(f"{waiting} runs are waiting already; try again when some of them are done.")
            if me is not None and (own := owners.waiting(db, me)) >= self._most_each:
                raise InputError(f"{own} of your runs are waiting already; try again when some of them are done.")
            db.execute(
                "INSERT INTO runs (id, name, recording, params, created, owner) VALUES (?, ?, ?, ?, ?, ?)",
                (run_id, name, recording, params.model_dump_json(), time.time(), me or owners.EVERYBODY),
            )
            queue_moved(db, but=me or owners.EVERYBODY)
        with contextlib.suppress(OSError):  # housekeeping makes up for it
            recovery.note_run(self.database, run_id)
        return run_id

    def run(self, run_id: str) -> Run:
        """Where a run stands.

        Raises:
            KeyError: there is no such run.
        """
        row, position = self._standing(run_id)
        try:
            return self._run(row, _params(row["params"]), position)
        except InputError:  # launched by a version with other parameters
            params, strange = from_older(row["params"])
            return self._run(row, params, position)._replace(strange=strange or ("together",))

    def runs(self, limit: int = 100, *, name: str = "") -> list[Run]:
        """The newest runs whose settings are understood, newest first; only those of one name, where it is given."""
        found = []
        with self.database.read() as db:
            order = turns.order(db)
            for row in db.execute(SELECT + "?2 IN ('', name) ORDER BY seq DESC LIMIT ?3", (self.me(), name, limit)):
                position = turns.position(db, order, row["owner"], row["seq"]) if row["state"] == "queued" else 0
                try:
                    found.append(self._run(row, _params(row["params"]), position))
                except InputError:
                    continue
        return found

    def command(self, run_id: str, what: Command) -> None:
        """Ask for a pause, a resume, one more loop, or the end; repeating a command changes nothing.

        Raises:
            KeyError: there is no such run.
        """
        with self.database.write() as db:
            row = db.execute(OWN, (self.me(), _checked(run_id))).fetchone()
            if row is None:
                raise KeyError(run_id)
            before = commands.Standing(row["state"], row["phase"], row["wish"], row["goal"])
            progress = read_progress(self.run_folder(run_id) / str(row["attempt"]))
            wanted = commands.after(what, before, progress.loops_done + progress.tests_done)
            if wanted == before:
                return
            now = time.time()
            db.execute(COMMAND, (*wanted, now, now if wanted.state in FINAL else None, run_id))
            if wanted.state != before.state:
                queue_moved(db)

    def changes(self, run_id: str) -> bool:
        """Whether the person may steer and delete a run; what is everybody's is only looked at."""
        with self.database.read() as db:
            return db.execute(OWN, (self.me(), _checked(run_id))).fetchone() is not None

    def delete(self, run_id: str) -> None:
        """Remove a run and its files; a worker that still computes it finds no run to write to, and ends.

        Raises:
            KeyError: there is no such run.
        """
        with self.database.write() as db:
            if not db.execute(DELETE, (self.me(), _checked(run_id))).rowcount:
                raise KeyError(run_id)
            queue_moved(db)
        self.clear_away(run_id)

    def delete_sweep(self, sweep_id: str, *, runs: bool) -> None:
        """Forget a sweep, and with `runs` remove its runs and their files; else they stay. KeyError if there is none."""
        gone = self.sweeps.delete(sweep_id)
        if runs:
            with self.database.write() as db:
                db.executemany("DELETE FROM runs WHERE id = ?", [(run_id,) for run_id in gone])
                queue_moved(db)
            for run_id in gone:
                self.clear_away(run_id)

    def clear_away(self, run_id: str) -> None:
        """Remove the files of a run that is deleted; those that its worker may have written since."""
        with self.database.read() as db:
            known = db.execute("SELECT 1 FROM runs WHERE id = ?", (_checked(run_id),)).fetchone()
        if not known:
            # First, so that what is left by a crash is never taken for a run.
            (self.run_folder(run_id) / recovery.NOTE).unlink(missing_ok=True)
            shutil.rmtree(self.run_folder(run_id), ignore_errors=True)

    def events(self, run_id: str, after: int = 0) -> tuple[list[LoopRecord | TestRecord], int]:
        """Loops and tests that ended after a cursor, in order, and the next cursor (0 is the beginning).

        Raises:
            KeyError: there is no such run.
        """
        return files.read_events(self._current(run_id) / "progress.jsonl", after)

    def story(self, run_id: str) -> list[LoopRecord | TestRecord]:
        """All loops and tests so far, remembered for the next time; not to be changed. KeyError if there is no such run."""
        return self._stories.of(self._current(run_id) / "progress.jsonl")

    def frame(self, run_id: str) -> Frame | None:
        """The latest trial so far, or None before the first; KeyError if there is no such run."""
        return read_frame(self._current(run_id))

    def setup(self, run_id: str) -> SetupView | None:
        """What the run is made of, or None before a worker has built it; KeyError if there is no such run."""
        return read_setup(self._current(run_id))

    def result(self, run_id: str, *, weights: bool = False) -> ResultView | None:
        """What a finished run found, with its weights if asked; None for others; KeyError if there is no such run."""
        if self._standing(run_id)[0]["state"] != "done":
            return None
        return read_result(self._current(run_id), weights=weights)

    def insight(self, run_id: str) -> files.Arrays | None:
        """Analyses of a finished run by name (jobs/insight.py); None for others; KeyError if there is no such run."""
        return read_insight(self._current(run_id)) if self._standing(run_id)[0]["state"] == "done" else None

    def save_recording(self, recording: Recording, filename: str) -> str:
        """Keep a recording; returns its id, the same for the same content.

        Raises:
            InputError: the person has as many as one may have.
        """
        me = self.me()
        if me:
            retention.make_room(self.database, me, recording, limits())
        return recordings.save(self.folder / "recordings", recording, filename, me or owners.EVERYBODY)

    def recording(self, recording_id: str) -> Recording:
        """A recording by its id; KeyError if there is none."""
        return recordings.load(self.folder / "recordings", recording_id, self.me())

    def check_recording(self, recording_id: str) -> None:
        """KeyError where there is no such recording; what was made of it before may be shown otherwise."""
        recordings.check(self.folder / "recordings", recording_id, self.me())

    def pace(self) -> Pace:
        """What makes an estimate's work seconds on this machine."""
        return speed.pace(self.folder) or FIRST

    def run_folder(self, run_id: str) -> Path:
        """Where all files of a run are; one folder inside for every attempt."""
        return self.folder / "runs" / _checked(run_id)

    def me(self) -> str | None:
        """Who asks; None where everything is theirs."""
        return self._person() if self._person else None

    def _run(self, row: sqlite3.Row, params: Params, position: int) -> Run:
        """A row and the progress of its current attempt."""
        progress = read_progress(self.run_folder(row["id"]) / str(row["attempt"]))
        values = {name: row[name] for name in Run._fields if name not in (*Progress._fields, "published", "position", "strange")}
        values |= progress._asdict() | {
            "params": params,
            "position": position,
            "version": row["version"] + progress.version,
            "published": progress.version,
        }
        if row["state"] not in ("running", "paused") or row["phase"] in commands.UNATTENDED or not progress.phase:
            values["phase"] = row["phase"]
        return Run(**values)

    def _standing(self, run_id: str) -> tuple[sqlite3.Row, int]:
        """All that the database knows of a run, and its position in the queue."""
        me = self.me()
        _checked(run_id)

        def read() -> tuple[sqlite3.Row, int]:
            with self.database.read() as db:
                row = db.execute(SELECT + "id = ?2", (me, run_id)).fetchone()
                if row is None:
                    raise KeyError(run_id)
                return row, turns.position(db, turns.order(db), row["owner"], row["seq"]) if row["state"] == "queued" else 0

        return self._remembered.get((me, run_id), read)

    def _current(self, run_id: str) -> Path:
        """Folder of the current attempt, in which no older attempt writes."""
        return self.run_folder(run_id) / str(self._standing(run_id)[0]["attempt"])


def queue_moved(db: sqlite3.Connection, but: str | None = None) -> None:
    """Somebody left the queue or entered it: every waiting run may have another position, those of `but` left out."""
    db.execute("UPDATE runs SET version = version + 1 WHERE state = 'queued' AND owner IS NOT ?", (but,))


def _checked(run_id: str) -> str:
    """The id itself, which is safe in a path."""
    if not isinstance(run_id, str) or not RUN_ID.fullmatch(run_id):
        raise KeyError(run_id)
    return run_id


@functools.lru_cache(256)
def _params(text: str) -> Params:
    return from_json(text)
