"""A worker process: gets ready, is given a run on its standard input, computes it, and is ready for the next.

`python -m spikedash.jobs.worker --store DIR --parent PID` says {"ready": true} on standard output, then reads one line
{"run": id, "attempt": number, "threads": number}, and so on. When its standard input ends, so does the worker.
Starting one takes seconds; the cells of a sweep often take less.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import queue
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from spikedash.jobs import folders, speed
from spikedash.jobs.claims import Claim, Pen, Superseded
from spikedash.jobs.parent import die_with
from spikedash.jobs.report import Report
from spikedash.jobs.store import Store
from spikedash.jobs.views import Task
from spikedash.params import InputError, Params
from spikedash.records import Recording, Result, Setup, Snapshot

LOOK_S = 0.05  # between two looks at what people want
MOST_RUNS = 100  # whatever a library may leak, it ends here
NICENESS = 5  # the page stays quick while all cores compute


def main() -> int:
    """Get ready, do one run after the other; 0 unless getting ready failed."""
    parser = argparse.ArgumentParser(description="Computes runs, one after the other.")
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--parent", type=int, required=True)
    given = parser.parse_args()
    die_with(given.parent)
    os.nice(NICENESS)
    jobs: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(jobs,), daemon=True).start()
    say = _private_output()
    try:
        # Imported here, since it takes seconds in which the parent may already be gone.
        from spikedash import training

        training.warm_up()
    except Exception as error:
        traceback.print_exc()
        say({"failed": f"The simulator cannot be started: {_sentence(error)}"})
        return 1
    store = Store(given.store)
    _measure_speed(store)
    for _ in range(MOST_RUNS):
        say({"ready": True})
        job = jobs.get()
        work(store, Claim(job["run"], job["attempt"]), job["threads"])
        gc.collect()  # what the run held is given back before the next one is built
    return 0


def _measure_speed(store: Store) -> None:
    """Before the very first run: how slow this machine is."""
    from spikedash.reproduction.speed import slowness

    if speed.slowness(store.folder) is None:
        speed.learn(store.folder, 1.0, slowness())


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


def work(store: Store, claim: Claim, threads: int) -> None:
    """Compute a run and give it its outcome; here, and nowhere below, errors are caught."""
    from spikedash.training import RunFailed

    pen = Pen(store.database, claim)
    folder = store.run_folder(claim.run) / str(claim.attempt)
    try:
        _compute(store, claim, folder, pen, threads)
    except Superseded:
        return
    except (InputError, RunFailed) as error:
        pen.end("failed", str(error))
    except Exception as error:
        _log(folder)
        pen.end("failed", f"The run failed: {_sentence(error)}")


def _compute(store: Store, claim: Claim, folder: Path, pen: Pen, threads: int) -> None:
    """Run the training to its end, or until people want it to stop; leaves the outcome of failures to the caller."""
    from spikedash import cost, training
    from spikedash.reproduction.run import Measured
    from spikedash.reproduction.tables import plain

    params, recording = _given(store, claim)
    setup = training.prepare(params, recording)
    report = Report(folder, setup, params.network.dt_ms)
    obedience = Obedience(pen, report)
    result, rows = None, None
    try:
        for step in _steps(store.sweeps.task(claim.run), params, recording, setup, threads):
            if isinstance(step, Snapshot):
                report.take(step)
                result = step.result
            elif isinstance(step, Measured):
                rows = [plain({"point": row.point, "numbers": row.numbers}) for row in step.rows]
            else:
                report.work_on("asking")
            if (result is None or rows is None) and not obedience.go_on():
                report.publish(last=True)
                pen.end("stopped")
                return
    except training.RunFailed:
        report.publish(last=True)
        raise
    assert result is not None, "the last snapshot carries the result"
    if rows is None:
        window = setup.target.shape[1] * params.network.dt_ms
        speed.learn(store.folder, cost.estimate(params, threads, window).seconds, report.active_s())
    report.work_on("analysing")
    _analyse(folder, params, result, report)
    summary = training.summary(result, params, claim.run, report.active_s())
    folders.write_result(folder, result, {**summary, "rows": rows} if rows else summary)
    report.publish(last=True)
    pen.end("done")


def _analyse(folder: Path, params: Params, result: Result, report: Report) -> None:
    """Keep what the page of the run draws; a run without it is whole, and its page says that it is missing."""
    from spikedash.jobs.insight import insight

    try:
        folders.write_insight(folder, insight(params, result, *report.test_spikes()))
    except (ArithmeticError, ValueError, MemoryError):
        _log(folder)


def _steps(task: Task | None, params: Params, recording: Recording | None, setup: Setup, threads: int) -> Iterator[Any]:
    """Training, and for the cell of an experiment the questions to the trained network and their measures."""
    from spikedash import training
    from spikedash.experiments import EXPERIMENTS, find
    from spikedash.reproduction.run import run_cell

    if task is None:
        yield from training.train(params, recording, threads=threads, setup=setup)
        return
    experiment = find(task.experiment, EXPERIMENTS)
    yield from run_cell(experiment, params, recording, point=task.point, full=task.full, threads=threads, setup=setup)


def _given(store: Store, claim: Claim) -> tuple[Params, Recording | None]:
    """What to compute.

    Raises:
        Superseded: the run was deleted.
        InputError: its recording is gone.
    """
    try:
        run = store.run(claim.run)
    except KeyError:
        raise Superseded from None
    if run.strange:
        names = ", ".join(run.strange[:5])
        raise InputError(f"This run was launched by another version of SpikeDash, whose settings are not known here: {names}.")
    params = run.params
    try:
        return params, store.recording(params.target.recording) if params.target.recording else None
    except KeyError:
        raise InputError("The recording of this run is no longer here; upload the file again.") from None


class Obedience:
    """Looks between snapshots at what people want, and waits while the run is paused."""

    def __init__(self, pen: Pen, report: Report) -> None:
        self._pen = pen
        self._report = report
        self._wish, self._goal = "run", 0
        self._looked = 0.0

    def go_on(self) -> bool:
        """Whether to compute the next snapshot; returns only when that is known.

        Raises:
            Superseded: the run belongs to somebody else now.
        """
        if time.monotonic() - self._looked >= LOOK_S:
            self._look()
        while self._wish == "pause" or (self._wish == "step" and self._report.done >= self._goal):
            self._rest()
        return self._wish != "stop"

    def _look(self) -> None:
        self._wish, self._goal = self._pen.wish()
        self._looked = time.monotonic()

    def _rest(self) -> None:
        """Be paused until people want something else."""
        self._report.rest()
        paused = self._pen.rest(self._wish)
        self._look()
        while self._wish == "pause":
            time.sleep(LOOK_S)
            self._look()
        if paused and self._wish != "stop":
            self._pen.go_on()
        self._report.go_on()


def _sentence(error: Exception) -> str:
    """Type and message in one line."""
    message = " ".join(str(error).split())[:400]
    return f"{type(error).__name__}: {message or 'no reason given'}".rstrip(".") + "."


def _log(folder: Path) -> None:
    """Keep the traceback beside the run."""
    text = traceback.format_exc()
    print(text, file=sys.stderr)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "worker.log").write_text(text, "utf-8")
    except OSError as error:  # the disk may be what failed; the outcome is still to be written
        print(f"The log cannot be kept: {error}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
