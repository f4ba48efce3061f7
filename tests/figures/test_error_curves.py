"""Tracking and sampling error over the synaptic time."""

from __future__ import annotations

import base64
import json
import math
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from spikedash.analysis import Errors
from spikedash.figures import error_curves
from spikedash.figures.error_curves import Measured

TIMES = np.array([1.0, 10.0, 100.0])
EXPECTED = Errors(np.array([0.3, 0.4, 0.6]), np.array([0.4, 0.3, 0.8]))


def read(spec: dict[str, str]) -> np.ndarray[Any, Any]:
    return np.frombuffer(base64.b64decode(spec["bdata"]), f"<{spec['dtype']}")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_both_errors_and_their_sum_stand_over_the_time(theme: str) -> None:
    figure = error_curves.draw(TIMES, EXPECTED, theme=theme)
    go.Figure(figure)
    json.dumps(figure, allow_nan=False)
    assert [trace["name"] for trace in figure["data"]] == ["tracking", "sampling", "both"]
    for trace, values in zip(figure["data"], ([0.3, 0.4, 0.6], [0.4, 0.3, 0.8], [0.5, 0.5, 1.0]), strict=True):
        np.testing.assert_allclose(read(trace["y"]), values, rtol=1e-6)
        np.testing.assert_array_equal(read(trace["x"]), TIMES)
    assert figure["layout"]["xaxis"]["type"] == "log"
    assert len({trace["line"]["dash"] for trace in figure["data"]}) == 3


def test_a_measured_run_is_marked_at_its_time() -> None:
    figure = error_curves.draw(TIMES, EXPECTED, Measured(20.0, 0.37, math.nan))
    go.Figure(figure)
    json.dumps(figure, allow_nan=False)
    tracking, sampling = figure["data"][3:]
    assert (tracking["x"], tracking["y"]) == ([20.0], [0.37])
    assert sampling["y"] == [None]
    (line,) = figure["layout"]["shapes"]
    assert line["x0"] == 20.0
    assert figure["layout"]["annotations"][0]["x"] == pytest.approx(math.log10(20))  # as plotly.js wants it on a log axis
