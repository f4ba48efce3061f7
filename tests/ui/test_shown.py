"""How often a picture is drawn while many pages look."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask

from spikedash.jobs.store import Store
from spikedash.params import Params
from spikedash.ui import cache, shown
from spikedash.ui.shown import FRESH_S, Pictures


@pytest.fixture
def clock(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(shown.time, "monotonic", lambda: now[0])
    return now


@pytest.fixture
def pictures(tmp_path):
    return Pictures(cache.attach(Flask("test"), str(tmp_path / "cache"), b"test"))


@pytest.fixture
def run(tmp_path):
    store = Store(tmp_path / "data")
    return store.run(store.launch(Params()))._replace(state="running", phase="training", attempt=1, version=5)


def drawing(made, body):
    return lambda: made.append(body) or body


def test_a_running_runs_picture_is_new_for_a_moment(pictures, run, clock):
    made = []
    assert pictures.of("a", run, -1, drawing(made, b"5")) == b"5"
    clock[0] += FRESH_S / 2
    later = run._replace(version=6)
    assert pictures.of("a", later, -1, drawing(made, b"6")) == b"5"  # another page
    assert pictures.of("a", later, 5, drawing(made, b"6")) == b"6"  # the page that has it already
    clock[0] += FRESH_S * 1.1
    assert pictures.of("a", run._replace(version=7), -1, drawing(made, b"7")) == b"7"
    assert made == [b"5", b"6", b"7"]


@pytest.mark.parametrize(
    "change",
    [{"state": "paused"}, {"state": "done"}, {"phase": "testing"}, {"attempt": 2}],
    ids=lambda change: next(iter(change)),
)
def test_what_a_page_must_hear_of_is_drawn_at_once(pictures, run, clock, change):
    made = []
    pictures.of("a", run, -1, drawing(made, b"5"))
    assert pictures.of("a", run._replace(version=6, **change), -1, drawing(made, b"6")) == b"6"


def test_rooms_are_apart_and_a_version_that_stays_is_drawn_once(pictures, run, clock):
    made, run = [], run._replace(state="done")
    for room in ("light", "dark", "light", "dark"):
        clock[0] += 1
        assert pictures.of(room, run, -1, drawing(made, room.encode())) == room.encode()
    assert made == [b"light", b"dark"]


def test_while_one_draws_the_others_take_what_is_there(pictures, run, clock):
    pictures.of("a", run, -1, lambda: b"5")
    clock[0] += 1
    begun, go = threading.Event(), threading.Event()

    def slowly():
        begun.set()
        assert go.wait(10)
        return b"6"

    with ThreadPoolExecutor(1) as pool:
        drawn = pool.submit(pictures.of, "a", run._replace(version=6), -1, slowly)
        assert begun.wait(10)
        assert pictures.of("a", run._replace(version=6), -1, lambda: b"never") == b"5"
        go.set()
        assert drawn.result(10) == b"6"


def test_a_drawing_that_fails_hinders_nobody(pictures, run, clock):
    def fails():
        raise OSError("no such folder")

    with pytest.raises(OSError, match="no such folder"):
        pictures.of("a", run, -1, fails)
    assert pictures.of("a", run, -1, lambda: b"5") == b"5"
