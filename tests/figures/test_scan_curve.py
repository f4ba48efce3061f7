"""A scan's curve: points where runs are, a band over their seeds, nothing where none is."""

from __future__ import annotations

import base64
import json
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from spikedash.figures import scan_curve
from spikedash.figures.scan_curve import Line
from spikedash.figures.scan_map import Axis

TAU = Axis("synaptic time", "ms", [1, 10, 100, 500])


def read(spec: dict[str, str]) -> np.ndarray[Any, Any]:
    return np.frombuffer(base64.b64decode(spec["bdata"]), f"<{spec['dtype']}")


def line(mean: list[float], name: str = "N 500") -> Line:
    middle = np.array(mean)
    return Line(name, middle, middle - 1, middle + 1)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_means_are_points_and_the_band_runs_from_lowest_to_highest(theme: str) -> None:
    figure = scan_curve.draw(TAU, [line([1, 2, 3, 4])], "correlation", theme=theme)
    go.Figure(figure)
    band, points = figure["data"]
    np.testing.assert_array_equal(read(points["x"]), [1, 10, 100, 500])
    np.testing.assert_array_equal(read(points["y"]), [1, 2, 3, 4])
    np.testing.assert_array_equal(read(band["y"]), [2, 3, 4, 5, 3, 2, 1, 0])
    np.testing.assert_array_equal(read(band["x"]), [1, 10, 100, 500, 500, 100, 10, 1])


def test_a_missing_point_is_a_gap_in_line_and_band() -> None:
    figure = scan_curve.draw(TAU, [line([1, np.nan, 3, 4])], "correlation")
    band, points = figure["data"]
    np.testing.assert_array_equal(np.isnan(read(points["y"])), [False, True, False, False])
    np.testing.assert_array_equal(read(band["x"]), [1, 1, np.nan, 100, 500, 500, 100])
    json.dumps(figure, allow_nan=False)


def test_before_the_first_run_the_axis_stands() -> None:
    empty = scan_curve.draw(TAU, [line([np.nan] * 4)], "correlation", limits=(0, 1), log=True)
    full = scan_curve.draw(TAU, [line([1, 2, 3, 4])], "correlation", limits=(0, 1), log=True)
    go.Figure(empty)
    assert empty["layout"] == full["layout"]
    low, high = empty["layout"]["xaxis"]["range"]
    assert low < 0 < np.log10(500) < high < 3
    go.Figure(scan_curve.draw(Axis("seed", "", []), [], "correlation"))


def test_lines_are_named_and_told_apart_without_colour() -> None:
    figure = scan_curve.draw(TAU, [line([1, 2, 3, 4], f"N {n}") for n in (250, 500, 1000)], "T max", "ms")
    shown = [trace for trace in figure["data"] if trace.get("showlegend", True)]
    assert [trace["name"] for trace in shown] == ["N 250", "N 500", "N 1000"]
    assert figure["layout"]["showlegend"]
    assert len({(trace["line"]["dash"], trace["marker"]["symbol"]) for trace in shown}) == 3
    assert figure["layout"]["yaxis"]["title"]["text"] == "T max (ms)"
    assert not scan_curve.draw(TAU, [line([1, 2, 3, 4])], "T max")["layout"]["showlegend"]


def test_words_stand_evenly_spaced() -> None:
    figure = scan_curve.draw(Axis("family", "", ["sine", "ou"]), [line([1, 2])], "rate", "Hz")
    np.testing.assert_array_equal(read(figure["data"][1]["x"]), [0, 1])
    assert figure["layout"]["xaxis"]["ticktext"] == ["sine", "ou"]
