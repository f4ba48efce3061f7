"""What is kept of finished runs, the limits that the environment sets, and the log."""

from __future__ import annotations

import json
import logging
import os
import time

import numpy as np
import pytest

from spikedash.jobs import logs, pool
from spikedash.jobs.claims import Holding, Pen, Queue
from spikedash.jobs.limits import Limits, limits
from spikedash.jobs.pool import Pool
from spikedash.jobs.retention import Old, chosen, remove_old, remove_unused
from spikedash.jobs.store import Measure, NewCell, Plan, Store
from spikedash.params import InputError
from spikedash.records import Recording

DAY = 86400.0


def old(*days, size=10**9):
    return [Old(str(k), -day * DAY, size) for k, day in enumerate(days)]


@pytest.mark.parametrize(
    ("kept", "gone"),
    [
        (Limits(), []),
        (Limits(keep_days=5), ["0", "1"]),
        (Limits(keep_days=100), []),
        (Limits(keep_gb=2.5), ["0", "1"]),
        (Limits(keep_gb=100), []),
        (Limits(keep_days=8, keep_gb=1.5), ["0", "1", "2"]),
        (Limits(keep_gb=0.1), ["0", "1", "2", "3"]),
    ],
)
def test_the_old_go_by_age_and_then_the_oldest_by_size(kept, gone):
    """Four runs of 1 GB that ended 9, 7, 3 and 1 days ago."""
    assert chosen(old(9, 7, 3, 1), 4 * 10**9, 0.0, kept) == gone


def test_only_finished_runs_that_nobody_marked_are_removed(store, small):
    queue = Queue(store.database)
    plain, titled, coloured, running, waiting = (store.launch(small) for _ in range(5))
    for run_id in (plain, titled, coloured):
        claim = queue.claim("starting")
        assert claim.run == run_id
        Pen(store.database, claim).end("done")
    assert queue.claim("starting").run == running
    with store.database.write() as db:
        db.execute("UPDATE runs SET title = 'Mine' WHERE id = ?", (titled,))
        db.execute("UPDATE runs SET colour = '#aabbcc' WHERE id = ?", (coloured,))
    assert remove_old(store.database, Limits(), store.delete) == []
    assert remove_old(store.database, Limits(keep_gb=1e-9), store.delete) == [plain]
    assert [run.id for run in store.runs()] == [waiting, running, coloured, titled]
    assert not store.run_folder(plain).exists()


@pytest.fixture
def uploaded(store, recording):
    """Saves recording k of a person, 1 MB each, k hours after the others."""

    def save(k, person):
        rates = np.full((125_000, 1), float(k))
        key = Store(store.folder, lambda: person).save_recording(
            recording._replace(rate_hz=rates, time_ms=np.zeros(0), names=("a",)), f"{k}.csv"
        )
        os.utime(store.folder / "recordings" / f"{key}.npz", (k * 3600, k * 3600))
        return key

    return save


def kept(store):
    return {path.stem for path in (store.folder / "recordings").glob("*.npz")}


def test_recordings_of_one_person_take_no_more_than_is_set(store, small, uploaded, monkeypatch):
    monkeypatch.setenv("SPIKEDASH_UPLOAD_MB", "3.5")
    used, unused, shared = (uploaded(k, "ada") for k in (1, 2, 0))
    assert uploaded(0, "bob") == shared
    Store(store.folder, lambda: "ada").launch(small, recording=used)
    assert uploaded(1, "ada") == used  # the same once more takes no room
    fourth = uploaded(4, "ada")
    assert kept(store) == {used, shared, fourth}
    Store(store.folder, lambda: "ada").launch(small, recording=fourth)
    with pytest.raises(InputError, match=r"would take 4\.0 MB, and each person may keep 3\.5 MB here; delete runs that use one"):
        uploaded(5, "ada")
    others = {uploaded(k, "bob") for k in (6, 7)}
    assert kept(store) == {used, shared, fourth, *others}
    assert unused not in kept(store)


def test_old_recordings_go_unless_a_run_or_a_cell_uses_them(store, small, uploaded):
    used, planned, old = (uploaded(k, "") for k in (1, 2, 3))
    store.launch(small, recording=used)
    store.sweeps.launch(Plan("", (), Measure("m", "m"), (NewCell((), 1, small),), recording=planned))
    new = store.save_recording(Recording(np.ones((3, 1)), np.arange(3.0), ("b",), ()), "b.csv")
    assert remove_unused(store.database, Limits()) == []
    assert remove_unused(store.database, Limits(upload_days=30)) == [old]
    assert kept(store) == {used, planned, new}
    with pytest.raises(KeyError):
        store.recording(old)


