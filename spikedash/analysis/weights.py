"""Weights before and after learning."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from spikedash.records import F32, F64, I32, Static

PART = 2**18  # weights that are looked at at a time


def norm(weights: F32) -> float:
    """Frobenius norm of an array of any shape (without BLAS, whose threads would disturb those of the kernels)."""
    return math.sqrt(sum(float(np.square(part).sum(dtype=np.float64)) for (part,) in _parts(weights)))


def _parts(*arrays: F32) -> Iterator[list[F32]]:
    """The same arrays piece by piece, so that what is made of them takes no memory to speak of."""
    flat = [array.reshape(-1) for array in arrays]
    for first in range(0, flat[0].size, PART):
        yield [array[first : first + PART] for array in flat]


def relative_change(before: F32, after: F32) -> float:
    """‖ΔW‖_F/‖W₀‖_F; over the norm of the trained weights where all began at zero, nan where those are zero too."""
    base = norm(before) or norm(after)
    return norm(after - before) / base if base else float("nan")


def count_sign_changes(before: F32, after: F32) -> int:
    """Synapses whose weight has the opposite sign."""
    return sum(int(np.count_nonzero(ours * theirs < 0)) for ours, theirs in _parts(before, after))


def dense(pre: I32, weights: F32, n: int, static: Static | None = None) -> F64:
    """The matrix W (n, n), W[i, j] from j to i, of pre (groups, k) and weights (groups, k, M), with static synapses added.

    For the analysis of networks of up to some thousand neurons: it takes 8 n² bytes.
    """
    groups, _, M = weights.shape
    wide = np.zeros((groups, n + 1, M))  # column n takes the padding
    np.put_along_axis(wide, pre[:, :, None].astype(np.int64), weights, axis=1)
    W = wide[:, :n].transpose(0, 2, 1).reshape(groups * M, n)[:n]
    if static is not None:
        senders = np.repeat(np.arange(n), np.diff(static.start))
        np.add.at(W, (static.post, senders), static.weight)
    return W
