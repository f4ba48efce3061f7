"""The learning curve loses no loop and marks the tests."""

from __future__ import annotations

import base64
import itertools
import json
import math
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from spikedash.figures import curve, style
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


def test_without_a_loop_the_axes_stand_and_nothing_is_drawn() -> None:
    for done in ([], [TestRecord(0, 0.9, 11.0)]):
        figure = curve.draw([], done, 60, 20)
        go.Figure(figure)
        for trace in figure["data"][:3]:
            assert (trace["x"], trace["y"]) == ([None], [None])
        for name in ("yaxis", "yaxis2", "yaxis3"):
            low, high = figure["layout"][name]["range"]
            assert low <= 0 < high


@pytest.mark.parametrize(
    ("top", "most", "end", "step"),
    [(60, 4, 60, 20), (61, 4, 80, 20), (0.37, 2, 0.4, 0.2), (13.8, 2, 20, 10), (10_000, 4, 10_000, 5000), (1e-9, 2, 1e-9, 5e-10)],
)
def test_ticks_are_round(top: float, most: int, end: float, step: float) -> None:
    assert style.ruler(top, most) == pytest.approx((end, step))


@pytest.mark.parametrize("top", [0.0, math.nan, math.inf, -3.0])
def test_an_axis_without_a_top_still_has_one(top: float) -> None:
    assert style.ruler(top)[0] == 1


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


def test_a_long_run_that_has_just_begun_does_not_hide_at_the_edge():
    def last(done: int) -> float:
        return curve.draw(loops(done), [], 3000)["layout"]["xaxis"]["range"][1]

    assert 100 <= last(9) < 110
    assert 200 <= last(85) < 210
    assert 3000 <= last(2500) < 3100
    assert curve.draw(loops(3), [], 60)["layout"]["xaxis"]["range"][1] >= 60


def test_the_change_of_the_weights_has_a_panel_of_its_own_and_infinity_is_a_gap() -> None:
    figure = curve.draw([loops(2)[0], loops(2)[1]._replace(change=math.inf)], [], 2)
    trace = next(trace for trace in figure["data"] if trace["name"] == "weight change")
    np.testing.assert_allclose(read(trace["y"]), [0.1, math.nan], rtol=1e-6)
    places = [figure["layout"][name]["domain"] for name in ("yaxis3", "yaxis4", "yaxis2", "yaxis")]
    assert all(lower[1] < upper[0] for lower, upper in itertools.pairwise(places))
    json.dumps(figure, allow_nan=False)
