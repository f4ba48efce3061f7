"""PSTHs against recorded rates, and the ceiling that trial noise sets."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from spikedash.analysis.activity import mean_or_nan, pearson, smooth
from spikedash.records import F64, RateFit

PSTH_SMOOTHING_MS = 30.0


def ceilings(even: npt.NDArray[np.floating], odd: npt.NDArray[np.floating]) -> F64:
    """Correlation that the sum of two halves would have with its own expectation, a neuron (bins, n) -> (n,).

    The square root of the split-half reliability 2r/(1 + r) of Spearman and Brown; 0 where the halves do not agree, nan
    where a half is constant.
    """
    half = np.clip(pearson(even, odd), 0.0, 1.0)
    return np.asarray(np.sqrt(2 * half / (1 + half)))


def ceilings_with(ceilings: npt.NDArray[np.floating], factor: float) -> F64:
    """The ceilings (n,) that `factor` times as many trials would give (Spearman and Brown once more)."""
    reliability = np.square(ceilings)
    return np.asarray(np.sqrt(factor * reliability / (1 + (factor - 1) * reliability)))


def rate_fit(counts: npt.NDArray[np.int64], recorded_hz: F64, bin_ms: float) -> RateFit:
    """How well PSTHs follow recorded rates, and how well the trial noise lets them.

    counts (2, bins, n) holds the spikes of even and odd trials, recorded_hz (bins, n). Both sides get the same Gaussian
    smoothing. The ceiling of the population is the median over neurons.
    """
    width = PSTH_SMOOTHING_MS / bin_ms
    even, odd = (smooth(part, width) for part in counts)
    per_neuron = pearson(even + odd, smooth(recorded_hz, width))
    ceiling = ceilings(even, odd)
    return RateFit(float(np.nanmedian(per_neuron)), mean_or_nan(per_neuron), float(np.nanmedian(ceiling)), per_neuron, ceiling)
