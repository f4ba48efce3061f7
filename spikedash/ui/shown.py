"""Pictures of runs that many pages ask for: each is drawn once, and not more often than anybody can see."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import NamedTuple, TypeVar

from flask_caching import Cache

from spikedash.jobs.store import Run

FRESH_S = 0.35  # a running run's picture is new for so long, however much has happened since
MOST = 64  # pictures, of some 60 kB
T = TypeVar("T")


class Shown(NamedTuple):
    """A picture as it was sent."""

    standing: Hashable  # of its run: what a page must hear of at once
    version: int
    drawn: float  # time.monotonic() when its drawing began
    body: bytes


class Pictures:
    """What was drawn last in every room (one run as one kind of page sees it); for all threads of a process."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache
        self._lock = threading.Lock()
        self._shown: OrderedDict[str, Shown] = OrderedDict()
        self._pens: OrderedDict[str, threading.Lock] = OrderedDict()  # held by whoever draws in a room

    def of(self, room: str, run: Run, after: int, draw: Callable[[], bytes]) -> bytes:
        """A picture newer than `after`: of the run's present version, or of one just before that while it runs."""
        with self._lock:
            last, pen = self._shown.get(room), _last_used(self._pens, room, threading.Lock)
        if last and last.version > after and _alike(last, run):
            behind = last.version < run.version and time.monotonic() - last.drawn > FRESH_S
            if not behind or pen.locked():
                return last.body
        with pen:  # what two pages want at once is drawn for both
            with self._lock:
                last = self._shown.get(room)
            if last and last.version >= run.version and _alike(last, run):
                return last.body
            now = Shown((run.attempt, run.state, run.phase), run.version, time.monotonic(), self._kept(room, run, draw))
            with self._lock:
                self._shown[room] = now
                _last_used(self._shown, room, lambda: now)
            return now.body

    def _kept(self, room: str, run: Run, draw: Callable[[], bytes]) -> bytes:
        """On disk as well, where it stays."""
        if run.state == "running":
            return draw()
        key = f"{room}:{run.version}"
        body: bytes | None = self._cache.get(key)
        if body is None:
            body = draw()
            self._cache.set(key, body)
        return body


def _alike(last: Shown, run: Run) -> bool:
    """Whether a page that sees this need not hear of anything else at once."""
    return run.state == "running" and last.standing == (run.attempt, run.state, run.phase)


def _last_used(kept: OrderedDict[str, T], name: str, make: Callable[[], T]) -> T:
    """An entry, made where it is not there, while the ones that nobody asked for lately are forgotten."""
    found = kept[name] if name in kept else make()
    kept[name] = found
    kept.move_to_end(name)
    while len(kept) > MOST:
        kept.popitem(last=False)
    return found
