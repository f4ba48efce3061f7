"""Shapes of a curve as one number each, so that a band can be put around them: how it rises, where it peaks, how steep it is."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt
from scipy.stats import spearmanr

from spikedash.experiments.record import Table, Value, matches

F64 = npt.NDArray[np.float64]
Shape = Callable[[Table], float]
Points = Mapping[str, Value]

#: Correlation from which on a pattern counts as learnt: a trial shares half of its variance with its target, √½.
LEARNT = 0.707


def curve(rows: Table, number: str, along: str, at: Points) -> tuple[F64, F64]:
    """Points and values (points,) of a number along one axis, in order, averaged over axes that `at` leaves open.

    A point without a number (a run that failed) is nan.
    """
    points: dict[float, list[float]] = {}
    for row in rows:
        if matches(row, at):
            value = row.numbers.get(number)
            points.setdefault(float(row.point[along]), []).append(math.nan if value is None else float(value))
    x = np.array(sorted(points))
    return x, np.array([np.mean(points[float(each)]) for each in x])


def rise(number: str, along: str, at: Points | None = None, *, since: float = -math.inf, until: float = math.inf) -> Shape:
    """Spearman's rank correlation of a number with its axis: 1 rises throughout, -1 falls throughout, nan where a run failed.

    Points of the axis below `since` and above `until` are left out.
    """

    def measure(rows: Table) -> float:
        x, y = curve(rows, number, along, at or {})
        inside = (x >= since) & (x <= until)
        x, y = x[inside], y[inside]
        return float(spearmanr(x, y).statistic) if x.size > 1 and np.isfinite(y).all() and np.ptp(y) > 0 else math.nan

    return measure


def peak(number: str, along: str, at: Points | None = None) -> Shape:
    """The point at which a number is largest; runs that failed do not count."""

    def measure(rows: Table) -> float:
        x, y = curve(rows, number, along, at or {})
        return float(x[np.nanargmax(y)]) if np.isfinite(y).any() else math.nan

    return measure


def crossing(number: str, along: str, level: float, at: Points | None = None) -> Shape:
    """The first point at which the straight line between two neighbouring points passes a level; nan if it never does."""

    def measure(rows: Table) -> float:
        x, y = curve(rows, number, along, at or {})
        side = y - level
        for i in range(len(x) - 1):
            if side[i] * side[i + 1] <= 0 and side[i] != side[i + 1]:
                return float(x[i] + (x[i + 1] - x[i]) * side[i] / (side[i] - side[i + 1]))
        return math.nan

    return measure


def slope(number: str, along: str, at: Points | None = None) -> Shape:
    """The exponent of a power law: slope of a straight line through log number over log axis."""

    def measure(rows: Table) -> float:
        x, y = curve(rows, number, along, at or {})
        fine = np.isfinite(y) & (y > 0) & (x > 0)
        return float(np.polyfit(np.log(x[fine]), np.log(y[fine]), 1)[0]) if fine.sum() > 1 else math.nan

    return measure


def value(number: str, at: Points | None = None) -> Shape:
    """The number itself at a point; every seed must lie in the band."""

    def measure(rows: Table) -> float:
        found = [float(row.numbers.get(number, math.nan)) for row in rows if matches(row, at or {})]
        return float(np.mean(found)) if found else math.nan

    return measure


def difference(first: Shape, second: Shape) -> Shape:
    """One shape less another."""
    return lambda rows: first(rows) - second(rows)


def ratio(first: Shape, second: Shape) -> Shape:
    """One shape over another."""

    def measure(rows: Table) -> float:
        below = second(rows)
        return first(rows) / below if below else math.nan

    return measure
