"""The learning curve loses no loop and marks the tests."""

from __future__ import annotations

import json
import math

import plotly.graph_objects as go

from spikedash.figures import curve
from spikedash.records import LoopRecord, TestRecord


def loops(count: int, correlation: float = 0.5) -> list[LoopRecord]:
    return [LoopRecord(k, correlation, 1 / (k + 1), 0.1, 11.0, 9.0, math.nan) for k in range(count)]


def test_every_loop_is_a_point() -> None:
    figure = curve.draw(loops(250), [], 400)
    go.Figure(figure)
    for trace in figure["data"]:
        assert trace["x"] == list(range(1, 251))
    assert figure["data"][1]["y"] == [1 / (k + 1) for k in range(250)]


def test_there_is_room_for_what_is_still_to_come() -> None:
    assert curve.draw(loops(3), [], 60)["layout"]["xaxis"]["range"][1] >= 60


def test_tests_stand_right_of_the_loops() -> None:
    tests = [TestRecord(k, 0.9, 11.0) for k in range(20)]
    figure = curve.draw(loops(60), tests, 60)
    go.Figure(figure)
    marked = [trace for trace in figure["data"] if trace["mode"] == "markers"]
    assert all(60 < x < figure["layout"]["xaxis"]["range"][1] for trace in marked for x in trace["x"])
    assert marked[0]["customdata"] == list(range(1, 21))


def test_negative_correlation_stays_in_view() -> None:
    low, _ = curve.draw(loops(2, correlation=-0.31), [], 2)["layout"]["yaxis"]["range"]
    assert low == -0.5


def test_an_undefined_value_is_a_gap_in_plain_json() -> None:
    figure = curve.draw(loops(2, correlation=math.nan), [], 2)
    assert figure["data"][0]["y"] == [None, None]
    json.dumps(figure, allow_nan=False)
