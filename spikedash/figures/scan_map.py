"""A scan over two settings as a map that fills in: one tile a setting, faint where its run is not there yet."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from plotly.colors import sample_colorscale

from spikedash.figures.style import SEQUENCE, TITLE, UNDER_BAR, Figure, axis, colour_bar, layout, note, packed, palette, titled

MOST_NUMBERS = 7  # columns up to which a tile shows its number on a phone


class Axis(NamedTuple):
    """A setting and the values it takes."""

    name: str
    unit: str  # "" for none
    values: Sequence[float | str]


def draw(
    x: Axis,
    y: Axis,
    z: npt.NDArray[np.floating],
    name: str,
    unit: str = "",
    *,
    limits: tuple[float, float] | None = None,
    failed: npt.NDArray[np.bool_] | None = None,
    theme: str = "light",
    keep: str = "",
) -> Figure:
    """Tiles of equal size, since settings are rarely evenly spaced; y grows upwards.

    Args:
        z: (y values, x values), nan for a cell that is not there yet.
        limits: ends of the colour scale; given, colours stay as they are while the map fills in.
        failed: (y values, x values) whose runs all failed; a tile without a value says so.
    """
    colours = palette(theme)
    figure = layout(colours, top=TITLE, bottom=42, left=LEFT, right=12, keep=keep)
    for place, setting in (("xaxis", x), ("yaxis", y)):
        figure[place] = axis(
            colours,
            titled(setting.name, setting.unit),
            range=[-0.5, len(setting.values) - 0.5],
            tickvals=list(range(len(setting.values))),
            ticktext=[tick(value) for value in setting.values],
            showline=False,
            ticks="",
            fixedrange=True,
        )
    figure["yaxis"]["domain"] = UNDER_BAR
    figure["dragmode"] = False
    there = np.isfinite(z)
    common: Figure = {"type": "heatmap", "x0": 0, "dx": 1, "y0": 0, "dy": 1, "xgap": 2, "ygap": 2, "zsmooth": False}
    hover = "<br>".join(f"{s.name} %{{{v}}}{' ' + s.unit if s.unit else ''}" for s, v in ((x, "x"), (y, "y")))
    empty = {
        **common,
        "z": packed(np.where(there, np.nan, 0.0), "f4"),
        "zmin": 0,
        "zmax": 1,
        "colorscale": [[0, colours.grid], [1, colours.grid]],
        "showscale": False,
        "hovertemplate": f"{hover}<br>not run yet<extra></extra>",
    }
    if failed is not None:
        figure["annotations"] += [
            note("failed", colours.muted, x=int(column), y=int(row)) for row, column in np.argwhere(failed & ~there)
        ]
    low, high = limits or ((float(z[there].min()), float(z[there].max())) if there.any() else (0.0, 1.0))
    high = high if high > low else low + 1.0
    bar = colour_bar(colours, figure, titled(name, unit), low, high)
    tiles = {
        **common,
        "z": packed(z, "f4"),
        "zmin": low,
        "zmax": high,
        "colorscale": SEQUENCE,
        "showscale": False,
        "hovertemplate": f"{hover}<br><b>{name} %{{z:.3g}}{' ' + unit if unit else ''}</b><extra></extra>",
    }
    words = [_numbers(z, low, high)] if len(x.values) <= MOST_NUMBERS and there.any() else []
    return {"data": [empty, tiles, bar, *words], "layout": figure}


def _numbers(z: npt.NDArray[np.floating], low: float, high: float) -> Figure:
    """Every tile's number in black or white, whichever can be read on its colour; Plotly's own are grey on the middle greens."""
    rows, columns = np.nonzero(np.isfinite(z))
    values = z[rows, columns]
    size = max(abs(low), abs(high))
    digits = next(d for d, least in ((",.0f", 100), (".1f", 10), (".2f", 0)) if size >= least)
    tiles = sample_colorscale(SEQUENCE, list(np.clip((values - low) / (high - low), 0, 1)), colortype="tuple")
    return {
        "type": "scatter",
        "mode": "text",
        "x": columns.tolist(),
        "y": rows.tolist(),
        "text": [f"{value:z{digits}}".replace("-", "−") for value in values],
        "textfont": {"size": 11, "color": ["#000" if luminance(tile) > EVEN else "#fff" for tile in tiles]},
        "cliponaxis": False,
        "hoverinfo": "skip",
        "showlegend": False,
    }


def luminance(colour: tuple[float, float, float]) -> float:
    """Relative luminance of an sRGB colour (channels 0 to 1), as WCAG 2 has it."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


EVEN = math.sqrt(1.05 * 0.05) - 0.05  # luminance on which black and white have the same contrast


LEFT = 62  # px; room for values of four digits beside the title


def tick(value: float | str) -> str:
    """A setting's value as people write it."""
    return value if isinstance(value, str) else f"{value:,.6g}"
