"""The learning curve: correlation, error and population rate over the loops, and the test trials after them."""

from __future__ import annotations

from collections.abc import Sequence

from spikedash.figures.style import Figure, Palette, axis, finite, layout, note, palette
from spikedash.records import LoopRecord, TestRecord

PANELS = {"y": (0.50, 0.95), "y2": (0.255, 0.40), "y3": (0.0, 0.155)}


def draw(
    loops: Sequence[LoopRecord], tests: Sequence[TestRecord], planned: int, *, theme: str = "light", keep: str = ""
) -> Figure:
    """Three panels over one loop axis; `planned` loops make room for what is still to come."""
    colours = palette(theme)
    figure = layout(colours, top=4, bottom=38, left=46, right=12, keep=keep)
    last = max(planned, len(loops), 1)
    right = last + max(1.0, 0.02 * last) + (_width(last) if tests else 0)
    figure["xaxis"] = axis(colours, "loop", range=[0, right], anchor="y3", rangemode="tozero")
    grid: Figure = {"showgrid": True, "gridcolor": colours.grid, "showline": False, "ticks": "", "nticks": 4}
    figure["yaxis"] = axis(colours, domain=PANELS["y"], range=[min(0.0, *_lowest(loops, tests)), 1.02], dtick=0.25, **grid)
    empty: Figure = {} if loops or tests else {"range": [0, 1], "showticklabels": False}
    figure["yaxis2"] = axis(colours, domain=PANELS["y2"], rangemode="tozero", **grid, **empty)
    figure["yaxis3"] = axis(colours, domain=PANELS["y3"], rangemode="tozero", **grid, **empty)
    for name, text in (("y", "Correlation"), ("y2", "Error (drive)"), ("y3", "Population rate (Hz)")):
        place = {"xref": "paper", "x": 0, "xanchor": "left", "yref": "paper", "y": PANELS[name][1], "yanchor": "bottom"}
        figure["annotations"].append(note(text, colours.ink, **place))
    x = [record.loop + 1 for record in loops]
    data = [
        _line(x, finite(record.correlation for record in loops), "y", "correlation", colours.accent),
        _line(x, finite(record.error for record in loops), "y2", "error", colours.accent),
        _line(x, finite(record.rate_hz for record in loops), "y3", "rate", colours.accent, " Hz"),
    ]
    if tests:
        data += _tests(figure, tests, last, colours)
    return {"data": data, "layout": figure}


def _lowest(loops: Sequence[LoopRecord], tests: Sequence[TestRecord]) -> list[float]:
    """Lower end of the correlation axis: room for negative values in steps of a quarter."""
    values = [value for value in finite([r.correlation for r in loops] + [r.correlation for r in tests]) if value is not None]
    lowest = min(values, default=0.0)
    return [0.25 * (lowest // 0.25) if lowest < 0 else 0.0]


def _width(last: int) -> float:
    """Width of the strip of test trials, in loops."""
    return max(2.0, 0.24 * last)


def _tests(figure: Figure, tests: Sequence[TestRecord], last: int, colours: Palette) -> list[Figure]:
    """Test trials as open diamonds in their own strip, right of the loops."""
    start, width = last + max(1.0, 0.02 * last), _width(last)
    figure["shapes"].append(
        {"type": "line", "xref": "x", "yref": "paper", "x0": start, "x1": start, "y0": 0, "y1": 0.95}
        | {"line": {"color": colours.line, "width": 1, "dash": "dot"}}
    )
    place = {"xref": "x", "x": start + width / 2, "yref": "paper", "y": 0.95, "yanchor": "bottom"}
    figure["annotations"].append(note("tests", colours.muted, **place))
    x = [start + width * (k + 1) / (len(tests) + 1) for k in range(len(tests))]
    trials = [record.trial + 1 for record in tests]
    marker = {"symbol": "diamond-open", "size": 5, "color": colours.ink, "line": {"width": 1.2}}
    common = {"type": "scatter", "mode": "markers", "x": x, "customdata": trials, "marker": marker, "xaxis": "x"}
    show = "test trial %{customdata}: %{y:.3g}"
    return [
        {**common, "y": finite(record.correlation for record in tests), "yaxis": "y", "hovertemplate": f"{show}<extra></extra>"},
        {**common, "y": finite(record.rate_hz for record in tests), "yaxis": "y3", "hovertemplate": f"{show} Hz<extra></extra>"},
    ]


def _line(x: list[int], y: list[float | None], axis_name: str, name: str, colour: str, unit: str = "") -> Figure:
    return {
        "type": "scatter",
        "mode": "lines+markers" if len(x) < 40 else "lines",
        "x": x,
        "y": y,
        "xaxis": "x",
        "yaxis": axis_name,
        "name": name,
        "line": {"color": colour, "width": 1.8},
        "marker": {"size": 4},
        "hovertemplate": f"loop %{{x}}: {name} %{{y:.3g}}{unit}<extra></extra>",
    }
