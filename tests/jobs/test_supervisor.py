"""Real supervisors and workers: what they compute, how they obey, and who notices when one of them dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import numpy as np
import psutil
import pytest

from spikedash.jobs import heartbeat, speed
from spikedash.jobs.insight_cost import run_work
from spikedash.params import Params
from spikedash.prices import FIRST

FIRST_RUN_S = 90  # a busy machine starts two Python processes


@pytest.fixture
def state(until):
    """Wait until a run is in one of some states; returns the seconds that took."""
    return lambda store, run_id, *states: until(lambda: store.run(run_id).state in states, FIRST_RUN_S)


@pytest.fixture
def training_now(until):
    """Wait until a run has finished its first loop."""
    return lambda store, run_id: until(lambda: store.run(run_id).loops_done > 0, FIRST_RUN_S)


def last_result(params: Params, threads: int):
    from spikedash.training import train

    *_, last = train(params, threads=threads)
    return last.result


def test_a_worker_finds_the_same_bits_as_a_direct_call(busy, served, small, state):
    run_id = busy.launch(small)
    state(busy, run_id, "done", "failed")
    run, expected, found = busy.run(run_id), last_result(small, 1), busy.result(run_id, weights=True)
    assert (run.state, run.error, run.attempt, run.loops_done, run.tests_done) == ("done", "", 1, 5, 3)
    np.testing.assert_array_equal(found.weights, expected.weights)
    np.testing.assert_array_equal(found.mean_drive, expected.mean_drive)
    assert found.summary["weights_sha256"] == expected.weights_sha256
    assert found.summary["run"] == run_id
    events, _ = busy.events(run_id)
    np.testing.assert_array_equal([event[:2] for event in events], [event[:2] for event in (*expected.loops, *expected.tests)])
    frame, view = busy.frame(run_id), busy.setup(run_id)
    assert (frame.trial.kind, frame.trial.index, frame.now_ms) == ("test", 2, frame.trial.end_ms)
    assert frame.drive.shape == view.target.shape[1:] == (len(view.sample_ms), small.network.n)
    np.testing.assert_array_equal(view.target, expected.setup.sampled_target)
    assert 0 < run.active_s < run.finished - run.started
    assert busy.result(run_id).weights is None


def test_the_time_that_is_told_is_that_until_the_analyses_are_done(busy, served, small, state):
    """A run teaches the time that its page shows at its end: training, tests and analyses."""
    params = small.with_values({"network.n": 200})
    speed.keep(busy.folder, FIRST._replace(factors=FIRST.factors + np.log(10)))
    told = []
    for seed in (1, 2):
        told.append(busy.pace().seconds(run_work(params, 1)))
        run_id = busy.launch(params.with_values({"training.seed": seed}))
        state(busy, run_id, "done", "failed")
        seen = busy.run(run_id).active_s
        assert busy.pace().seconds(run_work(params, 1)) == pytest.approx(seen, rel=0.2)
    assert told[0] > 2 * told[1]


def test_commands_are_answered_while_it_computes(busy, served, endless, state, training_now, until):
    run_id = busy.launch(endless)
    training_now(busy, run_id)
    answers = []
    for _ in range(3):
        busy.command(run_id, "pause")
        answers.append(state(busy, run_id, "paused"))
        shown = busy.run(run_id)
        assert shown.loops_done == len(busy.events(run_id)[0])
        busy.command(run_id, "step")
        until(lambda shown=shown: busy.run(run_id).version > shown.version + 2 and busy.run(run_id).state == "paused")
        assert busy.run(run_id).loops_done == shown.loops_done + 1
        busy.command(run_id, "resume")
        answers.append(state(busy, run_id, "running"))
        until(lambda shown=shown: busy.run(run_id).loops_done > shown.loops_done + 2)
    busy.command(run_id, "stop")
    answers.append(state(busy, run_id, "stopped"))
    assert min(answers[0::2]) < 2
    assert min(answers[1::2]) < 2
    run = busy.run(run_id)
    assert len(busy.events(run_id)[0]) == run.loops_done > 0
    assert busy.frame(run_id) is not None
    assert (busy.result(run_id), run.error) == (None, "")


def test_a_paused_run_leaves_its_slot_to_the_next(busy, served, endless, small, state, training_now):
    first, second = busy.launch(endless), busy.launch(small)
    training_now(busy, first)
    assert (busy.run(second).state, busy.run(second).position) == ("queued", 1)
    busy.command(first, "pause")
    state(busy, second, "done")
    assert busy.run(first).state == "paused"
    busy.command(first, "stop")
    state(busy, first, "stopped")


def test_a_killed_worker_is_noticed_and_the_run_goes_on_to_the_same_bits(busy, served, small, state, training_now, family, until):
    params = small.with_values({"network.n": 100, "training.loops": 150})
    run_id, following = busy.launch(params), busy.launch(small)
    training_now(busy, run_id)
    (worker,) = [child for child in family(served.pid) if any(run_id in file.path for file in child.open_files())]
    worker.kill()
    assert until(lambda: busy.run(run_id).state == "queued" or busy.run(run_id).attempt == 2, 5) < 5
    state(busy, following, "done", "failed")
    assert (busy.run(run_id).state, busy.run(run_id).attempt) == ("done", 2)
    assert busy.result(run_id).summary["weights_sha256"] == last_result(params, 1).weights_sha256
    assert [event[0] for event in busy.events(run_id)[0]] == [*range(150), *range(3)]


def test_a_deleted_run_ends_its_worker_and_leaves_no_files(busy, served, endless, small, training_now, until, state):
    run_id = busy.launch(endless)
    training_now(busy, run_id)
    busy.delete(run_id)
    state(busy, busy.launch(small), "done")
    until(lambda: not busy.run_folder(run_id).exists(), 20)


def test_a_killed_supervisor_leaves_no_process_and_its_run_same_bits(busy, served, small, training_now, family, until, state):
    params = small.with_values({"network.n": 100, "training.loops": 100})
    run_id = busy.launch(params)
    training_now(busy, run_id)
    workers = family(served.pid)
    assert workers
    os.kill(served.pid, signal.SIGKILL)
    until(lambda: not any(worker.is_running() and worker.status() != psutil.STATUS_ZOMBIE for worker in workers), 5)
    state(busy, run_id, "done", "failed")
    assert (busy.run(run_id).state, busy.run(run_id).attempt) == ("done", 2)
    assert busy.result(run_id).summary["weights_sha256"] == last_result(params, 1).weights_sha256


def test_input_that_cannot_be_run_fails_with_its_sentence(busy, served, recording, state):
    recording_id = busy.save_recording(recording, "rates.csv")
    params = Params().with_values({"target.family": "recorded", "target.recording": recording_id, "network.n": 2})
    run_id = busy.launch(params)
    state(busy, run_id, "failed")
    assert busy.run(run_id).error.startswith("The recording has 3 neurons, more than network.n = 2")
    (busy.folder / "recordings" / f"{recording_id}.npz").unlink()
    with busy.database.write() as db:
        db.execute("UPDATE runs SET state = 'queued' WHERE id = ?", (run_id,))
    state(busy, run_id, "failed")
    assert busy.run(run_id).error == "The recording of this run is no longer here; upload the file again."


def test_an_orderly_stop_leaves_no_process_and_the_run_waits(store, serve, endless, family, until):
    service = serve(store.folder)
    run_id = store.launch(endless)
    until(lambda: store.run(run_id).loops_done > 0, FIRST_RUN_S)
    processes = [psutil.Process(service.pid), *family(service.pid)]
    service.stop()
    assert not any(process.is_running() for process in processes)
    assert store.run(run_id).state == "queued"


def test_nothing_outlives_a_killed_server(folder, compiled, project, family, until):
    code = (
        "import sys, time; from pathlib import Path; from spikedash.jobs import supervisor;"
        "supervisor.start(Path(sys.argv[1])); time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(folder)], cwd=project) as server:
        until(lambda: len(family(server.pid)) >= 2)  # supervisor and spare worker
        processes = family(server.pid)
        server.kill()
    until(lambda: not any(process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in processes), 10)


def test_a_supervisor_that_hangs_is_replaced(store, serve, until, monkeypatch):
    service = serve(store.folder)
    beat = store.folder / heartbeat.NAME
    until(lambda: beat.exists() and beat.read_text() == str(service.pid))
    hung = service.pid
    monkeypatch.setattr(heartbeat, "HUNG_S", 2.0)
    os.kill(hung, signal.SIGSTOP)
    until(lambda: service.pid != hung and beat.read_text() == str(service.pid), 30)
    until(lambda: heartbeat.age_s(store.folder) < 2)


def test_a_second_supervisor_waits_and_takes_over(store, serve, small, state, family, until):
    first = serve(store.folder)
    until(lambda: first.pid and family(first.pid))
    second = serve(store.folder)
    until(lambda: second.pid)
    run_id = store.launch(small)
    state(store, run_id, "done")
    assert family(second.pid) == []
    first.stop()
    run_id = store.launch(small)
    state(store, run_id, "done")
    assert family(second.pid)


def test_a_simulator_that_cannot_start_is_a_failed_run_with_the_reason(store, serve, small, monkeypatch, until, tmp_path):
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "numba.py").write_text("raise ImportError('there is no compiler here')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "broken"))
    serve(store.folder)
    run_id = store.launch(small)
    until(lambda: store.run(run_id).state == "failed", FIRST_RUN_S)
    assert store.run(run_id).error.startswith("The simulator cannot be started: ")


def test_one_worker_computes_run_after_run_with_the_same_bits(busy, served, small, state, family):
    first, second = busy.launch(small), busy.launch(small.with_values({"training.seed": 7}))
    state(busy, second, "done")
    workers = {child.pid for child in family(served.pid)}
    others, again = [second, busy.launch(small.with_values({"training.seed": 8}))], busy.launch(small)
    state(busy, again, "done")
    assert workers & {child.pid for child in family(served.pid)}
    shas = [busy.result(run).summary["weights_sha256"] for run in (first, *others, again)]
    assert shas[0] == shas[3] == last_result(small, 1).weights_sha256
    assert len(set(shas)) == 3


def test_a_sweep_is_computed_cell_by_cell_and_an_experiment_measures_more(busy, served, small, until):
    from spikedash.jobs.store import Axis, Measure, NewCell, Plan

    cells = tuple(NewCell((k,), 1, small.with_values({"network.tau_s_ms": tau})) for k, tau in enumerate((10, 20)))
    plan = Plan(
        "times", (Axis("tau", "time", "ms", (10, 20)),), Measure("r", "correlation.test_mean"), cells, "fig1-drive", "short"
    )
    sweep_id = busy.sweeps.launch(plan)
    until(lambda: busy.sweeps.sweep(sweep_id).state == "done", FIRST_RUN_S)
    for k, cell in enumerate(busy.sweeps.cells(sweep_id)):
        expected = last_result(cells[k].params, 1).correlation.test_mean
        assert cell.values == {(k,): pytest.approx(expected, abs=1e-9)}
        (row,) = busy.result(cell.run).summary["rows"]
        assert row["point"] == {"tau": (10, 20)[k]}
