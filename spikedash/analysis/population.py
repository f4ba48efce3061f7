"""A population's rates as two pictures that can be compared row by row."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from spikedash.records import F64


class PopulationMap(NamedTuple):
    """Rates of the same neurons twice, both in the same order and on the same scale."""

    order: npt.NDArray[np.int64]  # (n,) neurons by the time of their peak in the first
    first: F64  # (samples, n) in that order, from 0 at the neuron's lowest rate in the first to 1 at its highest
    second: F64  # (samples, n) on the first one's scale, beyond 0 and 1 where it goes beyond


def population_map(first_hz: npt.NDArray[np.floating], second_hz: npt.NDArray[np.floating]) -> PopulationMap:
    """Sort rates (samples, n) by the first one's peaks and scale both by its range; a neuron constant there stays at 0."""
    order = np.argsort(first_hz.argmax(0), kind="stable")
    low, high = first_hz.min(0).astype(np.float64), first_hz.max(0).astype(np.float64)
    varies = high > low
    scale = np.where(varies, 1.0 / np.where(varies, high - low, 1.0), 0.0)
    return PopulationMap(order, ((first_hz - low) * scale)[:, order], ((second_hz - low) * scale)[:, order])
