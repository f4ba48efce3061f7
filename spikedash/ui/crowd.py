"""When many pages look at once, all of them look less often.

So a class leaves the cores to its networks, and in a crowd everybody is answered as soon as they ask.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from flask import Flask, Response, request

LITTLE = 0.13  # of a core, for this process: what a class may cost, as long as its pages need not wait TWICE as long for it
TWICE = 2.0
ENOUGH = 0.5  # of a core; beyond it answers begin to wait for each other
MOST = 10.0  # times as long as a page waits by itself
WINDOW_S = 1.0  # that is looked back on
NEWS = 0.3  # share of the latest second in what is thought to be asked for: a page that arrives is no crowd
#: How many times as long as usual a page shall wait before it looks again (assets/crowd.js).
HEADER = "Look-Slower"


class Crowd:
    """How much less often everybody should look: what a second's answers cost goes down with it in proportion."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, worked: Callable[[], float] = time.process_time) -> None:
        self._clock, self._worked = clock, worked
        self._lock = threading.Lock()
        self._since = clock(), worked()
        self._asked = 0.0  # of a core, if everybody looked as often as they like
        self._slower = 1.0

    def slower(self) -> float:
        """From 1 on; to be asked with every answer."""
        now = self._clock()
        with self._lock:
            began, before = self._since
            if now - began >= WINDOW_S:
                after = self._worked()
                busy = (after - before) / (now - began)
                self._since = now, after
                self._asked += NEWS * (busy * self._slower - self._asked)
                self._slower = min(MOST, max(1.0, min(TWICE, self._asked / LITTLE), self._asked / ENOUGH))
            return self._slower


def attach(server: Flask, crowd: Crowd) -> None:
    """Say it with every answer of a stream."""

    @server.after_request
    def say(answer: Response) -> Response:
        if request.path.startswith("/stream"):
            slower = crowd.slower()
            if slower > 1.05:
                answer.headers[HEADER] = f"{slower:.1f}"
        return answer
