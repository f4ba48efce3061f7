"""A full disk: said in one sentence, nothing that runs is lost, and everything goes on when there is space again."""

from __future__ import annotations

import errno
import shutil
import sqlite3
import subprocess

import pytest

from spikedash.jobs import space
from spikedash.jobs.database import DiskFull
from spikedash.jobs.health import health
from spikedash.jobs.report import Report
from spikedash.jobs.store import Store

PATIENCE_S = 120


@pytest.fixture
def tiny_disk(tmp_path):
    """A disk of 12 MB of its own."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(place)], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("a small disk can be mounted by root only")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def fill(disk):
    """Leave not one byte free."""
    with (disk / "ballast").open("ab", buffering=0) as file:
        for size in (1 << 16, 1 << 12, 1):
            try:
                while file.write(bytes(size)):
                    pass
            except OSError:
                continue
    assert shutil.disk_usage(disk).free == 0


@pytest.mark.slow
def test_a_full_disk_stops_no_run_and_loses_none(tiny_disk, small, serve, until):
    store = Store(tiny_disk / "store")
    serve(store.folder)
    params = small.with_values({"network.n": 100, "training.loops": 120})
    undisturbed = store.launch(params)
    until(lambda: store.run(undisturbed).state == "done", PATIENCE_S)
    run_id = store.launch(params)
    until(lambda: store.run(run_id).loops_done > 3, PATIENCE_S)
    waiting = store.launch(small)
    fill(tiny_disk)
    with pytest.raises(DiskFull, match="is full, so nothing was changed; free some space"):
        store.launch(small)
    assert any("is full" in sentence for sentence in health(store)[0])
    # It computes to its end, and waits there.
    with pytest.raises(AssertionError):
        until(lambda: store.run(run_id).state != "running" or store.run(waiting).state != "queued", 8)
    (tiny_disk / "ballast").unlink()
    until(lambda: store.run(waiting).state == "done", PATIENCE_S)
    run = store.run(run_id)
    assert (run.state, run.attempt) == ("done", 1)
    shas = {store.result(each).summary["weights_sha256"] for each in (run_id, undisturbed)}
    assert len(shas) == 1
    assert [event[0] for event in store.events(run_id)[0]] == [*range(120), *range(3)]
    assert not any("is full" in sentence for sentence in health(store)[0])


def test_events_wait_for_room_and_are_written_in_order_and_once(folder, setup, snapshots, monkeypatch):
    report = Report(folder / "1", setup)
    room = [10**6]

    class Disk:
        """A file on a disk that takes what there is room for."""

        def __init__(self, file):
            self.file = file

        def write(self, content):
            if not room[0]:
                raise OSError(errno.ENOSPC, "No space left on device")
            part = content[: room[0]]
            room[0] -= len(part)
            return self.file.write(part)

        def close(self):
            self.file.close()

    report._events = Disk(report._events)
    for number, snapshot in enumerate(snapshots(20)):
        room[0] = {10: 30, 12: 0}.get(number, 0 if 10 < number < 30 else 10**6)
        report.take(snapshot)
    report.publish(last=True)
    lines = (folder / "1" / "progress.jsonl").read_bytes().splitlines()
    assert [line[:12] for line in lines] == [f'{{"loop": [{k}, '.encode()[:12] for k in range(20)]


def test_patience_ends_with_the_room_with_another_error_or_with_a_look(monkeypatch):
    monkeypatch.setattr(space, "RETRY_S", 0.001)
    full = [OSError(errno.ENOSPC, ""), OSError(errno.EDQUOT, ""), DiskFull("")]
    looks = []

    def act():
        if full:
            raise full.pop()
        return 7

    assert space.patiently(act, lambda: looks.append(1)) == 7
    assert len(looks) == 3
    with pytest.raises(PermissionError):
        space.patiently(lambda: (_ for _ in ()).throw(PermissionError(errno.EACCES, "")), lambda: None)
    with pytest.raises(KeyboardInterrupt):
        space.patiently(
            lambda: (_ for _ in ()).throw(OSError(errno.ENOSPC, "")), lambda: (_ for _ in ()).throw(KeyboardInterrupt)
        )


def test_a_database_that_may_not_grow_is_a_full_disk_and_nothing_is_changed(store, small):
    """SQLite's own limit says SQLITE_FULL, as a disk does."""
    run_id = store.launch(small)

    def grow():
        with store.database.write() as db:
            db.execute("PRAGMA max_page_count = 1")
            for _ in range(100):
                db.execute(
                    "INSERT INTO runs (id, name, recording, params, created) VALUES (hex(randomblob(2000)), '', '', '', 0)"
                )

    with pytest.raises(DiskFull):
        grow()
    assert [run.id for run in store.runs()] == [run_id]
    assert space.is_full(sqlite3.OperationalError("x")) is False
