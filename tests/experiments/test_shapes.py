"""Shapes of curves, on curves whose shape is known."""

from __future__ import annotations

import math

import pytest

from spikedash.experiments import Row
from spikedash.experiments.shapes import crossing, difference, peak, ratio, rise, slope, value


def table(y, x=None, **at):
    x = x or range(1, len(y) + 1)
    return [Row({"x": a, **at}, 1, {} if b is None else {"y": b}) for a, b in zip(x, y, strict=True)]


@pytest.mark.parametrize(
    ("y", "expected"),
    # The third by hand: ranks 1 3 2 4 against 1 2 3 4, so 1 - 6 (0 + 1 + 1 + 0) / (4 (16 - 1)) = 0.8.
    [([1, 2, 3, 4], 1.0), ([4, 3, 2, 1], -1.0), ([1, 3, 2, 4], 0.8), ([1, None, 3, 4], math.nan), ([2, 2, 2, 2], math.nan)],
)
def test_rising_is_a_rank_correlation(y, expected):
    assert rise("y", "x")(table(y)) == pytest.approx(expected, nan_ok=True)


def test_points_may_come_in_any_order():
    assert rise("y", "x")(table([1, 2, 3, 4])[::-1]) == 1


def test_rising_from_a_point_on():
    assert rise("y", "x", since=2)(table([9, 1, 2, 3])) == 1
    assert rise("y", "x", until=3)(table([1, 2, 3, -9])) == 1


def test_the_peak_is_where_the_number_is_largest():
    rows = table([0.1, 0.9, 0.5], [5, 30, 200])
    assert peak("y", "x")(rows) == 30
    assert math.isnan(peak("y", "x")(table([None, None])))


def test_crossing_a_level_between_points():
    assert crossing("y", "x", 0.5)(table([1.0, 0.75, 0.25, 0.0])) == pytest.approx(2.5)
    assert math.isnan(crossing("y", "x", 2.0)(table([1.0, 0.0])))


def test_slope_is_the_exponent_of_a_power_law():
    x = [1, 2, 4, 8]
    assert slope("y", "x")(table([3 * a**-0.5 for a in x], x)) == pytest.approx(-0.5)


def test_one_line_of_a_map_and_the_mean_over_what_is_open():
    rows = table([1, 2], z=1) + table([3, 6], z=2)
    assert value("y", {"x": 2, "z": 1})(rows) == 2
    assert value("y", {"x": 2})(rows) == 4
    assert difference(value("y", {"z": 2, "x": 1}), value("y", {"z": 1, "x": 1}))(rows) == 2
    assert ratio(value("y", {"z": 2, "x": 2}), value("y", {"z": 1, "x": 2}))(rows) == 3
