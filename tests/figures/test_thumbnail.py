"""Small pictures: where things lie, and that what is missing is not drawn as a value."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import numpy as np

from spikedash.figures import thumbnail

SVG = "{http://www.w3.org/2000/svg}"


def test_a_map_has_low_values_at_the_bottom_left_and_no_colour_for_gaps() -> None:
    z = np.array([[0.0, np.nan], [0.5, 1.0]])
    tiles = ET.fromstring(thumbnail.heat(z, 0, 1)).findall(f"{SVG}rect")
    found = {(tile.get("x"), tile.get("y")): tile.get("fill") for tile in tiles}
    (left, right), (top, bottom) = sorted({x for x, _ in found}, key=float), sorted({y for _, y in found}, key=float)
    assert found[left, bottom] == "rgb(68, 1, 84)"  # the dark end of Viridis (van der Walt and Smith 2015)
    assert found[right, top] == "rgb(253, 231, 37)"  # and its bright one
    assert found[right, bottom] == "#8884"


def test_a_curve_breaks_where_a_point_is_missing() -> None:
    drawn = ET.fromstring(thumbnail.curve(np.array([[0.0, 0.5, np.nan, 1.0]]), 0, 1))
    line = drawn.findall(f"{SVG}path")[1].get("d") or ""
    assert re.findall("[ML]", line) == ["M", "L", "M"]
    dots = [float(dot.get("cy") or 0) for dot in drawn.findall(f"{SVG}circle")]
    assert dots == [82.0, 45.0, 8.0]  # bottom, middle, top of 90 less 8 on either side


def test_spikes_before_and_after_the_window_are_left_out() -> None:
    ms, neuron = np.array([-5, 0, 50, 100, 200], np.float32), np.array([0, 0, 5, 9, 9], np.int32)
    exc, inh = ET.fromstring(thumbnail.spikes(ms, neuron, 10, 5, 150.0)).findall(f"{SVG}path")
    assert ((exc.get("d") or "").count("M"), (inh.get("d") or "").count("M")) == (1, 2)
