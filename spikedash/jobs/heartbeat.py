"""A sign of life of the supervisor: a file that it touches, which needs no room on the disk."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path

NAME = "supervisor.beat"
EVERY_S = 0.5
LATE_S = 10.0  # without one, after which something is wrong
HUNG_S = 30.0  # without one, after which the supervisor is replaced


class Heart:
    """Beats for the supervisor that serves a store."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME
        self._next = 0.0
        with contextlib.suppress(OSError):  # the disk may be full
            self._path.write_text(str(os.getpid()))

    def beat(self) -> None:
        """Give a sign of life, where it is time for one."""
        now = time.monotonic()
        if now >= self._next:
            self._next = now + EVERY_S
            with contextlib.suppress(OSError):
                os.utime(self._path)


def age_s(folder: Path) -> float | None:
    """Seconds since the last sign of life; None where there never was one."""
    try:
        return max(0.0, time.time() - (folder / NAME).stat().st_mtime)
    except OSError:
        return None


class Watch:
    """How long one supervisor has given no sign of life, by the clock that nobody can set."""

    def __init__(self, folder: Path, pid: int) -> None:
        self._path, self._pid = folder / NAME, str(pid)
        self._seen, self._since = 0.0, time.monotonic()

    def silent_s(self) -> float:
        """Seconds; 0 for a supervisor that waits for another one to end."""
        now = time.monotonic()
        try:
            mine, seen = self._path.read_text() == self._pid, self._path.stat().st_mtime
        except OSError:
            mine, seen = False, 0.0
        if not mine or seen != self._seen:
            self._seen, self._since = seen, now
        return now - self._since
