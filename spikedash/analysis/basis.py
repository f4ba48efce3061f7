"""Heterogeneity of a target: how many dimensions the firing rates span that the learning combines (paper, Fig. 3)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import linalg

from spikedash.analysis.quasistatic import phi
from spikedash.records import F64

ENOUGH = 0.95  # share of the variance


class Dimensions(NamedTuple):
    """Dimensions of a set of curves around their means."""

    rank: int  # linearly independent curves
    participation: float  # (Σλ)²/Σλ² of the variances λ along the principal axes; 1 for one axis, n for n equal ones
    enough: int  # principal axes that hold ENOUGH of the variance
    share: F64  # (min(T, n),) variance along each principal axis over all variance, falling


def rate_basis(target: npt.NDArray[np.floating]) -> F64:
    """Rates √[f]₊/π in spikes per tau that a drive target f (T, n) asks for: the curves that the weights combine."""
    return phi(target)


def dimensions(curves: npt.NDArray[np.floating]) -> Dimensions:
    """Count the dimensions of curves (T, n), each without its mean; all zero for curves that do not change."""
    centred = np.asarray(curves, np.float64) - curves.mean(0, dtype=np.float64)
    singular = linalg.svdvals(centred)
    # What the rounding of the curves themselves may have put there counts as nothing (as in numpy.linalg.matrix_rank).
    rounding = max(centred.shape) * float(np.finfo(curves.dtype).eps) * float(linalg.norm(curves))
    rank = int(np.count_nonzero(singular > rounding))
    if not rank:
        return Dimensions(0, 0.0, 0, np.zeros_like(singular))
    share = np.square(singular) / np.square(singular).sum()
    return Dimensions(
        rank, float(1.0 / np.square(share).sum()), int(np.searchsorted(np.cumsum(share), ENOUGH - 1e-12) + 1), share
    )
