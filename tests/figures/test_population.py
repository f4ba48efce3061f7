"""Population maps: the same rows, the same scale, side by side."""

from __future__ import annotations

import base64
import json
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from spikedash.analysis import PopulationMap
from spikedash.figures import population

MS = np.arange(0, 40, 10.0)


def read(spec: dict[str, str]) -> np.ndarray[Any, Any]:
    shape = [int(size) for size in spec["shape"].split(",")]
    return np.frombuffer(base64.b64decode(spec["bdata"]), f"<{spec['dtype']}").reshape(shape)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_rows_are_neurons_and_columns_are_time(theme: str) -> None:
    first = np.linspace(0, 1, 12).reshape(4, 3)
    figure = population.draw(PopulationMap(np.arange(3), first, first - 0.5), MS, theme=theme)
    go.Figure(figure)
    json.dumps(figure, allow_nan=False)
    left, right, _ = figure["data"]
    np.testing.assert_allclose(read(left["z"]) / left["zmax"], first.T, atol=1 / 250)
    np.testing.assert_allclose(read(right["z"]) / right["zmax"], np.maximum(first.T - 0.5, 0), atol=1 / 250)
    assert (left["x0"], left["dx"]) == (0, 10)
    assert (left["zmin"], left["zmax"]) == (right["zmin"], right["zmax"])


def test_the_first_neuron_is_on_top_of_both_and_zoom_is_shared() -> None:
    layout = population.draw(PopulationMap(np.arange(3), np.zeros((4, 3)), np.zeros((4, 3))), MS)["layout"]
    bottom, top = layout["yaxis"]["range"]
    assert bottom > top
    assert (layout["xaxis2"]["matches"], layout["yaxis2"]["matches"]) == ("x", "y")
    assert layout["xaxis"]["domain"][1] < layout["xaxis2"]["domain"][0]
    assert {"recording", "network"} < {note["text"] for note in layout["annotations"]}
    assert layout["yaxis"]["domain"][1] < layout["yaxis9"]["domain"][0]  # the colour bar
