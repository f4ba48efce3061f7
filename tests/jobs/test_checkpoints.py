"""Checkpoints on disk: two whole ones, however they are cut, changed, or fall behind; and what they bring back."""

from __future__ import annotations

import shutil

import numpy as np
import pytest

from spikedash import training
from spikedash.jobs import checkpoints, files, space
from spikedash.jobs.checkpoints import Checkpoints
from spikedash.jobs.report import Report


@pytest.fixture
def saved(folder):
    """Three checkpoints of one array each were written by the first attempt at a run."""
    (folder / "1").mkdir()
    writer = Checkpoints(folder, 1, shortest_s=5, eager=False)
    for value in (1, 2, 3):
        assert writer.save({"P": np.full(1000, value, np.float32), "at": np.frombuffer(b'{"done": 7}', np.uint8)}, 0)
    return folder


def values(folder, attempt=2):
    return [int(arrays["P"][0]) for arrays in Checkpoints(folder, attempt, shortest_s=5, eager=False).stored()]


def test_the_two_newest_are_kept_and_found_newest_first(saved):
    assert values(saved) == [3, 2]


def test_the_next_attempt_counts_on_and_keeps_two_of_both(saved):
    (saved / "2").mkdir()
    Checkpoints(saved, 2, shortest_s=5, eager=False).save({"P": np.full(9, 4.0)}, 0)
    assert [(file.number, file.attempt) for file in checkpoints.found(saved)] == [(4, 2), (3, 1)]
    assert values(saved) == [4, 3]


def test_a_superseded_attempt_removes_nothing_of_a_later_one(saved):
    old = Checkpoints(saved, 1, shortest_s=5, eager=False)
    (saved / "2").mkdir()
    Checkpoints(saved, 2, shortest_s=5, eager=False).save({"P": np.full(9, 4.0)}, 0)
    for _ in range(3):
        old.save({"P": np.full(9, 3.0)}, 0)
    assert (4, 2) in [file[:2] for file in checkpoints.found(saved)]


@pytest.mark.parametrize("share", [0, 0.01, 0.3, 0.6, 0.95, 0.999])
def test_a_cut_checkpoint_is_noticed_and_the_one_before_is_used(saved, share):
    newest = checkpoints.found(saved)[0].path
    content = newest.read_bytes()
    newest.write_bytes(content[: int(share * len(content))])
    assert values(saved) == [2]
    assert not newest.exists()


def test_a_flipped_bit_anywhere_is_noticed_or_changes_nothing(saved):
    newest = checkpoints.found(saved)[0].path
    content, whole = newest.read_bytes(), files.read_arrays(newest)
    harmless = 0
    for place in np.random.default_rng(3).choice(8 * len(content), 500, replace=False).tolist() + list(range(8 * 40)):
        changed = bytearray(content)
        changed[place // 8] ^= 1 << place % 8
        newest.write_bytes(changed)
        arrays = next(Checkpoints(saved, 2, shortest_s=5, eager=False).stored(), {})
        arrays = {**arrays, "made_by": whole["made_by"]}
        same = arrays.keys() == whole.keys() and all(np.array_equal(arrays[name], whole[name]) for name in whole)
        harmless += same
        assert same or int(arrays["P"][0]) == 2
    assert harmless < 400  # dates and padding in the headers, which are much of so small an archive


def test_what_other_code_has_saved_is_not_gone_on_with(saved, monkeypatch):
    monkeypatch.setattr(checkpoints, "maker", lambda: "another version")
    assert values(saved) == []


def test_without_room_nothing_is_written_and_the_ones_before_stay(saved, monkeypatch):
    writer = Checkpoints(saved, 1, shortest_s=5, eager=False)
    with monkeypatch.context() as full:
        full.setattr(space, "free", lambda folder: 1000)
        assert not writer.save({"P": np.full(1000, 4.0)}, 0)
    assert values(saved) == [3, 2]


def test_a_disk_that_fills_up_while_writing_leaves_the_ones_before(saved, monkeypatch):
    def full(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    assert not Checkpoints(saved, 1, shortest_s=5, eager=False).save({"P": np.full(1000, 4.0)}, 0)
    monkeypatch.undo()
    assert values(saved) == [3, 2]
    assert not list(saved.rglob("*.part"))


def test_it_is_due_as_often_as_it_is_cheap(saved, monkeypatch):
    now = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    writer = Checkpoints(saved, 1, shortest_s=5, eager=False)
    due = []
    for second in range(105, 300, 5):
        now[0] = second
        due += [second] if writer.due(300_000_000) else []
    assert due[0] == 180  # 2 s of writing at most every 80 s
    now[0] = 200.0
    writer.save({"P": np.zeros(10**6)}, 199.5)  # 8 MB in half a second is an accident: 0.2 s are believed
    now[0] = 208.0
    assert not writer.due(1)
    now[0] = 209.0
    assert writer.due(1)


def test_it_is_not_due_where_memory_is_short(saved, monkeypatch):
    now = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    writer = Checkpoints(saved, 1, shortest_s=5, eager=False)
    now[0] = 1000.0
    monkeypatch.setattr("psutil.virtual_memory", lambda: type("Memory", (), {"available": 10**6}))
    assert not writer.due(10**6)
    now[0] = 1006.0
    assert writer.due(1000)


def test_after_a_loss_the_first_ones_come_soon(saved, monkeypatch):
    now = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    writer = Checkpoints(saved, 1, shortest_s=5, eager=True)
    waits = []
    for _ in range(7):
        began = now[0]
        while not writer.due(1000):
            now[0] += 0.05
        waits.append(round(now[0] - began, 1))
        writer.save({"P": np.zeros(3)}, now[0] - 0.001)
    assert waits == [0.3, 0.5, 1.0, 2.0, 4.0, 5.0, 5.0] or waits == [0.2, 0.5, 1.0, 2.0, 4.0, 5.0, 5.0]


def test_a_resumed_report_shows_what_was_shown_and_no_event_twice(folder, small, compiled):
    """From a checkpoint in the middle of a loop, and one in the middle of a test trial."""
    params = small.with_values({"network.n": 30})
    setup = training.prepare(params)
    whole = Report(folder / "1", setup)
    stored, session = [], training.begin(params, setup=setup, threads=1)
    session_chunk = training.session.chunk_steps
    training.session.chunk_steps = lambda *_: 29
    try:
        for number, snapshot in enumerate(session):
            whole.take(snapshot)
            if number in (13, 60):
                stored.append({**session.checkpoint(), **whole.checkpoint()})
        whole.publish(last=True)
        for attempt, arrays in enumerate(stored, 2):
            report = Report(folder / str(attempt), setup, arrays)
            for snapshot in training.begin(params, setup=setup, threads=1, resume=arrays):
                report.take(snapshot)
            report.publish(last=True)
            assert (folder / str(attempt) / "progress.jsonl").read_bytes() == (folder / "1" / "progress.jsonl").read_bytes()
            for mine, theirs in zip(report.test_spikes(), whole.test_spikes(), strict=True):
                np.testing.assert_array_equal(mine, theirs)
            assert (folder / str(attempt) / "frame.npz").read_bytes() == (folder / "1" / "frame.npz").read_bytes()
            assert report.active_s() > stored[attempt - 2]["shown_now"][1]
            shutil.rmtree(folder / str(attempt))
    finally:
        training.session.chunk_steps = session_chunk
