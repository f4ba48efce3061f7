"""Distributions over neurons as steps."""

from __future__ import annotations

import base64
import json
import math
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from spikedash.figures import distribution
from spikedash.figures.distribution import Bins

EDGES = np.linspace(-1, 1, 5)


def read(spec: dict[str, str]) -> np.ndarray[Any, Any]:
    return np.frombuffer(base64.b64decode(spec["bdata"]), f"<{spec['dtype']}")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_counts_are_steps_between_the_edges_and_the_median_is_marked(theme: str) -> None:
    figure = distribution.draw([Bins("fit", EDGES, np.array([0, 1, 20, 7]), 0.61)], "correlation", theme=theme)
    go.Figure(figure)
    json.dumps(figure, allow_nan=False)
    (trace,) = figure["data"]
    np.testing.assert_array_equal(read(trace["x"]), EDGES)
    np.testing.assert_array_equal(read(trace["y"]), [0, 1, 20, 7, 7])
    assert trace["line"]["shape"] == "hv"
    (mark,) = figure["layout"]["shapes"]
    assert mark["x0"] == mark["x1"] == 0.61
    assert figure["layout"]["annotations"][0]["text"] == "median 0.61"
    assert not figure["layout"]["showlegend"]


def test_several_are_named_with_their_medians_and_no_label_covers_another() -> None:
    parts = [Bins(name, EDGES, np.array([0, 1, 20, 7]), median) for name, median in (("single", 0.95), ("average", 0.96))]
    figure = distribution.draw(parts, "correlation")
    assert [trace["name"] for trace in figure["data"]] == ["single, median 0.95", "average, median 0.96"]
    assert figure["layout"]["annotations"] == []
    assert len({trace["line"]["dash"] for trace in figure["data"]}) == 2


def test_nothing_known_draws_no_median() -> None:
    figure = distribution.draw([Bins("fit", EDGES, np.zeros(4, int), math.nan)], "correlation")
    assert figure["layout"]["shapes"] == []
    go.Figure(distribution.draw([], "correlation"))
