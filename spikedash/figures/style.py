"""What all figures share: two colour-blind-safe palettes, margins that line up, arrays as plotly.js reads them."""

from __future__ import annotations

import base64
import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Figure = dict[str, Any]

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
#: Left and right margins of every figure whose x axis is time, so that raster and traces line up, px.
LEFT, RIGHT = 56, 58
#: Below and above the row of a colour bar: share of the height, and px.
UNDER_BAR, TITLE = [0.0, 0.87], 20
SEQUENCE = "Viridis"  # from dark to bright, so that everybody can order the colours


Curves = Sequence[npt.NDArray[np.floating]]

TITLE_SHIFT = 46  # px from the axis of stacked panels to their title
CROWDED = 4  # stacked panels, from which on there is no room for a number in the middle
PANE_GAP = 0.06  # between stacked panels, share of the height
MARGIN = 0.05  # of a curve's height: as far beyond it a number may stand
WAVER = 0.15  # of the same: as far around it others may waver


class Palette(NamedTuple):
    """CSS colours of one colour scheme; `exc` and `inh` follow Okabe and Ito."""

    ink: str
    muted: str
    grid: str
    line: str
    exc: str
    inh: str
    both: str  # neurons of both signs
    accent: str
    cue: str
    window: str
    hover: str


PALETTES = {
    "light": Palette(
        ink="#1d2430",
        muted="#5b6575",
        grid="#e6e9ee",
        line="#c3cad4",
        exc="#0067a5",
        inh="#c65102",
        both="#4a4f87",
        accent="#087f5b",
        cue="rgba(196,160,0,0.20)",
        window="rgba(8,127,91,0.055)",
        hover="#ffffff",
    ),
    "dark": Palette(
        ink="#e8ebf0",
        muted="#a3adbb",
        grid="#2b323c",
        line="#465060",
        exc="#6cbdf2",
        inh="#f0a04b",
        both="#b5b8f0",
        accent="#38d9a9",
        cue="rgba(240,210,80,0.20)",
        window="rgba(56,217,169,0.06)",
        hover="#1c222b",
    ),
}


def palette(theme: str) -> Palette:
    """The palette of "light" or "dark"; anything else counts as light."""
    return PALETTES.get(theme, PALETTES["light"])


def packed(values: npt.ArrayLike, dtype: str) -> dict[str, str]:
    """An array as plotly.js reads it from JSON: little-endian bytes in base64; two dimensions keep their shape."""
    array = np.ascontiguousarray(values, dtype=np.dtype(dtype).newbyteorder("<"))
    spec = {"dtype": dtype, "bdata": base64.b64encode(array.tobytes()).decode("ascii")}
    if array.ndim == 2:
        spec["shape"] = f"{array.shape[0]}, {array.shape[1]}"
    return spec


def column(values: Sequence[float], dtype: str = "f4") -> dict[str, str] | list[None]:
    """Numbers for a trace; no numbers make one gap: plotly.js drops empty traces with their subplots, and axes stand at NaN."""
    return packed(values, dtype) if len(values) else [None]


def ruler(top: float, most: int = 4) -> tuple[float, float]:
    """A round end at or above `top`, and a round step (1, 2 or 5 times a power of ten): at most `most` of them reach it."""
    if not top > 0 or not math.isfinite(top):
        return 1.0, 0.5
    size = 10.0 ** math.floor(math.log10(top / most))
    step = next(m * size for m in (1, 2, 5, 10, 20) if math.ceil(top / (m * size) - 1e-9) <= most)
    return step * math.ceil(top / step - 1e-9), step


def titled(name: str, unit: str = "") -> str:
    """A quantity with its unit in brackets, where it has one."""
    return f"{name} ({unit})" if unit else name


