"""Repetitions with other seeds: their mean and how far they lie apart."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from spikedash.records import F64


class Spread(NamedTuple):
    """Over what is there of the seeds of every point; nan where nothing is."""

    mean: F64  # (points,)
    low: F64  # (points,)
    high: F64  # (points,)
    seeds: npt.NDArray[np.int64]  # (points,) how many are there


def over_seeds(values: npt.NDArray[np.floating]) -> Spread:
    """Mean, least and greatest of values (points, seeds); nan stands for a run that is not there yet."""
    there = ~np.isnan(values)
    count = there.sum(1)
    empty = count == 0
    mean = np.where(there, values, 0.0).sum(1, dtype=np.float64) / np.maximum(count, 1)
    low = np.where(there, values, np.inf).min(1, initial=np.inf)
    high = np.where(there, values, -np.inf).max(1, initial=-np.inf)
    mean, low, high = (np.where(empty, np.nan, part) for part in (mean, low, high))
    return Spread(mean, low, high, count)
