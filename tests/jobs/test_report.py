"""What a worker writes is what the store reads: every event, the latest frame, and never half of anything."""

from __future__ import annotations

import io
import json
import math
import time
import zipfile

import numpy as np
import pytest

from spikedash.jobs import files, folders
from spikedash.jobs.claims import Queue
from spikedash.jobs.report import Report
from spikedash.records import LoopRecord, TestRecord


@pytest.fixture
def attempt(store, small):
    """A claimed run and the folder of its attempt."""
    run_id = store.launch(small)
    Queue(store.database).claim("starting")
    return run_id, store.run_folder(run_id) / "1"


def equal(left, right):
    return all(a == b or (math.isnan(a) and math.isnan(b)) for a, b in zip(left, right, strict=True))


def test_no_event_is_lost_however_fast_loops_end(store, attempt, setup, snapshots):
    run_id, folder = attempt
    report = Report(folder, setup)
    expected = []
    for snapshot in snapshots(500):
        report.take(snapshot)
        expected += [snapshot.loop] if snapshot.loop else []
    version = store.run(run_id).version
    report.publish(last=True)
    events, _ = store.events(run_id)
    assert len(events) == 500
    assert all(equal(a, b) for a, b in zip(events, expected, strict=True))
    assert (store.run(run_id).loops_done, store.run(run_id).phase) == (500, "training")
    assert store.run(run_id).version == version + 1


def test_frames_are_written_a_few_times_a_second_and_the_first_at_once(store, attempt, setup, snapshots):
    run_id, folder = attempt
    report = Report(folder, setup)
    before, began, seen = store.run(run_id).version, time.monotonic(), []
    for snapshot in snapshots(50):
        report.take(snapshot)
        seen.append(store.run(run_id).version)
        time.sleep(0.005)
    assert store.frame(run_id) is not None
    assert seen[0] > before
    assert len(set(seen)) <= 1 + (time.monotonic() - began) / 0.12
    report.publish(last=True)


def test_a_frame_holds_the_whole_trial_so_far(store, attempt, setup, snapshots):
    run_id, folder = attempt
    report = Report(folder, setup)
    for snapshot in snapshots(3):
        report.take(snapshot)
    report.publish(last=True)
    frame = store.frame(run_id)
    assert (frame.trial.index, frame.trial.kind, frame.now_ms) == (2, "train", 20.0)
    np.testing.assert_array_equal(frame.spike_ms, [-5, 15])
    np.testing.assert_array_equal(frame.spike_neuron, [1, 2])
    np.testing.assert_array_equal(frame.drive[:, 0], [2, 2, 2.5, 2.5])
    np.testing.assert_array_equal(frame.neurons, [0, 1, 2])


def test_a_frame_in_the_middle_of_a_trial_ends_there(store, attempt, setup, snapshots):
    run_id, folder = attempt
    report = Report(folder, setup)
    report.take(next(snapshots(1)))
    frame = store.frame(run_id)
    assert (frame.now_ms, frame.drive.shape, len(frame.spike_ms)) == (10.0, (2, 3), 1)
    report.publish(last=True)


def test_the_setup_shows_the_target_on_the_sample_grid(store, attempt, setup):
    run_id, folder = attempt
    Report(folder, setup).publish(last=True)
    view = store.setup(run_id)
    np.testing.assert_array_equal(view.target[0], [[0, 1, 2], [500, 501, 502], [1000, 1001, 1002], [1500, 1501, 1502]])
    np.testing.assert_array_equal(view.sample_ms, [0, 5, 10, 15])
    assert (view.n, view.n_exc, view.typed) == (3, 2, True)


def test_pauses_are_left_out_of_the_time_spent(attempt, setup):
    report = Report(attempt[1], setup)
    report.rest()
    spent = report.active_s()
    time.sleep(0.05)
    assert report.active_s() == spent
    report.go_on()
    time.sleep(0.05)
    assert report.active_s() >= spent + 0.05
    report.publish(last=True)


