"""Two curves a neuron, one over the other."""

from __future__ import annotations

import base64
import itertools
import json
import math
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from spikedash.figures import overlay
from spikedash.figures.overlay import Pair

MS = np.arange(0, 1000, 5.0)


def read(spec: dict[str, str]) -> np.ndarray[Any, Any]:
    return np.frombuffer(base64.b64decode(spec["bdata"]), f"<{spec['dtype']}")


def pair(label: str, r: float = 0.5) -> Pair:
    return Pair(label, np.sin(MS / 90), np.cos(MS / 90), r)


@pytest.mark.parametrize(("count", "theme"), [(0, "light"), (1, "dark"), (4, "light")])
def test_panels_fill_the_height_without_touching(count: int, theme: str) -> None:
    figure = overlay.draw(MS, [pair(str(i)) for i in range(count)], ("simulation", "prediction"), "drive", theme=theme)
    go.Figure(figure)
    json.dumps(figure, allow_nan=False)
    domains = sorted(axis["domain"] for name, axis in figure["layout"].items() if name.startswith("yaxis") and "domain" in axis)
    assert len(domains) == count
    assert all(above[0] > below[1] for below, above in itertools.pairwise(domains))


def test_curves_keep_their_values_and_names() -> None:
    figure = overlay.draw(MS, [pair("a"), pair("b")], ("network", "recording"), "rate (Hz)")
    solid, dashed = figure["data"][:2]
    np.testing.assert_array_equal(read(solid["y"]), np.sin(MS / 90).astype("f4"))
    np.testing.assert_array_equal(read(dashed["y"]), np.cos(MS / 90).astype("f4"))
    assert (solid["name"], solid["line"]["dash"]) == ("network", "solid")
    assert dashed["name"] == "recording"
    assert dashed["line"]["dash"] != "solid"
    assert [trace["showlegend"] for trace in figure["data"]] == [True, True, False, False]
    assert figure["layout"]["xaxis"]["range"] == [0, 1000]
    assert "rate (Hz)" in [note["text"] for note in figure["layout"]["annotations"]]


def test_the_correlation_stands_beside_its_panel_where_there_is_one() -> None:
    figure = overlay.draw(MS, [pair("a", 0.876), pair("b", math.nan)], ("network", "recording"), "rate (Hz)")
    texts = [note["text"] for note in figure["layout"]["annotations"]]
    assert texts[:2] == ["<b>a</b><br>r 0.88", "<b>b</b>"]


def test_no_samples_make_no_error() -> None:
    go.Figure(overlay.draw(np.zeros(0), [], ("network", "recording"), "rate (Hz)"))
    go.Figure(overlay.draw(np.zeros(1), [Pair("a", np.zeros(1), np.zeros(1), math.nan)], ("network", "recording"), "rate (Hz)"))
