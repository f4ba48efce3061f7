"""Phase deviation against time, with what a reader needs to judge it."""

from __future__ import annotations

import base64
import json
import math
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from spikedash.figures import phase_deviation
from spikedash.figures.phase_deviation import Deviation

MS = np.arange(-100, 2600, 5.0)


def read(spec: dict[str, str]) -> np.ndarray[Any, Any]:
    return np.frombuffer(base64.b64decode(spec["bdata"]), f"<{spec['dtype']}")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_curves_keep_their_values_and_differ_by_more_than_colour(theme: str) -> None:
    curves = [Deviation(name, MS, np.full(len(MS), k / 2)) for k, name in enumerate(("trained", "untrained", "shuffled"))]
    figure = phase_deviation.draw(curves, 2000, 200, theme=theme)
    go.Figure(figure)
    json.dumps(figure, allow_nan=False)
    for trace, curve in zip(figure["data"], curves, strict=True):
        assert trace["name"] == curve.name
        np.testing.assert_array_equal(read(trace["x"]), MS)
        np.testing.assert_array_equal(read(trace["y"]), curve.value)
    assert len({trace["line"]["dash"] for trace in figure["data"]}) == 3


def test_window_deletion_and_independence_are_marked() -> None:
    layout = phase_deviation.draw([Deviation("trained", MS, np.zeros(len(MS)))], 2000, 200)["layout"]
    window, independent, deleted = layout["shapes"]
    assert (window["x0"], window["x1"]) == (0, 2000)
    assert independent["y0"] == independent["y1"] == math.pi / 2
    assert deleted["x0"] == deleted["x1"] == 200
    assert layout["xaxis"]["range"] == [-100, 2595]
    assert layout["yaxis"]["range"][1] > math.pi / 2
    assert {note["text"] for note in layout["annotations"]} == {"trained window", "spike deleted", "independent"}


def test_before_a_trial_the_axes_stand() -> None:
    figure = phase_deviation.draw([], 1000, 200)
    go.Figure(figure)
    assert figure["layout"]["xaxis"]["range"] == [0, 1000]
