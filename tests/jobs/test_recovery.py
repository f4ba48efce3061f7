"""A database that is damaged, lost or copied while in use; and stores of older versions."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
import threading
import time

import pytest

from spikedash.jobs import recovery
from spikedash.jobs.claims import Pen, Queue
from spikedash.jobs.database import Database
from spikedash.jobs.housekeeping import Housekeeping
from spikedash.jobs.store import Axis, Measure, NewCell, Plan, Store

PATIENCE_S = 120


def complete(store, claim):
    """Give a claimed run a result, as a worker would."""
    folder = store.run_folder(claim.run) / str(claim.attempt)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "result.npz").write_bytes(b"x")
    (folder / "summary.json").write_text("{}")


@pytest.fixture
def lived(store, small):
    """A store with a done, a failed, a running, a paused and a waiting run, a sweep of two cells, one of them begun."""
    queue = Queue(store.database)
    ids = {name: store.launch(small.with_values({"training.seed": k}), name=name) for k, name in enumerate(("done", "failed"))}
    claim = queue.claim("starting")
    complete(store, claim)
    Pen(store.database, claim).end("done")
    Pen(store.database, queue.claim("starting")).end("failed", "It diverged.")
    cells = tuple(NewCell((k,), k, small, name=f"cell {k}") for k in range(2))
    sweep = store.sweeps.launch(Plan("times", (Axis("a", "a", "ms", (1, 2)),), Measure("r", "correlation.test_mean"), cells))
    ids["cell"] = queue.claim("starting").run
    ids["paused"] = store.launch(small, name="paused")
    store.command(ids["paused"], "pause")
    ids["queued"] = store.launch(small, name="queued")
    with store.database.write() as db:
        db.execute("UPDATE runs SET title = 'Mine', owner = 'ada', colour = '#123456' WHERE id = ?", (ids["done"],))
    Housekeeping(store.folder).note(store)
    return store, ids, sweep


def truncate(path):
    path.write_bytes(b"")


def cut(path):
    path.write_bytes(path.read_bytes()[:5000])


def garbage(path):
    path.write_bytes(b"no database at all, but long enough to be looked at" * 100)


def flip(path):
    content = bytearray(path.read_bytes())
    for place in range(4096, len(content), 97):
        content[place] ^= 0x55
    path.write_bytes(content)


@pytest.mark.parametrize("harm", [truncate, cut, garbage, flip, lambda path: path.unlink()])
def test_a_damaged_database_is_kept_aside_and_made_anew_from_the_folders(lived, harm):
    store, ids, sweep = lived
    before = {name: store.run(run_id) for name, run_id in ids.items()}
    cells = store.sweeps.cells(sweep)
    harm(store.database.path)
    again = Store(store.folder)
    found = {name: again.run(run_id) for name, run_id in ids.items()}
    kept = ("id", "name", "params", "created", "error", "title", "owner", "colour", "attempt")
    for name in ids:
        assert [getattr(found[name], field) for field in kept] == [getattr(before[name], field) for field in kept]
        assert found[name].version > before[name].version
    assert [found[name].state for name in ids] == ["done", "failed", "queued", "paused", "queued"]
    assert found["done"].finished == before["done"].finished
    assert [cell.run for cell in again.sweeps.cells(sweep)] == [cell.run for cell in cells] == [ids["cell"], ""]
    assert [cell.name for cell in again.sweeps.cells(sweep)] == ["cell 0", "cell 1"]
    assert len(list(store.folder.glob("runs.sqlite.damaged-*"))) == 1
    assert [run.id for run in Store(store.folder).runs()] == [run.id for run in again.runs()]


def test_a_run_that_ended_after_its_last_note_is_done(lived, small):
    store, ids, _ = lived
    queue = Queue(store.database)
    claim = queue.claim("starting")
    complete(store, claim)
    garbage(store.database.path)
    assert Store(store.folder).run(ids["queued"]).state == "done"


def test_of_many_who_find_it_damaged_one_makes_it_anew(lived, project):
    store, ids, _ = lived
    garbage(store.database.path)
    code = (
        "import sys; from pathlib import Path; from spikedash.jobs.store import Store;print(len(Store(Path(sys.argv[1])).runs()))"
    )
    command = [sys.executable, "-c", code, str(store.folder)]
    processes = [subprocess.Popen(command, cwd=project, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    assert [process.communicate(timeout=60)[0].strip() for process in processes] == [str(len(ids))] * 3
    assert len(list(store.folder.glob("runs.sqlite.damaged-*"))) == 1


def test_a_deleted_run_does_not_come_back_and_an_unused_store_is_left_alone(lived, folder):
    store, ids, _ = lived
    store.delete(ids["failed"])
    garbage(store.database.path)
    with pytest.raises(KeyError):
        Store(store.folder).run(ids["failed"])
    assert Store(folder / "new").runs() == []
    assert Store(folder / "new").runs() == []


def test_a_damaged_note_costs_only_its_run(lived):
    store, ids, _ = lived
    (store.run_folder(ids["failed"]) / recovery.NOTE).write_text('{"id": ')
    garbage(store.database.path)
    assert {run.name for run in Store(store.folder).runs()} == {"done", "cell 0", "paused", "queued"}


def test_notes_follow_the_database_and_only_what_changed_is_written(lived):
    store, ids, _ = lived
    note = store.run_folder(ids["queued"]) / recovery.NOTE
    assert json.loads(note.read_text())["state"] == "queued"
    house = Housekeeping(store.folder)
    house.note(store)
    others = {run_id: (store.run_folder(run_id) / recovery.NOTE).stat().st_mtime_ns for run_id in ids.values()}
    store.command(ids["queued"], "stop")
    house.note(store)
    assert json.loads(note.read_text())["state"] == "stopped"
    changed = [name for name, i in ids.items() if (store.run_folder(i) / recovery.NOTE).stat().st_mtime_ns != others[i]]
    assert changed == ["queued"]


@pytest.mark.slow
def test_a_database_that_breaks_while_it_is_used_is_made_anew_and_the_queue_goes_on(store, small, serve, until):
    serve(store.folder)
    first = store.launch(small, name="first")
    until(lambda: store.run(first).state == "done", PATIENCE_S)
    until(lambda: json.loads((store.run_folder(first) / recovery.NOTE).read_text())["state"] == "done", 20)
    garbage(store.database.path)
    until(lambda: list(store.folder.glob("runs.sqlite.damaged-*")), PATIENCE_S)
    until(lambda: Store(store.folder).run(first).state == "done", 10)
    second = store.launch(small, name="second")
    until(lambda: store.run(second).state == "done", PATIENCE_S)
    assert store.result(first).summary["weights_sha256"] == store.result(second).summary["weights_sha256"]


@pytest.mark.slow
def test_a_copy_of_the_folder_that_was_made_while_runs_computed_holds_them_all(store, small, serve, until):
    """Copied file by file in the order of names, as cp does: run folders before the database, which knows more than they."""
    serve(store.folder)
    ids = [store.launch(small.with_values({"training.seed": k})) for k in range(6)]
    until(lambda: store.run(ids[1]).state == "done", PATIENCE_S)
    copy = store.folder.with_name(f"{store.folder.name}-copy")
    try:
        writing = threading.Event()

        def bustle():
            while not writing.wait(0.005):
                store.launch(small)

        bustling = threading.Thread(target=bustle)
        bustling.start()
        shutil.copytree(store.folder / "runs", copy / "runs")
        time.sleep(0.5)
        shutil.copy(store.folder / "runs.sqlite", copy / "runs.sqlite")
        writing.set()
        bustling.join()
        restored = Store(copy)
        for run in restored.runs(1000):
            if run.id not in ids:
                restored.delete(run.id)
        serve(copy)
        until(lambda: all(restored.run(run_id).state == "done" and restored.result(run_id) for run_id in ids), PATIENCE_S)
        until(lambda: all(store.run(run_id).state == "done" for run_id in ids), PATIENCE_S)
        for run_id in ids:
            one, other = (each.result(run_id).summary["weights_sha256"] for each in (store, restored))
            assert one == other
    finally:
        shutil.rmtree(copy, ignore_errors=True)


SCHEMA_1 = """
CREATE TABLE runs (seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL, recording TEXT NOT NULL,
    params TEXT NOT NULL, state TEXT NOT NULL DEFAULT 'queued', phase TEXT NOT NULL DEFAULT '', wish TEXT NOT NULL DEFAULT 'run',
    wished REAL NOT NULL DEFAULT 0, goal INTEGER NOT NULL DEFAULT 0, attempt INTEGER NOT NULL DEFAULT 0,
    losses INTEGER NOT NULL DEFAULT 0, created REAL NOT NULL, started REAL, finished REAL, version INTEGER NOT NULL DEFAULT 1,
    error TEXT NOT NULL DEFAULT '');
