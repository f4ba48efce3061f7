"""Learning curves of several runs over each other, with their test trials beside them; repetitions as a line in a band."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from spikedash.figures.style import Figure, Palette, axis, column, layout, lines, note, packed, palette, ruler, tests_axis, washed
from spikedash.records import F64

LOOPS, TESTS = (0.0, 0.84), (0.87, 1.0)  # shares of the width
FEW = 40  # up to here every loop gets a marker
#: A shade for the light and one for the dark page of every colour of jobs.catalogue.COLOURS; 3 to 1 on the card or more.
SHADES = {
    "blue": ("#0067a5", "#6cbdf2"),
    "orange": ("#c65102", "#f0a04b"),
    "green": ("#087f5b", "#38d9a9"),
    "purple": ("#6b4fb3", "#b9a5f7"),
    "pink": ("#b83280", "#f291c5"),
    "brown": ("#7a5a2b", "#cfae7c"),
    "sky": ("#2b8aa8", "#8fd8ec"),
    "grey": ("#4b5563", "#c3cad4"),
}


class Curve(NamedTuple):
    """One run, or several that differ in their seeds only. Everything is nan where it is not known."""

    key: str  # of the run, or of the group
    name: str
    colour: str  # of SHADES
    mean: F64  # (loops,)
    sd: F64 | None  # (loops,) half the width of the band; None for a single run
    tests: F64  # (trials,) of all its runs


def shade(colour: str, theme: str) -> str:
    """The CSS colour of a name on a light or dark page."""
    return SHADES.get(colour, SHADES["grey"])[theme == "dark"]


def draw(
    curves: Sequence[Curve],
    name: str,
    unit: str = "",
    *,
    correlation: bool = False,
    tested: bool = True,
    theme: str = "light",
    keep: str = "",
) -> Figure:
    """One panel over the loops and a strip for the test trials.

    Args:
        name: of the number that is drawn.
        correlation: whether it is Pearson's r, whose axis ends at 1.
        tested: whether test trials have this number.
    """
    colours = palette(theme)
    figure = layout(colours, top=22, bottom=40, left=52, right=12, keep=keep)
    strip = tested and any(curve.tests.size for curve in curves)
    last = max((len(curve.mean) for curve in curves), default=1) or 1
    figure["xaxis"] = axis(
        colours,
        "loop",
        range=[0, last * 1.02],
        domain=LOOPS if strip else (0.0, 1.0),
        tickangle=0,
        tickformat=",d",
        **({"dtick": 1} if last <= 8 else {"nticks": 7}),
    )
    figure["yaxis"] = _heights(curves, colours, correlation)
    place = {"xref": "paper", "x": 0, "xanchor": "left", "yref": "paper", "y": 1, "yanchor": "bottom"}
    figure["annotations"].append(note(f"{name} ({unit})" if unit else name, colours.ink, **place))
    figure["hovermode"] = "closest"
    data = []
    looks = lines(colours)
    for k, curve in enumerate(curves):
        colour = shade(curve.colour, theme)
        if curve.sd is not None:
            data.append(_band(curve, colour))
        data.append(_line(curve, colour, looks[k % len(looks)][1:], unit))
    if strip:
        most = max(len(curves), 1)
        figure["xaxis2"] = tests_axis(colours, domain=TESTS, range=[-0.7, most - 0.3])
        data += [_tests(curve, k, shade(curve.colour, theme), looks[k % len(looks)][2], unit) for k, curve in enumerate(curves)]
    return {"data": data, "layout": figure}


def _heights(curves: Sequence[Curve], colours: Palette, correlation: bool) -> Figure:
    """Round ends; a correlation begins at 0, or below where there are such values."""
    quiet: Figure = {"showgrid": True, "gridcolor": colours.grid, "showline": False, "ticks": "", "nticks": 7}
    parts = [curve.mean + (0 if curve.sd is None else np.nan_to_num(curve.sd)) for curve in curves]
    lows = [curve.mean - (0 if curve.sd is None else np.nan_to_num(curve.sd)) for curve in curves]
    tests = [curve.tests for curve in curves]
    known = [float(value) for array in (*parts, *tests) for value in array[np.isfinite(array)]]
    least = min((float(value) for array in (*lows, *tests) for value in array[np.isfinite(array)]), default=0.0)
    if correlation:
        return axis(colours, range=[0.25 * math.floor(min(least, 0.0) / 0.25), 1.02], **quiet)
    end, _ = ruler(max(known, default=0.0), 5)
    return axis(colours, range=[0, end * 1.02], **quiet)


def _line(curve: Curve, colour: str, look: tuple[str, str], unit: str) -> Figure:
    dash, symbol = look
    many = f", {curve.name}" if curve.name else ""
    return {
        "type": "scatter",
        "mode": "lines+markers" if len(curve.mean) <= FEW else "lines",
        "x": column(list(range(1, len(curve.mean) + 1)), "i4"),
        "y": column(curve.mean.tolist()),
        "name": curve.name,
        "meta": curve.key,
        "line": {"color": colour, "width": 2, "dash": dash},
        "marker": {"size": 5, "symbol": symbol, "color": colour},
        "hovertemplate": f"loop %{{x}}: %{{y:.3g}}{' ' + unit if unit else ''}{_escaped(many)}<extra></extra>",
    }


def _escaped(text: str) -> str:
    """Words of a person in a label, where plotly.js takes tags for markup and %{} for values."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("%{", "% {")


def _band(curve: Curve, colour: str) -> Figure:
    """One standard deviation on either side, where there are at least two runs."""
    assert curve.sd is not None
    there = np.isfinite(curve.sd) & np.isfinite(curve.mean)
    x = np.flatnonzero(there) + 1
    low, high = (curve.mean - curve.sd)[there], (curve.mean + curve.sd)[there]
    return {
        "type": "scatter",
        "mode": "lines",
        "x": packed(np.concatenate([x, x[::-1]]), "i4") if x.size else [None],
        "y": packed(np.concatenate([high, low[::-1]]), "f4") if x.size else [None],
        "fill": "toself",
        "fillcolor": washed(colour, 0.18),
        "line": {"width": 0},
        "name": f"{curve.name}, one standard deviation",
        "meta": curve.key,
        "hoverinfo": "skip",
    }


def _tests(curve: Curve, place: int, colour: str, symbol: str, unit: str) -> Figure:
    """Test trials of one curve in a column of their own."""
    known = curve.tests[np.isfinite(curve.tests)]
    return {
        "type": "scatter",
        "mode": "markers",
        "x": column([float(place)] * len(known)),
        "y": column(known.tolist()),
        "xaxis": "x2",
        "name": f"{curve.name}, test trials",
        "meta": curve.key,
        "marker": {"size": 5, "symbol": symbol, "color": colour, "opacity": 0.75},
        "hovertemplate": f"test trial: %{{y:.3g}}{' ' + unit if unit else ''}{_escaped(', ' + curve.name)}<extra></extra>",
    }
