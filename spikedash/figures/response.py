"""What a trained network does in one trial: raster, population rate and a few neurons, one above the other on one time axis.

Two of them stand side by side, before and after a change. The second one repeats the curves of the first faintly.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from spikedash.figures import raster
from spikedash.figures.raster import Stage
from spikedash.figures.style import Figure, Palette, axis, layout, note, packed, palette, round_numbers, ruler, washed
from spikedash.records import F32, F64, I32

RASTER, RATE, TRACES = (0.52, 1.0), (0.365, 0.475), (0.0, 0.32)  # shares of the height
GAP = 0.025
FAINT = 0.38
ROOM = 3.0  # a curve that leaves its usual range widens the axis to so many times that, and is cut beyond


class Rates(NamedTuple):
    """Population rates over time."""

    bin_ms: F64  # (b,) middles of the bins
    hz: F32  # (kinds, b) E and I, or all


class Line(NamedTuple):
    """One neuron's activity and target in the window."""

    neuron: int
    target: F32  # (samples,)
    activity: F32  # (s,) as far as the trial came
    fit: str  # what is said beside it
    before: F32 | None = None  # (s',) the activity that this is compared with


class Response(NamedTuple):
    """One trial."""

    spike_ms: F32
    spike_neuron: I32
    rates: Rates
    lines: tuple[Line, ...]
    before: Rates | None = None
    deleted: tuple[float, int] | None = None  # time (ms) and neuron of the spike that is left out


def draw(
    stage: Stage,
    response: Response,
    sample_ms: F64,
    ranges: tuple[tuple[float, float], ...],
    top_hz: float,
    unit: str,
    *,
    theme: str = "light",
    keep: str = "",
) -> Figure:
    """The three parts; `ranges` and `top_hz` are the usual ends of the axes, so that two figures can be compared.

    Args:
        unit: what the activity is.
    """
    colours = palette(theme)
    chosen = tuple(line.neuron for line in response.lines)
    figure = raster.draw(stage, response.spike_ms, response.spike_neuron, theme=theme, chosen=chosen, keep=keep)
    place = figure["layout"]
    place["margin"] |= layout(colours, top=22, bottom=40, left=52, right=58)["margin"]
    place["xaxis"] |= {"anchor": "free", "position": 0}
    place["yaxis"] |= {"domain": list(RASTER), "nticks": 5}
    figure["data"] += _rates(place, stage, response, top_hz, colours)
    height = (TRACES[1] - TRACES[0] - GAP * (len(response.lines) - 1)) / max(1, len(response.lines))
    for k, (line, usual) in enumerate(zip(response.lines, ranges, strict=True)):
        top = TRACES[1] - k * (height + GAP)
        figure["data"] += _line(place, stage, line, f"y{k + 3}", (max(0.0, top - height), top), usual, sample_ms, colours)
    middle = sum(TRACES) / 2
    title = {"xref": "paper", "x": 0, "xshift": -42, "yref": "paper", "y": middle, "textangle": -90}
    place["annotations"].append(note(unit, colours.muted, **title) | {"font": {"size": 12, "color": colours.muted}})
    if response.deleted is not None:
        figure["data"].append(_deleted(response.deleted, colours))
    return figure


def usual_range(curves: list[F32]) -> tuple[float, float]:
    """Ends of an axis that holds all curves with some air."""
    low, high = min(float(c.min()) for c in curves), max(float(c.max()) for c in curves)
    air = 0.06 * ((high - low) or 1.0)
    return low - air, high + air


def usual_top(rates: Rates) -> float:
    """The end of the axis of population rates."""
    return ruler(1.25 * float(rates.hz.max(initial=0.0)) or 10.0, 2)[0]


def _rates(place: Figure, stage: Stage, response: Response, top_hz: float, colours: Palette) -> list[Figure]:
    highest = float(response.rates.hz.max(initial=0.0))
    end, step = ruler(max(top_hz, min(highest, 40 * top_hz)), 2)
    place["yaxis2"] = axis(
        colours,
        "rate (Hz)",
        domain=list(RATE),
        range=[0, end],
        dtick=step,
        showline=False,
        ticks="",
        showgrid=True,
        gridcolor=colours.grid,
        fixedrange=True,
    )
    kinds = [colours.exc, colours.inh] if stage.typed else [colours.both]
    data = []
    if response.before is not None:
        for hz, colour in zip(response.before.hz, kinds, strict=True):
            data.append(_curve(response.before.bin_ms, hz, "y2", "rate before", washed(colour, FAINT), 1.2, "solid", "Hz"))
    for hz, colour in zip(response.rates.hz, kinds, strict=True):
        data.append(_curve(response.rates.bin_ms, hz, "y2", "rate", colour, 1.5, "solid", "Hz"))
    return data


def _line(
    place: Figure,
    stage: Stage,
    line: Line,
    name: str,
    domain: tuple[float, float],
    usual: tuple[float, float],
    sample_ms: F64,
    colours: Palette,
) -> list[Figure]:
    finite = line.activity[np.isfinite(line.activity)]
    spread = (usual[1] - usual[0]) * ROOM
    low = max(min(usual[0], float(finite.min(initial=usual[0]))), usual[1] - spread)
    high = min(max(usual[1], float(finite.max(initial=usual[1]))), usual[0] + spread)
    grid: Figure = {"showgrid": True, "gridcolor": colours.grid, "fixedrange": True}
    place[name.replace("y", "yaxis")] = axis(
        colours, domain=list(domain), range=[low, high], tickvals=round_numbers(low, high), showline=False, ticks="", **grid
    )
    excitatory = line.neuron < stage.n_exc
    colour = (colours.exc if excitatory else colours.inh) if stage.typed else colours.both
    kind = ("E" if excitatory else "I") if stage.typed else ""
    at = {"xref": "paper", "x": 1, "xanchor": "left", "xshift": 6, "yref": "paper", "y": sum(domain) / 2, "align": "left"}
    place["annotations"].append(note(f"<b>{line.neuron}</b> {kind}".strip() + f"<br>{line.fit}", colour, **at))
    data = []
    if line.before is not None:
        before = line.before
        data.append(_curve(sample_ms[: len(before)], before, name, "before", washed(colour, FAINT), 1.3, "solid", ""))
    data.append(_curve(sample_ms[: len(line.activity)], line.activity, name, "activity", colour, 1.7, "solid", ""))
    data.append(_curve(sample_ms, line.target, name, "target", colours.ink, 1.3, "5px,4px", "") | {"opacity": 0.75})
    return data


def _curve(x: npt.NDArray[np.floating], y: F32, on: str, name: str, colour: str, width: float, dash: str, unit: str) -> Figure:
    return {
        "type": "scatter",
        "mode": "lines",
        "x": packed(x, "f4"),
        "y": packed(y, "f4"),
        "xaxis": "x",
        "yaxis": on,
        "name": name,
        "line": {"color": colour, "width": width, "dash": dash},
        "hovertemplate": f"{name} %{{y:.2f}}{f' {unit}' if unit else ''} at %{{x:.0f}} ms<extra></extra>",
    }


def _deleted(spike: tuple[float, int], colours: Palette) -> Figure:
    """A ring around the spike that is left out."""
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [spike[0]],
        "y": [spike[1]],
        "name": "deleted spike",
        "marker": {"symbol": "circle-open", "size": 15, "color": colours.accent, "line": {"width": 2.5}},
        "hovertemplate": "deleted spike of neuron %{y} at %{x:.0f} ms<extra></extra>",
        "cliponaxis": False,
    }
