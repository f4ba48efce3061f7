"""Weight histograms: a panel a kind, all counts there, zero counts at the floor of the log axis."""

from __future__ import annotations

import base64
import json
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from spikedash.analysis import WeightHistogram
from spikedash.figures import weights

EDGES = np.linspace(-2, 2, 5)


def read(spec: dict[str, str]) -> np.ndarray[Any, Any]:
    return np.frombuffer(base64.b64decode(spec["bdata"]), f"<{spec['dtype']}")


def kind(name: str) -> WeightHistogram:
    return WeightHistogram(name, EDGES, np.array([0, 5000, 0, 0]), np.array([0, 2000, 2990, 10]))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_excitation_stands_above_inhibition_each_before_and_after(theme: str) -> None:
    figure = weights.draw([kind("E"), kind("I")], theme=theme)
    go.Figure(figure)
    json.dumps(figure, allow_nan=False)
    assert [(trace["yaxis"], trace["name"]) for trace in figure["data"]] == [
        ("y", "before"),
        ("y", "after"),
        ("y2", "before"),
        ("y2", "after"),
    ]
    upper, lower = (figure["layout"][name]["domain"] for name in ("yaxis", "yaxis2"))
    assert upper[0] > lower[1]
    assert [trace["showlegend"] for trace in figure["data"]] == [True, True, False, False]
    colours = [trace["line"]["color"] for trace in figure["data"]]
    assert len({colours[1], colours[3]}) == 2
    texts = [note["text"] for note in figure["layout"]["annotations"]]
    assert texts == ["from excitatory neurons", "from inhibitory neurons"]
    assert "drive units" in figure["layout"]["xaxis"]["title"]["text"]


def test_every_bin_keeps_its_count_and_the_log_axis_begins_below_one() -> None:
    figure = weights.draw([kind("")])
    before, after = figure["data"]
    np.testing.assert_array_equal(read(before["x"]), EDGES)
    np.testing.assert_array_equal(read(before["customdata"])[:-1], [0, 5000, 0, 0])
    np.testing.assert_array_equal(read(after["customdata"])[:-1], [0, 2000, 2990, 10])
    np.testing.assert_array_equal(read(after["y"])[:-1], [0.5, 2000, 2990, 10])
    low, high = figure["layout"]["yaxis"]["range"]
    assert low == np.log10(0.5)
    assert 10**high > 5000
    assert all(trace["line"]["shape"] == "hv" for trace in figure["data"])


def test_nothing_to_draw_is_still_a_figure() -> None:
    go.Figure(weights.draw([]))
    assert weights.draw([])["layout"]["annotations"] == []
