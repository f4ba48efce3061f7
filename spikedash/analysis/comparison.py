"""Two trials of one network from the same start: which spikes they share, and when they part."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from spikedash.records import F32, I32

PER_MS = 10_000  # steps are told apart down to a tenth of a microsecond


class Shared(NamedTuple):
    """What two trials have in common."""

    share: float  # of the first trial's spikes in the window that the second has in the same step; nan without any
    parted_ms: float  # first spike, at any time, that only one of them has; nan where they are the same


def shared_spikes(first: tuple[F32, I32], second: tuple[F32, I32]) -> Shared:
    """Compare spikes given as times in ms (m,), 0 is the start of the window, and neurons (m,)."""
    one, other = _keys(*first), _keys(*second)
    # A neuron fires once a step. Without being told so, numpy looks for doubles in a hash table that these numbers defeat.
    met, found = np.isin(one, other, assume_unique=True), np.isin(other, one, assume_unique=True)
    alone = np.concatenate([first[0][~met], second[0][~found]])
    inside = first[0] >= 0
    share = float(met[inside].mean()) if inside.any() else math.nan
    return Shared(share, float(alone.min()) if alone.size else math.nan)


def _keys(ms: F32, neuron: I32) -> npt.NDArray[np.int64]:
    """One number for each pair of step and neuron."""
    return np.rint(ms.astype(np.float64) * PER_MS).astype(np.int64) * 2**20 + neuron
