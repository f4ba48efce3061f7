"""One claim per attempt, one outcome per run, and no word from an attempt that is over."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from spikedash.jobs.claims import Claim, Pen, Queue, Superseded


@pytest.fixture
def queue(store) -> Queue:
    return Queue(store.database)


def race(*actions):
    """Start all at the same moment; returns what they return."""
    start = threading.Barrier(len(actions))
    results = [None] * len(actions)

    def act(k):
        start.wait()
        results[k] = actions[k]()

    threads = [threading.Thread(target=act, args=(k,)) for k in range(len(actions))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_runs_are_claimed_once_each_in_order(store, queue, small):
    ids = [store.launch(small) for _ in range(3)]
    assert [queue.claim("starting") for _ in range(4)] == [*(Claim(run, 1) for run in ids), None]
    run = store.run(ids[0])
    assert (run.state, run.phase, run.attempt, run.position) == ("running", "starting", 1, 0)


def test_no_run_is_claimed_twice_by_two_who_race(store, queue, small):
    for _ in range(50):
        store.launch(small)
    claims = []
    race(*[lambda: claims.extend(iter(lambda: queue.claim("starting"), None))] * 4)
    assert len(claims) == len(set(claims)) == 50


def test_a_run_has_exactly_one_outcome_however_many_want_to_give_it_one(store, queue, small):
    for _ in range(200):
        run_id = store.launch(small)
        pen = Pen(store.database, queue.claim("starting"))
        won = race(
            lambda pen=pen: pen.end("done"),
            lambda pen=pen: pen.end("failed", "why"),
            lambda pen=pen: pen.end("stopped"),
            lambda run_id=run_id: store.command(run_id, "stop"),
            lambda: queue.put_back(lost=False),
        )
        states = [state for state, mine in zip(("done", "failed", "stopped"), won[:3], strict=True) if mine]
        ended = store.run(run_id)
        assert len(states) <= 1
        assert ended.state == (states[0] if states else ended.state)
        assert ended.error == ("why" if ended.state == "failed" else "")
        store.command(run_id, "stop")
        if states:
            assert store.run(run_id).state == states[0]


def test_an_old_attempt_writes_nothing(store, queue, small):
    run_id = store.launch(small)
    old = Pen(store.database, queue.claim("starting"))
    queue.put_back(lost=True)
    new = Pen(store.database, queue.claim("starting"))
    before = store.run(run_id)
    with pytest.raises(Superseded):
        old.wish()
    with pytest.raises(Superseded):
        old.go_on()
    assert not old.rest("run")
    assert not old.end("failed", "too late")
    assert store.run(run_id) == before
    assert new.end("done")


def test_a_deleted_run_tells_its_worker_so(store, queue, small):
    run_id = store.launch(small)
    pen = Pen(store.database, queue.claim("starting"))
    store.delete(run_id)
    with pytest.raises(Superseded):
        pen.wish()
    assert not pen.end("done")


def test_the_version_of_a_run_only_grows(store, queue, small):
    run_id = store.launch(small)
    versions = [store.run(run_id).version]
    claim = queue.claim("compiling")
    versions.append(store.run(run_id).version)
    for change in (
        lambda: queue.hand_over(claim),
        lambda: store.command(run_id, "pause"),
        lambda: Pen(store.database, claim).rest("pause"),
        lambda: store.command(run_id, "step"),
        lambda: Pen(store.database, claim).go_on(),
        lambda: queue.put_back(lost=True),
        lambda: queue.claim("starting"),
        lambda: Pen(store.database, claim._replace(attempt=2)).end("done"),
    ):
        change()
        versions.append(store.run(run_id).version)
    assert versions == sorted(set(versions))


def test_a_worker_that_gets_ready_does_not_take_a_run_nobody_wants_any_more(store, queue, small):
    run_id = store.launch(small)
    claim = queue.claim("compiling")
    store.command(run_id, "pause")
    assert store.run(run_id).state == "paused"
    assert not queue.hand_over(claim)
    store.command(run_id, "resume")
    assert queue.claim("starting") == Claim(run_id, 2)


def test_a_pause_that_was_taken_back_does_not_happen(store, queue, small):
    run_id = store.launch(small)
    pen = Pen(store.database, queue.claim("starting"))
    store.command(run_id, "pause")
    store.command(run_id, "resume")
    assert not pen.rest("pause")
    assert store.run(run_id).state == "running"


@pytest.mark.parametrize(("command", "state"), [(None, "queued"), ("pause", "paused"), ("stop", "stopped")])
def test_a_run_that_lost_its_supervisor_is_in_the_state_people_want(store, queue, small, command, state):
    run_id = store.launch(small)
    queue.claim("starting")
    if command:
        store.command(run_id, command)
    queue.put_back(lost=True)
    assert store.run(run_id).state == state


def test_a_paused_run_without_worker_goes_on_in_the_queue(store, queue, small):
    run_id = store.launch(small)
    pen = Pen(store.database, queue.claim("starting"))
    store.command(run_id, "pause")
    pen.rest("pause")
    queue.put_back(lost=True)
    assert queue.claim("starting") is None
    store.command(run_id, "resume")
    assert queue.claim("starting") == Claim(run_id, 2)


def test_a_run_that_loses_its_supervisor_five_times_is_given_up_with_a_reason(store, queue, small):
    run_id = store.launch(small)
    for _ in range(5):
        assert store.run(run_id).state == "queued"
        queue.claim("starting")
        queue.put_back(lost=True)
    assert (store.run(run_id).state, store.run(run_id).error) == (
        "failed",
        "The server went down 5 times during this run, which was then given up.",
    )


def test_a_run_that_loses_its_worker_five_times_without_advancing_is_given_up_with_the_reason(store, queue, small):
    run_id = store.launch(small)
    for advance in (False, False, True, False, False, False):
        assert store.run(run_id).state == "queued"
        claim = queue.claim("starting")
        if advance:
            Pen(store.database, claim).advanced()
        assert queue.give_back(claim, lost=True, why="It died.")
        assert not queue.give_back(claim, lost=True, why="It died.")
    assert store.run(run_id).state == "queued"
    queue.give_back(queue.claim("starting"), lost=True, why="It died.")
    assert store.run(run_id).state == "failed"
    assert store.run(run_id).error.startswith("Its worker ended 5 times at the same place")


def test_orderly_restarts_are_no_losses(store, queue, small):
    run_id = store.launch(small)
    for _ in range(5):
        queue.claim("starting")
        queue.put_back(lost=False)
    assert store.run(run_id).state == "queued"


def test_two_processes_share_the_runs_without_claiming_one_twice(store, small, project):
    for _ in range(40):
        store.launch(small)
    code = (
        "import sys; from pathlib import Path; from spikedash.jobs.store import Store; from spikedash.jobs.claims import Queue;"
        "queue = Queue(Store(Path(sys.argv[1])).database);"
        "print(*(claim.run for claim in iter(lambda: queue.claim('starting'), None)))"
    )
    command = [sys.executable, "-c", code, str(store.folder)]
    processes = [subprocess.Popen(command, cwd=project, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    claimed = [run for process in processes for run in process.communicate(timeout=60)[0].split()]
    assert len(claimed) == len(set(claimed)) == 40
