"""What changed in the lists of runs since a browser last looked; one look at the store serves all browsers."""

from __future__ import annotations

import hashlib
import threading
import time
from collections import OrderedDict
from typing import NamedTuple

from spikedash.jobs.catalogue import Catalogue, Queue
from spikedash.jobs.database import Database, Sentinel
from spikedash.jobs.store import State

FRESH_S = 0.4  # how old an answer may be
ALIVE_S = 2.0
REMEMBERED = 128  # looks that a browser may come back with
MOST_LISTS = 500  # whose latest look is kept

Versions = dict[str, int]


class Listed(NamedTuple):
    """The rows of a list as the database has them."""

    mark: str  # a hash of them
    versions: Versions
    running: tuple[tuple[str, int], ...]  # id and attempt of the runs whose progress lies in files


class Look(NamedTuple):
    """A list at one moment."""

    token: str
    listed: Listed
    progress: Versions  # of the running runs
    queue: Queue


class Changes(NamedTuple):
    """What a browser does not know yet; `all` where it has to begin anew."""

    all: bool
    changed: list[str]
    gone: list[str]


class Watch:
    """Remembers the latest looks at every list."""

    def __init__(self, catalogue: Catalogue, database: Database) -> None:
        self._catalogue = catalogue
        self._lock = threading.Lock()
        self._sentinel = Sentinel(database.path)
        self._seen = -1
        self._queue = Queue(0, 0, False)
        self._asked_alive = -ALIVE_S
        self._listed: dict[tuple[str | None, bool], Listed] = {}
        self._latest: dict[tuple[str | None, bool], tuple[float, Look]] = {}
        self._looks: OrderedDict[tuple[str | None, bool, str], Look] = OrderedDict()

    def look(self, owner: str | None, *, cells: bool) -> Look:
        """The list as it is now, or was a moment ago."""
        key = (owner, cells)
        with self._lock:
            now = time.monotonic()
            before = self._latest.get(key)
            if before is None or now - before[0] >= FRESH_S:
                self._latest.pop(key, None)
                while len(self._latest) >= MOST_LISTS:  # everybody who comes without a cookie has another list
                    gone = next(iter(self._latest))
                    del self._latest[gone]
                    self._listed.pop(gone, None)
                self._latest[key] = before = (now, self._read(*key))
                self._looks[(*key, before[1].token)] = before[1]
                self._looks.move_to_end((*key, before[1].token))
                while len(self._looks) > REMEMBERED:
                    self._looks.popitem(last=False)
            return before[1]

    def at(self, owner: str | None, token: str, *, cells: bool) -> Look:
        """The look that had this token; the latest one where it is forgotten."""
        with self._lock:
            found = self._looks.get((owner, cells, token))
        return found or self.look(owner, cells=cells)

    def since(self, owner: str | None, token: str, now: Look, *, cells: bool) -> Changes:
        """What is different from the look that had this token."""
        with self._lock:
            before = self._looks.get((owner, cells, token))
        if before is None:
            return Changes(True, [], [])
        changed = {run_id for run_id, version in now.progress.items() if before.progress.get(run_id) != version}
        gone: list[str] = []
        if before.listed.mark != now.listed.mark:
            old, new = before.listed.versions, now.listed.versions
            changed |= {run_id for run_id, version in new.items() if old.get(run_id) != version}
            gone = [run_id for run_id in old if run_id not in new]
        return Changes(False, [run_id for run_id in now.listed.versions if run_id in changed], gone)

    def _read(self, owner: str | None, cells: bool) -> Look:
        self._notice()
        key = (owner, cells)
        listed = self._listed.get(key)
        if listed is None:
            self._listed[key] = listed = _listed(self._catalogue.versions(owner, cells=cells))
        progress = {run_id: self._catalogue.progress(run_id, attempt).version for run_id, attempt in listed.running}
        token = f"{listed.mark}.{_hash(progress, self._queue)}"
        return Look(token, listed, progress, self._queue)

    def _notice(self) -> None:
        """Forget what is no longer so."""
        version, now = self._sentinel.version(), time.monotonic()
        if version != self._seen:
            self._seen, self._listed = version, {}
            self._queue, self._asked_alive = self._catalogue.queue(), now
        elif now - self._asked_alive >= ALIVE_S:
            self._queue, self._asked_alive = self._queue._replace(alive=self._catalogue.alive()), now


def _listed(rows: dict[str, tuple[int, State, int]]) -> Listed:
    versions = {run_id: version for run_id, (version, _, _) in rows.items()}
    running = tuple((run_id, attempt) for run_id, (_, state, attempt) in rows.items() if state == "running")
    return Listed(_hash(versions), versions, running)


def _hash(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:12]
