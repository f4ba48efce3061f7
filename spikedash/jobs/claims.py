"""Who may work on a run: claims, and writing that only the current attempt can do."""

from __future__ import annotations

import sqlite3
import time
from typing import Literal, NamedTuple

from spikedash.jobs import sweeps, turns
from spikedash.jobs.commands import UNATTENDED
from spikedash.jobs.database import Database, Remembered
from spikedash.jobs.store import queue_moved

MOST_LOSSES = 5  # of a run that does not advance; it may be killed by chance before its first checkpoint
NEXT_ATTEMPT = 1_000_000_000  # versions of an attempt, which counts its own progress, lie below those of the next

NEXT = "SELECT id, attempt FROM runs WHERE owner = ? AND state = 'queued' ORDER BY seq LIMIT 1"
CLAIM = """
UPDATE runs SET state = 'running', phase = ?, attempt = attempt + 1, started = COALESCE(started, ?), version = version + ?
WHERE id = ?
"""
END = """
UPDATE runs SET state = ?, phase = '', error = ?, finished = ?, version = version + 1
WHERE id = ? AND attempt = ? AND state IN ('running', 'paused')
"""
REST = """
UPDATE runs SET state = 'paused', wish = 'pause', version = version + 1
WHERE id = ? AND attempt = ? AND state = 'running' AND wish = ?
"""
GO_ON = "UPDATE runs SET state = 'running', version = version + 1 WHERE id = ? AND attempt = ? AND state = 'paused'"
PUT_BACK = "UPDATE runs SET state = ?, phase = '', error = ?, losses = ?, finished = ?, version = version + 1 WHERE id = ?"
ADVANCED = "UPDATE runs SET losses = 0 WHERE id = ? AND attempt = ? AND state IN ('running', 'paused')"
HAND_OVER = """
UPDATE runs SET phase = 'starting', version = version + 1
WHERE id = ? AND attempt = ? AND state = 'running' AND phase = 'compiling'
"""


class Claim(NamedTuple):
    """The right to work on a run, until a later attempt takes it over."""

    run: str
    attempt: int


class Holding(NamedTuple):
    """A claimed run, as the supervisor sees it."""

    state: str
    phase: str
    wish: str
    wished: float


class Superseded(Exception):
    """The run was deleted, has ended, or belongs to a later attempt: whoever holds this claim must write no more."""


def end(database: Database, claim: Claim, state: Literal["done", "stopped", "failed"], error: str = "") -> bool:
    """Give a run its outcome; False if it has one already or the claim is void."""
    with database.write() as db:
        return db.execute(END, (state, error, time.time(), *claim)).rowcount == 1


