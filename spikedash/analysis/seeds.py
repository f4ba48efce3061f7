"""Repetitions with other seeds: their mean and how far they lie apart."""

from __future__ import annotations

from collections.abc import Sequence
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


class Band(NamedTuple):
    """Mean and sample standard deviation over repetitions; the deviation is nan where there are fewer than two."""

    mean: F64  # (points,)
    sd: F64  # (points,)
    there: npt.NDArray[np.int64]  # (points,) how many are known


def mean_sd(curves: Sequence[npt.ArrayLike]) -> Band:
    """Of curves that may be of different lengths, point by point; nan counts as not there."""
    arrays = [np.asarray(curve, np.float64) for curve in curves]
    values = np.full((max((len(array) for array in arrays), default=0), len(arrays)), np.nan)
    for k, array in enumerate(arrays):
        values[: len(array), k] = array
    there = np.isfinite(values)
    count = there.sum(1)
    mean = np.where(there, values, 0.0).sum(1) / np.maximum(count, 1)
    squares = (np.where(there, values - mean[:, None], 0.0) ** 2).sum(1)
    sd = np.sqrt(squares / np.maximum(count - 1, 1))
    return Band(np.where(count > 0, mean, np.nan), np.where(count > 1, sd, np.nan), count)
