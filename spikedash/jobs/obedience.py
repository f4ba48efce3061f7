"""What a worker does between two snapshots: look at what people want, rest while paused, leave when it is asked to."""

from __future__ import annotations

import math
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from spikedash.jobs.claims import Pen
from spikedash.jobs.limits import Limits
from spikedash.jobs.report import Report

LOOK_S = 0.05  # between two looks at what people want


class Leaving(Exception):
    """The worker leaves the run, which goes on from a checkpoint when it is wanted again."""


class TooLong(Exception):
    """The run has computed for longer than is allowed; the message is one sentence."""


class Departure:
    """Listens for SIGTERM: a worker with something to save says when it can leave, any other one is gone at once."""

    def __init__(self) -> None:
        self.asked = False
        self._saving = False
        signal.signal(signal.SIGTERM, self._ask)

    def _ask(self, *_: Any) -> None:
        self.asked = True
        if not self._saving:
            os._exit(0)

    @contextmanager
    def awaited(self) -> Iterator[None]:
        """While this lasts, the worker leaves by itself."""
        self._saving = True
        try:
            yield
        finally:
            self._saving = False


class Obedience:
    """Decides after every snapshot whether to compute the next one.

    Args:
        save: writes a checkpoint; whether there is one now.
    """

    def __init__(self, pen: Pen, report: Report, departure: Departure, limits: Limits, save: Callable[[], bool]) -> None:
        self._pen = pen
        self._report = report
        self._departure = departure
        self._longest_s, self._rest_s = 3600 * limits.run_hours, limits.rest_s
        self._save = save
        self._wish, self._goal = "run", 0
        self._looked = 0.0

    def go_on(self) -> bool:
        """Whether to compute the next snapshot; returns only when that is known.

        Raises:
            Superseded: the run belongs to somebody else now.
            Leaving: this process shall end, or the run has rested for long.
            TooLong: the run has had its time.
        """
        if time.monotonic() - self._looked >= LOOK_S:
            self.look()
        if self._report.active_s() > self._longest_s:
            raise TooLong(
                f"The run computed for more than {self._longest_s / 3600:.3g} hours and was ended; "
                "SPIKEDASH_RUN_HOURS sets how long a run may compute."
            )
        while self._wish == "pause" or (self._wish == "step" and self._report.done >= self._goal):
            self._rest()
        return self._wish != "stop"

    def look(self) -> None:
        """Find out what is wanted now."""
        if self._departure.asked:
            raise Leaving
        self._wish, self._goal = self._pen.wish()
        self._looked = time.monotonic()

    def _rest(self) -> None:
        """Be paused until people want something else."""
        self._report.rest()
        paused = self._pen.rest(self._wish)
        self.look()
        until = time.monotonic() + self._rest_s
        while self._wish == "pause":
            if time.monotonic() > until:
                if self._save():
                    raise Leaving
                until = math.inf  # what cannot be saved stays
            time.sleep(LOOK_S)
            self.look()
        if paused and self._wish != "stop":
            self._pen.go_on()
        self._report.go_on()
