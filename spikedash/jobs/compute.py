"""Computing one run in a worker: from its last checkpoint or its beginning to the files of its result."""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from spikedash import training
from spikedash.experiments import EXPERIMENTS, find
from spikedash.jobs import files, folders, insight_cost, speed
from spikedash.jobs.checkpoints import Checkpoints
from spikedash.jobs.claims import Claim, Pen, Superseded
from spikedash.jobs.insight import insight
from spikedash.jobs.limits import Limits
from spikedash.jobs.obedience import Departure, Leaving, Obedience, TooLong
from spikedash.jobs.report import Report
from spikedash.jobs.space import patiently
from spikedash.jobs.store import Store, StoreError
from spikedash.jobs.views import Task
from spikedash.params import InputError, Params
from spikedash.records import Recording, Result, Setup, Snapshot
from spikedash.reproduction.run import Measured, run_cell
from spikedash.reproduction.tables import plain
from spikedash.training import RunFailed

log = logging.getLogger(__name__)


class Job(NamedTuple):
    """A run that was given to a worker."""

    store: Store
    claim: Claim
    pen: Pen
    threads: int
    limits: Limits
    departure: Departure

    @property
    def folder(self) -> Path:
        return self.store.run_folder(self.claim.run) / str(self.claim.attempt)

    def look(self) -> None:
        """Raise Superseded or Leaving, where that is so."""
        if self.departure.asked:
            raise Leaving
        self.pen.wish()


class Course(NamedTuple):
    """A run under way."""

    params: Params
    recording: Recording | None
    setup: Setup
    session: training.Session
    report: Report
    checkpoints: Checkpoints
    losses: int  # of this run since it last advanced


def compute(job: Job) -> None:
    """Give a run its outcome: done, stopped, or failed for a reason that lies in the run.

    Raises:
        Superseded: it belongs to somebody else now.
        Leaving: this process shall end, or the run has rested for long; a checkpoint is written.
        InputError, RunFailed, TooLong: it has failed; one sentence says why.
    """
    params, recording = _given(job)
    setup = training.prepare(params, recording)
    with job.departure.awaited():
        course = _begun(job, params, recording, setup)
        report = course.report
        try:
            found = _train(job, course)
            if found is not None:
                insights, summary = _understood(job, course, *found)
                patiently(lambda: folders.write_insight(job.folder, insights) if insights else None, job.look)
                patiently(lambda: folders.write_result(job.folder, found[0], summary), job.look)
        except Leaving:
            if job.departure.asked:
                _save(job, course)
            report.publish()
            raise
        except (RunFailed, TooLong) as error:
            if isinstance(error, RunFailed) and error.last is not None:
                report.take(error.last)
            patiently(lambda: report.publish(last=True), job.look)
            raise
        patiently(lambda: report.publish(last=True), job.look)
        patiently(lambda: job.pen.end("stopped" if found is None else "done"), job.look)


def _begun(job: Job, params: Params, recording: Recording | None, setup: Setup) -> Course:
    """The training and what is shown of it, from the newest checkpoint that can be used."""
    folder, losses = job.folder, job.pen.losses()
    patiently(lambda: folder.mkdir(parents=True, exist_ok=True), job.look)
    checkpoints = Checkpoints(folder.parent, job.claim.attempt, shortest_s=job.limits.checkpoint_s, eager=losses > 0)

    def begin(resume: files.Arrays | None) -> Course:
        session = training.begin(params, recording, threads=job.threads, setup=setup, resume=resume)
        report = patiently(lambda: Report(folder, setup, resume), job.look)
        return Course(params, recording, setup, session, report, checkpoints, losses)

    for arrays in checkpoints.stored():
        try:
            course = begin(arrays)
        except (InputError, *files.DAMAGED) as error:
            log.warning("a checkpoint does not fit the run and is not used: %s", error)
            continue
        log.info("goes on after %d loops and tests", course.report.done)
        return course
    return begin(None)