def test_every_limit_has_its_variable_and_nonsense_is_one_sentence():
    assert limits({}) == Limits()
    for number, name in enumerate(Limits._fields, 1):
        key = f"SPIKEDASH_{name.upper()}"
        assert getattr(limits({key: str(number)}), name) == number
        assert getattr(limits({key: ""}), name) == getattr(Limits(), name)
        for odd in ("0", "-1", "many", "nan"):
            with pytest.raises(InputError, match=rf"^{key} is '{odd}'; it must be a number above 0\.$"):
                limits({key: odd})


def test_every_limit_is_in_the_readme(project):
    text = (project / "README.md").read_text("utf-8")
    for name in Limits._fields:
        assert f"SPIKEDASH_{name.upper()}" in text
    assert "SPIKEDASH_LOG_LEVEL" in text


def test_a_line_of_the_log_is_json_with_the_run_it_is_about(tmp_path):
    room = logging.getLogger("spikedash")
    before = room.handlers[:], room.level, room.propagate
    try:
        logs.to_file(tmp_path / "log.jsonl")
        about = {"run": "a" * 16, "attempt": 2, "worker": 7}
        logging.getLogger("spikedash.jobs.pool").warning('it said "%s"\nand died', "é", extra=about)
        logging.getLogger("spikedash.jobs.pool").info("nothing about a run")
        one, two = map(json.loads, (tmp_path / "log.jsonl").read_text("utf-8").splitlines())
        assert one["message"] == 'it said "é"\nand died'
        assert about.items() <= one.items()
        assert (one["level"], one["room"], one["process"]) == ("warning", "jobs.pool", os.getpid())
        assert "run" not in two
        assert abs(time.time() - time.mktime(time.strptime(one["at"][:19], "%Y-%m-%dT%H:%M:%S")) + time.timezone) < 60
    finally:
        for handler in room.handlers:
            handler.close()
        room.handlers[:], room.level, room.propagate = before


class Idle:
    """A worker that does nothing, not even stop."""

    def __init__(self, claim):
        self.claim, self.killed = claim, False
        self.astray_s = self.told_s = None
        self.ran_s = 0.0

    def kill(self):
        self.killed = True


@pytest.fixture
def enforced(store, small, monkeypatch):
    """Let time pass for a pool with one worker that does nothing; `jump` is what somebody does to the clock on the wall."""
    now = [1000.0]
    monkeypatch.setattr(pool, "time", type("Clock", (), {"monotonic": staticmethod(lambda: now[0]), "time": time.time}))
    run_id = store.launch(small)
    claim = Queue(store.database).claim("starting")
    there = store.run_folder(run_id) / "1"
    there.mkdir()
    (there / "progress.json").write_text('{"version": 3}')
    served, worker = Pool(store.folder, 1, 1), Idle(claim)
    served._busy.append(worker)

    def pass_time(seconds, holding, jump=0.0):
        monkeypatch.setattr("time.time", lambda: 1.7e9 + jump)
        for _ in range(round(seconds / 0.5)):
            now[0] += 0.5
            served._enforce({claim: holding} if holding else {})
        return worker.killed, store.run(run_id).state

    return pass_time


@pytest.mark.parametrize("jump", [0.0, 1e7, -1e7])
def test_a_worker_that_does_not_stop_is_killed_after_its_grace_wherever_the_clock_jumps(enforced, jump):
    asked = Holding("running", "training", "stop", 1.7e9)
    assert enforced(4.5, asked, jump) == (False, "running")
    assert enforced(1.5, asked, jump) == (True, "stopped")


def test_a_run_without_a_sign_of_life_ends_when_its_time_and_a_margin_are_over(enforced, monkeypatch):
    computing = Holding("running", "training", "run", 0.0)
    assert enforced(24 * 3600, computing) == (False, "running")
    assert enforced(290, computing) == (False, "running")
    assert enforced(20, computing) == (True, "failed")


def test_a_paused_run_has_all_the_time(enforced):
    assert enforced(26 * 3600, Holding("paused", "training", "pause", 0.0)) == (False, "running")


def test_a_claim_that_is_gone_costs_its_worker_the_life(enforced):
    assert enforced(4, None)[0] is False
    assert enforced(3, None)[0] is True
