"""Spectra: every eigenvalue on equal axes, unit circle and the bulk's circle."""

from __future__ import annotations

import base64
import json
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from spikedash.analysis import Spectrum
from spikedash.figures import spectrum

BEFORE = Spectrum(np.array([-3.0, 0.5 + 0.5j, 0.5 - 0.5j]), 1.01, -3.0)
AFTER = Spectrum(np.array([0.2 + 0.1j, 0.2 - 0.1j, 0.0]), 0.22, -3.0)


def read(spec: dict[str, str]) -> np.ndarray[Any, Any]:
    return np.frombuffer(base64.b64decode(spec["bdata"]), f"<{spec['dtype']}")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_both_spectra_lie_on_the_same_square_axes(theme: str) -> None:
    figure = spectrum.draw(BEFORE, AFTER, theme=theme)
    go.Figure(figure)
    json.dumps(figure, allow_nan=False)
    for trace, each in zip(figure["data"], (BEFORE, AFTER), strict=True):
        np.testing.assert_allclose(read(trace["x"]) + 1j * read(trace["y"]), each.values, atol=1e-6)
    layout = figure["layout"]
    ranges = [layout[name]["range"] for name in ("xaxis", "yaxis", "xaxis2", "yaxis2")]
    assert all(one == ranges[0] for one in ranges)
    assert ranges[0][0] < -3  # the outlier is in view
    assert (layout["yaxis"]["scaleanchor"], layout["yaxis2"]["scaleanchor"]) == ("x", "x2")


def test_each_panel_has_the_unit_circle_and_that_of_its_bulk() -> None:
    shapes = spectrum.draw(BEFORE, AFTER)["layout"]["shapes"]
    assert [(shape["xref"], shape["x1"], shape["y0"]) for shape in shapes] == [
        ("x", 1.0, -1.0),
        ("x", 1.01, -1.01),
        ("x2", 1.0, -1.0),
        ("x2", 0.22, -0.22),
    ]
    texts = [note["text"] for note in spectrum.draw(BEFORE, AFTER)["layout"]["annotations"]]
    assert "1.01" in texts[0]
    assert "0.22" in texts[1]


def test_a_small_spectrum_keeps_the_unit_circle_in_view() -> None:
    low, high = spectrum.draw(AFTER, AFTER)["layout"]["xaxis"]["range"]
    assert low < -1
    assert high > 1
