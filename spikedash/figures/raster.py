"""Every spike of the latest trial: excitatory and inhibitory neurons in two colours, cue and target window shaded."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from spikedash.figures.binning import ROWS, Grid, counts, grid
from spikedash.figures.style import Figure, Palette, axis, band, layout, note, packed, palette, washed
from spikedash.records import F32, I32

#: Neurons times seconds up to which spikes are drawn one by one. It holds for a whole run, so that no trial changes its looks.
MOST_STROKED = 600
MOST_TICKS = 40_000  # a network that fires far above its usual rate is counted all the same


class Stage(NamedTuple):
    """What every trial of a run shares: neurons and the time axis, ms; 0 is the start of the target window."""

    n: int
    n_exc: int  # neurons 0..n_exc-1 are excitatory
    typed: bool  # False where neurons send both signs
    start_ms: float  # earliest start of any trial
    cue_ms: float  # start of the cue; it ends at 0
    end_ms: float  # end of the target window


def draw(
    stage: Stage,
    spike_ms: F32 | None,
    spike_neuron: I32 | None,
    *,
    theme: str = "light",
    now_ms: float | None = None,
    chosen: tuple[int, ...] = (),
    keep: str = "",
) -> Figure:
    """One tick a spike while they can be told apart, else a heatmap of counts; without spikes the empty stage.

    Args:
        spike_ms: (m,) times.
        spike_neuron: (m,) who fired.
        now_ms: time reached, where the trial still runs.
        chosen: neurons to point at.
    """
    colours = palette(theme)
    figure = layout(colours, top=22, bottom=38, keep=keep)
    figure["meta"] = {"span": [stage.start_ms, stage.end_ms]}  # what a replay runs through, whatever the zoom
    figure["xaxis"] = axis(colours, "time from the start of the pattern (ms)", range=[stage.start_ms, stage.end_ms])
    whole: Figure = {"tick0": 0, "dtick": 1} if stage.n <= 6 else {"nticks": 6}
    figure["yaxis"] = axis(colours, "neuron", range=[-0.5, stage.n - 0.5], tickformat="d", **whole)
    _shade(figure, stage, colours)
    _mark_types(figure, stage, colours)
    for neuron in chosen:
        figure["shapes"].append(_line(colours.ink, y=neuron, x0=0, x1=1, xref="paper", dash="dot", opacity=0.3))
    if now_ms is not None:
        figure["shapes"].append(_line(colours.accent, x=now_ms, y0=0, y1=1, yref="paper", dash="solid", opacity=0.9))
    if spike_ms is None or spike_neuron is None:
        return {"data": [_rows(stage)], "layout": figure}
    if stroked(stage) and len(spike_ms) <= MOST_TICKS:
        figure["shapes"] += _strokes(stage, spike_ms, spike_neuron, colours)
        return {"data": [_rows(stage)], "layout": figure}
    cells = grid(stage.start_ms, stage.end_ms, stage.n)
    return {"data": [_heatmap(stage, cells, counts(spike_ms, spike_neuron, cells), colours)], "layout": figure}


def stroked(stage: Stage) -> bool:
    """Whether every spike of a trial has a stroke of its own."""
    return stage.n <= ROWS and stage.n * (stage.end_ms - stage.start_ms) / 1000 <= MOST_STROKED


def _rows(stage: Stage) -> Figure:
    """An invisible strip per neuron, so that a row can be pointed at and clicked anywhere."""
    return {
        "type": "heatmap",
        "z": packed(np.zeros((stage.n, 1)) if stage.n <= ROWS else np.zeros((1, 1)), "i1"),
        "x0": (stage.start_ms + stage.end_ms) / 2,
        "dx": stage.end_ms - stage.start_ms,
        "y0": 0 if stage.n <= ROWS else stage.n / 2,
        "dy": 1 if stage.n <= ROWS else stage.n,
        "zmin": 0,
        "zmax": 1,
        "showscale": False,
        "colorscale": [[0, "rgba(0,0,0,0)"], [1, "rgba(0,0,0,0)"]],
        "hovertemplate": "neuron %{y:.0f}<extra></extra>",
    }


def _strokes(stage: Stage, spike_ms: F32, spike_neuron: I32, colours: Palette) -> list[Figure]:
    """Upright strokes, one path a type: sharp at every zoom. A scatter trace would put a node a spike into the page."""
    excitatory = spike_neuron < stage.n_exc if stage.typed else np.ones(len(spike_neuron), bool)
    groups = [(excitatory, colours.exc if stage.typed else colours.both), (~excitatory, colours.inh)]
    half = max(0.45, 0.004 * stage.n)  # rows; in a tall stack a stroke of one row would be thinner than a pixel
    strokes = []
    for mask, colour in groups:
        times, rows = spike_ms[mask].tolist(), spike_neuron[mask].tolist()
        path = "".join(f"M{t:.6g},{row - half:.6g}V{row + half:.6g}" for t, row in zip(times, rows, strict=True))
        if path:
            at = {"type": "path", "xref": "x", "yref": "y", "path": path, "layer": "above"}
            strokes.append(at | {"line": {"color": colour, "width": 1.3}})
    return strokes


def _heatmap(stage: Stage, cells: Grid, spikes: npt.NDArray[np.uint8], colours: Palette) -> Figure:
    """Counts as signed intensities, so that one colour scale serves both types: E above zero, I below, nothing at zero."""
    strongest = max(1, 4 * cells.per_row // 100)  # about where a cell of a busy large network saturates
    level = np.minimum(np.ceil(spikes * (127 / strongest)), 127).astype(np.int8)
    centre = np.arange(cells.rows) * cells.per_row + (cells.per_row - 1) / 2
    if stage.typed:
        level[centre > stage.n_exc - 0.5] *= -1
    above = colours.exc if stage.typed else colours.both
    clear = "rgba(127,127,127,0)"
    return {
        "type": "heatmap",
        "z": packed(level, "i1"),
        "x0": cells.start_ms + cells.bin_ms / 2,
        "dx": cells.bin_ms,
        "y0": (cells.per_row - 1) / 2,
        "dy": cells.per_row,
        "zmin": -127,
        "zmax": 127,
        "zsmooth": False,
        "showscale": False,
        "colorscale": [
            [0, colours.inh],
            [0.49, washed(colours.inh, 0.3)],
            [0.4999, clear],
            [0.5001, clear],
            [0.51, washed(above, 0.3)],
            [1, above],
        ],
        "hovertemplate": "neuron %{y:.0f} · %{x:.0f} ms<extra></extra>",
    }


def _shade(figure: Figure, stage: Stage, colours: Palette) -> None:
    """Cue and target window, each with its name above."""
    figure["shapes"].append(band(0, stage.end_ms, colours.window))
    above = {"xref": "x", "yref": "paper", "y": 1, "yanchor": "bottom"}
    figure["annotations"].append(note("pattern", colours.muted, x=0, xanchor="left", xshift=3, **above))
    if stage.cue_ms < 0:
        figure["shapes"].append(band(stage.cue_ms, 0, colours.cue))
        figure["annotations"].append(note("cue", colours.muted, x=0, xanchor="right", xshift=-5, **above))


def _mark_types(figure: Figure, stage: Stage, colours: Palette) -> None:
    """Counts of both types at the right edge, in their colours."""
    groups = [("", colours.both, 0, stage.n)]
    if stage.typed:
        groups = [("E", colours.exc, 0, stage.n_exc), ("I", colours.inh, stage.n_exc, stage.n)]
    for name, colour, first, end in groups:
        if end > first:
            text = f"<b>{name}</b> {end - first:,}".strip() if name else f"{end - first:,}"
            place = {"xref": "paper", "x": 1, "xanchor": "left", "xshift": 6, "yref": "y", "y": (first + end - 1) / 2}
            figure["annotations"].append(note(text, colour, **place))
    if stage.typed and 0 < stage.n_exc < stage.n:
        figure["shapes"].append(_line(colours.line, y=stage.n_exc - 0.5, x0=0, x1=1, xref="paper", dash="solid", opacity=1))


def _line(colour: str, *, dash: str, opacity: float, x: float | None = None, y: float | None = None, **place: object) -> Figure:
    """A thin straight line at one x or one y."""
    at = {"x0": x, "x1": x} if x is not None else {"y0": y, "y1": y}
    return {"type": "line", "line": {"color": colour, "width": 1, "dash": dash}, "opacity": opacity, **at, **place}
