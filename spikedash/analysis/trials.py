"""How much trials differ from each other: activity, spike counts, phases."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from spikedash.records import F64


class Variability(NamedTuple):
    """Trial-to-trial variability of every neuron; nan where there are less than two trials or nothing changes."""

    spread: F64  # (n,) root mean square deviation from the trial average over that average's standard deviation in time
    repeat: F64  # (n,) mean Pearson correlation of two different trials


def variability(activity: npt.NDArray[np.floating]) -> Variability:
    """Compare trials (trials, samples, n) of the same cue."""
    x = np.asarray(activity, np.float64)
    m, samples, n = x.shape
    if m < 2:
        return Variability(np.full(n, np.nan), np.full(n, np.nan))
    average = x.mean(0)
    within = np.sqrt(np.square(x - average).sum((0, 1)) / ((m - 1) * samples))
    x = x - x.mean(1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        spread = np.where(average.std(0) > 0, within / average.std(0), np.nan)
        z = x / np.sqrt(np.square(x).mean(1, keepdims=True))
        # |Σz|² holds every pair twice and every trial with itself once.
        repeat = (np.square(z.sum(0)).mean(0) - m) / (m * (m - 1))
    return Variability(spread, repeat)


def fano(counts: npt.NDArray[np.integer]) -> F64:
    """Variance over mean of spike counts (trials, n) -> (n,): 1 for a Poisson process, 0 for equal trials, nan for silence."""
    mean = counts.mean(0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(mean > 0, counts.var(0, ddof=1) / mean, np.nan))


def phase_deviation(first: npt.NDArray[np.floating], second: npt.NDArray[np.floating]) -> F64:
    """Mean over neurons of the absolute difference of two trials' theta phases (samples, n) -> (samples,), rad.

    Differences are taken the short way round the circle: 0 for equal phases, π/2 for independent ones, at most π.
    """
    difference = np.asarray(first, np.float64) - np.asarray(second, np.float64)
    return np.asarray(np.abs((difference + np.pi) % (2 * np.pi) - np.pi).mean(1))
