"""What is launched stays; what is odd is refused; everybody who looks sees the same."""

from __future__ import annotations

import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys

import numpy as np
import pytest

from spikedash.jobs.store import Store, StoreError
from spikedash.params import InputError, Params

ODD = [
    "",
    "x",
    "../../etc/passwd",
    "..%2f..%2fpasswd",
    "a" * 15,
    "a" * 17,
    "a" * 16 + "\n",
    "aaaaaaaaaaaaaaa/",
    "aaaaaaaa\x00aaaaaaa",
    None,
    7,
]
READERS = ["run", "delete", "events", "frame", "setup", "result", "recording", "run_folder"]


def test_a_launched_run_is_there_for_whoever_opens_the_store(store, small):
    run_id = store.launch(small, name="first")
    run = Store(store.folder).run(run_id)
    assert (run.id, run.name, run.state, run.params, run.position, run.attempt) == (run_id, "first", "queued", small, 1, 0)


def test_a_run_launched_by_a_process_that_was_killed_at_once_is_there(folder, project):
    code = (
        "import os, signal, sys; from pathlib import Path;"
        "from spikedash.jobs.store import Store; from spikedash.params import Params;"
        "print(Store(Path(sys.argv[1])).launch(Params()), flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(folder)], cwd=project, capture_output=True, text=True, timeout=60)
    assert done.returncode == -signal.SIGKILL
    assert Store(folder).run(done.stdout.strip()).state == "queued"


def test_ids_are_url_safe_and_differ(store, small):
    ids = {store.launch(small) for _ in range(20)}
    assert len(ids) == 20
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{16}", run_id) for run_id in ids)


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("reader", READERS)
def test_an_odd_id_is_an_unknown_run(store, reader, odd):
    with pytest.raises(KeyError):
        getattr(store, reader)(odd)


def test_an_unknown_run_is_unknown_to_every_method(store):
    for reader in READERS[:-1]:
        with pytest.raises(KeyError):
            getattr(store, reader)("a" * 16)
    with pytest.raises(KeyError):
        store.command("a" * 16, "stop")


def test_the_queue_is_first_come_first_served_and_closes_up(store, small):
    first, second, third = (store.launch(small) for _ in range(3))
    version = store.run(third).version
    store.command(first, "stop")
    assert [store.run(run).position for run in (first, second, third)] == [0, 1, 2]
    assert store.run(third).version > version
    store.delete(second)
    assert store.run(third).position == 1


def test_runs_are_listed_newest_first(store, small):
    ids = [store.launch(small, name=str(k)) for k in range(4)]
    assert [run.id for run in store.runs(limit=3)] == ids[:0:-1]


def test_a_stopped_run_that_nobody_began_ends_at_once_and_for_good(store, small):
    run_id = store.launch(small)
    for command in ("stop", "resume", "pause", "step", "stop"):
        store.command(run_id, command)
        assert store.run(run_id).state == "stopped"
    assert store.run(run_id).finished >= store.run(run_id).created


def test_a_run_without_files_has_nothing_to_show(store, small):
    run_id = store.launch(small)
    assert store.events(run_id) == ([], 0)
    assert (store.frame(run_id), store.setup(run_id), store.result(run_id)) == (None, None, None)


def test_deleting_removes_a_run_with_its_files(store, small):
    run_id = store.launch(small)
    place = store.run_folder(run_id) / "1"
    place.mkdir(parents=True)
    (place / "frame.npz").write_bytes(b"x")
    store.delete(run_id)
    assert not store.run_folder(run_id).exists()
    assert store.runs() == []


def test_a_run_of_another_version_is_told_with_what_is_understood_and_not_listed(store, small):
    old, new = store.launch(small), store.launch(small)
    with sqlite3.connect(store.database.path) as db:
        odd = '{"target": {"gone": 1, "duration_ms": 300}, "network": {"n": -4, "tau_s_ms": 40}}'
        db.execute("UPDATE runs SET params = ? WHERE id = ?", (odd, old))
    db.close()
    assert [run.id for run in store.runs()] == [new]
    run = store.run(old)
    assert run.strange == ("target.gone", "network.n")
    assert run.params == Params().with_values({"target.duration_ms": 300, "network.tau_s_ms": 40})
    assert store.run(new).strange == ()


def test_a_recording_comes_back_bit_for_bit_under_the_hash_of_its_content(store, recording):
    recording_id = store.save_recording(recording, "rates.csv")
    assert store.save_recording(recording._replace(notes=("Other words.",)), "again.csv") == recording_id
    assert store.save_recording(recording._replace(rate_hz=recording.rate_hz + 1e-12), "rates.csv") != recording_id
    found = store.recording(recording_id)
    np.testing.assert_array_equal(found.rate_hz, recording.rate_hz)
    np.testing.assert_array_equal(found.time_ms, recording.time_ms)
    assert found[2:] == recording[2:]


def test_a_recording_that_was_damaged_on_disk_is_unknown(store, recording):
    recording_id = store.save_recording(recording, "rates.csv")
    path = store.folder / "recordings" / f"{recording_id}.npz"
    content = path.read_bytes()
    for broken in (b"", content[: len(content) // 2], content[:300] + b"\xff" + content[301:]):
        path.write_bytes(broken)
        with pytest.raises(KeyError):
            store.recording(recording_id)


def test_a_run_of_an_unknown_recording_is_refused_by_name(store):
    with pytest.raises(InputError, match=r"no recording 'abababababab' here; upload"):
        store.launch(Params().with_values({"target.family": "recorded", "target.recording": "ab" * 32}))


def test_the_queue_has_an_end(store, small, monkeypatch):
    monkeypatch.setattr("spikedash.jobs.store.MOST_WAITING", 2)
    store.launch(small), store.launch(small)
    with pytest.raises(InputError, match="2 runs are waiting already"):
        store.launch(small)


def test_a_folder_that_cannot_hold_runs_is_named(folder):
    (folder / "taken").write_text("a file")
    with pytest.raises(StoreError, match=r"cannot be kept in .*taken"):
        Store(folder / "taken")


def test_a_store_of_another_version_is_refused(store):
    db = sqlite3.connect(store.database.path)
    db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(StoreError, match="another version of SpikeDash"):
        Store(store.folder)


def test_no_write_ahead_log_and_no_mapped_file(store, small):
    store.launch(small)
    with store.database.write() as db:
        modes = [db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous", "mmap_size")]
    assert modes == ["truncate", 2, 0]
    assert {name for name in os.listdir(store.folder) if "wal" in name or "shm" in name} == set()


CHANGE = "import sqlite3, sys; db = sqlite3.connect(sys.argv[1]); db.execute(sys.argv[2]); db.commit()"


def test_what_another_process_wrote_is_seen_at_once(store, small):
    run_id = store.launch(small)
    assert (store.run(run_id).state, store.run(run_id).version) == ("queued", 1)
    for version in (7, 8):
        change = "UPDATE runs SET state = 'paused', version = version + 6" if version == 7 else "UPDATE runs SET version = 8"
        subprocess.run([sys.executable, "-c", CHANGE, store.database.path, change], check=True)
        assert (store.run(run_id).state, store.run(run_id).version) == ("paused", version)
    subprocess.run([sys.executable, "-c", CHANGE, store.database.path, "DELETE FROM runs"], check=True)
    with pytest.raises(KeyError):
        store.run(run_id)


def test_a_database_that_was_made_anew_is_looked_at(store, small, tmp_path):
    run_id = store.launch(small)
    assert store.run(run_id).position == 1
    fresh = shutil.copy(store.database.path, tmp_path)
    subprocess.run([sys.executable, "-c", CHANGE, fresh, "UPDATE runs SET version = 9, state = 'paused'"], check=True)
    shutil.copy(fresh, f"{store.database.path}.new")
    os.replace(f"{store.database.path}.new", store.database.path)
    assert (store.run(run_id).state, store.run(run_id).version) == ("paused", 9)
