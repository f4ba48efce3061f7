"""Spike trains: counts, rates, and how regular they are."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from spikedash.records import I32


def rate_hz(counts: npt.NDArray[np.int64], seconds: float) -> float:
    """Population rate from spike counts (n,)."""
    return float(counts.mean() / seconds) if counts.size and seconds > 0 else float("nan")


def bin_spikes(spike_bin: I32, spike_neuron: I32, bins: int, n: int) -> npt.NDArray[np.int64]:
    """Spike counts (bins, n) of spikes given by bin and neuron; spikes of other neurons or times are left out."""
    inside = (spike_bin >= 0) & (spike_bin < bins) & (spike_neuron < n)
    flat = spike_bin[inside].astype(np.int64) * n + spike_neuron[inside]
    return np.bincount(flat, minlength=bins * n).reshape(bins, n)
