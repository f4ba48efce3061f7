"""The learning curve loses no loop and marks the tests."""

from __future__ import annotations

import base64
import json
import math
from typing import Any

import numpy as np
import plotly.graph_objects as go

from spikedash.figures import curve
from spikedash.records import LoopRecord, TestRecord


def loops(count: int, correlation: float = 0.5) -> list[LoopRecord]:
    return [LoopRecord(k, correlation, 1 / (k + 1), 0.1, 11.0, 9.0, math.nan) for k in range(count)]


def read(spec: dict[str, str]) -> np.ndarray[Any, Any]:
    return np.frombuffer(base64.b64decode(spec["bdata"]), f"<{spec['dtype']}")


def test_every_loop_is_a_point() -> None:
    figure = curve.draw(loops(250), [], 400)
    go.Figure(figure)
    for trace in figure["data"]:
        np.testing.assert_array_equal(read(trace["x"]), np.arange(1, 251))
    np.testing.assert_allclose(read(figure["data"][1]["y"]), 1 / np.arange(1, 251), rtol=1e-6)


def test_there_is_room_for_what_is_still_to_come() -> None:
    layout = curve.draw(loops(3), [], 60, 20)["layout"]
    assert layout["xaxis"]["range"][1] >= 60
    assert layout["xaxis2"]["range"][1] >= 20


def test_tests_stand_right_of_the_loops() -> None:
    tests = [TestRecord(k, 0.9, 11.0) for k in range(20)]
    figure = curve.draw(loops(60), tests, 60, 20)
    go.Figure(figure)
    assert figure["layout"]["xaxis"]["domain"][1] < figure["layout"]["xaxis2"]["domain"][0]
    marked = [trace for trace in figure["data"] if trace["mode"] == "markers"]
    for trace in marked:
        assert trace["xaxis"] == "x2"
        np.testing.assert_array_equal(read(trace["x"]), np.arange(1, 21))


def test_without_tests_the_loops_have_the_whole_width() -> None:
    layout = curve.draw(loops(3), [], 60)["layout"]
    assert layout["xaxis"]["domain"] == (0.0, 1.0)
    assert "xaxis2" not in layout


def test_negative_correlation_stays_in_view() -> None:
    low, _ = curve.draw(loops(2, correlation=-0.31), [], 2)["layout"]["yaxis"]["range"]
    assert low == -0.5


def test_an_undefined_value_is_a_gap_in_plain_json() -> None:
    figure = curve.draw(loops(2, correlation=math.nan), [], 2)
    assert np.isnan(read(figure["data"][0]["y"])).all()
    json.dumps(figure, allow_nan=False)
