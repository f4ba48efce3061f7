"""A recording in a few numbers, for the panel that shows what was understood before anything runs."""

from __future__ import annotations

from typing import TypedDict

import numpy as np

from spikedash.records import Recording


class Description(TypedDict):
    """A recording in a few numbers."""

    units: int  # neurons
    points: int  # time points
    duration_ms: float  # from the first to the last time point
    bin_ms: float  # median step
    mean_hz: float  # over neurons and time
    median_hz: float  # of the neurons' mean rates
    max_hz: float  # largest value
    names: tuple[str, ...]  # of the first five neurons


def describe(recording: Recording) -> Description:
    """Size, duration, step, rates and first names of a recording."""
    rate_hz, time_ms = recording.rate_hz, recording.time_ms
    return Description(
        units=rate_hz.shape[1],
        points=rate_hz.shape[0],
        duration_ms=float(time_ms[-1] - time_ms[0]),
        bin_ms=float(np.median(np.diff(time_ms))),
        mean_hz=float(rate_hz.mean()),
        median_hz=float(np.median(rate_hz.mean(axis=0))),
        max_hz=float(rate_hz.max()),
        names=recording.names[:5],
    )
