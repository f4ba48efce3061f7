"""Distributions as counts in bins: weights before and after learning, correlations over neurons."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from spikedash.records import F32, F64, I32

Counts = npt.NDArray[np.int64]
BINS = 61  # odd, so that one bin lies around zero
PART = 2**18  # weights that are looked at at a time


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
    # What is no synapse has no weight: padding, members that the last group lacks, self-connections that all-to-all wiring lacks.
    end = max(float(max(part.max(initial=0.0), -part.min(initial=0.0))) for part in (before, after)) or 1.0
    kinds = (("E", 0, n_exc), ("I", n_exc, n)) if typed else (("", 0, n),)
    edges = distribution(np.zeros(0), -end, end, BINS).edges
    found = {kind: WeightHistogram(kind, edges, np.zeros(BINS, np.int64), np.zeros(BINS, np.int64)) for kind, _, _ in kinds}
    for sender, real, old, new in _parts(pre, before, after, n):
        for kind, first, last in kinds:
            mask = real & (first <= sender) & (sender < last)
            for counts, part in ((found[kind].before, old), (found[kind].after, new)):
                counts += distribution(part[mask], -end, end, BINS).counts
    return tuple(one for one in found.values() if one.before.any())


def _parts(pre: I32, before: F32, after: F32, n: int) -> Iterator[tuple[I32, npt.NDArray[np.bool_], F32, F32]]:
    """Some lines at a time, which takes little memory: senders (lines, 1), which are synapses, and their weights (lines, M)."""
    _, k, M = before.shape
    senders, old, new = pre.reshape(-1), before.reshape(-1, M), after.reshape(-1, M)
    step = max(1, PART // M)
    for first in range(0, len(senders), step):
        lines = slice(first, min(first + step, len(senders)))
        sender = senders[lines, None]
        post = np.arange(lines.start, lines.stop)[:, None] // k * M + np.arange(M)
        real = (sender < n) & (post < n) & ((sender != post) | (old[lines] != 0) | (new[lines] != 0))
        yield sender, real, old[lines], new[lines]
