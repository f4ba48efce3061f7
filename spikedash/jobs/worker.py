"""A worker process: gets ready, is given a run on its standard input, computes it, and is ready for the next.

`python -m spikedash.jobs.worker --store DIR --parent PID` says {"ready": true} on standard output, then reads one line
{"run": id, "attempt": number, "threads": number}, and so on. When its standard input ends, so does the worker; when it gets
SIGTERM, it first writes a checkpoint. Starting one takes seconds; the cells of a sweep often take less.
"""

from __future__ import annotations

import gc
import json
import logging
import math
import os
import queue
import sys
import tempfile
import threading
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spikedash.jobs import logs, speed
from spikedash.jobs.claims import Claim, Pen, Superseded
from spikedash.jobs.limits import limits
from spikedash.jobs.obedience import Departure, Leaving, TooLong
from spikedash.jobs.parent import begin
from spikedash.jobs.space import patiently
from spikedash.jobs.store import Store
from spikedash.params import InputError

if TYPE_CHECKING:
    from spikedash.jobs.compute import Job

log = logging.getLogger("spikedash.jobs.worker")  # also where this file is the program itself

MOST_RUNS = 100  # whatever a library may leak, it ends here
NICENESS = 5  # the page stays quick while all cores compute


def main() -> int:
    """Get ready, do one run after the other; 0 unless getting ready failed."""
    store_folder = begin("Computes runs, one after the other.", NICENESS)
    departure = Departure()
    jobs: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(jobs,), daemon=True).start()
    say = _private_output()
    logs.to_supervisor(say)
    _find_room_for_kernels(store_folder)
    try:
        # Imported here, since it takes seconds in which the parent may already be gone.
        from spikedash import training
        from spikedash.jobs.checkpoints import maker
        from spikedash.jobs.compute import Job

        training.warm_up()
        maker()
    except Exception as error:
        traceback.print_exc()
        say({"failed": f"The simulator cannot be started: {logs.sentence(error)}"})
        return 1
    store = Store(store_folder)
    _measure_speed(store)
    for _ in range(MOST_RUNS):
        say({"ready": True})
        given_job = jobs.get()
        claim = Claim(given_job["run"], given_job["attempt"])
        work(Job(store, claim, Pen(store.database, claim), given_job["threads"], limits(), departure))
        if departure.asked:
            break
        gc.collect()  # what the run held is given back before the next one is built
    return 0


def _find_room_for_kernels(store: Path) -> None:
    """Where the usual folder for compiled kernels cannot be written, numba would refuse to start; the store can be."""
    usual = os.environ.get("NUMBA_CACHE_DIR") or os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    try:
        Path(usual).mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=usual):
            return
    except OSError as error:
        os.environ["NUMBA_CACHE_DIR"] = str(store / "numba")
        log.warning("compiled kernels are kept in the store, since %s cannot be written: %s", usual, error)


def _measure_speed(store: Store) -> None:
    """Before the very first run: how long each kind of work takes on this machine."""
    from spikedash.reproduction.speed import measured

    if speed.pace(store.folder) is None:
        speed.keep(store.folder, measured(math.inf))


def _listen(jobs: queue.SimpleQueue[dict[str, Any]]) -> None:
    """Hand on the job; end this process as soon as the other side of the pipe is gone."""
    said = b""
    # Not through sys.stdin, whose buffer cannot be locked away from a thread when the interpreter ends.
    while words := os.read(0, 4096):
        *lines, said = (said + words).split(b"\n")
        for line in lines:
            jobs.put(json.loads(line))
    os._exit(0)


def _private_output() -> Any:
    """A function that says one thing per line to the supervisor; what anybody else prints goes to the log."""
    out = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    return lambda content: print(json.dumps(content), file=out, flush=True)


def work(job: Job) -> None:
    """Compute a run and give it its outcome; here, and nowhere below, errors are caught."""
    from spikedash.jobs.compute import compute, keep_traceback
    from spikedash.training import RunFailed

    try:
        try:
            compute(job)
        except (Superseded, Leaving):
            raise
        except (InputError, RunFailed, TooLong) as error:
            reason = str(error)
        except Exception as error:
            keep_traceback(job.folder)
            reason = f"The run failed: {logs.sentence(error)}"
        else:
            return
        patiently(lambda: job.pen.end("failed", reason), job.look)
    except (Superseded, Leaving):
        return


if __name__ == "__main__":
    sys.exit(main())