@pytest.mark.parametrize("n", [1, 2, 1999, 2000])
def test_the_drive_of_every_neuron_of_a_smaller_network_is_kept(n):
    np.testing.assert_array_equal(folders.kept_neurons(n), np.arange(n))


@pytest.mark.parametrize("n", [2001, 3999, 50_000])
def test_of_a_larger_network_evenly_spread_neurons_are_kept(n):
    kept = folders.kept_neurons(n)
    assert (len(kept), kept[0], kept[-1]) == (2000, 0, n - 1)
    assert np.ptp(np.diff(kept)) <= 1


def test_a_cursor_brings_every_event_once_and_a_line_in_writing_is_left_for_later(tmp_path):
    path = tmp_path / "progress.jsonl"
    events = [LoopRecord(k, 0.1 * k, 1 / 3, 1e-300, 11.0, math.nan, math.inf) for k in range(5)] + [TestRecord(0, 0.9, 11.5)]
    content = b"".join(map(files.event_line, events))
    cursor, found = 0, []
    for size in (*range(0, len(content), 7), len(content)):
        path.write_bytes(content[:size])
        new, cursor = files.read_events(path, cursor)
        found += new
    assert [type(event) for event in found] == [type(event) for event in events]
    assert [event[:4] for event in found] == [event[:4] for event in events]
    assert math.isnan(found[0].rate_exc_hz)


@pytest.mark.parametrize("cursor", [-5, 1, 7, 10**9])
def test_a_cursor_that_was_never_given_out_breaks_nothing(tmp_path, cursor):
    path = tmp_path / "progress.jsonl"
    path.write_bytes(files.event_line(TestRecord(0, 0.9, 11.5)) * 2)
    found, _ = files.read_events(path, cursor)
    assert len(found) == (0 if cursor > 100 else 2)


def test_what_is_written_is_strict_json(tmp_path):
    files.write_json(tmp_path / "x.json", {"a": math.nan, "b": [1.5, math.inf], "c": {"d": None}})
    found = json.loads((tmp_path / "x.json").read_text(), parse_constant=lambda name: pytest.fail(name))
    assert found == {"a": None, "b": [1.5, None], "c": {"d": None}}


def test_a_write_that_fails_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "x"
    files.write_bytes(path, b"old")
    monkeypatch.setattr("os.fsync", lambda handle: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        files.write_bytes(path, b"new")
    assert path.read_bytes() == b"old"


class Trap:
    def __reduce__(self):
        return pytest.fail, ("a stored pickle was run",)


@pytest.mark.parametrize("name", ["frame.npz", "setup.npz"])
def test_damaged_and_hostile_files_show_as_nothing(store, attempt, setup, snapshots, name):
    run_id, folder = attempt
    report = Report(folder, setup)
    report.take(next(snapshots(1)))
    report.publish(last=True)
    content = (folder / name).read_bytes()
    trap = io.BytesIO()
    with zipfile.ZipFile(trap, "w") as archive:
        for member in np.load(io.BytesIO(content), allow_pickle=False).files:
            planted = io.BytesIO()
            np.lib.format.write_array(planted, np.array([Trap()], object))
            archive.writestr(f"{member}.npy", planted.getvalue())
    for broken in (b"", content[:100], content[:-30], content[:200] + b"\x00\xff" + content[202:], trap.getvalue()):
        (folder / name).write_bytes(broken)
        assert (store.frame if name == "frame.npz" else store.setup)(run_id) is None


def test_progress_of_an_old_attempt_is_not_shown(store, attempt, setup, snapshots):
    run_id, folder = attempt
    report = Report(folder, setup)
    for snapshot in snapshots(2):
        report.take(snapshot)
    report.publish(last=True)
    queue = Queue(store.database)
    queue.put_back(lost=True)
    before = store.run(run_id)
    queue.claim("starting")
    assert before.loops_done == 2
    assert (store.run(run_id).loops_done, store.events(run_id), store.frame(run_id)) == (0, ([], 0), None)
    assert store.run(run_id).version > before.version
