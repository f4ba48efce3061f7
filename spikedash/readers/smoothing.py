"""Gaussian smoothing that knows where nothing was recorded, for rates and for spike counts."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter1d

from spikedash.readers.choices import Choices
from spikedash.readers.limits import MAX_POINTS, MAX_VALUES, Refused, number
from spikedash.readers.timebase import rises_evenly
from spikedash.records import F64

#: Smoothing of spike times where none is chosen, and the distance of the rates' time points.
SMOOTH_MS, BIN_MS = 50.0, 10.0
REACH = 4.0  # standard deviations; what lies beyond is 6e-5 of the whole


def blurred(values: F64, width: float) -> F64:
    """Values (T, ...) under a Gaussian of `width` samples; nothing lies beyond the ends. Width 0 leaves them as they are."""
    if width == 0:
        return values
    smooth: F64 = gaussian_filter1d(values, width, axis=0, mode="constant", truncate=REACH)
    return smooth


def on_grid(rate_hz: F64, since_ms: F64, duration_ms: float, choices: Choices) -> tuple[F64, F64, str]:
    """Rates (T, units) of a whole file smoothed, and told at even times from 0 to the pattern's end; and the note that says so.

    Times (T,) count from the pattern's start, so that what lies around the pattern is smoothed into it. At the ends of the
    file, where half of the Gaussian lies outside, the other half counts twice.
    """
    even = rises_evenly(since_ms)
    step = choices.bin_ms or (float(np.median(np.diff(since_ms))) if even else BIN_MS)
    points = grid_size(duration_ms, step, rate_hz.shape[1])
    fine = since_ms
    if not even:
        between = min(step, BIN_MS)
        many = grid_size(float(since_ms[-1] - since_ms[0]), between, rate_hz.shape[1])
        fine = since_ms[0] + np.arange(many, dtype=np.float64) * between
        rate_hz = np.column_stack([np.interp(fine, since_ms, rate) for rate in rate_hz.T])
    width = choices.smooth_ms or 0.0
    if width:
        samples = width * (len(fine) - 1) / float(fine[-1] - fine[0])
        rate_hz = blurred(rate_hz, samples) / blurred(np.ones((len(fine), 1)), samples)
    grid: F64 = np.arange(points, dtype=np.float64) * step
    told: F64 = np.maximum(np.column_stack([np.interp(grid, fine, rate) for rate in rate_hz.T]), 0.0)
    smoothed = f", smoothed with a Gaussian of {number(width)} ms" if width else ""
    return told, grid, f"Rates told every {number(step)} ms{smoothed}."


def grid_size(duration_ms: float, step_ms: float, units: int) -> int:
    """How many time points a step gives, the last one at or before the end.

    Raises:
        Refused: too few or too many.
    """
    points = int(duration_ms / step_ms + 1e-6) + 1
    if points < 2:
        raise Refused(
            f"a time step of {number(step_ms)} ms leaves one time point in {number(duration_ms)} ms; choose a smaller step."
        )
    if points > MAX_POINTS or points * units > MAX_VALUES:
        raise Refused(f"a time step of {number(step_ms)} ms gives too many values; choose a larger step or fewer neurons.")
    return points
