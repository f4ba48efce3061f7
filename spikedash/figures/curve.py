"""The learning curve: correlation, error, change of the weights and population rate over the loops, test trials beside them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from spikedash.figures.style import Figure, Palette, axis, column, layout, note, palette, ruler, tests_axis
from spikedash.records import LoopRecord, TestRecord

PANELS = {"y": (0.60, 0.955), "y2": (0.395, 0.51), "y4": (0.195, 0.305), "y3": (0.0, 0.11)}
TITLES = {"y": "Correlation", "y2": "Error (drive)", "y4": "Weight change ‖ΔW‖ / ‖W₀‖", "y3": "Population rate (Hz)"}
LOOPS, TESTS = (0.0, 0.80), (0.83, 1.0)  # shares of the width
FEW = 40  # up to here every loop gets a dot


def draw(
    loops: Sequence[LoopRecord],
    tests: Sequence[TestRecord],
    planned: int,
    planned_tests: int = 0,
    *,
    theme: str = "light",
    keep: str = "",
) -> Figure:
    """Four panels over one loop axis, and a strip of test trials; both have room for what is still to come."""
    colours = palette(theme)
    figure = layout(colours, top=4, bottom=38, left=46, right=12, keep=keep)
    strip = bool(tests or planned_tests)
    last = max(_room(len(loops), planned), len(loops), 1)
    domain = LOOPS if strip and planned else (0.0, 1.0)
    _, step = ruler(last, 4 if strip else 6)
    figure["xaxis"] = axis(
        colours, "loop", range=[0, last * 1.02], anchor="y3", domain=domain, tick0=0, dtick=max(1, step), tickformat=",d"
    )
    _panels(figure, loops, tests, colours)
    x = column([record.loop + 1 for record in loops], "i4")
    data = [
        _line(x, [record.correlation for record in loops], "y", "correlation", colours.accent),
        _line(x, [record.error for record in loops], "y2", "error", colours.accent),
        _line(x, [record.rate_hz for record in loops], "y3", "rate", colours.accent, " Hz"),
        _line(x, _known([record.change for record in loops]), "y4", "weight change", colours.accent),
    ]
    if strip:
        data += _tests(figure, tests, max(planned_tests, len(tests)), colours)
    return {"data": data, "layout": figure}


def _known(values: Sequence[float]) -> list[float]:
    """Without initial weights there is nothing to compare a change with: a gap."""
    return [value if math.isfinite(value) else math.nan for value in values]


def _room(done: int, planned: int) -> int:
    """Loops on the axis: all that are planned, or early in a long run room for somewhat more than are done, in round steps."""
    return min([planned, *(room for room in (100, 200, 500, 1000, 2000, 5000) if room >= 1.25 * done)])


def _panels(figure: Figure, loops: Sequence[LoopRecord], tests: Sequence[TestRecord], colours: Palette) -> None:
    """Axes with round ends and ticks that hold whether or not there is anything to draw."""
    quiet: Figure = {"showgrid": True, "gridcolor": colours.grid, "showline": False, "ticks": "", "tick0": 0}
    both: list[LoopRecord | TestRecord] = [*loops, *tests]
    correlations = [record.correlation for record in both]
    lowest = min([value for value in correlations if value < 0], default=0)
    low = 0.25 * (lowest // 0.25)  # room for negative values, in steps of a quarter
    figure["yaxis"] = axis(colours, domain=PANELS["y"], range=[low, 1.02], dtick=0.25 if low > -0.5 else 0.5, **quiet)
    heights = {"y2": [r.error for r in loops], "y3": [r.rate_hz for r in both], "y4": [r.change for r in loops]}
    for name, values in heights.items():
        end, _ = ruler(max((value for value in values if math.isfinite(value)), default=0), 2)
        bare: Figure = {} if any(map(math.isfinite, values)) else {"showticklabels": False}
        figure[name.replace("y", "yaxis")] = axis(colours, domain=PANELS[name], range=[0, end * 1.04], dtick=end, **quiet, **bare)
    for name, text in TITLES.items():
        place = {"xref": "paper", "x": 0, "xanchor": "left", "yref": "paper", "y": PANELS[name][1], "yanchor": "bottom"}
        figure["annotations"].append(note(text, colours.ink, **place))


def _tests(figure: Figure, tests: Sequence[TestRecord], planned: int, colours: Palette) -> list[Figure]:
    """Test trials as dots on an axis of their own, beside the curve."""
    figure["xaxis2"] = tests_axis(colours, domain=TESTS, range=[0, planned + 1], anchor="y3")
    marker = {"size": 5, "color": colours.ink, "opacity": 0.75}
    trials = column([record.trial + 1 for record in tests], "i4")
    common = {"type": "scatter", "mode": "markers", "x": trials, "marker": marker, "xaxis": "x2"}
    show = "test trial %{x}: %{y:.3g}"
    correlation = column([record.correlation for record in tests])
    rate = column([record.rate_hz for record in tests])
    return [
        {**common, "y": correlation, "yaxis": "y", "name": "test correlation", "hovertemplate": f"{show}<extra></extra>"},
        {**common, "y": rate, "yaxis": "y3", "name": "test rate", "hovertemplate": f"{show} Hz<extra></extra>"},
    ]


def _line(x: Any, y: Sequence[float], axis_name: str, name: str, colour: str, unit: str = "") -> Figure:
    return {
        "type": "scatter",
        "mode": "lines+markers" if len(y) <= FEW else "lines",
        "x": x,
        "y": column(y),
        "xaxis": "x",
        "yaxis": axis_name,
        "name": name,
        "line": {"color": colour, "width": 1.8},
        "marker": {"size": 4},
        "hovertemplate": f"loop %{{x}}: {name} %{{y:.3g}}{unit}<extra></extra>",
    }