class Queue:
    """What only the supervisor does.

    Args:
        most_running: runs of one person that compute at the same time, 0 for any number.
    """

    def __init__(self, database: Database, most_running: int = 0) -> None:
        self._database = database
        self._most_running = most_running
        self._remembered = Remembered(database.path)

    def look(self) -> tuple[bool, dict[Claim, Holding]]:
        """Whether somebody waits, and all claimed runs; cheap while nothing changes."""
        return self._remembered.get("look", self._read)

    def _read(self) -> tuple[bool, dict[Claim, Holding]]:
        with self._database.read() as db:
            waiting = bool(self._due(db))
            rows = db.execute("SELECT id, attempt, state, phase, wish, wished FROM runs WHERE state IN ('running', 'paused')")
            held = {Claim(*row[:2]): Holding(*row[2:]) for row in rows if row["phase"]}
        return waiting, held

    def _due(self, db: sqlite3.Connection) -> list[str]:
        return turns.due(turns.order(db), self._most_running)

    def claim(self, phase: Literal["starting", "compiling"]) -> Claim | None:
        """Take the next run of whose turn it is off the queue, as its next attempt; the cells of sweeps come after runs."""
        with self._database.write() as db:
            owner = next(iter(self._due(db)), None)
            if owner is None:
                return None
            row = db.execute(NEXT, (owner,)).fetchone()
            if row is None and sweeps.feed(db, owner):
                row = db.execute(NEXT, (owner,)).fetchone()
            if row is None:
                return None
            db.execute(CLAIM, (phase, time.time(), NEXT_ATTEMPT, row["id"]))
            queue_moved(db)
            return Claim(row["id"], row["attempt"] + 1)

    def hand_over(self, claim: Claim) -> bool:
        """The worker that was getting ready takes the run; False if nobody wants that any more."""
        with self._database.write() as db:
            return db.execute(HAND_OVER, claim).rowcount == 1

    def put_back(self, *, lost: bool) -> None:
        """Claimed runs no longer have a worker: they wait again, and paused ones stay paused until they are resumed.

        They go on from their checkpoints, and end with the same bits. One that was `lost` five times without advancing is
        given up, since it may be what brings the others down.
        """
        with self._database.write() as db:
            for row in db.execute("SELECT * FROM runs WHERE state IN ('running', 'paused') AND phase != ''").fetchall():
                _give_back(db, row, lost, "")
            queue_moved(db)

    def give_back(self, claim: Claim, *, lost: bool, why: str) -> bool:
        """The same for one run, whose worker ended for a reason; False if it has an outcome already or the claim is void."""
        with self._database.write() as db:
            row = db.execute(
                "SELECT * FROM runs WHERE id = ? AND attempt = ? AND state IN ('running', 'paused') AND phase != ''", claim
            ).fetchone()
            if row is not None:
                _give_back(db, row, lost, why)
                queue_moved(db)
        return row is not None


def _give_back(db: sqlite3.Connection, row: sqlite3.Row, lost: bool, why: str) -> None:
    losses = row["losses"] + (lost and row["state"] == "running" and row["phase"] not in UNATTENDED)
    state, error = ("paused" if row["wish"] == "pause" else "queued"), ""
    if row["wish"] == "stop":
        state = "stopped"
    elif losses >= MOST_LOSSES:
        state, error = "failed", f"The server went down {losses} times during this run, which was then given up."
        if why:
            error = f"Its worker ended {losses} times at the same place, which was given up then; the last time: {why}"
    finished = time.time() if state in ("stopped", "failed") else None
    db.execute(PUT_BACK, (state, error, losses, finished, row["id"]))


class Pen:
    """What only the worker of one attempt writes; void once the attempt is over or superseded."""

    def __init__(self, database: Database, claim: Claim) -> None:
        self._database = database
        self._claim = claim

    def wish(self) -> tuple[str, int]:
        """What people want (run, pause, step or stop), and after how many loops and tests in all a step ends.

        Raises:
            Superseded: the claim is void.
        """
        with self._database.read() as db:
            row = db.execute(
                "SELECT wish, goal FROM runs WHERE id = ? AND attempt = ? AND state IN ('running', 'paused')", self._claim
            ).fetchone()
        if row is None:
            raise Superseded
        return row["wish"], row["goal"]

    def rest(self, wish: str) -> bool:
        """Show the run as paused, unless people meanwhile want something else than this `wish`."""
        with self._database.write() as db:
            return db.execute(REST, (*self._claim, wish)).rowcount == 1

    def go_on(self) -> None:
        """Show the run as running again."""
        with self._database.write() as db:
            if not db.execute(GO_ON, self._claim).rowcount:
                raise Superseded

    def losses(self) -> int:
        """How often the run lost its worker or supervisor since it last advanced."""
        with self._database.read() as db:
            row = db.execute("SELECT losses FROM runs WHERE id = ?", (self._claim.run,)).fetchone()
        return row["losses"] if row else 0

    def advanced(self) -> None:
        """The run has come further than all attempts before this one."""
        with self._database.write() as db:
            db.execute(ADVANCED, self._claim)

    def end(self, state: Literal["done", "stopped", "failed"], error: str = "") -> bool:
        """Give the run its outcome; False if it has one already or the claim is void."""
        return end(self._database, self._claim, state, error)
