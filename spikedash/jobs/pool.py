"""The workers of one store: one warm and idle, the others with a run each; a worker whose run is over becomes the idle one."""

from __future__ import annotations

import logging
import os
import signal
import time
from pathlib import Path

from spikedash.jobs.claims import Claim, Holding, Queue, end
from spikedash.jobs.folders import read_progress
from spikedash.jobs.processes import Worker
from spikedash.jobs.store import Store

log = logging.getLogger(__name__)

GRACE_S = 5.0  # for a worker to obey, before it is made to
SPARE_AFTER_S = 1.5  # getting ready takes all of a core, which first belongs to the run that has just begun
MOST_PAUSED = 8  # paused runs hold no slot, but each still holds a process
LONGEST_DELAY_S = 30.0  # between attempts to start workers that do not get ready


class Pool:
    """Gives waiting runs to workers, and gives dead workers' runs their outcome.

    Args:
        slots: how many runs may compute at the same time.
        threads: how many threads each of them uses.
    """

    def __init__(self, folder: Path, slots: int, threads: int) -> None:
        self._folder = folder
        self._store = Store(folder)
        self._database = self._store.database
        self._queue = Queue(self._database, int(os.environ.get("SPIKEDASH_MOST_RUNNING") or 0))  # the server has checked it
        self._slots, self._threads = slots, threads
        self._busy: list[Worker] = []
        self._idle: list[Worker] = []  # at most one that has had a run and stands in for the next spare
        self._spare: Worker | None = None
        self._spare_from = 0.0  # when the next one may get ready though nobody waits for it
        self._retry_from = 0.0  # when the next one may be tried after one that failed
        self._delay = 0.0

    def open(self) -> None:
        """Take over a store: runs that a dead supervisor left behind wait again."""
        self._queue.put_back(lost=True)

    def close(self) -> None:
        """End all workers; their runs wait for the next supervisor."""
        workers = [*self._busy, *self._idle, *([self._spare] if self._spare else [])]
        for worker in workers:
            worker.kill(signal.SIGTERM)
        for worker in workers:
            worker.bury()
        self._queue.put_back(lost=False)

    def tick(self) -> None:
        """Look once at the store and at all workers, and do what is due."""
        over = [worker for worker in self._busy if worker.ended()]  # before looking, so that their last words are in
        for worker in self._busy:
            worker.listen()
        free_again = [worker for worker in self._busy if worker.ready and worker not in over]
        waiting, held = self._queue.look()
        self._bury(over, held)
        self._keep(free_again, held)
        self._enforce(held)
        free = sum(holding.state == "running" for holding in held.values()) < self._slots
        self._tend_spare(waiting and free)
        self._serve(waiting and free, held)

    def _bury(self, over: list[Worker], held: dict[Claim, Holding]) -> None:
        """Runs whose workers are gone have failed, unless they ended first."""
        for worker in over:
            if worker.claim and worker.claim in held and end(self._database, worker.claim, "failed", worker.epitaph()):
                log.warning("run %s: %s", worker.claim.run, worker.epitaph())
            worker.bury()
            self._busy.remove(worker)
            if worker.claim:
                self._store.clear_away(worker.claim.run)

    def _keep(self, over: list[Worker], held: dict[Claim, Holding]) -> None:
        """Workers whose run is over wait for the next one; more than one beside the spare is too many."""
        for worker in over:
            claim, worker.claim, worker.astray_s = worker.claim, None, None
            assert claim is not None
            if claim in held:
                end(self._database, claim, "failed", "The outcome of this run could not be written.")
            self._busy.remove(worker)
            self._store.clear_away(claim.run)
            if self._idle:
                worker.kill()
                worker.bury()
            else:
                self._idle.append(worker)

    def _enforce(self, held: dict[Claim, Holding]) -> None:
        """Kill workers that do not end with their run, or do not stop when asked to."""
        now = time.monotonic()
        for worker in self._busy:
            assert worker.claim is not None
            holding = held.get(worker.claim)
            if holding is None:
                worker.astray_s = worker.astray_s or now
                if now - worker.astray_s > GRACE_S:
                    worker.kill()
            elif holding.wish == "stop":
                attempt = self._folder / "runs" / worker.claim.run / str(worker.claim.attempt)
                # Before the first step there is nothing to save, and building a large network can take long.
                grace = GRACE_S if read_progress(attempt).version else 0.0
                if time.time() - holding.wished > grace and end(self._database, worker.claim, "stopped"):
                    worker.kill()

    def _tend_spare(self, needed: bool) -> None:
        """Keep one worker ready or getting ready."""
        now = time.monotonic()
        if self._idle and (self._spare is None or not (self._spare.ready or self._spare.claim)):
            rival, self._spare = self._spare, self._idle.pop()
            if rival:  # still getting ready, and no longer needed
                rival.kill()
                rival.bury()
        spare = self._spare
        if spare is None:
            due = now >= self._retry_from and (needed or now >= self._spare_from)
            if due and len(self._busy) < self._slots + MOST_PAUSED:
                self._spare = Worker(self._folder)
            return
        ended = spare.ended()  # before listening, so that its last words are heard
        spare.listen()
        if ended:
            log.warning("a worker waiting for a run has ended: %s", spare.epitaph())
            if spare.claim:
                end(self._database, spare.claim, "failed", spare.epitaph())
            spare.bury()
            self._spare = None
            self._delay = min(LONGEST_DELAY_S, 2 * self._delay + 0.5)
            self._retry_from = now + self._delay
        elif spare.ready:
            self._delay = 0.0

    def _serve(self, needed: bool, held: dict[Claim, Holding]) -> None:
        """Give the next run to the spare worker; one that is still getting ready is reserved for it."""
        spare = self._spare
        if spare is None:
            return
        if spare.claim is None:
            if not needed:
                return
            spare.claim = self._queue.claim("starting" if spare.ready else "compiling")
            if spare.claim is None or not spare.ready:
                return
        elif spare.claim not in held:  # stopped or paused before it began
            spare.claim = None
            return
        elif not spare.ready or not self._queue.hand_over(spare.claim):
            return
        spare.give(spare.claim, self._threads)
        self._busy.append(spare)
        self._spare = None
        self._spare_from = time.monotonic() + SPARE_AFTER_S
