"""Eigenvalues of the weight matrix, in units of the circle that random weights of the same spread would fill."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import linalg

from spikedash.params import Network

HELD = 0.99  # share of the eigenvalues inside the radius that counts as the bulk's


class Spectrum(NamedTuple):
    """Eigenvalues in units of the scale, by falling modulus."""

    values: npt.NDArray[np.complex128]  # (n,)
    radius: float  # of the circle around 0 that holds HELD of them
    row_sum: float  # mean sum of a neuron's weights, same units: an eigenvalue of its own where all rows have this sum


def bulk_scale(network: Network) -> float:
    """Radius of the bulk of the initial weights' spectrum in a large network, by the circular law (paper, Fig. 4).

    √([(1−f)J² + f(gJ)²](1−p)) for balanced weights of inhibitory share f, whose in-degrees are exact; σ for mixed ones, whose
    row means are zero. 1 where the initial weights have no spread (silent, or balanced and all-to-all).
    """
    if network.weights == "mixed":
        return network.sigma or 1.0
    p = 1.0 if network.wiring == "all" else network.p
    f = 1.0 - network.frac_exc
    square = ((1 - f) * network.J**2 + f * (network.g * network.J) ** 2) * (1 - p)
    return float(np.sqrt(square)) if network.weights == "balanced" and square > 0 else 1.0


def spectrum(W: npt.NDArray[np.floating], scale: float) -> Spectrum:
    """Eigenvalues of a matrix (n, n) over `scale` (see bulk_scale); 1 s for n = 1000 and 8 times as long for twice the size."""
    values = linalg.eigvals(np.asarray(W, np.float64)) / scale
    values = values[np.argsort(-np.abs(values), kind="stable")]
    return Spectrum(values, float(np.quantile(np.abs(values), HELD)), float(W.sum(1, dtype=np.float64).mean() / scale))
