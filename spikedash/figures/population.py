"""Recording and network side by side: every neuron's rate as a row, both in the order of the recording's peaks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from spikedash.figures.style import SEQUENCE, TITLE, UNDER_BAR, Figure, axis, colour_bar, layout, note, packed, palette

if TYPE_CHECKING:
    from spikedash.analysis import PopulationMap

DOMAINS = ([0.0, 0.485], [0.515, 1.0])
LEVELS = 250  # a byte a cell


def draw(
    rates: PopulationMap,
    sample_ms: npt.NDArray[np.floating],
    names: tuple[str, str] = ("recording", "network"),
    *,
    theme: str = "light",
    keep: str = "",
) -> Figure:
    """Two maps with one colour bar; zooming one zooms the other."""
    colours = palette(theme)
    figure = layout(colours, top=TITLE, bottom=42, left=56, right=16, keep=keep)
    n, dt = rates.first.shape[1], float(sample_ms[1] - sample_ms[0]) if len(sample_ms) > 1 else 1.0
    ends = [float(sample_ms[0]) - dt / 2, float(sample_ms[-1]) + dt / 2]
    under = [UNDER_BAR[0], UNDER_BAR[1] - 0.06]
    data = []
    for k, (name, rate) in enumerate(zip(names, (rates.first, rates.second), strict=True)):
        x, y = ("x", "y") if k == 0 else ("x2", "y2")
        linked: Figure = {"matches": "x"} if k else {}
        figure[x.replace("x", "xaxis")] = axis(colours, "time (ms)", domain=DOMAINS[k], anchor=y, nticks=5, range=ends, **linked)
        hidden: Figure = {"matches": "y", "showticklabels": False, "ticks": ""} if k else {}
        figure[y.replace("y", "yaxis")] = axis(
            colours, "" if k else "neurons by time of peak", domain=under, anchor=x, range=[n - 0.5, -0.5], nticks=5, **hidden
        )
        label = {
            "xref": "paper",
            "x": sum(DOMAINS[k]) / 2,
            "yref": "paper",
            "y": under[1],
            "yanchor": "bottom",
            "xanchor": "center",
        }
        figure["annotations"].append(note(name, colours.ink, **label))
        data.append(
            {
                "type": "heatmap",
                "z": packed(np.clip(rate.T * LEVELS, 0, LEVELS), "u1"),
                "x0": float(sample_ms[0]),
                "dx": dt,
                "y0": 0,
                "dy": 1,
                "xaxis": x,
                "yaxis": y,
                "zmin": 0,
                "zmax": LEVELS,
                "zsmooth": False,
                "colorscale": SEQUENCE,
                "showscale": False,
                "hovertemplate": f"{name}, row %{{y}} at %{{x:.0f}} ms<extra></extra>",
            }
        )
    bar = colour_bar(colours, figure, "rate (0 lowest, 1 highest recorded)", 0.0, 1.0)
    return {"data": [*data, bar], "layout": figure}
