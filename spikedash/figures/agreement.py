"""One dot a neuron, and the diagonal where two numbers agree: φ(u) against rate, noise ceiling against fit."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from spikedash.figures.style import Figure, axis, layout, note, packed, palette, ruler

ROOM = 0.03  # beyond the ends, share of the axis


def draw(
    x: npt.NDArray[np.floating],
    y: npt.NDArray[np.floating],
    x_title: str,
    y_title: str,
    *,
    low: float = 0.0,
    high: float | None = None,
    names: Sequence[str] = (),
    remark: str = "",
    theme: str = "light",
    keep: str = "",
) -> Figure:
    """Equal axes for two numbers of every neuron (n,); nan draws no dot.

    Args:
        x_title, y_title: with their units.
        low, high: ends of both axes; a round end above all values where `high` is left out.
        names: (n,) of the neurons, for the pointer; their numbers without it.
        remark: a few words into the upper left corner.
    """
    colours = palette(theme)
    figure = layout(colours, top=10, bottom=42, left=60, right=16, keep=keep)
    known = np.concatenate([x[np.isfinite(x)], y[np.isfinite(y)]])
    end, step = ruler(float(known.max(initial=0.0)) if high is None else high)
    ends = [low - ROOM * (end - low), end + ROOM * (end - low)]
    common: Figure = {
        "range": ends,
        "dtick": step,
        "tick0": 0,
        "constrain": "domain",
        "showgrid": True,
        "gridcolor": colours.grid,
    }
    figure["xaxis"] = axis(colours, x_title, **common)
    figure["yaxis"] = axis(colours, y_title, scaleanchor="x", scaleratio=1, **common)
    diagonal = {"type": "line", "xref": "x", "yref": "y", "x0": low, "y0": low, "x1": end, "y1": end, "layer": "below"}
    figure["shapes"].append(diagonal | {"line": {"color": colours.muted, "width": 1.2, "dash": "dot"}})
    if remark:
        at = {"xref": "x domain", "x": 0, "xanchor": "left", "xshift": 10, "yref": "y domain", "y": 1, "yanchor": "top"}
        figure["annotations"].append(note(remark, colours.ink, **at))
    dots = {
        "type": "scatter",
        "mode": "markers",
        "x": packed(x, "f4"),
        "y": packed(y, "f4"),
        "marker": {"size": 5, "color": colours.accent, "opacity": 0.6},
        "text": list(names) or [f"neuron {i}" for i in range(len(x))],
        "hovertemplate": f"%{{text}}<br>{x_title} %{{x:.3g}}<br>{y_title} %{{y:.3g}}<extra></extra>",
    }
    return {"data": [dots], "layout": figure}
