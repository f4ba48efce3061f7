"""When many pages look at once, all of them look less often, so that each is answered as soon as it asks."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable

from flask import Flask, Response, request

ENOUGH = 0.5  # of a core, for this process; beyond it answers begin to wait for each other
MOST = 10.0  # times as long as a page waits by itself
WINDOW_S = 1.0  # that is looked back on
#: How many times as long as usual a page shall wait before it looks again (assets/crowd.js).
HEADER = "Look-Slower"


class Crowd:
    """How much less often everybody should look: what a second's answers cost goes down with it in proportion."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, worked: Callable[[], float] = time.process_time) -> None:
        self._clock, self._worked = clock, worked
        self._lock = threading.Lock()
        self._since = clock(), worked()
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
                # The root, since pages hear of it one by one, and would be slowed down twice before the first has obeyed.
                self._slower = min(MOST, max(1.0, self._slower * math.sqrt(busy / ENOUGH)))
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
