"""A scan over one setting: named lines through the means over seeds, a band from the lowest seed to the highest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from spikedash.figures.scan_map import Axis, tick
from spikedash.figures.style import Figure, axis, column, layout, legend, lines, packed, palette, titled, washed
from spikedash.records import F64


class Line(NamedTuple):
    """One curve; nan where no run is there yet."""

    name: str
    mean: F64  # (points,)
    low: F64  # (points,)
    high: F64  # (points,)


def draw(
    x: Axis,
    curves: Sequence[Line],
    name: str,
    unit: str = "",
    *,
    log: bool = False,
    limits: tuple[float, float] | None = None,
    theme: str = "light",
    keep: str = "",
) -> Figure:
    """The whole x axis stands from the start; points join as their runs end.

    Args:
        x: numbers along the axis, or words for evenly spaced places.
        log: a logarithmic x axis, for positive numbers.
        limits: ends of the y axis; given, it stays as it is while the curves fill in.
    """
    colours = palette(theme)
    named = len(curves) > 1
    figure = layout(colours, top=30 if named else 10, bottom=42, right=16, keep=keep)
    words = any(isinstance(value, str) for value in x.values)
    at = np.arange(len(x.values), dtype=np.float64) if words else np.array(x.values, np.float64)
    figure["xaxis"] = axis(
        colours,
        titled(x.name, x.unit),
        tickvals=at.tolist(),
        ticktext=[tick(value) for value in x.values],
        type="log" if log else "linear",
        **({"range": _ends(at, log)} if at.size else {}),
    )
    quiet: Figure = {"showgrid": True, "gridcolor": colours.grid, "showline": False, "ticks": "", "nticks": 6}
    figure["yaxis"] = axis(colours, titled(name, unit), **quiet, **({"range": list(limits)} if limits else {}))
    if named:
        figure |= legend(colours)
    data = []
    looks = lines(colours)
    for k, curve in enumerate(curves):
        colour, dash, symbol = looks[k % len(looks)]
        data.append(_band(at, curve, colour))
        data.append(
            {
                "type": "scatter",
                "mode": "lines+markers",
                "x": column(at.tolist()),
                "y": column(curve.mean.tolist()),
                "name": curve.name,
                "line": {"color": colour, "width": 2, "dash": dash},
                "marker": {"size": 7, "symbol": symbol, "color": colour},
                "hovertemplate": f"{curve.name}: %{{y:.3g}}{' ' + unit if unit else ''} at %{{x}}"
                f"{' ' + x.unit if x.unit else ''}<extra></extra>",
            }
        )
    return {"data": data, "layout": figure}


def _ends(at: F64, log: bool) -> list[float]:
    """A little room beside the first and the last point; plotly.js takes the ends of a log axis as exponents."""
    inside = np.log10(at) if log else at
    room = 0.04 * float(inside.max() - inside.min()) or 0.5
    return [float(inside.min()) - room, float(inside.max()) + room]


def _band(at: F64, curve: Line, colour: str) -> Figure:
    """From lowest to highest, one closed outline for every stretch of points that are there."""
    outline_x, outline_y = [], []
    gap = np.array([np.nan])
    for run in _stretches(np.isfinite(curve.low)):
        outline_x += [at[run], at[run][::-1], gap]
        outline_y += [curve.high[run], curve.low[run][::-1], gap]
    return {
        "type": "scatter",
        "mode": "lines",
        "x": packed(np.concatenate(outline_x[:-1]), "f4") if outline_x else [None],
        "y": packed(np.concatenate(outline_y[:-1]), "f4") if outline_y else [None],
        "fill": "toself",
        "fillcolor": washed(colour, 0.18),
        "line": {"width": 0},
        "name": f"{curve.name}, lowest to highest",
        "showlegend": False,
        "hoverinfo": "skip",
    }


def _stretches(there: npt.NDArray[np.bool_]) -> list[slice]:
    """Runs of neighbours that are there."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], there, [False]]).astype(np.int8)))
    return [slice(int(first), int(end)) for first, end in edges.reshape(-1, 2)]
