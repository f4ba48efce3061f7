"""Keeps the prober of a store alive; the supervisor's part in questions to trained networks."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from spikedash.jobs.processes import ROOT, end_group, signal_group
from spikedash.jobs.questions import Questions

log = logging.getLogger(__name__)

FIRST_AFTER_S = 20.0  # without a question; getting ready takes a core, which first belongs to the workers
LONGEST_DELAY_S = 30.0  # between attempts to start one that does not stay


class Keeper:
    """One prober: started at the first question or when the store has been served for a while, and again when it dies."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._questions = Questions(folder)
        self._process: subprocess.Popen[bytes] | None = None
        self._due = time.monotonic() + FIRST_AFTER_S  # when it starts though nobody asks
        self._retry_from = 0.0
        self._delay = 0.0
        self._began = 0.0

    def tick(self) -> None:
        """Start what is due, and notice what has ended."""
        now = time.monotonic()
        if self._process is not None:
            if self._process.poll() is not None:
                self._mourn(now)
        elif now >= self._retry_from and (now >= self._due or self._questions.pages()):
            self._begin(now)

    def close(self) -> None:
        """End it."""
        if self._process is None:
            return
        signal_group(self._process, signal.SIGTERM)
        end_group(self._process)
        self._bury()

    def _begin(self, now: float) -> None:
        command = [sys.executable, "-m", "spikedash.jobs.prober", "--store", str(self._folder), "--parent", str(os.getpid())]
        # One thread: an answer takes a tenth of a second, and the cores belong to the runs.
        environment = {"OPENBLAS_NUM_THREADS": "1", **os.environ}
        self._process = subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, start_new_session=True)
        self._began = now

    def _mourn(self, now: float) -> None:
        """Have the next one start soon, or later if they do not last."""
        assert self._process is not None
        lasted, code = now - self._began, self._process.returncode
        log.warning("the prober has ended with %s after %.0f s", code, lasted)
        if self._questions.standing().state != "broken":
            self._questions.stand("starting", "The process that answers has ended; a new one gets ready.")
        self._delay = 0.0 if lasted > LONGEST_DELAY_S else min(LONGEST_DELAY_S, 2 * self._delay + 0.5)
        self._due, self._retry_from = now, now + self._delay
        self._bury()

    def _bury(self) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process = None
