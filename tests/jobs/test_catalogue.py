"""The list of runs: whose they are, pages, numbers, names and colours; and what changed since a look."""

from __future__ import annotations

import fcntl
import json
import math
import shutil
import sqlite3
import statistics

import pytest

from spikedash.jobs import files
from spikedash.jobs.catalogue import Catalogue, alike, known_ids, settings_of
from spikedash.jobs.folders import Progress, write_progress
from spikedash.jobs.store import Measure, NewCell, Plan
from spikedash.jobs.watch import Watch
from spikedash.params import InputError, Params
from spikedash.records import LoopRecord, TestRecord

NAN = math.nan


@pytest.fixture
def catalogue(store):
    return Catalogue(store)


def own(store, run_id, owner):
    with sqlite3.connect(store.database.path) as db:
        db.execute("UPDATE runs SET owner = ? WHERE id = ?", (owner, run_id))


def put(store, run_id, state, attempt=1):
    with sqlite3.connect(store.database.path) as db:
        db.execute("UPDATE runs SET state = ?, attempt = ?, version = version + 1 WHERE id = ?", (state, attempt, run_id))


def learnt(store, run_id, events, attempt=1):
    folder = store.run_folder(run_id) / str(attempt)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "progress.jsonl").open("ab") as file:
        file.writelines(files.event_line(event) for event in events)


def test_pages_go_from_the_newest_to_the_oldest(store, catalogue, small):
    ids = [store.launch(small, name=f"run {k}") for k in range(7)]
    first = catalogue.page("", limit=3)
    second = catalogue.page("", before=first[-1].seq, limit=3)
    third = catalogue.page("", before=second[-1].seq, limit=3)
    assert [entry.id for entry in (*first, *second, *third)] == ids[::-1]


def test_a_run_that_computes_tells_how_much_of_its_time_is_over(store, catalogue):
    """In a network of this size, updates are what takes time."""
    long = Params().with_values({"network.n": 1000, "training.loops": 6000})
    run_id = store.launch(long)
    folder = store.run_folder(run_id) / "1"
    folder.mkdir()
    write_progress(folder, Progress(loops_done=1500), durable=False)
    shares = {}
    for state in ("queued", "running", "paused", "stopped"):
        put(store, run_id, state)
        (entry,) = catalogue.page("")
        shares[state] = entry.share
    assert shares == {"queued": pytest.approx(NAN, nan_ok=True), "running": pytest.approx(0.25, abs=0.005)} | {
        "paused": shares["running"],
        "stopped": pytest.approx(NAN, nan_ok=True),
    }


def test_nobody_sees_or_changes_the_runs_of_another(store, catalogue, small):
    mine, other = store.launch(small), store.launch(small)
    own(store, mine, "ada")
    own(store, other, "ben")
    assert [entry.id for entry in catalogue.page("ada")] == [mine]
    assert [entry.id for entry in catalogue.entries("ada", [mine, other])] == [mine]
    assert set(catalogue.versions("ben")) == {other}
    with pytest.raises(KeyError):
        catalogue.rename("ada", other, "taken")
    with pytest.raises(KeyError):
        catalogue.paint("ada", [other], "blue")
    assert catalogue.delete("ada", [other]) == 0
    assert store.run(other).title == ""


def test_what_is_everybodys_is_seen_by_its_id_and_changed_by_nobody_else(store, catalogue, small):
    run_id = store.launch(small)
    assert catalogue.page("ada") == []
    assert [entry.id for entry in catalogue.entries("ada", [run_id])] == [run_id]
    with pytest.raises(KeyError):
        catalogue.rename("ada", run_id, "mine")
    assert catalogue.delete("ada", [run_id]) == 0


def test_numbers_are_those_of_the_loops_and_tests(store, catalogue, small):
    run_id = store.launch(small)
    put(store, run_id, "done")
    loops = [LoopRecord(k, r, 0.1, 0.01, 10.0 + k, NAN, NAN) for k, r in enumerate((0.2, 0.9, 0.7))]
    learnt(store, run_id, loops)
    (entry,) = catalogue.page("")
    assert (entry.best, entry.last, entry.rate_hz) == (0.9, 0.7, 12.0)
    assert math.isnan(entry.test)
    learnt(store, run_id, [TestRecord(0, 0.6, 9.0), TestRecord(1, 0.8, 8.0)])
    (entry,) = catalogue.page("")
    assert (entry.best, entry.test, entry.rate_hz) == (0.9, statistics.mean((0.6, 0.8)), 8.0)
    assert Catalogue(store).page("") == catalogue.page("")


def test_runs_that_differ_in_their_seeds_are_alike(store, catalogue, small):
    for values in ({"training.seed": 1}, {"training.seed": 2}, {"target.seed": 5}, {"training.lam": 3}):
        store.launch(small.with_values(values))
    other, *same = catalogue.page("")
    assert len({entry.alike for entry in same}) == 1
    assert other.alike != same[0].alike
    settings = settings_of(small.model_dump_json())
    assert alike(settings, "a recording") != alike(settings, "another")


