"""The workers of one store: one warm and idle, the others with a run each; a worker whose run is over becomes the idle one."""

from __future__ import annotations

import logging
import signal
import time
from pathlib import Path

from spikedash.jobs import space
from spikedash.jobs.claims import Claim, Holding, Queue, end
from spikedash.jobs.folders import read_progress
from spikedash.jobs.limits import limits, most_running
from spikedash.jobs.processes import Worker
from spikedash.jobs.store import Store

log = logging.getLogger(__name__)

GRACE_S = 5.0  # for a worker to obey, before it is made to
SPARE_AFTER_S = 1.5  # getting ready takes all of a core, which first belongs to the run that has just begun
MOST_PAUSED = 8  # paused runs hold no slot, but for the first minute each still holds a process
LONGEST_DELAY_S = 30.0  # between attempts to start workers that do not get ready
MOST_FALSE_STARTS = 5  # in a row, after which the run that waits for a worker is told so
LEAVE_S = 8.0  # for workers to write their checkpoints when the supervisor ends
MARGIN_S = 300.0  # after which a worker that does not notice that its run has had its time is made to end
LOOK_AT_DISK_S = 1.0


class Pool:
    """Gives waiting runs to workers, and lets dead workers' runs go on.

    Args:
        slots: how many runs may compute at the same time.
        threads: how many threads each of them uses.
    """

    def __init__(self, folder: Path, slots: int, threads: int) -> None:
        self._folder = folder
        self._store = Store(folder)
        self._database = self._store.database
        self._queue = Queue(self._database, most_running())
        self._slots, self._threads = slots, threads
        self._busy: list[Worker] = []
        self._idle: list[Worker] = []  # at most one that has had a run and stands in for the next spare
        self._spare: Worker | None = None
        self._spare_from = 0.0  # when the next one may get ready though nobody waits for it
        self._retry_from = 0.0  # when the next one may be tried after one that failed
        self._delay = 0.0
        self._false_starts = 0
        self._longest_s = 3600 * limits().run_hours + MARGIN_S
        self._ticked = time.monotonic()
        self._disk_from = 0.0  # when to look at the disk again
        self._scarce = ""

    def open(self) -> None:
        """Take over a store: runs that a dead supervisor left behind wait again."""
        self._queue.put_back(lost=True)

    def close(self) -> None:
        """Have all workers write a checkpoint and end; their runs wait for the next supervisor."""
        workers = [*self._busy, *self._idle, *([self._spare] if self._spare else [])]
        for worker in workers:
            worker.kill(signal.SIGTERM)
        until = time.monotonic() + LEAVE_S
        for worker in workers:
            worker.bury(max(0.0, until - time.monotonic()))
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
        needed = waiting and free and self._room()
        self._tend_spare(needed)
        self._serve(needed, held)

    def _room(self) -> bool:
        """Whether the disk has room for another run."""
        now = time.monotonic()
        if now >= self._disk_from:
            before, self._scarce = self._scarce, space.scarce(self._folder)
            self._disk_from = now + LOOK_AT_DISK_S
            if self._scarce and not before:
                log.warning("%s", self._scarce)
            elif before and not self._scarce:
                log.info("there is room on the disk again")
        return not self._scarce

    def _bury(self, over: list[Worker], held: dict[Claim, Holding]) -> None:
        """Runs whose workers are gone go on from their checkpoints, unless they ended first or die at one place too often."""
        for worker in over:
            claim = worker.claim
            if claim and claim in held and self._queue.give_back(claim, lost=not worker.left, why=worker.epitaph()):
                log.warning("%s", worker.epitaph(), extra=worker.about())
            self._busy.remove(worker)
            worker.bury()
            if claim:
                self._store.clear_away(claim.run)

    def _keep(self, over: list[Worker], held: dict[Claim, Holding]) -> None:
        """Workers whose run is over wait for the next one; more than one beside the spare is too many."""
        for worker in over:
            claim = worker.claim
            assert claim is not None
            if claim in held:  # one that rested for long, or one without an outcome
                self._queue.give_back(claim, lost=True, why="The outcome of this run was not written.")
            log.info("a worker is free again", extra=worker.about())
            worker.claim = None
            self._busy.remove(worker)
            self._store.clear_away(claim.run)
            if self._idle:
                worker.kill()
                worker.bury()
            else:
                self._idle.append(worker)

    def _enforce(self, held: dict[Claim, Holding]) -> None:
        """Kill workers that do not end with their run, do not stop when asked to, or do not notice that their time is over.

        All of it by the clock that nobody can set.
        """
        now = time.monotonic()
        passed, self._ticked = min(1.0, now - self._ticked), now
        for worker in self._busy:
            assert worker.claim is not None
            holding = held.get(worker.claim)
            if holding is None:
                worker.astray_s = worker.astray_s or now
                if now - worker.astray_s > GRACE_S:
                    worker.kill()
                continue
            worker.ran_s += passed if holding.state == "running" else 0.0
            if worker.ran_s > self._longest_s:
                hours = (self._longest_s - MARGIN_S) / 3600
                sentence = f"The run computed for more than {hours:.3g} hours without a sign of life and was ended."
                if end(self._database, worker.claim, "failed", sentence):
                    worker.kill()
            elif holding.wish == "stop":
                worker.told_s = worker.told_s or now
                attempt = self._folder / "runs" / worker.claim.run / str(worker.claim.attempt)
                # Before the first step there is nothing to save, and building a large network can take long.
                grace = GRACE_S if read_progress(attempt).version else 0.0
                if now - worker.told_s > grace and end(self._database, worker.claim, "stopped"):
                    worker.kill()
            else:
                worker.told_s = None

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
            log.warning("a worker waiting for a run has ended: %s", spare.epitaph(), extra=spare.about())
            self._spare = None
            spare.bury()
            self._false_starts += 1
            if spare.claim and (spare.complaint or self._false_starts >= MOST_FALSE_STARTS):
                end(self._database, spare.claim, "failed", spare.epitaph())
            elif spare.claim:
                self._queue.give_back(spare.claim, lost=False, why=spare.epitaph())
            self._delay = min(LONGEST_DELAY_S, 2 * self._delay + 0.5)
            self._retry_from = now + self._delay
        elif spare.ready:
            self._delay, self._false_starts = 0.0, 0

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
        log.info("a worker has begun", extra=spare.about())
        self._busy.append(spare)
        self._spare = None
        self._spare_from = time.monotonic() + SPARE_AFTER_S
