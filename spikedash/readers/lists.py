"""Lists of spike times as files hold them: padded columns, one long list with neuron numbers, spikes numbered by trial."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from spikedash.readers.found import Spikes, Trials
from spikedash.readers.limits import MAX_TRIALS, MAX_UNITS, Refused
from spikedash.readers.timebase import Unit
from spikedash.records import F64


def padded(values: F64, axis: int) -> tuple[F64, ...] | None:
    """Rising lists along an axis of a table, which may end in nan; None where one does not rise or has a gap."""
    table = values if axis == 1 else values.T
    there = ~np.isnan(table)
    if np.any(there[:, 1:] & ~there[:, :-1]) or not there[:, 0].any():
        return None
    if np.any(np.diff(table, axis=1) < 0):
        return None
    return tuple(row[kept] for row, kept in zip(table, there, strict=True))


def grouped(
    times: F64, ids: npt.NDArray[np.int64], words: Mapping[int, str] | None, *, known: Sequence[int] = ()
) -> tuple[tuple[F64, ...], tuple[str, ...]]:
    """One list per neuron from one long list with the number of each spike's neuron, and the neurons' names.

    Args:
        words: names by number; the number itself without.
        known: further neurons, which may have no spike.

    Raises:
        Refused: more neurons than there may be.
    """
    order = np.argsort(ids, kind="stable")
    found, starts = np.unique(ids[order], return_index=True)
    if len(found) > MAX_UNITS:
        raise Refused(f"there are {len(found):,} neurons, above the limit of {MAX_UNITS:,}; leave some out.")
    lists = dict(zip(found.tolist(), np.split(times[order], starts[1:]), strict=True)) if len(found) else {}
    every = sorted({*lists, *known})
    names = [words.get(k, str(k)) if words else str(k) for k in every]
    if words and not all(name.isdecimal() for name in names):
        ranked = sorted(range(len(every)), key=lambda k: names[k])
    else:
        ranked = sorted(range(len(every)), key=lambda k: int(names[k]))
    nothing = np.zeros(0)
    return tuple(lists.get(every[k], nothing) for k in ranked), tuple(names[k] for k in ranked)


def laid_out(
    times: tuple[F64, ...], trial: tuple[F64, ...], unit: Unit | None, label: str, names: tuple[str, ...], notes: tuple[str, ...]
) -> Spikes:
    """Spike times that count from the start of their trial, laid one trial after another.

    What was recorded goes from the earliest to the latest spike of any trial.

    Raises:
        Refused: trials that are no whole numbers, or too many.
    """
    every = np.concatenate(trial)
    flat = np.concatenate(times)
    if not np.isfinite(every).all() or np.any(every != np.rint(every)):
        raise Refused("the trials are no whole numbers; number them 1, 2, 3 and so on.")
    if not np.isfinite(flat).all():
        raise Refused(f"{label} holds times that are no finite numbers; leave those spikes out.")
    numbers = np.unique(every)
    if len(numbers) > MAX_TRIALS:
        raise Refused(f"there are {len(numbers):,} trials, above the limit of {MAX_TRIALS:,}; choose some of them.")
    if _goes_on(flat, every):
        told = "The trial numbers are left out, because the times go on from trial to trial and no trial's start is given."
        return Spikes(times, unit, label, names, None, (*notes, told))
    low, high = min(0.0, float(flat.min())), float(flat.max())
    apart = 2 * (high - low)
    zero: F64 = np.arange(len(numbers), dtype=np.float64) * apart
    placed = tuple(t + zero[np.searchsorted(numbers, k)] for t, k in zip(times, trial, strict=True))
    words = tuple(f"{k:.0f}" for k in numbers)
    start: F64 = zero + low
    stop: F64 = zero + high
    trials = Trials(start, stop, True, "time 0", {"time 0": zero}, {"trial": words})
    return Spikes(placed, unit, label, names, trials, (*notes, "Spike times count from the start of each trial, a guess."))


def _goes_on(times: F64, trial: F64) -> bool:
    """Whether every trial begins after the one before has ended, so that times count from the start of the recording."""
    numbers, where = np.unique(trial, return_inverse=True)
    first, last = np.full(len(numbers), np.inf), np.full(len(numbers), -np.inf)
    np.minimum.at(first, where, times)
    np.maximum.at(last, where, times)
    return len(numbers) > 1 and bool(np.all(first[1:] > last[:-1]))
