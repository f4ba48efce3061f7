"""A sweep as a map or a curve, as far as its cells are done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from spikedash.analysis import over_seeds
from spikedash.figures import scan_curve, scan_map
from spikedash.figures import thumbnail as small
from spikedash.figures.style import Figure
from spikedash.jobs.store import Axis, Cell, Store, Sweep
from spikedash.records import F64
from spikedash.ui.picture import picture


class Arrangement(NamedTuple):
    """Which axes are drawn how. Axes that are left over are looked at one value at a time."""

    x: Axis
    y: Axis | None  # of a map
    by: Axis | None  # of the lines of a curve
    rest: tuple[Axis, ...]


def arrange(sweep: Sweep) -> Arrangement | None:
    """As the measure says; else one axis makes a curve, and two make a map. None without axes."""
    if not sweep.axes:
        return None
    axes = {axis.name: axis for axis in sweep.axes}
    shown = sweep.measure
    free = [axis for axis in sweep.axes if axis.name not in (shown.x, shown.y, shown.by)]
    x = axes.get(shown.x) or free.pop(0)
    y, by = axes.get(shown.y), axes.get(shown.by)
    if y is None and by is None and free:
        y = free.pop(0)
    return Arrangement(x, y, by, tuple(free))


def values(sweep: Sweep, cells: Sequence[Cell]) -> F64:
    """What was measured (values of every axis in order, seeds); nan where a cell is not done."""
    seeds = sorted({cell.seed for cell in cells})
    found = np.full((*(len(axis.values) for axis in sweep.axes), len(seeds)), np.nan)
    for cell in cells:
        for place, value in cell.values.items():
            found[(*place, seeds.index(cell.seed))] = value
    return found


def failures(sweep: Sweep, cells: Sequence[Cell]) -> npt.NDArray[np.bool_]:
    """Which cells failed, in the shape of `values`; one network that failed stands for all that it would have been asked."""
    seeds = sorted({cell.seed for cell in cells})
    found = np.zeros((*(len(axis.values) for axis in sweep.axes), len(seeds)), bool)
    for cell in cells:
        if cell.state == "failed":
            place = iter(cell.place)
            found[(*(slice(None) if axis.asked else next(place) for axis in sweep.axes), seeds.index(cell.seed))] = True
    return found


def _looked_at(sweep: Sweep, how: Arrangement, array: npt.NDArray[Any], choice: Sequence[int]) -> npt.NDArray[Any]:
    """An array of `values` as it is drawn (lines or rows, columns, seeds), at the chosen values of the other axes."""
    order = [sweep.axes.index(axis) for axis in (*how.rest, *(a for a in (how.by, how.y, how.x) if a))]
    array = array.transpose(*order, array.ndim - 1)
    for k, axis in enumerate(how.rest):
        array = array[choice[k] if k < len(choice) and choice[k] < len(axis.values) else 0]
    return array


def draw(sweep: Sweep, cells: Sequence[Cell], *, theme: str, choice: Sequence[int] = (), keep: str = "") -> Figure | None:
    """The figure, or None without axes.

    Args:
        choice: index of the value looked at on every axis that is left over.
    """
    how = arrange(sweep)
    if how is None:
        return None
    found, lost = (_looked_at(sweep, how, array, choice) for array in (values(sweep, cells), failures(sweep, cells)))
    measure = sweep.measure
    limits = (measure.low, measure.high) if measure.low is not None and measure.high is not None else None
    if how.y is not None:
        z = over_seeds(found.reshape(-1, found.shape[-1])).mean.reshape(found.shape[:-1])
        none = np.asarray(lost.any(-1))
        words = (measure.label, measure.unit)
        return scan_map.draw(_axis(how.x), _axis(how.y), z, *words, limits=limits, failed=none, theme=theme, keep=keep)
    stacked = found if how.by is not None else found[None]
    names = [_word(how.by, value) for value in how.by.values] if how.by is not None else [measure.label]
    lines = [scan_curve.Line(name, *over_seeds(part)[:3]) for name, part in zip(names, stacked, strict=True)]
    log = how.x.log and all(not isinstance(value, str) and value > 0 for value in how.x.values)
    reach = _reach(limits, found)
    return scan_curve.draw(_axis(how.x), lines, measure.label, measure.unit, log=log, limits=reach, theme=theme, keep=keep)


def thumbnail(store: Store, sweep_id: str) -> str:
    """A sweep as a small SVG: its map or curve, or without axes the spikes of a finished run.

    Raises:
        KeyError: there is no such sweep, or nothing to draw.
    """
    sweep, cells = store.sweeps.sweep(sweep_id), store.sweeps.cells(sweep_id)
    how = arrange(sweep)
    if how is None:
        return _spikes(store, [cell.run for cell in cells if cell.state == "done"])
    found = over_seeds(values(sweep, cells).reshape(-1, len({cell.seed for cell in cells}))).mean
    found = found.reshape([len(axis.values) for axis in sweep.axes])
    across = how.y or how.by
    order = [sweep.axes.index(axis) for axis in (*how.rest, *([across] if across else []), how.x)]
    found = found.transpose(order)[(0,) * len(how.rest)]
    known = found[np.isfinite(found)]
    low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 1.0)
    if sweep.measure.low is not None and sweep.measure.high is not None:
        low, high = min(low, sweep.measure.low), sweep.measure.high
    return small.heat(found, low, high) if how.y else small.curve(np.atleast_2d(found), low, high)


def _spikes(store: Store, runs: Sequence[str]) -> str:
    for run in runs:
        frame, setup = store.frame(run), store.setup(run)
        if frame and setup:
            return small.spikes(frame.spike_ms, frame.spike_neuron, setup.n, setup.n_exc, frame.trial.end_ms)
    raise KeyError("no run to draw")


def spikes(store: Store, cells: Sequence[Cell], theme: str) -> Figure | None:
    """The last trial of the first finished run, for a sweep without axes."""
    for cell in cells:
        if cell.state == "done" and (frame := store.frame(cell.run)):
            params = store.run(cell.run).params
            return picture(params, store.setup(cell.run), frame, [], theme=theme, keep=cell.run).raster
    return None


def _reach(limits: tuple[float, float] | None, found: F64) -> tuple[float, float] | None:
    """The y axis: as declared, with room for what lies below, and a little above."""
    if limits is None:
        return None
    low = min(limits[0], float(np.nanmin(found)) if np.isfinite(found).any() else limits[0])
    room = 0.04 * (limits[1] - low)
    return low - room, limits[1] + room


def _axis(axis: Axis) -> scan_map.Axis:
    return scan_map.Axis(axis.label, axis.unit, axis.values)


def _word(axis: Axis, value: float | str) -> str:
    return value if isinstance(value, str) else f"{axis.label} {value:g}{' ' + axis.unit if axis.unit else ''}"
