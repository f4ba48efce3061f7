"""Sweeps: cells become runs one by one, people go first, stop and continue lose nothing, and old stores open."""

from __future__ import annotations

import json
import sqlite3

import pytest

from spikedash.jobs import sweeps
from spikedash.jobs.claims import Pen, Queue
from spikedash.jobs.store import Axis, Measure, NewCell, Plan, Store
from spikedash.params import InputError

MEASURE = Measure("test correlation", "correlation.test_mean")


@pytest.fixture
def plan(small):
    """Three synaptic times by two seeds, all synaptic times of one seed first."""
    times = (10, 20, 40)
    cells = [
        NewCell((k,), seed, small.with_values({"network.tau_s_ms": tau, "training.seed": seed}), f"{tau} ms, seed {seed}")
        for seed in (1, 2)
        for k, tau in enumerate(times)
    ]
    return Plan("Synaptic time", (Axis("network.tau_s_ms", "Synaptic time", "ms", times),), MEASURE, tuple(cells))


def finish(store, claim, value):
    """Give a claimed run an outcome, as a worker would."""
    folder = store.run_folder(claim.run) / str(claim.attempt)
    folder.mkdir(parents=True)
    (folder / "summary.json").write_text(json.dumps({"correlation": {"test_mean": value}}))
    assert Pen(store.database, claim).end("done")


def states(store, sweep_id):
    return [cell.state for cell in store.sweeps.cells(sweep_id)]


def test_cells_wait_without_filling_the_queue_and_become_runs_in_their_order(store, plan):
    sweep_id = store.sweeps.launch(plan)
    assert store.runs() == []
    assert store.sweeps.sweep(sweep_id).state == "waiting"
    queue = Queue(store.database)
    assert queue.look()[0]
    first, second = queue.claim("starting"), queue.claim("starting")
    assert [store.run(claim.run).params.network.tau_s_ms for claim in (first, second)] == [10, 20]
    assert states(store, sweep_id) == ["running", "running", "waiting", "waiting", "waiting", "waiting"]
    finish(store, first, 0.75)
    cell = store.sweeps.cells(sweep_id)[0]
    assert (cell.state, cell.run, cell.values) == ("done", first.run, {(0,): 0.75})
    assert store.sweeps.of_run(first.run) == (sweep_id, "Synaptic time")
    assert store.sweeps.sweep(sweep_id).state == "running"


def test_a_persons_run_goes_before_the_cells(store, plan, small):
    store.sweeps.launch(plan)
    queue = Queue(store.database)
    queue.claim("starting")
    mine = store.launch(small)
    assert queue.claim("starting").run == mine


def test_stop_and_continue_keep_what_is_done_and_compute_the_rest(store, plan):
    sweep_id = store.sweeps.launch(plan)
    queue = Queue(store.database)
    first, second = queue.claim("starting"), queue.claim("starting")
    finish(store, first, 0.5)
    store.sweeps.command(sweep_id, "stop")
    assert store.sweeps.sweep(sweep_id).state == "stopping"
    assert Pen(store.database, second).wish()[0] == "stop"
    Pen(store.database, second).end("stopped")
    assert not queue.look()[0]
    assert queue.claim("starting") is None
    assert store.sweeps.sweep(sweep_id).state == "stopped"
    store.sweeps.command(sweep_id, "resume")
    assert states(store, sweep_id)[:2] == ["done", "waiting"]
    for k in range(5):
        finish(store, queue.claim("starting"), 0.1 * k)
    assert store.sweeps.sweep(sweep_id).state == "done"
    assert store.run(second.run).state == "stopped"
    assert not queue.look()[0]


def test_failed_cells_are_computed_again_when_asked_to(store, plan):
    sweep_id = store.sweeps.launch(plan)
    claim = Queue(store.database).claim("starting")
    Pen(store.database, claim).end("failed", "The network diverged.")
    store.sweeps.command(sweep_id, "resume")
    assert (states(store, sweep_id)[0], store.sweeps.cells(sweep_id)[0].error) == ("failed", "The network diverged.")
    store.sweeps.command(sweep_id, "retry")
    assert states(store, sweep_id)[0] == "waiting"


def test_a_cell_whose_run_was_deleted_is_not_computed_again(store, plan):
    sweep_id = store.sweeps.launch(plan)
    claim = Queue(store.database).claim("starting")
    finish(store, claim, 0.5)
    store.delete(claim.run)
    store.sweeps.command(sweep_id, "resume")
    assert states(store, sweep_id)[0] == "deleted"


def test_one_network_that_is_asked_fills_a_whole_axis(store, plan):
    axes = (Axis("remove", "Removed", "%", (0, 5, 40), asked=True),)
    sweep_id = store.sweeps.launch(
        plan._replace(axes=axes, cells=(NewCell((), 1, plan.cells[0].params),), measure=Measure("fit", "fit"))
    )
    claim = Queue(store.database).claim("starting")
    folder = store.run_folder(claim.run) / "1"
    folder.mkdir(parents=True)
    rows = [{"point": {"remove": share}, "numbers": {"fit": 1 - share / 100}} for share in (0, 5, 40)]
    (folder / "summary.json").write_text(json.dumps({"seed": 1, "rows": rows}))
    Pen(store.database, claim).end("done")
    (cell,) = store.sweeps.cells(sweep_id)
    assert cell.values == {(0,): 1.0, (1,): 0.95, (2,): 0.6}
    assert [row.point for row in store.sweeps.rows(sweep_id)] == [{"remove": 0}, {"remove": 5}, {"remove": 40}]


def test_what_is_no_sweep_is_refused_by_name(store, plan):
    with pytest.raises(InputError, match="0 cells"):
        store.sweeps.launch(plan._replace(cells=()))
    with pytest.raises(InputError, match="2,001 cells"):
        store.sweeps.launch(plan._replace(cells=plan.cells[:1] * 2001))
    for odd in ("", "x", "a" * 16, None):
        with pytest.raises(KeyError):
            store.sweeps.sweep(odd)


def test_a_sweep_is_forgotten_and_its_runs_stay(store, plan):
    sweep_id = store.sweeps.launch(plan)
    claim = Queue(store.database).claim("starting")
    store.sweeps.delete(sweep_id)
    assert store.sweeps.sweeps() == []
    assert store.run(claim.run).id == claim.run
    assert not Queue(store.database).look()[0]


def test_a_store_of_the_first_schema_opens_with_its_runs(folder, small, plan):
    run_id = Store(folder).launch(small)
    with sqlite3.connect(folder / "runs.sqlite") as db:  # what version 1 wrote: the same runs, and no sweeps
        db.execute("DROP TABLE sweeps")
        db.execute("DROP TABLE cells")
        for index in ("runs_by_owner", "runs_open", "runs_by_turn"):
            db.execute(f"DROP INDEX {index}")
        for name in ("owner", "title", "colour"):
            db.execute(f"ALTER TABLE runs DROP COLUMN {name}")
        db.execute("PRAGMA user_version = 1")
    db.close()
    store = Store(folder)
    assert store.run(run_id).params == small
    assert store.sweeps.sweep(store.sweeps.launch(plan)).counts == {"waiting": 6}


@pytest.mark.parametrize(("path", "value"), [("a.b", 2.0), ("a.c", None), ("x.y", 3.0), ("a", None)])
def test_a_number_is_found_by_its_dotted_name(path, value):
    found = sweeps.dotted({"a": {"b": 2, "c": None}, "x.y": 3}, path)
    assert found == value if value is not None else found != found
