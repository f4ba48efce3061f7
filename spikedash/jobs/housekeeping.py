"""What the supervisor does beside giving out runs, in a thread that may wait for the disk: notes, tidying, retention."""

from __future__ import annotations

import logging
import shutil
import sqlite3
import threading
import time
from contextlib import closing
from pathlib import Path

from spikedash.jobs import checkpoints, recovery, retention
from spikedash.jobs.database import Damaged, Sentinel
from spikedash.jobs.limits import limits
from spikedash.jobs.store import FINAL, Store, StoreError

log = logging.getLogger(__name__)

LOOK_S = 1.0
CHECK_S = 60.0
RETENTION_S = 600.0


class Housekeeping:
    """Keeps the notes of a store up to date while a supervisor serves it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._keep_house, name="housekeeping", daemon=True)
        self._noted: dict[str, int] = {}  # version of every run at its last note
        self._sweeps: dict[str, tuple[str, str]] = {}
        self._retention_from = 0.0
        self._check_from = 0.0
        self._seen = -1  # what SQLite counts when somebody has written
        self.damaged = ""  # what is wrong with the database, once that was found

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        if self._thread.is_alive():
            self._thread.join(LOOK_S)

    def _keep_house(self) -> None:
        store = Store(self._folder)
        with closing(Sentinel(store.database.path)) as sentinel:
            recovered = False
            while not self._over.is_set():
                try:
                    if not recovered:
                        recovery.compute_again(store.database)
                        recovered = True
                    seen = sentinel.version()
                    if seen != self._seen:
                        self.note(store)
                        self._seen = seen
                    self._now_and_then(store)
                except Damaged as error:
                    self.damaged = str(error)
                except (OSError, sqlite3.Error, StoreError) as error:  # a full disk passes
                    log.warning("housekeeping has to wait: %s", error)
                self._over.wait(LOOK_S)

    def _now_and_then(self, store: Store) -> None:
        now = time.monotonic()
        if now >= self._check_from:
            self._check_from = now + CHECK_S
            recovery.check(store.database)
        if now >= self._retention_from:
            self._retention_from = now + RETENTION_S
            retention.remove_old(store.database, limits(), store.delete)
            retention.remove_unused(store.database, limits())

    def note(self, store: Store) -> None:
        """Write a note of every run and sweep that has changed, and clear up after those that are over."""
        with store.database.read() as db:
            runs = db.execute("SELECT id, version, state, attempt FROM runs").fetchall()
            sweeps = {row["id"]: (row["wish"], row["name"]) for row in db.execute("SELECT id, wish, name FROM sweeps")}
        for row in runs:
            if self._noted.get(row["id"]) != row["version"] and not self._over.is_set():
                recovery.note_run(store.database, row["id"])
                self._noted[row["id"]] = row["version"]
                if row["state"] in FINAL:
                    tidy(store.run_folder(row["id"]), row["attempt"])
        for sweep_id in {*sweeps, *self._sweeps}:
            if self._sweeps.get(sweep_id) != sweeps.get(sweep_id):
                recovery.note_sweep(store.database, sweep_id)
        self._noted = {row["id"]: self._noted.get(row["id"], -1) for row in runs}
        self._sweeps = sweeps


def tidy(run_folder: Path, attempt: int) -> None:
    """Of a run that is over only its last attempt stays, without checkpoints."""
    checkpoints.remove(run_folder)
    for path in run_folder.iterdir():
        if path.name.isdecimal() and int(path.name) < attempt:
            shutil.rmtree(path, ignore_errors=True)
