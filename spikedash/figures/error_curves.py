"""Tracking and sampling error over the synaptic time: what learning can reach, and where this run stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from spikedash.figures.style import Figure, axis, layout, legend, note, packed, palette

if TYPE_CHECKING:
    from spikedash.analysis import Errors


class Measured(NamedTuple):
    """One run's errors, shares of the target's standard deviation."""

    tau_s_ms: float
    tracking: float
    sampling: float


def draw(
    tau_s_ms: npt.NDArray[np.floating], expected: Errors, run: Measured | None = None, *, theme: str = "light", keep: str = ""
) -> Figure:
    """Three curves on a log axis of times (values,), and two dots where a run was measured."""
    colours = palette(theme)
    figure = layout(colours, top=26, bottom=42, right=16, keep=keep) | legend(colours)
    figure["xaxis"] = axis(colours, "synaptic time τs (ms)", type="log", tickvals=TIMES, ticktext=[f"{t:g}" for t in TIMES])
    figure["yaxis"] = axis(
        colours,
        "error (share of the target's SD)",
        rangemode="tozero",
        showgrid=True,
        gridcolor=colours.grid,
        showline=False,
        ticks="",
        nticks=6,
    )
    looks = (
        ("tracking", expected.tracking, colours.exc, "6px,3px"),
        ("sampling", expected.sampling, colours.inh, "2px,2px"),
        ("both", expected.total, colours.ink, "solid"),
    )
    data: list[Figure] = [
        {
            "type": "scatter",
            "mode": "lines",
            "x": packed(tau_s_ms, "f4"),
            "y": packed(values, "f4"),
            "name": name,
            "line": {"color": colour, "width": 2, "dash": dash},
            "hovertemplate": f"{name} error %{{y:.2f}} at τs %{{x:.3g}} ms<extra></extra>",
        }
        for name, values, colour, dash in looks
    ]
    if run is not None:
        at = {"type": "line", "xref": "x", "x0": run.tau_s_ms, "x1": run.tau_s_ms, "yref": "paper", "y0": 0, "y1": 1}
        figure["shapes"].append(at | {"line": {"color": colours.muted, "width": 1, "dash": "dot"}})
        place = {"xref": "x", "x": float(np.log10(run.tau_s_ms)), "xanchor": "left", "xshift": 4, "yref": "paper", "y": 1}
        figure["annotations"].append(note("this run", colours.muted, yanchor="top", **place))
        for name, value, colour, symbol in (
            ("tracking", run.tracking, colours.exc, "square"),
            ("sampling", run.sampling, colours.inh, "diamond"),
        ):
            data.append(
                {
                    "type": "scatter",
                    "mode": "markers",
                    "x": [run.tau_s_ms],
                    "y": [value if np.isfinite(value) else None],
                    "name": f"{name}, this run",
                    "showlegend": False,
                    "marker": {"size": 9, "symbol": symbol, "color": colour, "line": {"color": colours.ink, "width": 1}},
                    "hovertemplate": f"{name} error of this run %{{y:.2f}}<extra></extra>",
                }
            )
    return {"data": data, "layout": figure}


TIMES = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000]
