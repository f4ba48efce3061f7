"""Weights before and after learning, a panel for each kind of presynaptic neuron."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from spikedash.figures.distribution import steps
from spikedash.figures.style import Figure, axis, layout, legend, note, palette

if TYPE_CHECKING:
    from spikedash.analysis import WeightHistogram

NAMES = {"E": "from excitatory neurons", "I": "from inhibitory neurons", "": "all synapses"}
GAP = 0.12  # between panels, share of the height
FLOOR = 0.5  # stands for no synapses on the log axis


def draw(histograms: Sequence[WeightHistogram], *, theme: str = "light", keep: str = "") -> Figure:
    """Counts on a log axis: before learning all weights of a kind may share one bin, where a thousand others would not show."""
    colours = palette(theme)
    figure = layout(colours, top=44, bottom=42, right=16, keep=keep) | legend(colours)
    figure["legend"]["y"] = 1.07
    figure["xaxis"] = axis(colours, "weight (drive units)", zeroline=True, zerolinecolor=colours.line, zerolinewidth=1)
    count = max(len(histograms), 1)
    height = (1 - GAP * (count - 1)) / count
    data = []
    for k, kind in enumerate(histograms):
        top, name = 1 - k * (height + GAP), f"y{k + 1 if k else ''}"
        most = max(int(kind.before.max()), int(kind.after.max()), 1)
        figure[name.replace("y", "yaxis")] = axis(
            colours,
            "synapses",
            domain=[max(0.0, top - height), top],
            type="log",
            range=[np.log10(FLOOR), np.log10(2 * most)],
            dtick=1 if most < 1000 else 2,
            tickformat="~s",
            showgrid=True,
            gridcolor=colours.grid,
            showline=False,
            ticks="",
        )
        colour = {"E": colours.exc, "I": colours.inh}.get(kind.kind, colours.accent)
        label = {"xref": "paper", "x": 1, "xanchor": "right", "yref": "paper", "y": top, "yanchor": "bottom"}
        figure["annotations"].append(note(NAMES[kind.kind], colour, **label))
        hover = "%{customdata:,} synapses at %{x:.3g}"
        for when, counts, ink, dash in (
            ("before", kind.before, colours.muted, "2px,2px"),
            ("after", kind.after, colour, "solid"),
        ):
            line = steps(kind.edges, counts, when, ink, dash, hover, floor=FLOOR)
            # The row of names says it once for all panels, in the colour of the first.
            data.append(line | {"yaxis": name, "xaxis": "x", "legendgroup": when, "showlegend": k == 0})
    if histograms:
        figure["xaxis"] |= {"anchor": f"y{count if count > 1 else ''}", "range": [float(histograms[0].edges[i]) for i in (0, -1)]}
    return {"data": data or [{"type": "scatter", "x": [None], "y": [None]}], "layout": figure}
