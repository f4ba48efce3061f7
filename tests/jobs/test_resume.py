"""Real processes, killed at random moments: every run goes on to the bits it would have had."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import time

import numpy as np
import psutil
import pytest

from spikedash.jobs import checkpoints, folders
from spikedash.jobs.store import Axis, Measure, NewCell, Plan, Store

PATIENCE_S = 120
#: Two seconds of computing, in loops long enough to be interrupted in the middle.
LONG = {"network.n": 150, "network.noise": 1, "training.loops": 220, "training.test_trials": 40, "target.duration_ms": 300}
POISON = """
import sys, threading, time

def spoil():
    while "spikedash.jobs.compute" not in sys.modules or not hasattr(sys.modules["spikedash.jobs.compute"], "Report"):
        time.sleep(0.01)
    report = sys.modules["spikedash.jobs.report"].Report
    take = report.take
    def poisoned(self, snapshot):
        if self._drive.shape[1] == 33 and self.done == 2:
            import os, signal
            os.kill(os.getpid(), signal.SIGKILL)
        take(self, snapshot)
    report.take = poisoned

if any("worker" in word for word in sys.orig_argv):
    threading.Thread(target=spoil, daemon=True).start()
"""


@pytest.fixture
def hasty(monkeypatch):
    """Workers that save far more often than they would."""
    monkeypatch.setenv("SPIKEDASH_CHECKPOINT_S", "0.1")
    monkeypatch.setattr(checkpoints, "COST_SHARE", 1)


def working(pid, run_id):
    """The processes below a supervisor that have files of a run open."""
    found, below = [], []
    with contextlib.suppress(psutil.NoSuchProcess):  # between one supervisor and the next there is none
        below = psutil.Process(pid).children(recursive=True)
    for child in below:
        try:
            found += [child] if any(run_id in file.path for file in child.open_files()) else []
        except psutil.Error:
            continue
    return found


def outcome(store, run_id):
    """Everything that a finished run says, but how long it took."""
    run = store.run(run_id)
    assert (run.state, run.error) == ("done", "")
    result = store.result(run_id, weights=True)
    summary = {name: value for name, value in result.summary.items() if name not in ("run", "seconds")}
    return summary, store.events(run_id)[0], result.weights, result.mean_drive, store.insight(run_id)


def assert_same(one, other):
    assert repr(one[:2]) == repr(other[:2])
    np.testing.assert_array_equal(one[2], other[2])
    np.testing.assert_array_equal(one[3], other[3])
    assert one[4].keys() == other[4].keys()
    for name in one[4]:
        np.testing.assert_array_equal(one[4][name], other[4][name])


def saved(folder):
    """Checkpoints that are left while whole attempts are cleared away: unlike Path.rglob, os.walk passes over what is gone."""
    return [name for _, _, names in os.walk(folder) for name in names if name.startswith("checkpoint")]


@pytest.mark.slow
def test_killed_at_random_moments_it_ends_with_the_same_bits_and_events(folder, small, serve, hasty, until):
    store, params = Store(folder), small.with_values(LONG)
    service = serve(folder)
    undisturbed = store.launch(params)
    until(lambda: store.run(undisturbed).state == "done", PATIENCE_S)
    chance, killed = random.Random(5), {"worker": 0, "supervisor": 0}
    run_id = store.launch(params)
    for victim in ("worker", "supervisor", "worker", "worker"):
        until(lambda: working(service.pid, run_id) or store.run(run_id).state == "done", PATIENCE_S)
        time.sleep(chance.uniform(0.0, 0.8))
        if store.run(run_id).state == "done":
            break
        processes = working(service.pid, run_id) if victim == "worker" else [psutil.Process(service.pid)]
        for process in processes:
            process.kill()
            killed[victim] += 1
    until(lambda: store.run(run_id).state in ("done", "failed"), PATIENCE_S)
    assert killed["worker"] >= 2
    assert killed["supervisor"] == 1
    assert store.run(run_id).attempt == 1 + killed["worker"] + killed["supervisor"]
    assert_same(outcome(store, run_id), outcome(store, undisturbed))
    until(lambda: not saved(store.run_folder(run_id)), 10)
    until(
        lambda: [path.name for path in store.run_folder(run_id).iterdir() if path.is_dir()] == [str(store.run(run_id).attempt)],
        10,
    )


def test_an_orderly_stop_saves_running_and_paused_runs_and_the_next_start_goes_on(folder, small, serve, until):
    store, params = Store(folder), small.with_values({**LONG, "training.loops": 5000})
    service = serve(folder)
    resting, running = store.launch(params), store.launch(params)
    until(lambda: store.run(resting).loops_done > 5, PATIENCE_S)
    store.command(resting, "pause")
    until(lambda: store.run(running).loops_done > 5, PATIENCE_S)
    began = time.monotonic()
    service.stop()
    assert time.monotonic() - began < 10
    assert [store.run(run_id).state for run_id in (resting, running)] == ["paused", "queued"]
    assert [len(checkpoints.found(store.run_folder(run_id))) for run_id in (resting, running)] == [1, 1]
    loops = {run_id: folders.read_progress(store.run_folder(run_id) / "1").loops_done for run_id in (resting, running)}
    serve(folder)
    until(lambda: store.run(running).attempt == 2 and store.run(running).loops_done, PATIENCE_S)
    assert store.run(running).loops_done >= loops[running]
    assert [event[0] for event in store.events(running)[0][: loops[running]]] == [*range(loops[running])]
    store.command(running, "stop")
    store.command(resting, "resume")
    until(lambda: store.run(resting).attempt == 2 and store.run(resting).loops_done, PATIENCE_S)
    assert store.run(resting).loops_done >= loops[resting]
    store.command(resting, "stop")


def test_a_long_pause_gives_the_worker_back_and_costs_nothing(folder, small, serve, until, monkeypatch):
    monkeypatch.setenv("SPIKEDASH_REST_S", "0.2")
    store, params = Store(folder), small.with_values(LONG)
    service = serve(folder)
    run_id, undisturbed = store.launch(params), store.launch(params)
    until(lambda: store.run(run_id).loops_done > 3, PATIENCE_S)
    store.command(run_id, "pause")
    until(lambda: store.run(run_id).state == "paused", PATIENCE_S)
    loops = store.run(run_id).loops_done
    until(lambda: store.run(run_id).phase == "", PATIENCE_S)
    assert working(service.pid, run_id) == []
    assert store.run(run_id).loops_done == loops == len(store.events(run_id)[0])
    store.command(run_id, "step")
    until(lambda: store.run(run_id).attempt == 2 and store.run(run_id).state == "paused", PATIENCE_S)
    assert store.run(run_id).loops_done == loops + 1
    store.command(run_id, "resume")
    until(lambda: all(store.run(each).state == "done" for each in (run_id, undisturbed)), PATIENCE_S)
    assert_same(outcome(store, run_id), outcome(store, undisturbed))


@pytest.mark.slow
def test_a_run_whose_workers_die_at_the_same_place_is_given_up_and_others_go_on(
    folder, small, serve, tmp_path, monkeypatch, until
):
    (tmp_path / "sitecustomize.py").write_text(POISON)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=os.pathsep)
    store = Store(folder)
    poisonous, harmless = store.launch(small.with_values({"network.n": 33})), store.launch(small)
    serve(folder)
    until(lambda: store.run(harmless).state == "done", PATIENCE_S)
    until(lambda: store.run(poisonous).state == "failed", PATIENCE_S)
    run = store.run(poisonous)
    assert (run.state, run.attempt) == ("failed", 5)
    assert run.error == (
        "Its worker ended 5 times at the same place, which was given up then; the last time: "
        "The worker process was killed (SIGKILL); perhaps the machine ran out of memory."
    )


@pytest.mark.slow
def test_the_cell_of_an_experiment_goes_on_to_the_same_rows(folder, small, serve, hasty, until):
    params = small.with_values({**LONG, "training.loops": 100})
    cells = (NewCell((0,), 1, params), NewCell((0,), 1, params))
    axes = (Axis("network.tau_s_ms", "time", "ms", (20,)),)
    plan = Plan("times", axes, Measure("r", "correlation.test_mean"), cells, "fig3-neuron-loss", "short")
    store = Store(folder)
    service = serve(folder)
    sweep_id = store.sweeps.launch(plan)
    first, second = store.sweeps.cells(sweep_id)
    until(lambda: store.sweeps.cells(sweep_id)[1].run, PATIENCE_S)
    first, second = (cell.run for cell in store.sweeps.cells(sweep_id))
    for phase in ("training", "asking"):
        until(lambda phase=phase: store.run(second).phase == phase or store.run(second).state == "done", PATIENCE_S)
        time.sleep(0.3)
        for process in working(service.pid, second):
            process.send_signal(signal.SIGKILL)
        until(lambda: not working(service.pid, second) or store.run(second).state == "done", PATIENCE_S)
    until(lambda: store.run(second).state in ("done", "failed"), PATIENCE_S)
    assert store.run(second).attempt >= 2
    assert store.result(first).summary["rows"]
    assert_same(outcome(store, first), outcome(store, second))
