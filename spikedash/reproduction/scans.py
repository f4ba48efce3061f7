"""Scans of a table as maps and curves: means over seeds, and how far they lie apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from spikedash.analysis import over_seeds
from spikedash.experiments import Axis, Value
from spikedash.experiments.numbers import Described, described
from spikedash.figures import scan_curve, scan_map
from spikedash.figures.style import Figure
from spikedash.records import F64
from spikedash.reproduction.tables import Reproduction


def scans(done: Reproduction) -> Iterator[tuple[Figure, str]]:
    """Figures and what they show: the declared number, then those beside it."""
    shown, axes = done.experiment.figure, {axis.name: axis for axis in done.experiment.axes}
    numbers = [shown.number, *shown.beside]
    at = {
        name: shown.at.get(name, points[len(points) // 2])
        for name, axis in axes.items()
        if name not in (shown.x, shown.y, shown.by) and (points := axis.points(done.full))
    }
    said = "".join(f", {_point(axes[name], value)}" for name, value in at.items())
    seeds = f"mean over {len(done.seeds)} seeds{said}"
    x, y, by = (axes.get(name) for name in (shown.x, shown.y, shown.by))
    assert x is not None, "a scan has an axis"
    if y is not None:
        for number in numbers:
            words = described(done.experiment, number)
            yield _map(done, x, y, number, words, at), f"{words.label}, {seeds}"
    elif by is not None:
        for number in numbers:
            words = described(done.experiment, number)
            lines = [_line(_point(by, value), values(done, number, x, {**at, by.name: value})) for value in by.points(done.full)]
            yield _curve(done, x, lines, words), f"{words.label}: {seeds}, the band from the lowest seed to the highest"
    else:
        several = [described(done.experiment, number) for number in numbers]
        lines = [_line(word.label, values(done, number, x, at)) for word, number in zip(several, numbers, strict=True)]
        shared = several[0] if len(several) == 1 else several[0]._replace(label="Correlation")
        labels = " and ".join(word.label for word in several)
        yield _curve(done, x, lines, shared), f"{labels}: {seeds}, the band from the lowest seed to the highest"


def values(done: Reproduction, number: str, x: Axis, at: Mapping[str, Value]) -> F64:
    """A number along an axis (points, seeds); nan where a network failed."""
    points, seeds = list(x.points(done.full)), done.seeds
    found = np.full((len(points), len(seeds)), np.nan)
    for row in done.table:
        value = row.numbers.get(number)
        if value is not None and row.point[x.name] in points and all(row.point[name] == point for name, point in at.items()):
            found[points.index(row.point[x.name]), seeds.index(row.seed)] = value
    return found


def _map(done: Reproduction, x: Axis, y: Axis, number: str, words: Described, at: Mapping[str, Value]) -> Figure:
    rows = [over_seeds(values(done, number, x, {**at, y.name: value})).mean for value in y.points(done.full)]
    limits = (words.low, words.high) if words.low is not None and words.high is not None else None
    return scan_map.draw(_axis(x, done), _axis(y, done), np.array(rows), words.label, words.unit, limits=limits)


def _curve(done: Reproduction, x: Axis, lines: list[scan_curve.Line], words: Described) -> Figure:
    limits = None
    if words.low is not None and words.high is not None:
        lowest = np.nanmin([words.low, *(line.low.min(initial=np.inf, where=np.isfinite(line.low)) for line in lines)])
        room = 0.04 * (words.high - lowest)
        limits = (float(lowest - room), float(words.high + room))
    log = x.log and all(not isinstance(point, str) and point > 0 for point in x.points(done.full))
    return scan_curve.draw(_axis(x, done), lines, words.label, words.unit, log=log, limits=limits)


def _line(name: str, found: F64) -> scan_curve.Line:
    return scan_curve.Line(name, *over_seeds(found)[:3])


def _axis(axis: Axis, done: Reproduction) -> scan_map.Axis:
    return scan_map.Axis(axis.label, axis.unit, axis.points(done.full))


def _point(axis: Axis, value: Value) -> str:
    if isinstance(value, str):
        return f"{value} {axis.unit}".strip()
    return f"{axis.label} {value:g}{' ' + axis.unit if axis.unit else ''}"
