"""The supervisor of a store: `python -m spikedash.jobs.supervisor --store DIR [--slots K]`, or start() from a server.

One per store, elected by a file lock; others wait to take over. It ends when its standard input does.
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import select
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

from filelock import FileLock, Timeout

from spikedash.jobs import heartbeat, logs
from spikedash.jobs.database import Damaged, StoreError
from spikedash.jobs.housekeeping import Housekeeping
from spikedash.jobs.keeper import Keeper
from spikedash.jobs.pool import Pool
from spikedash.jobs.processes import ROOT, end_group
from spikedash.params import InputError

log = logging.getLogger("spikedash.jobs.supervisor")  # also where this file is the program itself

TICK_S = 0.05
STANDBY_S = 0.25
RESTART_S = (0.1, 5.0)  # shortest and longest wait before a dead supervisor is replaced
STOP_S = 10.0
ERRORS_BYTES = 1_000_000


def main() -> int:
    """Serve the store until standard input ends or SIGTERM comes; 1 if the store cannot be used."""
    cores = os.cpu_count() or 1
    parser = argparse.ArgumentParser(description="Gives the runs of a store to worker processes.")
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--slots", type=int, default=max(1, cores // 2), help="runs that compute at the same time")
    given = parser.parse_args()
    over = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: over.set())
    signal.signal(signal.SIGINT, lambda *_: over.set())
    folder = given.store.resolve()
    try:
        logs.to_file(folder / "log.jsonl")
        pool = Pool(folder, given.slots, threads=max(1, cores // given.slots))
        # A soft lock would outlive a killed supervisor; only the kernel's own lock does not.
        lock = FileLock(folder / "supervisor.lock", fallback_to_soft=False)
        while not _acquired(lock):
            if _asked_to_end(over, STANDBY_S):
                return 0
        _serve(pool, folder, over)  # the lock goes with the process
    except (StoreError, InputError, NotImplementedError, OSError, sqlite3.DatabaseError) as error:
        log.exception("the supervisor ends: %s", error)
        print(error, file=sys.stderr)
        return 1
    return 0


def _acquired(lock: FileLock) -> bool:
    try:
        lock.acquire(blocking=False)
    except Timeout:
        return False
    return True


def _asked_to_end(over: threading.Event, seconds: float) -> bool:
    """Wait a moment; whether the server is gone or wants this to end."""
    readable, _, _ = select.select([sys.stdin], [], [], seconds)
    return over.is_set() or (bool(readable) and not os.read(sys.stdin.fileno(), 4096))


def _serve(pool: Pool, folder: Path, over: threading.Event) -> None:
    log.info("supervising")
    heart = heartbeat.Heart(folder)
    house, keeper = Housekeeping(folder), Keeper(folder)
    opened = False
    try:
        while not _asked_to_end(over, TICK_S):
            heart.beat()
            try:
                if not opened:
                    pool.open()
                    house.start()
                    opened = True
                if house.damaged:
                    raise Damaged(house.damaged)  # opening the store again makes it anew
                pool.tick()
                keeper.tick()
            except Damaged:
                raise
            # A full disk or a long lock; the next look tells whether it is over.
            except (sqlite3.OperationalError, StoreError) as error:
                log.warning("the store does not answer: %s", error)
                over.wait(1.0)
    finally:
        house.stop()
        keeper.close()
        with contextlib.suppress(sqlite3.Error, StoreError):
            pool.close()
        log.info("ended")


class Service:
    """Keeps a supervisor running for as long as this process lives, or until it is stopped."""

    def __init__(self, folder: Path, slots: int | None) -> None:
        self.folder = folder.resolve()
        self._slots = slots
        self._over = threading.Event()
        self.pid: int | None = None  # of the supervisor
        self._thread = threading.Thread(target=self._watch, name="supervisor", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the supervisor and its workers; their runs go on when the store is served again."""
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        wait = RESTART_S[0]
        while not self._over.is_set():
            began = time.monotonic()
            process = self._spawn()
            self.pid = process.pid
            watch = heartbeat.Watch(self.folder, process.pid)
            while process.poll() is None and not self._over.wait(0.1):
                if watch.silent_s() > heartbeat.HUNG_S:
                    log.warning("the supervisor %d hangs and is replaced", process.pid)
                    process.kill()
            _end(process)
            wait = RESTART_S[0] if time.monotonic() - began > 10 * RESTART_S[1] else min(2 * wait, RESTART_S[1])
            self._over.wait(wait)

    def _spawn(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "spikedash.jobs.supervisor", "--store", str(self.folder)]
        if self._slots is not None:
            command += ["--slots", str(self._slots)]
        path = self.folder / "errors.log"  # what the log has no place for: the last words of crashed processes
        self.folder.mkdir(parents=True, exist_ok=True)
        fresh = not path.exists() or path.stat().st_size > ERRORS_BYTES
        with path.open("wb" if fresh else "ab") as file:
            # Its own session: Ctrl-C reaches the server alone, which then ends the supervisor in good order.
            return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=file, stderr=file, start_new_session=True)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Close its standard input and wait; its workers die with it in any case."""
    assert process.stdin is not None
    process.stdin.close()
    end_group(process, STOP_S)


def start(store_folder: Path, slots: int | None = None) -> Service:
    """Have the runs of a store computed in the background of this process, until .stop() or its end."""
    return Service(store_folder, slots)


if __name__ == "__main__":
    sys.exit(main())
