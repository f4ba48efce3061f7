"""Two numbers a neuron against the diagonal."""

from __future__ import annotations

import base64
import json
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from spikedash.figures import agreement

X, Y = np.array([1.0, 12.0, np.nan]), np.array([2.0, 17.3, 4.0])


def read(spec: dict[str, str]) -> np.ndarray[Any, Any]:
    return np.frombuffer(base64.b64decode(spec["bdata"]), f"<{spec['dtype']}")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_dots_and_diagonal_share_one_scale(theme: str) -> None:
    figure = agreement.draw(X, Y, "φ(u) (Hz)", "rate (Hz)", theme=theme)
    go.Figure(figure)
    json.dumps(figure, allow_nan=False)
    np.testing.assert_allclose(read(figure["data"][0]["x"]), X)
    np.testing.assert_allclose(read(figure["data"][0]["y"]), Y, rtol=1e-6)
    layout = figure["layout"]
    assert layout["xaxis"]["range"] == layout["yaxis"]["range"]
    assert layout["xaxis"]["range"][1] > 17.3
    assert layout["yaxis"]["scaleanchor"] == "x"
    (line,) = layout["shapes"]
    assert (line["x0"], line["x1"]) == (line["y0"], line["y1"])


def test_given_ends_hold_and_names_are_shown() -> None:
    figure = agreement.draw(
        X / 20, Y / 20, "noise ceiling", "fit", low=-0.5, high=1.0, names=["a", "b", "c"], remark="median 0.9"
    )
    low, high = figure["layout"]["xaxis"]["range"]
    assert -0.6 < low < -0.5
    assert 1.0 < high < 1.1
    assert figure["data"][0]["text"] == ["a", "b", "c"]
    assert figure["layout"]["annotations"][0]["text"] == "median 0.9"


def test_without_a_number_there_is_still_an_axis() -> None:
    figure = agreement.draw(np.full(3, np.nan), np.full(3, np.nan), "noise ceiling", "fit")
    low, high = figure["layout"]["xaxis"]["range"]
    assert low < 0 < high
