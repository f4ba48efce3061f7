"""In which unit spike times are given, judged by how close the spikes of one neuron follow each other."""

from __future__ import annotations

import numpy as np

from spikedash.readers.choices import Choices
from spikedash.readers.limits import MAX_HZ, MAX_SPIKES, Refused, count, number, plain
from spikedash.readers.timebase import Clock, Unit, clock
from spikedash.records import F64

#: The closest percent of a neuron's intervals lies within 1 to 20 ms, from bursts to a slow Poisson neuron of 1 Hz.
_CLOSEST = 0.01
_FEWEST = 20  # intervals; fewer say nothing


def in_seconds(times: tuple[F64, ...], unit: Unit | None, label: str, choices: Choices) -> tuple[tuple[F64, ...], Clock, str]:
    """Sorted spike times in s, how the file counted them, and the note that says so.

    Raises:
        Refused: times that are no numbers or cannot be in that unit.
    """
    _check(times, label)
    sorting = any(bool(np.any(np.diff(t) < 0)) for t in times)
    times = tuple(np.sort(t) for t in times) if sorting else times
    known = clock(unit, choices)
    close = _closest(times)
    guess = ""
    if known is None:
        known = clock(_guess(times, close, label), choices)
        assert known is not None
        guess = ", a guess from how closely the spikes of one neuron follow each other"
        if _whole(times):
            guess += "; whole numbers could count samples too, so check the mean rate"
    elif choices.unit is None and close is not None:
        _check_stated(close * known.ms, known, label, whole=_whole(times))
    seconds = tuple(t * (known.ms / 1000) for t in times)
    note = f"{label[0].upper()}{label[1:]} read as spike times in {known.words}{guess}."
    return seconds, known, note + (" They were not in order and were sorted." if sorting else "")


def _check(times: tuple[F64, ...], label: str) -> None:
    total = sum(map(len, times))
    if total == 0:
        raise Refused(f"{label} holds no spike times.")
    if total > MAX_SPIKES:
        raise Refused(f"there are {count(total, 'spike')}, above the limit of {MAX_SPIKES:,}; leave out neurons or time.")
    for k, one in enumerate(times):
        odd = np.flatnonzero(~np.isfinite(one))
        if len(odd):
            raise Refused(f"spike {odd[0] + 1:,} of neuron {k + 1} is {one[odd[0]]:g}; every spike time must be a finite number.")


def _closest(times: tuple[F64, ...]) -> float | None:
    """The first percentile of all intervals between successive spikes of one neuron, in the file's unit."""
    gaps = np.concatenate([np.diff(t) for t in times])
    gaps = gaps[gaps > 0]
    return float(np.quantile(gaps, _CLOSEST)) if len(gaps) >= _FEWEST else None


def _whole(times: tuple[F64, ...]) -> bool:
    return all(bool(np.all(t == np.rint(t))) for t in times)


def _guess(times: tuple[F64, ...], close: float | None, label: str) -> Unit:
    if close is None:
        span = max(float(t[-1]) for t in times if len(t)) - min(float(t[0]) for t in times if len(t))
        return "s" if span <= 100 and not (_whole(times) and span > 10) else "ms"
    if not _whole(times):
        return "s" if close < 0.3 else "ms"
    if close >= 30:
        raise Refused(
            f"{label} holds whole numbers that look like sample numbers, not times (a neuron's spikes are {number(close)} and "
            "more apart); choose the unit samples with its sampling rate, or the unit they are in."
        )
    return "ms"


def _check_stated(close_ms: float, known: Clock, label: str, whole: bool) -> None:
    """Refuse a unit of the file that no neuron's spikes could be in."""
    if close_ms < 1000 / MAX_HZ / 10:
        raise Refused(
            f"{label} read in {known.words} has spikes of one neuron {number(close_ms)} ms apart, closer than any neuron fires; "
            "choose the unit that the times are in."
        )
    if close_ms > 500:
        likely = "sample numbers or milliseconds" if whole else "milliseconds"
        raise Refused(
            f"{label} read in {known.words} has the spikes of one neuron {number(close_ms / 1000)} s and more apart, so these "
            f"are likely {likely}; choose the unit that the times are in."
        )


def check_rates(rate_hz: F64, names: tuple[str, ...]) -> None:
    """Refuse mean rates (units,) that no neuron reaches."""
    k = int(rate_hz.argmax())
    if rate_hz[k] > MAX_HZ:
        name = plain(names[k], 30) or f"neuron {k + 1}"
        raise Refused(
            f"{name} would fire at {number(round(float(rate_hz[k])))} Hz, more than the {MAX_HZ:g} Hz of any neuron; "
            "check the unit of the spike times."
        )
