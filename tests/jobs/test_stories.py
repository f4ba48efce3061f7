"""A run's story, read once: equal to reading the whole file again, while another process writes it and others ask."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from spikedash.jobs import files
from spikedash.jobs.stories import MOST, Stories
from spikedash.records import LoopRecord, TestRecord

LOOPS = [LoopRecord(k, *(0.01 * k for _ in LoopRecord._fields[1:])) for k in range(40)]
EVENTS = [*LOOPS, *(TestRecord(k, *(0.5 for _ in TestRecord._fields[1:])) for k in range(5))]


@pytest.fixture
def lines():
    return [files.event_line(event) for event in EVENTS]


def test_what_is_appended_is_read_and_nothing_twice(tmp_path, lines, monkeypatch):
    path, stories, parsed = tmp_path / "progress.jsonl", Stories(), []
    monkeypatch.setattr(files, "_event", lambda line, known=files._event: parsed.append(line) or known(line))
    assert stories.of(path) == []
    for k, line in enumerate(lines):
        with path.open("ab") as file:
            file.write(line[:7])  # a reader may come in the middle of a line
            file.flush()
            assert stories.of(path) == EVENTS[:k]
            file.write(line[7:])
        assert stories.of(path) == EVENTS[: k + 1]
    assert len(parsed) == len(lines)


def test_a_story_that_was_given_stays_as_it_was(tmp_path, lines):
    path, stories = tmp_path / "progress.jsonl", Stories()
    path.write_bytes(lines[0])
    first = stories.of(path)
    with path.open("ab") as file:
        file.write(lines[1])
    assert stories.of(path) == EVENTS[:2]
    assert first == EVENTS[:1]


def test_many_threads_get_the_same(tmp_path, lines):
    path, stories = tmp_path / "progress.jsonl", Stories()
    path.write_bytes(b"".join(lines))
    with ThreadPoolExecutor(8) as pool:
        assert all(found == EVENTS for found in pool.map(lambda _: stories.of(path), range(40)))


def test_only_the_last_ones_are_remembered(tmp_path, lines):
    stories = Stories()
    for k in range(3 * MOST):
        (tmp_path / str(k)).write_bytes(lines[0])
        assert stories.of(tmp_path / str(k)) == EVENTS[:1]
    assert len(stories._known) == MOST
