"""A recording at a glance, before anything runs: every neuron's rate as a row of a picture, and their mean below it.

The picture is a shape without colour (its opacity carries the values), so that the page can paint it in either colour scheme.
"""

from __future__ import annotations

import base64
import struct
import zlib

import numpy as np
import numpy.typing as npt

from spikedash.records import F64, Recording

COLUMNS, ROWS = 240, 160
#: Heights in the picture's own units; the page stretches it to any size.
WIDTH, HEAT, GAP, MEAN = 240, 100, 6, 34


def draw(recording: Recording) -> bytes:
    """An SVG of WIDTH × (HEAT + GAP + MEAN): rows sorted by the time of their peak, each from its lowest to its highest rate."""
    rate_hz = binned(recording.rate_hz, recording.time_ms, COLUMNS)
    lowest, span = rate_hz.min(axis=0), np.ptp(rate_hz, axis=0)
    order = np.argsort(rate_hz.argmax(axis=0), kind="stable")
    share = np.divide(rate_hz - lowest, span, out=np.zeros_like(rate_hz), where=span > 0)[:, order].T
    image = base64.b64encode(_png(_at_most(share, ROWS))).decode("ascii")
    line = _line(rate_hz.mean(axis=1))
    bottom = HEAT + GAP + MEAN
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {bottom}" preserveAspectRatio="none">'
        f'<image width="{WIDTH}" height="{HEAT}" preserveAspectRatio="none" style="image-rendering:pixelated" '
        f'href="data:image/png;base64,{image}"/>'
        f'<path d="M0,{bottom}L{line}L{WIDTH},{bottom}Z" fill-opacity="0.25"/>'
        f'<path d="M{line}" fill="none" stroke="#000" stroke-width="1.5" vector-effect="non-scaling-stroke"/></svg>'
    ).encode()


def binned(rate_hz: F64, time_ms: F64, columns: int) -> F64:
    """Rates (T, units) at `columns` even times from the first to the last; more samples than that are averaged first."""
    size = max(1, len(time_ms) // columns)
    whole = len(time_ms) // size * size
    times = time_ms[:whole].reshape(-1, size).mean(axis=1)
    rates = rate_hz[:whole].reshape(-1, size, rate_hz.shape[1]).mean(axis=1)
    grid = np.linspace(times[0], times[-1], columns)
    return np.stack([np.interp(grid, times, rate) for rate in rates.T], axis=1)


def _at_most(share: F64, rows: int) -> F64:
    """Neighbouring rows averaged until at most `rows` are left."""
    starts = np.unique(np.linspace(0, len(share), min(rows, len(share)), endpoint=False).astype(int))
    counts = np.diff([*starts, len(share)])
    averaged: F64 = np.add.reduceat(share, starts, axis=0) / counts[:, None]
    return averaged


def _line(mean: F64) -> str:
    """The mean over neurons as points of a path in the lower part, from 0 to its maximum."""
    x = np.linspace(0, WIDTH, len(mean))
    y = HEAT + GAP + MEAN - (MEAN - 2) * mean / (mean.max() or 1.0)
    return "L".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, y, strict=True))


def _png(share: F64) -> bytes:
    """Values from 0 to 1 as the opacity of a black picture (grey with alpha, 8 bits)."""
    height, width = share.shape
    pixels: npt.NDArray[np.uint8] = np.zeros((height, 1 + 2 * width), np.uint8)  # every row starts with its filter: none
    pixels[:, 2::2] = np.round(255 * share)
    header = struct.pack(">IIBBBBB", width, height, 8, 4, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(pixels.tobytes(), 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        for kind, content in chunks
    )
