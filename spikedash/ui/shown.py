"""Pictures of runs that many pages ask for: each is drawn once, and not more often than anybody can see."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import NamedTuple

from flask_caching import Cache

from spikedash.jobs.store import FINAL, Run

FRESH_S = 0.35  # a running run's picture is new for so long, however much has happened since
MOST = 200  # rooms, whose pictures have some 60 kB each, and words alone a tenth


class Shown(NamedTuple):
    """A picture as it was sent."""

    standing: Hashable  # of its run: what a page must hear of at once
    version: int
    drawn: float  # time.monotonic() when its drawing began
    body: bytes


class Room:
    """One run as one kind of page sees it."""

    def __init__(self) -> None:
        self.pen = threading.Lock()  # held by whoever draws
        self.last: Shown | None = None


class Pictures:
    """What was drawn last in every room; for all threads of a process."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache
        self._lock = threading.Lock()
        self._rooms: OrderedDict[str, Room] = OrderedDict()

    def of(self, name: str, run: Run, after: int, draw: Callable[[], bytes]) -> bytes:
        """A picture newer than `after`: of the run's present version, or of one just before that while it runs."""
        room = self._room(name)
        last = room.last
        if last and last.version > after and _alike(last, run):
            behind = last.version < run.version and time.monotonic() - last.drawn > FRESH_S
            if not behind or room.pen.locked():
                return last.body
        with room.pen:  # what two pages want at once is drawn for both
            last = room.last
            if last and (last.version == run.version or (last.version > run.version and _alike(last, run))):
                return last.body
            began, body = time.monotonic(), self._kept(name, run, draw)
            room.last = Shown((run.attempt, run.state, run.phase), run.version, began, body)
            return body

    def _room(self, name: str) -> Room:
        """A room by its name; those that nobody asked for lately are forgotten."""
        with self._lock:
            room = self._rooms.setdefault(name, Room())
            self._rooms.move_to_end(name)
            while len(self._rooms) > MOST:
                self._rooms.popitem(last=False)
            return room

    def _kept(self, name: str, run: Run, draw: Callable[[], bytes]) -> bytes:
        """On disk as well, where it stays."""
        if run.state not in FINAL:
            return draw()
        key = f"{name}:{run.version}"
        body: bytes | None = self._cache.get(key)
        if body is None:
            body = draw()
            self._cache.set(key, body)
        return body


def _alike(last: Shown, run: Run) -> bool:
    """Whether a page that sees this need not hear of anything else at once."""
    return run.state == "running" and last.standing == (run.attempt, run.state, run.phase)
