"""How a number is spread over the neurons: counts in bins as filled steps, the median marked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from spikedash.figures.style import Figure, axis, layout, legend, lines, note, packed, palette, titled, washed
from spikedash.records import F64


class Bins(NamedTuple):
    """One distribution."""

    name: str
    edges: F64  # (bins + 1,)
    counts: npt.NDArray[np.int64]  # (bins,)
    median: float  # nan for none


def draw(
    parts: Sequence[Bins],
    name: str,
    unit: str = "",
    *,
    of: str = "neurons",
    theme: str = "light",
    keep: str = "",
) -> Figure:
    """One outline a distribution on a shared axis; more than one get their names in a row above."""
    colours = palette(theme)
    several = len(parts) > 1
    figure = layout(colours, top=30 if several else 24, bottom=42, right=16, keep=keep)
    if several:
        figure |= legend(colours)
    ends = {"range": [float(parts[0].edges[0]), float(parts[0].edges[-1])]} if parts else {}
    figure["xaxis"] = axis(colours, titled(name, unit), **ends)
    figure["yaxis"] = axis(
        colours,
        of,
        rangemode="tozero",
        showgrid=True,
        gridcolor=colours.grid,
        showline=False,
        ticks="",
        nticks=5,
        tickformat=",d",
    )
    data = []
    for part, (other, dash, _) in zip(parts, lines(colours), strict=False):
        colour = {"E": colours.exc, "I": colours.inh}.get(part.name, other)
        median = f"median {part.median:.2f}".replace("-", "−") if np.isfinite(part.median) else ""
        name = f"{part.name}, {median}" if several and median else part.name
        data.append(steps(part.edges, part.counts, name, colour, dash, f"%{{customdata:,}} {of} at %{{x:.2f}}"))
        if median:
            mark = {"type": "line", "xref": "x", "yref": "paper", "x0": part.median, "x1": part.median, "y0": 0, "y1": 1}
            figure["shapes"].append(mark | {"line": {"color": colour, "width": 1.5, "dash": "dot"}})
        if median and not several:  # several might stand on top of each other
            right = part.median > (part.edges[0] + part.edges[-1]) / 2
            place = {"x": part.median, "xref": "x", "y": 1, "yref": "paper", "yanchor": "bottom"}
            figure["annotations"].append(note(median, colour, xanchor="right" if right else "left", **place))
    if not data:
        data = [{"type": "scatter", "x": [None], "y": [None]}]
    return {"data": data, "layout": figure}


def steps(
    edges: F64,
    counts: npt.NDArray[np.int64],
    name: str,
    colour: str,
    dash: str = "solid",
    hover: str = "%{customdata:,}",
    *,
    floor: float = 0.0,
) -> Figure:
    """A filled outline with a step a bin; `floor` stands for no counts, where a log axis has no zero."""
    shown = np.where(counts > 0, counts, floor)
    return {
        "type": "scatter",
        "mode": "lines",
        "x": packed(edges, "f4"),
        "y": packed(np.append(shown, shown[-1:]), "f4"),
        "customdata": packed(np.append(counts, counts[-1:]), "i4"),
        "line": {"color": colour, "width": 1.6, "dash": dash, "shape": "hv"},
        "fill": "tozeroy",
        "fillcolor": washed(colour, 0.16),
        "name": name,
        "hovertemplate": f"{name}: {hover}<extra></extra>" if name else f"{hover}<extra></extra>",
    }
