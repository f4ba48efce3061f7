"""Weights before and after learning."""

from __future__ import annotations

import numpy as np

from spikedash.records import F32, F64, I32, Static


def norm(weights: F32) -> float:
    """Frobenius norm of an array of any shape (without BLAS, whose threads would disturb those of the kernels)."""
    return float(np.sqrt(np.square(weights).sum(dtype=np.float64)))


def relative_change(before: F32, after: F32) -> float:
    """‖ΔW‖_F/‖W₀‖_F; over the norm of the trained weights where all began at zero, nan where those are zero too."""
    base = norm(before) or norm(after)
    return norm(after - before) / base if base else float("nan")


def count_sign_changes(before: F32, after: F32) -> int:
    """Synapses whose weight has the opposite sign."""
    return int(np.count_nonzero(before * after < 0))


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
