"""A scan's map: every cell in its place, and those without a run told apart from those with a low value."""

from __future__ import annotations

import base64
import json
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from spikedash.figures import scan_map
from spikedash.figures.scan_map import Axis

J, TAU = Axis("coupling J", "", [1, 2, 6]), Axis("synaptic time", "ms", [5, 1000])


def read(spec: dict[str, str]) -> np.ndarray[Any, Any]:
    shape = [int(size) for size in spec["shape"].split(",")]
    return np.frombuffer(base64.b64decode(spec["bdata"]), f"<{spec['dtype']}").reshape(shape)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_value_lies_in_the_tile_of_its_settings(theme: str) -> None:
    z = np.array([[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]])
    figure = scan_map.draw(J, TAU, z, "correlation", theme=theme)
    go.Figure(figure)
    np.testing.assert_allclose(read(figure["data"][1]["z"]), z, rtol=1e-6)
    layout = figure["layout"]
    assert layout["xaxis"]["ticktext"] == ["1", "2", "6"]
    assert layout["yaxis"]["ticktext"] == ["5", "1,000"]
    assert layout["xaxis"]["title"]["text"] == "coupling J"
    assert layout["yaxis"]["title"]["text"] == "synaptic time (ms)"


def test_a_cell_without_a_run_is_empty_and_no_other_is() -> None:
    z = np.array([[0.0, np.nan, 0.3], [np.nan, 0.5, 0.6]])
    figure = scan_map.draw(J, TAU, z, "rate", "Hz")
    empty, tiles = (np.isfinite(read(trace["z"])) for trace in figure["data"][:2])
    np.testing.assert_array_equal(empty, np.isnan(z))
    np.testing.assert_array_equal(tiles, ~np.isnan(z))
    assert "not run yet" in figure["data"][0]["hovertemplate"]
    json.dumps(figure, allow_nan=False)


def test_the_map_stands_before_the_first_run_and_does_not_move_when_it_fills() -> None:
    z = np.full((2, 3), np.nan)
    before = scan_map.draw(J, TAU, z, "rate", "Hz", limits=(0, 40))
    z[1, 2] = 12.0
    after = scan_map.draw(J, TAU, z, "rate", "Hz", limits=(0, 40))
    go.Figure(before)
    assert before["layout"] == after["layout"]
    assert before["data"][2] == after["data"][2]
    assert "rate (Hz)" in [note["text"] for note in before["layout"]["annotations"]]
    assert [(trace["zmin"], trace["zmax"]) for trace in (before["data"][1], after["data"][1])] == [(0, 40)] * 2


def test_one_value_alone_still_has_a_scale() -> None:
    tiles = scan_map.draw(J, TAU, np.full((2, 3), 0.7), "correlation")["data"][1]
    assert tiles["zmin"] < tiles["zmax"]


def test_many_columns_leave_the_numbers_to_the_pointer() -> None:
    wide = Axis("seed", "", list(range(12)))
    assert len(scan_map.draw(wide, TAU, np.ones((2, 12)), "correlation")["data"]) == 3
    assert len(scan_map.draw(J, TAU, np.ones((2, 3)), "correlation")["data"]) == 4


def test_numbers_in_tiles_are_written_as_beside_the_axes() -> None:
    z = np.array([[-0.004, -0.26, np.nan], [0.004, 0.5, 0.996]])
    words = scan_map.draw(J, TAU, z, "correlation")["data"][3]
    assert words["text"] == ["0.00", "−0.26", "0.00", "0.50", "1.00"]
    assert list(zip(words["x"], words["y"], strict=True)) == [(0, 0), (1, 0), (0, 1), (1, 1), (2, 1)]
    assert scan_map.draw(J, TAU, 1234.5 * np.ones((2, 3)), "rate")["data"][3]["text"][0] == "1,234"


def test_numbers_can_be_read_on_every_colour() -> None:
    """WCAG's contrast with the tile; Matplotlib's table of viridis, from which Plotly's ten colours are."""
    shades = [0x440154, 0x482878, 0x3E4989, 0x31688E, 0x26828E, 0x1F9E89, 0x35B779, 0x6ECE58, 0xB5DE2B, 0xFDE725]
    wide = Axis("seed", "", list(range(7)))
    for part in (np.arange(0, 5), np.arange(5, 10)):
        z = np.full((1, 7), np.nan)
        z[0, :5] = part / 9
        words = scan_map.draw(wide, TAU, z, "correlation", limits=(0, 1))["data"][3]
        for shade, colour in zip([shades[k] for k in part], words["textfont"]["color"], strict=True):
            channels = [(shade >> shift & 255) / 255 for shift in (16, 8, 0)]
            linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
            light = float(np.dot(linear, [0.2126, 0.7152, 0.0722]))
            assert ((light + 0.05) / 0.05 if colour == "#000" else 1.05 / (light + 0.05)) >= 4.5


def test_words_are_settings_too() -> None:
    family = Axis("family", "", ["sine", "ou", "chaotic"])
    assert scan_map.draw(family, TAU, np.ones((2, 3)), "rate")["layout"]["xaxis"]["ticktext"] == ["sine", "ou", "chaotic"]
