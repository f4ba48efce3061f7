"""Which buttons mean something, and what the page says about a run."""

from __future__ import annotations

import math
from typing import Any

import pytest

from spikedash.jobs.store import Run
from spikedash.params import Params
from spikedash.records import LoopRecord, TestRecord
from spikedash.ui import words
from spikedash.ui.progress import remaining, share, view


def run(**more: Any) -> Run:
    fields = dict(
        zip(
            Run._fields,
            ("r" * 16, "", "running", Params(), 0.0, 0.0, None, "training", 30, 0, 0, 6.0, 5, 5, "", 1, "", "", "", ()),
            strict=True,
        )
    )
    return Run(**{**fields, **more})


@pytest.mark.parametrize(
    ("state", "enabled"),
    [
        ("queued", {"stop", "reset"}),
        ("running", {"pause", "stop", "reset"}),
        ("paused", {"pause", "step", "stop", "reset"}),
        ("done", {"train", "reset"}),
        ("stopped", {"train", "reset"}),
        ("failed", {"train", "reset"}),
    ],
)
def test_only_buttons_that_mean_something_are_enabled(state: Any, enabled: set[str]) -> None:
    shown = view(run(state=state), (), None)
    assert {name for name in ("train", "pause", "step", "stop", "reset") if not shown[name]["disabled"]} == enabled


def test_the_empty_page_offers_only_train() -> None:
    shown = view(None, (), None)
    assert [name for name in ("train", "pause", "step", "stop", "reset") if not shown[name]["disabled"]] == ["train"]


def test_nobody_steers_the_demo() -> None:
    shown = view(run(), (), None, demo=True)
    assert not shown["train"]["disabled"]
    assert shown["pause"]["disabled"]
    assert shown["stop"]["disabled"]


def test_pause_becomes_resume() -> None:
    assert view(run(), (), None)["pause"]["children"] == "Pause"
    assert view(run(state="paused"), (), None)["pause"]["children"] == "Resume"


def test_place_in_the_queue_is_told() -> None:
    assert "next in the queue" in view(run(state="queued", position=1), (), None)["sentence"]["children"]
    assert "3rd in the queue" in view(run(state="queued", position=3), (), None)["sentence"]["children"]


def test_compiling_says_that_it_happens_once() -> None:
    shown = view(run(phase="compiling", loops_done=0), (), None)
    assert "first run only" in shown["sentence"]["children"]
    assert shown["progress"]["animated"]


def test_a_failed_run_tells_its_reason() -> None:
    shown = view(run(state="failed", error="The worker process died (signal 9)."), (), None)
    assert shown["notice"]["children"] == "The worker process died (signal 9)."
    assert shown["sentence"]["children"] == "The worker process died (signal 9)."
    assert not shown["notice"]["hide"]


def test_what_to_do_about_it_is_told_once_and_in_the_words_of_the_page() -> None:
    error = (
        "Runaway activity in loop 2: the population fired above 400 Hz; a weaker cue or a larger training.lam keep it in bounds."
    )
    shown = view(run(state="failed", error=error), (), None)
    assert shown["notice"]["children"].endswith("400 Hz; a weaker cue or a larger “Ridge λ” keep it in bounds.")
    assert shown["sentence"]["children"] == "Runaway activity in loop 2: the population fired above 400 Hz."
    assert view(run(state="failed"), (), None)["sentence"]["children"] == "The run failed."


def test_time_left_follows_the_pace() -> None:
    # Beside so many loops neither tests nor analyses count: 30 of 600 took 6 s.
    long = Params().with_values({"network.n": 1000, "training.loops": 6000})
    assert remaining(run(params=long, loops_done=300)) == pytest.approx(6.0 * 19, rel=0.01)
    assert remaining(run(params=long, loops_done=300, active_s=12.0)) == pytest.approx(12.0 * 19, rel=0.01)
    assert remaining(run(loops_done=0)) is None
    assert remaining(run(state="done")) is None


def test_tests_take_less_than_loops_and_analyses_come_after_both() -> None:
    """Of 1,000 neurons: on two cores 10 loops took 9.5 s, 20 tests half a second, and the analyses 3.7 to 4.4 s."""
    trained = run(params=Params().with_values({"network.n": 1000, "training.loops": 10}), loops_done=10, active_s=9.5)
    tested = trained._replace(tests_done=20, active_s=10.0)
    assert 2.7 < (remaining(tested) or 0) < 5.5
    assert 3.5 < (remaining(trained) or 0) < 6.5
    assert 0.6 < share(trained) < share(tested) < 0.85


def test_the_bar_fills_from_empty_to_full() -> None:
    assert share(run(loops_done=0, active_s=0.0)) == 0
    assert share(run(state="done", loops_done=60, tests_done=20)) == 1
    nothing = Params().with_values({"training.loops": 0, "training.test_trials": 0})
    assert share(run(params=nothing, loops_done=0)) == 0


def test_the_latest_numbers_are_shown() -> None:
    loop = LoopRecord(29, 0.8765, 0.25, 0.1, 11.04, 9.0, math.nan)
    shown = view(run(), [loop], None)
    assert shown["stat-loop"]["children"] == "30 of 60"
    assert shown["stat-correlation"]["children"] == "0.876" or shown["stat-correlation"]["children"] == "0.877"
    assert shown["stat-rate"]["children"] == "11.0 Hz"
    tested = view(run(phase="testing"), [loop, TestRecord(0, -0.5, 12.0)], None)
    assert tested["stat-correlation"]["children"] == "−0.500"
    assert tested["stat-error"]["children"] == "0.250"


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.04, "0.0 s"), (9.94, "9.9 s"), (59, "59 s"), (61, "1:01 min"), (3700, "1:01 h")]
)
def test_clock(seconds: float, text: str) -> None:
    assert words.clock(seconds) == text


@pytest.mark.parametrize(
    ("number", "text"), [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (21, "21st"), (112, "112th")]
)
def test_ordinal(number: int, text: str) -> None:
    assert words.ordinal(number) == text
