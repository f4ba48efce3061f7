"""The one SQLite file of a store: its schema, and one short connection per operation.

A transaction waits for the disk, which can take tens of milliseconds. So it holds what must never be lost (runs, their
states and what people want), and the progress of a run lies in files that wait for nothing.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
from collections.abc import Callable, Hashable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")

BUSY_S = 20.0

SCHEMA = """
CREATE TABLE runs (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,  -- order of launching, and of the queue
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    recording TEXT NOT NULL,
    params TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'queued',
    phase TEXT NOT NULL DEFAULT '',         -- '' without a worker, compiling while one gets ready, starting once it has the run
    wish TEXT NOT NULL DEFAULT 'run',       -- what a person wants: run, pause, step or stop
    wished REAL NOT NULL DEFAULT 0,         -- when
    goal INTEGER NOT NULL DEFAULT 0,        -- a step ends after this many loops and tests in all
    attempt INTEGER NOT NULL DEFAULT 0,     -- the fencing token
    losses INTEGER NOT NULL DEFAULT 0,      -- how often the supervisor died under this run
    created REAL NOT NULL,
    started REAL,
    finished REAL,
    version INTEGER NOT NULL DEFAULT 1,     -- counts changes of this row; progress counts its own
    error TEXT NOT NULL DEFAULT ''
);
CREATE INDEX runs_by_state ON runs (state, seq)
"""

#: A cell becomes a run only when a worker is free for it, so that sweeps never fill the queue.
SWEEPS = """
CREATE TABLE sweeps (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    experiment TEXT NOT NULL,               -- whose cells these are; '' for a grid of one's own
    spec TEXT NOT NULL,                     -- JSON: axes, seeds and what is measured
    wish TEXT NOT NULL DEFAULT 'run',       -- what a person wants: run or stop
    created REAL NOT NULL
);
CREATE TABLE cells (
    sweep INTEGER NOT NULL,                 -- seq of its sweep
    number INTEGER NOT NULL,                -- order of computing
    place TEXT NOT NULL,                    -- JSON: index on every axis
    seed INTEGER NOT NULL,
    name TEXT NOT NULL,
    params TEXT NOT NULL,
    recording TEXT NOT NULL,
    run TEXT,                               -- id of its run, once it has one
    PRIMARY KEY (sweep, number)
) WITHOUT ROWID;
CREATE INDEX cells_waiting ON cells (sweep, number) WHERE run IS NULL;
CREATE INDEX cells_by_run ON cells (run)
"""

#: Whose a run or sweep is, and what its owner calls it and paints it with; '' for everybody's, its settings, and any.
OWNERS = """
ALTER TABLE runs ADD COLUMN owner TEXT NOT NULL DEFAULT '';
ALTER TABLE runs ADD COLUMN title TEXT NOT NULL DEFAULT '';
ALTER TABLE runs ADD COLUMN colour TEXT NOT NULL DEFAULT '';
ALTER TABLE sweeps ADD COLUMN owner TEXT NOT NULL DEFAULT '';
CREATE INDEX runs_by_owner ON runs (owner, seq);
CREATE INDEX runs_open ON runs (owner, state, phase, seq) WHERE state IN ('queued', 'running', 'paused');
CREATE INDEX runs_by_turn ON runs (owner, started)
"""

#: What leads from each schema to the next, from an empty file on.
STEPS = (SCHEMA, SWEEPS, OWNERS)


class Sentinel:
    """Notices that somebody else has written, for next to nothing; its connection stays open. For one thread at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._file = (0, 0)  # which file is open: one that was made anew stands in the place of the damaged one
        self._files = 0

    def version(self) -> int:
        """A number that is another one after every change; read what has changed after it, so that no change is missed."""
        with contextlib.suppress(FileNotFoundError):  # just being made anew
            there = os.stat(self._path)
            if self._file != (there.st_dev, there.st_ino):
                self.close()
                self._file, self._files = (there.st_dev, there.st_ino), self._files + 1
        if self._connection is None:
            self._connection = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
        (version,) = self._connection.execute("PRAGMA data_version").fetchone()
        return (self._files << 32) + int(version)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class Remembered:
    """What was read of a database, until somebody writes to it; for all threads of a process."""

    def __init__(self, path: Path) -> None:
        self._sentinel = Sentinel(path)
        self._lock = threading.Lock()
        self._seen = -1
        self._known: dict[Hashable, Any] = {}

    def get(self, key: Hashable, read: Callable[[], T]) -> T:
        """What `read` returned for this key, or returns now; what it raises is not remembered."""
        with self._lock:
            try:
                version = self._sentinel.version()
            except sqlite3.Error:  # reading says what is wrong
                version = -1
            if version != self._seen:
                self._seen = version
                self._known.clear()
            if key in self._known:
                found: T = self._known[key]
                return found
        value = read()
        with self._lock:
            if self._seen == version >= 0:
                self._known[key] = value
        return value


class StoreError(RuntimeError):
    """The store cannot be used; the message is one sentence that says why."""


class DiskFull(StoreError):
    """Nothing more can be written; what was to be changed is as before."""


class Damaged(StoreError):
    """The file can be opened, but what is in it is not whole (recovery.py makes it anew)."""


def is_damage(error: BaseException) -> bool:
    """Whether SQLite says that the content of its file is not whole."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


class Database:
    """Opens `runs.sqlite` in the store's folder.

    Raises:
        StoreError: the folder cannot be written, or the file is of another version.
        Damaged: it is no database, or not a whole one.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / "runs.sqlite"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with self.write() as db:
                (version,) = db.execute("PRAGMA user_version").fetchone()
                if 0 <= version < len(STEPS):
                    for statement in ";\n".join(STEPS[version:]).split(";\n"):
                        db.execute(statement)
                    db.execute(f"PRAGMA user_version = {len(STEPS)}")
        except (OSError, sqlite3.Error) as error:
            raise StoreError(f"The runs cannot be kept in {folder}: {error}; choose a folder that can be written.") from error
        if not 0 <= version <= len(STEPS):
            raise StoreError(
                f"The runs in {folder} were written by another version of SpikeDash (schema {version}, here "
                f"{len(STEPS)}); choose another folder."
            )

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """A connection for reading.

        Raises:
            Damaged: what is read is not whole.
        """
        try:
            with self._connection() as db:
                yield db
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
            raise Damaged(f"The database of the runs is damaged ({error}); it is made anew from their folders.") from error

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        # Short connections: no thread, fork or crash can leave one behind with a lock.
        with closing(sqlite3.connect(self.path, timeout=BUSY_S, isolation_level=None)) as db:
            db.row_factory = sqlite3.Row
            # WAL has a rare corruption bug before SQLite 3.51.3, and a mapped file dies with SIGBUS when it is cut short.
            db.execute("PRAGMA mmap_size = 0")
            yield db

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """One exclusive transaction, on disk when the block ends; undone when the block raises.

        Raises:
            DiskFull: there is no room for it.
        """
        try:
            with self._transaction() as db:
                yield db
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_FULL:
                raise
            sentence = "The disk that holds the runs is full, so nothing was changed; free some space and try again."
            raise DiskFull(sentence) from error

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self.read() as db:
            db.execute("PRAGMA journal_mode = TRUNCATE")
            db.execute("PRAGMA synchronous = FULL")
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
            except BaseException:
                db.rollback()
                raise
            db.commit()
