"""The list of somebody's runs, newest first and by pages, with a few numbers of each; renaming, colouring, deleting.

A list shows what is its owner's, and nothing else is ever changed. Those of the owner "" are everybody's to see, by their id.
Where all are one person, the owner is None, to whom every run belongs.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import math
import os
import sqlite3
import threading
from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

from spikedash.jobs import files
from spikedash.jobs.folders import Progress, read_progress
from spikedash.jobs.insight_cost import done
from spikedash.jobs.store import RUN_ID, State, Store, queue_moved
from spikedash.params import InputError, from_older
from spikedash.records import LoopRecord

PAGE = 100
MOST_IDS = 2000  # that one request may name
MOST_TITLE = 80  # letters
MOST_KNOWN = 20_000  # runs whose numbers are remembered
#: Names of colours; a figure has a shade of each for light and dark.
COLOURS = ("blue", "orange", "green", "purple", "pink", "brown", "sky", "grey")

IN_SWEEP = "EXISTS (SELECT 1 FROM cells WHERE cells.run = runs.id)"
COLUMNS = f"runs.*, {IN_SWEEP} AS cell"
LISTED = f"FROM runs WHERE owner = COALESCE(?, owner) AND (? OR NOT {IN_SWEEP})"
BEFORE = f"SELECT {COLUMNS} {LISTED} AND seq < ? ORDER BY seq DESC LIMIT ?"
VERSIONS = f"SELECT id, version, state, attempt {LISTED} ORDER BY seq DESC"
ONE = f"SELECT {COLUMNS} FROM runs WHERE owner IN (COALESCE(?, owner), '') AND id = ?"  # noqa: S608
COUNTS = "SELECT state, COUNT(*) AS many FROM runs WHERE state IN ('queued', 'running') GROUP BY state"


class Entry(NamedTuple):
    """A run in the list. Times are seconds since 1970; correlations are Pearson's r, nan where there are none."""

    seq: int  # order of launching
    id: str
    title: str  # what its owner calls it, else its name
    name: str  # of the setting that it was made from
    colour: str  # one of COLOURS, or ""
    state: State
    phase: str
    error: str
    created: float
    n: int
    frac_exc: float  # share of excitatory neurons, nan where neurons send both signs
    loops: int  # planned
    tests: int  # planned
    seed: int
    target_seed: int
    alike: str  # equal for runs that differ in nothing but their seeds
    cell: bool  # of a sweep
    loops_done: int
    tests_done: int
    share: float  # of its time that is over, nan where nothing computes
    best: float  # of its loops
    last: float  # loop
    test: float  # mean of its test trials
    rate_hz: float  # of the last loop or test


class Queue(NamedTuple):
    """How busy the store is, whoever's the runs are."""

    waiting: int
    running: int
    alive: bool  # whether a supervisor gives runs to workers


class Numbers(NamedTuple):
    """What the finished loops and tests of an attempt say, and where the next ones will stand in its file."""

    cursor: int = 0
    best: float = math.nan
    last: float = math.nan
    tests: int = 0
    test_sum: float = 0.0
    rate_hz: float = math.nan