CREATE INDEX runs_by_state ON runs (state, seq);
INSERT INTO runs (id, name, recording, params, state, attempt, created, started, finished, version)
    VALUES ('aaaaaaaaaaaaaaaa', 'Old', '', '{"network": {"n": 33}}', 'done', 2, 1700000000.5, 1700000001, 1700000002, 9);
INSERT INTO runs (id, name, recording, params, created) VALUES ('bbbbbbbbbbbbbbbb', 'Waits', '', '{}', 1700000003);
PRAGMA user_version = 1;
"""
SCHEMA_2 = SCHEMA_1.replace(
    "PRAGMA user_version = 1;",
    """
CREATE TABLE sweeps (seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL,
    experiment TEXT NOT NULL, spec TEXT NOT NULL, wish TEXT NOT NULL DEFAULT 'run', created REAL NOT NULL);
CREATE TABLE cells (sweep INTEGER NOT NULL, number INTEGER NOT NULL, place TEXT NOT NULL, seed INTEGER NOT NULL,
    name TEXT NOT NULL, params TEXT NOT NULL, recording TEXT NOT NULL, run TEXT, PRIMARY KEY (sweep, number)) WITHOUT ROWID;
CREATE INDEX cells_waiting ON cells (sweep, number) WHERE run IS NULL;
CREATE INDEX cells_by_run ON cells (run);
INSERT INTO sweeps (id, name, experiment, spec, created) VALUES ('cccccccccccccccc', 'Grid', '',
    '{"form": "", "axes": [["a", "a", "ms", [1]]], "measure": ["r", "correlation.test_mean"]}', 1700000004);
