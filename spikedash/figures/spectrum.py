"""Eigenvalues of the weights before and after learning, beside the circle that random weights fill."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from spikedash.figures.style import Figure, Palette, axis, layout, note, packed, palette

if TYPE_CHECKING:
    from spikedash.analysis import Spectrum

DOMAINS = ([0.0, 0.485], [0.515, 1.0])


def draw(before: Spectrum, after: Spectrum, *, theme: str = "light", keep: str = "") -> Figure:
    """Two panels on equal axes; a dashed circle holds 99 % of the eigenvalues, the full one is the unit circle."""
    colours = palette(theme)
    figure = layout(colours, top=38, bottom=42, left=64, right=12, keep=keep)
    reach = 1.08 * max(1.0, *(float(np.abs(each.values[0])) for each in (before, after) if each.values.size))
    data = []
    for k, (name, each, colour) in enumerate((("before", before, colours.muted), ("after", after, colours.accent))):
        x, y = ("x", "y") if k == 0 else ("x2", "y2")
        common = {"range": [-reach, reach], "zeroline": True, "zerolinecolor": colours.grid, "nticks": 5}
        # The panels keep together, however wide the page.
        side = {"constrain": "domain", "constraintoward": "left" if k else "right"}
        figure[x.replace("x", "xaxis")] = axis(colours, "real part", domain=DOMAINS[k], anchor=y, **side, **common)
        square = {"scaleanchor": x, "scaleratio": 1, "constrain": "domain", "constraintoward": "top", "showticklabels": not k}
        figure[y.replace("y", "yaxis")] = axis(colours, "" if k else "imaginary part", anchor=x, **square, **common)
        figure["shapes"] += [_circle(colours, x, y, 1.0, "solid"), _circle(colours, x, y, each.radius, "4px,3px")]
        label = {"xref": f"{x} domain", "x": 0.5, "xanchor": "center", "yref": f"{y} domain", "y": 1, "yanchor": "bottom"}
        figure["annotations"].append(note(f"<b>{name}</b><br>99 % within {each.radius:.2f}", colours.ink, **label))
        data.append(
            {
                "type": "scatter",
                "mode": "markers",
                "x": packed(each.values.real, "f4"),
                "y": packed(each.values.imag, "f4"),
                "xaxis": x,
                "yaxis": y,
                "name": name,
                "marker": {"size": 3, "color": colour, "opacity": 0.75},
                "hovertemplate": "%{x:.2f} + %{y:.2f} i<extra></extra>",
            }
        )
    return {"data": data, "layout": figure}


def _circle(colours: Palette, x: str, y: str, radius: float, dash: str) -> Figure:
    ends = {"x0": -radius, "x1": radius, "y0": -radius, "y1": radius}
    line = {"color": colours.ink, "width": 1.2, "dash": dash}
    return {"type": "circle", "xref": x, "yref": y, **ends, "line": line, "opacity": 0.8}
