"""Pages that look too often are told to look less often, as a made-up crowd obeys."""

from __future__ import annotations

import pytest
from flask import Flask, Response

from spikedash.ui.crowd import ENOUGH, HEADER, LITTLE, MOST, Crowd, attach


class Day:
    """Seconds that pass, and how much of them the process works: each page's looks cost some."""

    def __init__(self) -> None:
        self.now = self.worked = 0.0
        self.crowd = Crowd(lambda: self.now, lambda: self.worked)

    def pass_by(self, looks_per_s: float, cost_s: float, seconds: int, *, deaf: bool = False) -> list[float]:
        """So many looks a second by pages that know no crowd; returns how busy every second was."""
        busy = []
        for _ in range(seconds):
            done = min(1.0, looks_per_s * cost_s / (1.0 if deaf else self.crowd.slower()))
            self.now += 1.0
            self.worked += done
            busy.append(done)
            self.crowd.slower()
        return busy


def test_some_people_are_not_slowed_down() -> None:
    day = Day()
    day.pass_by(20, 0.005, 60)
    assert day.crowd.slower() == 1.0


def test_somebody_hardly_is_while_a_page_comes() -> None:
    day = Day()
    day.pass_by(2.5, 0.01, 10)
    day.pass_by(1, 0.4, 1)
    assert day.crowd.slower() < 1.1


@pytest.mark.parametrize(("cost_s", "slower"), [(0.003, 0.225 / LITTLE), (0.006, 2.0)])
def test_a_class_of_thirty_costs_little_and_waits_at_most_twice_as_long(cost_s: float, slower: float) -> None:
    day = Day()
    busy = day.pass_by(75, cost_s, 60)
    assert day.crowd.slower() == pytest.approx(slower, rel=0.02)
    assert busy[-1] == pytest.approx(75 * cost_s / slower, rel=0.02)


def test_a_crowd_comes_down_to_half_a_core_and_stays_there() -> None:
    day = Day()
    busy = day.pass_by(400, 0.005, 30)  # two cores' worth of looks
    assert busy[0] == 1.0
    assert busy[15:] == pytest.approx([ENOUGH] * 15, rel=0.05)


def test_a_crowd_that_leaves_is_forgotten() -> None:
    day = Day()
    day.pass_by(400, 0.005, 30)
    day.pass_by(10, 0.005, 10)
    assert day.crowd.slower() == 1.0


def test_nobody_is_left_waiting_for_ever() -> None:
    day = Day()
    day.pass_by(1, 1.0, 100, deaf=True)
    assert day.crowd.slower() == MOST


def test_only_streams_say_it_and_only_to_a_crowd() -> None:
    day = Day()
    server = Flask("test")
    attach(server, day.crowd)
    server.add_url_rule("/stream/x", "stream", lambda: Response(status=204))
    server.add_url_rule("/other", "other", lambda: Response(status=204))
    client = server.test_client()
    assert HEADER not in client.get("/stream/x").headers
    day.pass_by(400, 0.005, 30)
    assert float(client.get("/stream/x").headers[HEADER]) == pytest.approx(400 * 0.005 / ENOUGH, rel=0.05)
    assert HEADER not in client.get("/other").headers
