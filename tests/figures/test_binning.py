"""Binning counts spikes where NumPy's own two-dimensional histogram counts them."""

from __future__ import annotations

import numpy as np
import pytest

from spikedash.figures import binning


@pytest.mark.parametrize("n", [1, 37, 400, 401, 5000])
def test_counts_agree_with_histogram2d(n: int) -> None:
    rng = np.random.default_rng(3)
    spike_ms = rng.uniform(-400, 1000, 20_000).astype(np.float32)
    spike_neuron = rng.integers(0, n, 20_000).astype(np.int32)
    cells = binning.grid(-400.0, 1000.0, n)
    rows = np.arange(cells.rows + 1) * cells.per_row
    columns = cells.start_ms + np.arange(cells.columns + 1) * cells.bin_ms
    expected, _, _ = np.histogram2d(spike_neuron, spike_ms, bins=(rows, columns))
    np.testing.assert_array_equal(binning.counts(spike_ms, spike_neuron, cells), np.minimum(expected, 255))


def test_spikes_outside_the_grid_are_left_out() -> None:
    cells = binning.grid(0.0, 10.0, 2)
    got = binning.counts(np.array([-1, 3, 10.5], np.float32), np.array([0, 1, 1], np.int32), cells)
    assert got.sum() == 1
    assert got[1, 3] == 1


def test_a_crowded_cell_saturates() -> None:
    cells = binning.grid(0.0, 10.0, 1)
    got = binning.counts(np.full(1000, 2.5, np.float32), np.zeros(1000, np.int32), cells)
    assert got.max() == 255


@pytest.mark.parametrize(("span", "n"), [(100.0, 10), (1400.0, 200), (60_000.0, 50_000)])
def test_grid_fits_a_screen_and_covers_everything(span: float, n: int) -> None:
    cells = binning.grid(-200.0, span - 200.0, n)
    assert cells.rows <= binning.ROWS
    assert cells.columns <= binning.COLUMNS
    assert cells.rows * cells.per_row >= n
    assert cells.columns * cells.bin_ms >= span
    assert cells.bin_ms == int(cells.bin_ms)
