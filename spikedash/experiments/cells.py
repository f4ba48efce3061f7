"""Which networks an experiment trains, and what it asks of each."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from spikedash.experiments.record import Axis, Cell, Experiment, Value

INPUTS_OF_LARGE = 300  # k of a network that is sized by its recording


def sized(units: int) -> Mapping[str, Any]:
    """A network large enough for a recording: two auxiliary neurons for each recorded one."""
    n = max(1000, 3 * units)
    return {"network.n": n, "network.p": min(0.3, INPUTS_OF_LARGE / n)}


def _grid(axes: Sequence[Axis], full: bool) -> Iterator[tuple[Value, ...]]:
    return itertools.product(*(axis.points(full) for axis in axes))


def cells(experiment: Experiment, full: bool = False, units: int = 0) -> list[Cell]:
    """Every network of an experiment, in the order of its axes; `units` counts the neurons of a recording."""
    axes = [axis for axis in experiment.axes if not axis.asked]
    fitting = {name: value for name, value in sized(units).items() if units}
    start = {**experiment.values, **fitting, **({} if full else experiment.short)}
    found = []
    for points in _grid(axes, full):
        values = dict(start)
        for axis, point in zip(axes, points, strict=True):
            values |= axis.values(point, units)
        found.append(Cell({axis.name: point for axis, point in zip(axes, points, strict=True)}, values))
    return found


def asked_points(experiment: Experiment, full: bool = False) -> list[tuple[Mapping[str, Value], Mapping[str, Any]]]:
    """Every point of the asked axes, with its values of params.Probe; none where no axis is asked."""
    axes = [axis for axis in experiment.axes if axis.asked]
    if not axes:
        return []
    found: list[tuple[Mapping[str, Value], Mapping[str, Any]]] = []
    for points in _grid(axes, full):
        probe = {axis.parameter.removeprefix("probe."): point for axis, point in zip(axes, points, strict=True)}
        found.append(({axis.name: p for axis, p in zip(axes, points, strict=True)}, {**experiment.asked, **probe}))
    return found


def seed_count(experiment: Experiment, full: bool = False) -> int:
    return experiment.seeds[int(full)]
