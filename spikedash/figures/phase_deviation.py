"""How far two trials' phases drift apart after one spike was deleted."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from spikedash.figures.style import Figure, axis, band, layout, legend, lines, note, packed, palette


class Deviation(NamedTuple):
    """One network's mean phase deviation."""

    name: str
    ms: npt.NDArray[np.floating]  # (samples,) from the start of the pattern
    value: npt.NDArray[np.floating]  # (samples,) rad


def draw(curves: Sequence[Deviation], window_ms: float, deleted_ms: float, *, theme: str = "light", keep: str = "") -> Figure:
    """Named curves, the trained window shaded, and the line that independent phases reach."""
    colours = palette(theme)
    figure = layout(colours, top=44, bottom=42, right=16, keep=keep) | legend(colours)
    figure["legend"]["y"] = 1.07
    first = min([0.0, *(float(curve.ms[0]) for curve in curves if len(curve.ms))])
    last = max([window_ms, *(float(curve.ms[-1]) for curve in curves if len(curve.ms))])
    figure["xaxis"] = axis(colours, "time from the start of the pattern (ms)", range=[first, last])
    figure["yaxis"] = axis(
        colours,
        "phase deviation (rad)",
        range=[0, 0.54 * math.pi],
        tickvals=[0, math.pi / 8, math.pi / 4, 3 * math.pi / 8, math.pi / 2],
        ticktext=["0", "π/8", "π/4", "3π/8", "π/2"],
        showgrid=True,
        gridcolor=colours.grid,
        showline=False,
        ticks="",
    )
    figure["shapes"] += [
        band(0, window_ms, colours.window),
        _line(colours.muted, "dot") | {"xref": "paper", "x0": 0, "x1": 1, "yref": "y", "y0": math.pi / 2, "y1": math.pi / 2},
        _line(colours.inh, "solid") | {"xref": "x", "x0": deleted_ms, "x1": deleted_ms, "yref": "paper", "y0": 0, "y1": 1},
    ]
    above = {"yref": "paper", "y": 1, "yanchor": "bottom"}
    figure["annotations"] += [
        note("trained window", colours.muted, xref="x", x=window_ms, xanchor="right", **above),
        note("spike deleted", colours.inh, xref="x", x=deleted_ms, xanchor="center", **above),
        note("independent", colours.muted, xref="paper", x=1, xanchor="right", yref="y", y=math.pi / 2, yanchor="bottom"),
    ]
    data = [
        {
            "type": "scatter",
            "mode": "lines",
            "x": packed(curve.ms, "f4"),
            "y": packed(curve.value, "f4"),
            "name": curve.name,
            "line": {"color": colour, "width": 2, "dash": dash},
            "hovertemplate": f"{curve.name}: %{{y:.2f}} rad at %{{x:.0f}} ms<extra></extra>",
        }
        for curve, (colour, dash, _) in zip(curves, lines(colours), strict=False)
    ]
    return {"data": data or [{"type": "scatter", "x": [None], "y": [None]}], "layout": figure}


def _line(colour: str, dash: str) -> Figure:
    return {"type": "line", "line": {"color": colour, "width": 1.2, "dash": dash}}
