"""Small pictures of results as SVG that reads on light and on dark: a map, a curve, or spikes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from plotly.colors import sample_colorscale

from spikedash.figures.style import SEQUENCE
from spikedash.records import F32, F64, I32

WIDTH, HEIGHT = 160, 90
#: Mid-tones of the palettes, which keep 3 to 1 on either ground.
EXC, INH, ACCENT = "#2f86c9", "#d9722e", "#12946c"
MOST_SPIKES = 900
PAD = 8


def heat(z: npt.NDArray[np.floating], low: float, high: float) -> str:
    """A map (y, x), y upwards; tiles without a value are only outlined."""
    rows, columns = z.shape
    w, h = (WIDTH - 2 * PAD) / columns, (HEIGHT - 2 * PAD) / rows
    tiles = []
    for j in range(rows):
        for i in range(columns):
            place = (
                f'x="{PAD + i * w + 0.5:.1f}" y="{HEIGHT - PAD - (j + 1) * h + 0.5:.1f}" width="{w - 1:.1f}" height="{h - 1:.1f}"'
            )
            fill = _colour(float(z[j, i]), low, high)
            tiles.append(f'<rect {place} rx="1.5" fill="{fill}"/>')
    return _svg("".join(tiles))


def _colour(value: float, low: float, high: float) -> str:
    if not np.isfinite(value):
        return "#8884"
    share = min(1.0, max(0.0, (value - low) / (high - low))) if high > low else 0.5
    return str(sample_colorscale(SEQUENCE, [share])[0])


def curve(lines: F64, low: float, high: float) -> str:
    """Lines (lines, points) over evenly spaced places; gaps where there is no value."""
    span = high - low or 1.0
    x = np.linspace(PAD, WIDTH - PAD, max(2, lines.shape[1]))
    drawn = [
        f'<path d="M{PAD} {PAD}V{HEIGHT - PAD}H{WIDTH - PAD}" fill="none" stroke="#888" stroke-width="1" stroke-opacity=".5"/>'
    ]
    for k, line in enumerate(lines):
        colour = (ACCENT, EXC, INH)[k % 3]
        y = HEIGHT - PAD - (line - low) / span * (HEIGHT - 2 * PAD)
        there = np.isfinite(y)
        words, joined = [], False
        for i in range(len(line)):
            if there[i]:
                words.append(f"{'L' if joined else 'M'}{x[i]:.1f} {y[i]:.1f}")
            joined = bool(there[i])
        drawn.append(f'<path d="{"".join(words)}" fill="none" stroke="{colour}" stroke-width="2.2" stroke-linejoin="round"/>')
        drawn += [f'<circle cx="{x[i]:.1f}" cy="{y[i]:.1f}" r="3" fill="{colour}"/>' for i in np.flatnonzero(there)]
    return _svg("".join(drawn))


def spikes(spike_ms: F32, spike_neuron: I32, n: int, n_exc: int, end_ms: float) -> str:
    """Spikes in the target window; some of them where there are many."""
    inside = np.flatnonzero((spike_ms >= 0) & (spike_ms < end_ms))
    some = inside[:: max(1, len(inside) // MOST_SPIKES)]
    x = PAD + spike_ms[some] / end_ms * (WIDTH - 2 * PAD)
    y = HEIGHT - PAD - spike_neuron[some] / max(1, n) * (HEIGHT - 2 * PAD)
    drawn = []
    for colour, group in ((EXC, spike_neuron[some] < n_exc), (INH, spike_neuron[some] >= n_exc)):
        strokes = "".join(f"M{a:.1f} {b:.1f}v2.4" for a, b in zip(x[group], y[group], strict=True))
        drawn.append(f'<path d="{strokes}" stroke="{colour}" stroke-width="0.9" fill="none"/>')
    return _svg("".join(drawn))


def _svg(inside: str) -> str:
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">{inside}</svg>'
