"""Distributions as counts in bins: weights before and after learning, correlations over neurons."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from spikedash.records import F32, F64, I32

Counts = npt.NDArray[np.int64]
BINS = 61  # odd, so that one bin lies around zero


class Histogram(NamedTuple):
    edges: F64  # (bins + 1,)
    counts: Counts  # (bins,)


class WeightHistogram(NamedTuple):
    """The synapses from one kind of neuron, before and after learning, on the same bins."""

    kind: str  # "E", "I", or "" where neurons send both signs
    edges: F64  # (bins + 1,) drive units
    before: Counts  # (bins,)
    after: Counts  # (bins,)


def distribution(values: npt.NDArray[np.floating], low: float, high: float, bins: int) -> Histogram:
    """Counts in equal bins; values beyond the ends go into the outermost bins, nan nowhere."""
    known = values[~np.isnan(values)]
    counts, edges = np.histogram(np.clip(known, low, high), bins, (low, high))
    return Histogram(edges, counts.astype(np.int64))


def weight_histograms(pre: I32, before: F32, after: F32, n: int, n_exc: int, typed: bool) -> tuple[WeightHistogram, ...]:
    """Weights by the kind of the presynaptic neuron, on bins around zero that all kinds share.

    Args:
        pre: (groups, k); n pads short rows.
        before, after: (groups, k, M).
        n_exc: neurons 0..n_exc-1 excite, where `typed`.
    """
    groups, _, M = before.shape
    post = np.arange(groups)[:, None, None] * M + np.arange(M)
    sender = np.broadcast_to(pre[:, :, None], before.shape)
    # No synapses: padding, members that the last group lacks, and silent self-connections of all-to-all wiring.
    real = (sender < n) & (post < n) & ((sender != post) | (before != 0) | (after != 0))
    kinds = [("E", real & (sender < n_exc)), ("I", real & (sender >= n_exc))] if typed else [("", real)]
    end = max(float(np.abs(part[real]).max(initial=0.0)) for part in (before, after)) or 1.0
    return tuple(
        WeightHistogram(
            kind,
            (first := distribution(before[mask], -end, end, BINS)).edges,
            first.counts,
            distribution(after[mask], -end, end, BINS).counts,
        )
        for kind, mask in kinds
        if mask.any()
    )