class Catalogue:
    """The runs of a store as their owners list them; safe to share between threads."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._numbers: dict[tuple[str, int], Numbers] = {}
        self._lock = threading.Lock()

    def page(self, owner: str | None, *, before: int | None = None, limit: int = PAGE, cells: bool = False) -> list[Entry]:
        """The newest runs of an owner that were launched before the run with number `before`; cells of sweeps if asked."""
        with self._store.database.read() as db:
            rows = db.execute(BEFORE, (owner, cells, 2**62 if before is None else before, limit)).fetchall()
        return [self._entry(row) for row in rows]

    def entries(self, owner: str | None, ids: Sequence[str]) -> list[Entry]:
        """Those of the named runs that are the owner's or everybody's, in the order of naming."""
        with self._store.database.read() as db:
            rows = [db.execute(ONE, (owner, run_id)).fetchone() for run_id in ids[:MOST_IDS]]
        return [self._entry(row) for row in rows if row is not None]

    def versions(self, owner: str | None, *, cells: bool = False) -> dict[str, tuple[int, State, int]]:
        """Version of its row, state and attempt of every run of an owner, newest first."""
        with self._store.database.read() as db:
            return {row[0]: (row[1], row[2], row[3]) for row in db.execute(VERSIONS, (owner, cells))}

    def progress(self, run_id: str, attempt: int) -> Progress:
        """How far an attempt at a run has come."""
        return read_progress(self._store.run_folder(run_id) / str(attempt))

    def queue(self) -> Queue:
        """How many runs wait and run, and whether anybody looks after them."""
        with self._store.database.read() as db:
            many = {row["state"]: row["many"] for row in db.execute(COUNTS)}
        return Queue(many.get("queued", 0), many.get("running", 0), self.alive())

    def alive(self) -> bool:
        """Whether a supervisor holds the lock of this store."""
        try:
            handle = os.open(self._store.folder / "supervisor.lock", os.O_RDONLY)
        except OSError:
            return False
        try:
            # Shared: two who look at the same time do not take each other for the supervisor.
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return True
        finally:
            os.close(handle)
        return False

    def rename(self, owner: str | None, run_id: str, title: str) -> str:
        """Call a run something else ("" for its usual name); returns the title as it is kept.

        Raises:
            KeyError: the owner has no such run.
        """
        kept = " ".join(title.split())[:MOST_TITLE]
        self._set(owner, run_id, "title", kept)
        return kept

    def paint(self, owner: str | None, ids: Sequence[str], colour: str) -> None:
        """Give runs a colour of their own, or "" for any.

        Raises:
            InputError: there is no such colour; KeyError: the owner has no such run.
        """
        if colour not in ("", *COLOURS):
            raise InputError(f"There is no colour {colour[:20]!r}; it can be {', '.join(COLOURS)}.")
        for run_id in ids[:MOST_IDS]:
            self._set(owner, run_id, "colour", colour)

    def delete(self, owner: str | None, ids: Sequence[str]) -> int:
        """Remove those of the named runs that are the owner's, with their files; returns how many."""
        with self._store.database.write() as db:
            gone = [
                run_id
                for run_id in ids[:MOST_IDS]
                if db.execute("DELETE FROM runs WHERE owner = COALESCE(?, owner) AND id = ?", (owner, run_id)).rowcount
            ]
            queue_moved(db)
        for run_id in gone:
            self._store.clear_away(run_id)
        return len(gone)

    def _set(self, owner: str | None, run_id: str, column: Literal["title", "colour"], value: str) -> None:
        statement = {
            "title": "UPDATE runs SET title = ?, version = version + 1 WHERE owner = COALESCE(?, owner) AND id = ?",
            "colour": "UPDATE runs SET colour = ?, version = version + 1 WHERE owner = COALESCE(?, owner) AND id = ?",
        }[column]
        with self._store.database.write() as db:
            if not isinstance(run_id, str) or not db.execute(statement, (value, owner, run_id)).rowcount:
                raise KeyError(run_id)

    def _entry(self, row: sqlite3.Row) -> Entry:
        settings = settings_of(row["params"])
        network, training, target = (settings.get(group) or {} for group in ("network", "training", "target"))
        numbers = self.numbers(row["id"], row["attempt"])
        progress = self.progress(row["id"], row["attempt"])
        active = row["state"] in ("running", "paused")
        typed = network.get("weights") == "balanced"
        return Entry(
            row["seq"],
            row["id"],
            row["title"] or row["name"] or "Run",
            row["name"],
            row["colour"],
            row["state"],
            progress.phase if active and progress.phase and row["phase"] == "starting" else row["phase"],
            row["error"],
            row["created"],
            int(network.get("n") or 0),
            float(network.get("frac_exc") or math.nan) if typed else math.nan,
            int(training.get("loops") or 0),
            int(training.get("test_trials") or 0),
            int(training.get("seed") or 0),
            int(target.get("seed") or 0),
            alike(settings, row["recording"]),
            bool(row["cell"]),
            progress.loops_done,
            progress.tests_done,
            done(from_older(row["params"])[0], progress.loops_done, progress.tests_done) if active else math.nan,
            numbers.best,
            numbers.last,
            numbers.test_sum / numbers.tests if numbers.tests else math.nan,
            numbers.rate_hz,
        )

    def numbers(self, run_id: str, attempt: int) -> Numbers:
        """What an attempt's loops and tests say; every line of its file is read once."""
        key = (run_id, attempt)
        before = self._numbers.get(key, Numbers())
        events, cursor = files.read_events(self._store.run_folder(run_id) / str(attempt) / "progress.jsonl", before.cursor)
        if not events:
            return before
        now = before if cursor > before.cursor else Numbers()
        for event in events:
            now = _with(now, event)
        now = now._replace(cursor=cursor)
        with self._lock:
            self._numbers[key] = now
            while len(self._numbers) > MOST_KNOWN:
                del self._numbers[next(iter(self._numbers))]
        return now


def _with(now: Numbers, event: Any) -> Numbers:
    if isinstance(event, LoopRecord):
        best = event.correlation if math.isnan(now.best) else max(now.best, event.correlation)
        return now._replace(best=best, last=event.correlation, rate_hz=event.rate_hz)
    known = math.isfinite(event.correlation)
    return now._replace(
        tests=now.tests + known, test_sum=now.test_sum + (event.correlation if known else 0.0), rate_hz=event.rate_hz
    )


def settings_of(params: str) -> dict[str, Any]:
    """Settings as they were stored, whatever version stored them."""
    settings: dict[str, Any] = json.loads(params)
    return settings


def alike(settings: Mapping[str, Any], recording: str = "") -> str:
    """A short name for everything but the seeds."""
    rest = {
        group: {name: value for name, value in values.items() if (group, name) not in (("training", "seed"), ("target", "seed"))}
        for group, values in settings.items()
        if isinstance(values, dict)
    }
    return hashlib.sha256(json.dumps([rest, recording], sort_keys=True).encode()).hexdigest()[:12]


def known_ids(text: str) -> list[str]:
    """Ids out of a comma-separated list; what is none is left out."""
    return list(dict.fromkeys(part for part in text.split(",")[:MOST_IDS] if RUN_ID.fullmatch(part)))
