"""Two curves a neuron, one over the other: simulation and prediction, recording and PSTH."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from spikedash.figures.style import Figure, axis, beside, layout, legend, note, packed, palette, panes


class Pair(NamedTuple):
    """One neuron's two curves (samples,)."""

    label: str  # number or name
    solid: npt.NDArray[np.floating]
    dashed: npt.NDArray[np.floating]
    r: float  # their correlation; nan for none


def draw(
    sample_ms: npt.NDArray[np.floating],
    pairs: Sequence[Pair],
    names: tuple[str, str],
    title: str,
    *,
    theme: str = "light",
    keep: str = "",
) -> Figure:
    """Stacked panels, top to bottom in the given order, each on its own scale.

    Args:
        names: of the solid and of the dashed curves.
        title: of the y axis, with its unit.
    """
    colours = palette(theme)
    beside_px = max(66, 16 + LETTER_PX * max((len(pair.label) for pair in pairs), default=0))
    figure = layout(colours, top=26, bottom=42, right=beside_px, keep=keep) | legend(colours)
    end = 2 * sample_ms[-1] - sample_ms[-2] if len(sample_ms) > 1 else 1  # where the next sample would be: a round number
    figure["xaxis"] = axis(colours, "time from the start of the pattern (ms)", range=[0, float(end)], anchor="free")
    data = []
    for k, (pair, (name, middle)) in enumerate(
        zip(pairs, panes(figure, colours, [(pair.solid, pair.dashed) for pair in pairs]), strict=True)
    ):
        looks = ((pair.solid, colours.accent, "solid", 1.8), (pair.dashed, colours.ink, "5px,4px", 1.5))
        for (curve, colour, dash, width), title_of in zip(looks, names, strict=True):
            data.append(
                {
                    "type": "scatter",
                    "mode": "lines",
                    "x": packed(sample_ms, "f4"),
                    "y": packed(curve, "f4"),
                    "xaxis": "x",
                    "yaxis": name,
                    "name": title_of,
                    "legendgroup": title_of,
                    "showlegend": k == 0,
                    "line": {"color": colour, "width": width, "dash": dash},
                    "hovertemplate": f"{title_of} %{{y:.3g}} at %{{x:.0f}} ms<extra></extra>",
                }
            )
        fit = f"<br>r {pair.r:.2f}".replace("-", "−") if np.isfinite(pair.r) else ""
        place = {"xref": "paper", "x": 1, "xanchor": "left", "xshift": 6, "yref": "paper", "y": middle, "align": "left"}
        figure["annotations"].append(note(f"<b>{pair.label}</b>{fit}", colours.ink, **place))
    if not pairs:
        figure["yaxis"] = axis(colours, range=[-1, 1], showticklabels=False, ticks="")
        data = [{"type": "scatter", "x": [None], "y": [None]}]
    figure["annotations"].append(beside(title, colours))
    return {"data": data, "layout": figure}


LETTER_PX = 8  # of a bold label