def washed(colour: str, opacity: float) -> str:
    """A palette's colour, see-through."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity:g})"


def lines(colours: Palette) -> list[tuple[str, str, str]]:
    """Colour, dash and marker of several curves in one panel; no two differ by colour alone."""
    return [
        (colours.accent, "solid", "circle"),
        (colours.exc, "6px,3px", "square"),
        (colours.inh, "2px,2px", "diamond"),
        (colours.both, "8px,2px,2px,2px", "triangle-up"),
        (colours.ink, "solid", "x"),
    ]


def legend(colours: Palette) -> Figure:
    """Names of the curves in a row above the panel; leave about 26 px at the top for it."""
    font = {"size": 11, "color": colours.muted}
    return {
        "showlegend": True,
        "legend": {
            "orientation": "h",
            "x": 0,
            "xanchor": "left",
            "y": 1,
            "yanchor": "bottom",
            "font": font,
            "bgcolor": "rgba(0,0,0,0)",
            "itemwidth": 30,
            "itemclick": False,
            "itemdoubleclick": False,
        },
    }


def colour_bar(colours: Palette, figure: Figure, title: str, low: float, high: float) -> Figure:
    """A flat bar above the panel as a trace on axes of its own, which it puts into the layout, with its name and unit.

    The bar of plotly.js itself is missing as long as there are no values, and moves the titles of the axes when it appears.
    Give the panel's y axis the domain UNDER_BAR and the layout a top of TITLE px.
    """
    figure["xaxis9"] = axis(
        colours, domain=[0, 1], range=[low, high], anchor="y9", nticks=6, showline=False, ticks="", fixedrange=True
    )
    figure["yaxis9"] = axis(colours, domain=[0.965, 1], range=[-0.5, 0.5], anchor="x9", visible=False, fixedrange=True)
    place = {"xref": "paper", "x": 0, "xanchor": "left", "yref": "paper", "y": 1, "yanchor": "bottom"}
    figure["annotations"].append(note(title, colours.ink, **place))
    steps = 128
    return {
        "type": "heatmap",
        "z": packed(np.linspace(0, 1, steps)[None], "f4"),
        "x0": low + (high - low) / (2 * steps),
        "dx": (high - low) / steps,
        "y0": 0,
        "dy": 1,
        "xaxis": "x9",
        "yaxis": "y9",
        "colorscale": SEQUENCE,
        "showscale": False,
        "hoverinfo": "skip",
    }


def layout(colours: Palette, *, top: int = 8, bottom: int = 40, left: int = LEFT, right: int = RIGHT, keep: str = "") -> Figure:
    """A bare layout; zoom and pan survive new data as long as `keep` stays the same."""
    return {
        "autosize": True,
        "margin": {"l": left, "r": right, "t": top, "b": bottom, "pad": 0},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": FONT, "size": 12, "color": colours.muted},
        "hoverlabel": {"bgcolor": colours.hover, "bordercolor": colours.line, "font": {"color": colours.ink, "size": 12}},
        "showlegend": False,
        "uirevision": keep or "none",
        "dragmode": "zoom",
        "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": colours.muted, "activecolor": colours.ink},
        "shapes": [],
        "annotations": [],
    }


def axis(colours: Palette, title: str = "", **more: Any) -> Figure:
    """A quiet axis with its title and unit."""
    return {
        "title": {"text": title, "font": {"size": 12, "color": colours.muted}, "standoff": 8},
        "showgrid": False,
        "zeroline": False,
        "showline": True,
        "linecolor": colours.line,
        "ticks": "outside",
        "ticklen": 4,
        "tickcolor": colours.line,
        "tickfont": {"size": 11, "color": colours.muted},
        "separatethousands": True,
        **more,
    }


def tests_axis(colours: Palette, **more: Any) -> Figure:
    """The axis of a strip of test trials: without numbers, and with its title as low as that of the axis beside it."""
    clear = "rgba(0,0,0,0)"
    return axis(colours, "tests", tickvals=[sum(more["range"]) / 2], ticktext=["\u00a0"], tickcolor=clear, **more)


def panes(figure: Figure, colours: Palette, shown: Sequence[Curves]) -> list[tuple[str, float]]:
    """Add y axes of panels stacked from top to bottom (figure in place); names of the axes and the middles of their panels.

    Args:
        shown: the curves of every panel, which gets two or three round numbers of its own.
    """
    count = len(shown)
    height = (1 - PANE_GAP * (count - 1)) / max(count, 1)
    stacked = []
    for k, curves in enumerate(shown):
        name, top = f"y{k + 1 if k else ''}", 1 - k * (height + PANE_GAP)
        domain = [max(0.0, top - height), top]
        grid: dict[str, Any] = {"showgrid": True, "gridcolor": colours.grid}
        numbers = scale(curves)
        if count >= CROWDED:
            numbers["ticktext"] = _ends(numbers["tickvals"])
        figure[name.replace("y", "yaxis")] = axis(colours, domain=domain, showline=False, ticks="", **numbers, **grid)
        stacked.append((name, top - height / 2))
    return stacked


def _ends(numbers: Sequence[float]) -> list[str]:
    """Words for the first and the last of some numbers; those between have a line only."""
    words = [f"{number:,g}".replace("-", "−") for number in numbers]
    return [words[0], *("" for _ in words[2:]), words[-1]]


def scale(curves: Curves) -> Figure:
    """Range of a panel and its numbers: two or three round ones (rarely up to five) beside the first curve.

    The others may waver around it, and the picture stands still; where one goes far beyond it, the numbers do too. They are a
    list: Plotly leaves labels where they were when the distance between them changes from one picture to the next.
    """
    inside = _span(curves[:1], MARGIN)
    height = inside[1] - inside[0]
    least, most = _span(curves)
    low, high = min(inside[0] - WAVER * height, least), max(inside[1] + WAVER * height, most)
    if high - low > 2 * height:
        inside = low, high
    numbers = round_numbers(*inside)
    grain = (numbers[1] - numbers[0]) / 4
    return {"range": [grain * math.floor(low / grain), grain * math.ceil(high / grain)], "tickmode": "array", "tickvals": numbers}


def _span(curves: Curves, margin: float = 0.0) -> tuple[float, float]:
    """From the lowest to the highest value, and a share of it more on both sides; around it where all are equal."""
    values = np.concatenate([np.ravel(curve) for curve in curves])
    values = values[np.isfinite(values)]
    low, high = (float(values.min()), float(values.max())) if values.size else (0.0, 0.0)
    room = margin * (high - low) if high > low else 1.0
    return low - room, high + room


def round_numbers(low: float, high: float) -> list[float]:
    """The multiples between them of that one of 1, 2, 5 times a power of ten which has two or three (rarely up to five)."""
    decade = 10.0 ** math.floor(math.log10(high - low))
    steps = (mantissa * decade * size for size in (0.1, 1, 10) for mantissa in (1, 2, 5))

    def badness(step: float) -> float:
        count = math.floor(high / step) - math.ceil(low / step) + 1
        return abs(count - 2.5) if count > 1 else math.inf  # a single number tells no scale

    step = min(steps, key=badness)
    return [step * k for k in range(math.ceil(low / step), math.floor(high / step) + 1)]


def note(text: str, colour: str, **place: Any) -> Figure:
    """A small text without an arrow."""
    return {"text": text, "showarrow": False, "font": {"size": 11, "color": colour}, **place}


def beside(title: str, colours: Palette) -> Figure:
    """What all stacked panels show, upright left of their numbers."""
    place = {"xref": "paper", "x": 0, "xshift": -TITLE_SHIFT, "yref": "paper", "y": 0.5, "textangle": -90}
    return note(title, colours.muted, **place) | {"font": {"size": 12, "color": colours.muted}}


def band(x0: float, x1: float, fill: str) -> Figure:
    """A shaded stretch of time over the full height."""
    return {
        "type": "rect",
        "xref": "x",
        "yref": "paper",
        "x0": x0,
        "x1": x1,
        "y0": 0,
        "y1": 1,
        "fillcolor": fill,
        "line": {"width": 0},
        "layer": "below",
    }
