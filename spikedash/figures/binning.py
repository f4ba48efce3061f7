"""Spikes counted on a grid that fits a screen, so that a million spikes cost no more than a thousand."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from spikedash.records import F32, I32

ROWS = 400  # more neurons than this share rows
COLUMNS = 500


class Grid(NamedTuple):
    """Where the cells of a binned raster lie."""

    start_ms: float  # left edge of the first column
    bin_ms: float
    columns: int
    per_row: int  # neurons in a row
    rows: int


def grid(start_ms: float, end_ms: float, n: int) -> Grid:
    """The grid for `n` neurons and a stretch of time; columns are whole milliseconds wide where that is possible."""
    span = max(end_ms - start_ms, 1.0)
    bin_ms = max(1.0, float(np.ceil(span / COLUMNS)))
    per_row = -(-n // ROWS)
    return Grid(start_ms, bin_ms, int(np.ceil(span / bin_ms)), per_row, -(-n // per_row))


def counts(spike_ms: F32, spike_neuron: I32, cells: Grid) -> npt.NDArray[np.uint8]:
    """Spikes in every cell of the grid, (rows, columns), at most 255; spikes outside are left out."""
    column = np.floor((spike_ms - cells.start_ms) / cells.bin_ms).astype(np.int64)
    row = spike_neuron.astype(np.int64) // cells.per_row
    inside = (column >= 0) & (column < cells.columns) & (row >= 0) & (row < cells.rows)
    flat = np.bincount(row[inside] * cells.columns + column[inside], minlength=cells.rows * cells.columns)
    return np.minimum(flat, 255).astype(np.uint8).reshape(cells.rows, cells.columns)
