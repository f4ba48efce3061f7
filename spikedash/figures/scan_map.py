"""A scan over two settings as a map that fills in: one tile a setting, faint where its run is not there yet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

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
    if len(x.values) <= MOST_NUMBERS:
        size = max(abs(low), abs(high))
        digits = next(d for d, least in ((",.0f", 100), (".1f", 10), (".2f", 0)) if size >= least)
        words = [["" if np.isnan(value) else f"{value:z{digits}}".replace("-", "−") for value in row] for row in z]
        tiles |= {"text": words, "texttemplate": "%{text}", "textfont": {"size": 11}}
    return {"data": [empty, tiles, bar], "layout": figure}


LEFT = 62  # px; room for values of four digits beside the title


def tick(value: float | str) -> str:
    """A setting's value as people write it."""
    return value if isinstance(value, str) else f"{value:,.6g}"
