"""The processes that a supervisor starts: how they end, and one worker as it is held."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from spikedash.jobs.claims import Claim

ROOT = Path(__file__).resolve().parents[2]
END_S = 3.0

log = logging.getLogger(__name__)


def end_group(process: subprocess.Popen[bytes], seconds: float = END_S) -> None:
    """Wait until a child in a group of its own is gone, if need be by force."""
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        signal_group(process, signal.SIGKILL)
        process.wait()


def signal_group(process: subprocess.Popen[bytes], how: signal.Signals) -> None:
    """Signal a child in a group of its own, and whatever that has started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, how)


class Worker:
    """A child in its own process group, which gets ready, takes a run, and is ready again when that is over."""

    def __init__(self, store_folder: Path) -> None:
        command = [sys.executable, "-m", "spikedash.jobs.worker", "--store", str(store_folder), "--parent", str(os.getpid())]
        # Threads of the analyses' BLAS that spin while they wait for each other slow down everybody, and its matrices are small.
        # Large arrays that a run lets go are the system's again at once: glibc would keep more and more of them back.
        environment = {"OPENBLAS_NUM_THREADS": "1", "MALLOC_MMAP_THRESHOLD_": str(2**21), **os.environ}
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdin=pipe, stdout=pipe, bufsize=0, start_new_session=True
        )
        assert self._process.stdout is not None
        os.set_blocking(self._process.stdout.fileno(), False)
        self._said = b""
        self.claim: Claim | None = None  # the run it has, or will have when it is ready
        self.ready = False  # for a run
        self.astray_s: float | None = None  # since when its run is no longer there for it (monotonic clock)
        self.told_s: float | None = None  # since when it shall stop (monotonic clock)
        self.ran_s = 0.0  # how long it has computed its run
        self.complaint = ""  # why it could not get ready

    @property
    def pid(self) -> int:
        return self._process.pid

    def listen(self) -> None:
        """Take in what the worker has said."""
        assert self._process.stdout is not None
        self._said += self._process.stdout.read() or b""
        *lines, self._said = self._said.split(b"\n")
        for line in lines:
            words = json.loads(line)
            if said := words.get("log"):
                level, room, message = said
                logging.getLogger(room).log(level, "%s", message, extra=self.about())
            self.ready = self.ready or bool(words.get("ready"))
            self.complaint = words.get("failed", self.complaint)

    def give(self, claim: Claim, threads: int) -> None:
        """Have it compute a run."""
        self.claim, self.ready = claim, False
        self.astray_s, self.told_s, self.ran_s = None, None, 0.0
        line = json.dumps({"run": claim.run, "attempt": claim.attempt, "threads": threads}) + "\n"
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # it has died, which is noticed by itself
            self._process.stdin.write(line.encode())

    def about(self) -> dict[str, Any]:
        """What a line of the log about it is about."""
        run, attempt = self.claim or (None, None)
        return {"worker": self.pid, "run": run, "attempt": attempt}

    @property
    def left(self) -> bool:
        """Whether it ended in good order."""
        return self._process.returncode == 0

    def ended(self) -> bool:
        return self._process.poll() is not None

    def epitaph(self) -> str:
        """Why an ended worker ended, in one sentence."""
        code = self._process.returncode
        if self.complaint:
            return self.complaint
        if code == -signal.SIGKILL:
            return "The worker process was killed (SIGKILL); perhaps the machine ran out of memory."
        if code < 0:
            return f"The worker process was ended by signal {-code} ({signal.strsignal(-code)})."
        return f"The worker process ended with exit code {code} before the run was over."

    def kill(self, how: signal.Signals = signal.SIGKILL) -> None:
        """Signal the whole group."""
        signal_group(self._process, how)

    def bury(self, seconds: float = END_S) -> None:
        """Wait until it is gone, if need be by force; end whatever it has started, and close its pipes."""
        end_group(self._process, seconds)
        self.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()