INSERT INTO cells VALUES (1, 0, '[0]', 1, 'cell', '{}', '', 'aaaaaaaaaaaaaaaa');
PRAGMA user_version = 2;
""",
)


@pytest.mark.parametrize("schema", [SCHEMA_1, SCHEMA_2])
def test_a_store_of_an_older_version_is_brought_up_with_everything_in_it(folder, schema):
    db = sqlite3.connect(folder / "runs.sqlite")
    db.executescript(schema)
    db.close()
    store = Store(folder)
    old, waits = store.run("aaaaaaaaaaaaaaaa"), store.run("bbbbbbbbbbbbbbbb")
    assert (old.name, old.state, old.attempt, old.created, old.finished, old.version) == (
        "Old",
        "done",
        2,
        1700000000.5,
        1700000002,
        9,
    )
    assert old.params.network.n == 33
    assert (waits.state, waits.position, waits.owner, waits.title, waits.colour) == ("queued", 1, "", "", "")
    if schema is SCHEMA_2:
        (cell,) = store.sweeps.cells("cccccccccccccccc")
        assert (cell.run, cell.state) == ("aaaaaaaaaaaaaaaa", "done")
    new = store.launch(old.params)
    assert [run.id for run in store.runs()] == [new, "bbbbbbbbbbbbbbbb", "aaaaaaaaaaaaaaaa"]
    assert columns(folder) == columns(Database(folder / "fresh").path.parent)


def columns(folder):
    db = sqlite3.connect(folder / "runs.sqlite")
    tables = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
    found = {table: db.execute(f"PRAGMA table_info({table})").fetchall() for table in tables}
    indexes = sorted(db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"))
    db.close()
    return found, [name for name, _ in indexes]