def test_cells_of_sweeps_are_listed_only_when_asked_for(store, catalogue, small):
    lone = store.launch(small)
    store.sweeps.launch(Plan("Sweep", (), Measure("r", "correlation.test_mean"), (NewCell((), 1, small, "cell"),)))
    with store.database.write() as db:
        from spikedash.jobs.sweeps import feed

        assert feed(db, "")
    assert [entry.id for entry in catalogue.page("")] == [lone]
    cell, entry = catalogue.page("", cells=True)
    assert (cell.cell, entry.cell, entry.id) == (True, False, lone)


def test_a_title_is_one_line_and_an_empty_one_gives_the_name_back(store, catalogue, small):
    run_id = store.launch(small, name="Sine waves")
    assert catalogue.rename("", run_id, "  two\nlines " + "x" * 200) == "two lines " + "x" * 70
    assert store.run(run_id).title.startswith("two lines")
    catalogue.rename("", run_id, " ")
    assert catalogue.page("")[0].title == "Sine waves"
    before = store.run(run_id).version
    catalogue.paint("", [run_id], "pink")
    assert store.run(run_id).colour == "pink"
    assert store.run(run_id).version > before
    with pytest.raises(InputError, match="no colour 'mauve'; it can be blue"):
        catalogue.paint("", [run_id], "mauve")


def test_deleting_takes_the_files_along(store, catalogue, small):
    kept, gone = store.launch(small), store.launch(small)
    learnt(store, gone, [TestRecord(0, 0.5, 9.0)])
    assert catalogue.delete("", [gone, gone, "nonsense"]) == 1
    assert not store.run_folder(gone).exists()
    assert [entry.id for entry in catalogue.page("")] == [kept]


def test_settings_of_another_version_are_listed(store, catalogue, small):
    run_id = store.launch(small)
    with sqlite3.connect(store.database.path) as db:
        db.execute("UPDATE runs SET params = ?", (json.dumps({"network": {"n": 77, "made_up": 1}}),))
    (entry,) = catalogue.entries("", [run_id])
    assert (entry.n, entry.loops, entry.state) == (77, 0, "queued")


def test_a_supervisor_is_alive_while_it_holds_its_lock(store, catalogue):
    assert not catalogue.alive()
    with (store.folder / "supervisor.lock").open("w") as lock:
        assert not catalogue.alive()
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert catalogue.alive()
        assert catalogue.queue() == (0, 0, True)
    assert not catalogue.alive()


def test_ids_are_taken_out_of_a_list_and_nothing_else():
    assert known_ids("AAAAAAAAAAAAAAAA,../../etc/passwd,,BBBBBBBBBBBBBBBB,AAAAAAAAAAAAAAAA") == ["A" * 16, "B" * 16]


class TestWatch:
    @pytest.fixture
    def watch(self, store, catalogue, monkeypatch):
        monkeypatch.setattr("spikedash.jobs.watch.FRESH_S", 0.0)
        return Watch(catalogue, store.database)

    def test_nothing_new_is_the_same_token(self, watch, store, small):
        store.launch(small)
        first = watch.look("", cells=False)
        assert watch.look("", cells=False).token == first.token
        assert watch.since("", first.token, first, cells=False) == (False, [], [])

    def test_new_changed_and_deleted_runs_are_told_once(self, watch, store, catalogue, small):
        old, gone = store.launch(small), store.launch(small)
        before = watch.look("", cells=False)
        new = store.launch(small)
        catalogue.rename("", old, "renamed")
        catalogue.delete("", [gone])
        now = watch.look("", cells=False)
        changes = watch.since("", before.token, now, cells=False)
        assert (changes.all, set(changes.changed), changes.gone) == (False, {old, new}, [gone])
        assert now.queue.waiting == 2
        again = watch.look("", cells=False)
        assert watch.since("", now.token, again, cells=False).changed == []

    def test_progress_of_a_running_run_is_told_though_the_database_stays(self, watch, store, small):
        run_id = store.launch(small)
        put(store, run_id, "running")
        folder = store.run_folder(run_id) / "1"
        folder.mkdir(parents=True)
        before = watch.look("", cells=False)
        write_progress(folder, Progress(version=3, phase="training", loops_done=2), durable=False)
        now = watch.look("", cells=False)
        assert watch.since("", before.token, now, cells=False).changed == [run_id]
        shutil.rmtree(folder)

    def test_who_comes_from_elsewhere_begins_anew(self, watch, store, small):
        store.launch(small)
        assert watch.since("", "unknown", watch.look("", cells=False), cells=False).all

    def test_lists_of_two_people_are_apart(self, watch, store, small):
        mine, other = store.launch(small), store.launch(small)
        own(store, mine, "ada")
        own(store, other, "ben")
        ada = watch.look("ada", cells=False)
        assert list(ada.listed.versions) == [mine]
        assert watch.since("ben", ada.token, watch.look("ben", cells=False), cells=False).all