def _train(job: Job, course: Course) -> tuple[Result, list[Any] | None] | None:
    """Run to the end, or until people want it to stop, which is None; saves on the way."""
    session, report = course.session, course.report
    obedience = Obedience(job.pen, report, job.departure, job.limits, lambda: _save(job, course))
    result, rows, kept = None, None, session.over
    task = job.store.sweeps.task(job.claim.run)
    for step in _steps(task, course, job.threads):
        if isinstance(step, Snapshot):
            if not kept:  # a training that was over when it was saved has nothing new to show
                report.take(step)
            result = step.result
        elif isinstance(step, Measured):
            rows = [plain({"point": row.point, "numbers": row.numbers}) for row in step.rows]
        else:
            report.work_on("asking")
        if result is not None and (task is None or rows is not None):
            break
        if not obedience.go_on():
            return None
        if not kept and course.checkpoints.due(session.checkpoint_bytes()):
            kept = _save(job, course) and session.over
    assert result is not None, "the last snapshot carries the result"
    return result, rows


def _save(job: Job, course: Course) -> bool:
    """Write a checkpoint; whether there is one now. What prevents it does not end the run."""
    began = time.monotonic()
    try:
        saved = course.checkpoints.save({**course.session.checkpoint(), **course.report.checkpoint()}, began)
        if saved and course.losses and course.checkpoints.saved == 1:
            job.pen.advanced()
    except (OSError, MemoryError, StoreError) as error:
        log.warning("no checkpoint could be written: %s", error)
        return False
    return saved


def _understood(job: Job, course: Course, result: Result, rows: list[Any] | None) -> tuple[files.Arrays, dict[str, Any]]:
    """The arrays of its page, empty where the analyses failed, and the summary of a finished run."""
    patiently(lambda: course.report.work_on("analysing"), job.look)
    insights: files.Arrays = {}
    try:
        insights = insight(course.params, result, *course.report.test_spikes())
    except (ArithmeticError, ValueError, MemoryError):  # a run without it is whole, and its page says that it is missing
        keep_traceback(job.folder)
    else:
        if rows is None:  # the questions of an experiment take their own time
            window = course.session.clock.window * course.session.clock.dt_ms
            work = insight_cost.run_work(course.params, job.threads, window)
            speed.learn(job.store.folder, work, course.report.active_s())
    summary = training.summary(result, course.params, job.claim.run, course.report.active_s())
    return insights, {**summary, "rows": rows} if rows else summary


def _steps(task: Task | None, course: Course, threads: int) -> Iterator[Any]:
    """Training, and for the cell of an experiment the questions to the trained network and their measures."""
    params, recording, setup, session = course[:4]
    if task is None:
        yield from session
        return
    experiment = find(task.experiment, EXPERIMENTS)
    yield from run_cell(
        experiment, params, recording, point=task.point, full=task.full, threads=threads, setup=setup, session=session
    )


def _given(job: Job) -> tuple[Params, Recording | None]:
    """What to compute.

    Raises:
        Superseded: the run was deleted.
        InputError: its recording is gone.
    """
    try:
        run = job.store.run(job.claim.run)
    except KeyError:
        raise Superseded from None
    if run.strange:
        names = ", ".join(run.strange[:5])
        raise InputError(f"This run was launched by another version of SpikeDash, whose settings are not known here: {names}.")
    params = run.params
    try:
        return params, job.store.recording(params.target.recording) if params.target.recording else None
    except KeyError:
        raise InputError("The recording of this run is no longer here; upload the file again.") from None


def keep_traceback(folder: Path) -> None:
    """Log the error that is being handled, and keep its traceback beside the run."""
    text = traceback.format_exc()
    log.error("%s", text)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "worker.log").write_text(text, "utf-8")
    except OSError as error:  # the disk may be what failed; the outcome is still to be written
        log.warning("the log of a run cannot be kept: %s", error)
