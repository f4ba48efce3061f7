"""Target against activity: one small panel per chosen neuron, on the raster's time axis."""

from __future__ import annotations

from typing import NamedTuple

from spikedash.figures.raster import Stage
from spikedash.figures.style import Figure, axis, band, beside, layout, note, packed, palette, panes
from spikedash.records import F32, F64


class Trace(NamedTuple):
    """One neuron's drive and its target inside the window, drive units."""

    neuron: int
    target: F32  # (samples,)
    drive: F32  # (s,) as far as the trial has come


def draw(stage: Stage, sample_ms: F64, traces: list[Trace], *, theme: str = "light", keep: str = "") -> Figure:
    """Stacked panels, top to bottom in the given order; no traces draw the empty time axis."""
    colours = palette(theme)
    figure = layout(colours, top=6, bottom=38, keep=keep)
    figure["xaxis"] = axis(
        colours, "time from the start of the pattern (ms)", range=[stage.start_ms, stage.end_ms], anchor="free"
    )
    figure["shapes"].append(band(0, stage.end_ms, colours.window))
    if stage.cue_ms < 0:
        figure["shapes"].append(band(stage.cue_ms, 0, colours.cue))
    data = []
    for trace, (name, middle) in zip(
        traces, panes(figure, colours, [(trace.target, trace.drive) for trace in traces]), strict=True
    ):
        excitatory = trace.neuron < stage.n_exc
        colour = (colours.exc if excitatory else colours.inh) if stage.typed else colours.both
        kind = ("E" if excitatory else "I") if stage.typed else ""
        data.append(_curve(sample_ms[: len(trace.drive)], trace.drive, name, "activity", colour, 1.6, "solid"))
        data.append(_curve(sample_ms, trace.target, name, "target", colours.ink, 1.4, "5px,4px") | {"opacity": 0.75})
        label = f"<b>{trace.neuron}</b> {kind}".strip()
        place = {"xref": "paper", "x": 1, "xanchor": "left", "xshift": 6, "yref": "paper", "y": middle}
        figure["annotations"].append(note(label, colour, **place))
    if not traces:
        figure["yaxis"] = axis(colours, range=[-1, 1], showticklabels=False, ticks="")
        data = [{"type": "scatter", "x": [], "y": []}]
    figure["annotations"].append(beside("drive", colours))
    return {"data": data, "layout": figure}


def _curve(x: F64, y: F32, axis_name: str, name: str, colour: str, width: float, dash: str) -> Figure:
    return {
        "type": "scatter",
        "mode": "lines",
        "x": packed(x, "f4"),
        "y": packed(y, "f4"),
        "xaxis": "x",
        "yaxis": axis_name,
        "name": name,
        "line": {"color": colour, "width": width, "dash": dash},
        "hovertemplate": f"{name} %{{y:.2f}} at %{{x:.0f}} ms<extra></extra>",
    }
