"""Spike times become rates: averaged over trials where there are some, under a Gaussian, at even times."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from spikedash.readers.choices import Choices
from spikedash.readers.found import Spikes, Trials
from spikedash.readers.limits import MAX_MS, MAX_TRIALS, MAX_UNITS, MIN_MS, Refused, count, number, plain
from spikedash.readers.smoothing import BIN_MS, REACH, SMOOTH_MS, blurred, grid_size
from spikedash.readers.spike_clock import check_rates, in_seconds
from spikedash.records import F64

MOST_S = MAX_MS / 1000


class Psth(NamedTuple):
    """Rates and how they came about."""

    rate_hz: F64  # (T, units)
    time_ms: F64  # (T,)
    notes: tuple[str, ...]
    effective: dict[str, Any]  # what was chosen or guessed, by the keys of Choices
    menu: dict[str, Any]


class Stretches(NamedTuple):
    """Where the pattern repeats in the recording; a recording without trials is one stretch."""

    zero: F64  # (trials,) s, the moment that counts as time 0
    start: F64  # (trials,) s, relative to zero: nothing was recorded before
    stop: F64  # (trials,) s, relative to zero: nor after
    length: F64  # (trials,) s, how long the trial itself is after its time 0


def psth(found: Spikes, choices: Choices) -> Psth:
    """Rates from spike times.

    Raises:
        Refused: the first thing that is wrong.
    """
    if len(found.times) > MAX_UNITS:
        raise Refused(f"there are {len(found.times):,} neurons, above the limit of {MAX_UNITS:,}; leave some out.")
    times, known, clock_note = in_seconds(found.times, found.unit, found.label, choices)
    scale = known.ms / 1000
    first, last = min(t[0] for t in times if len(t)), max(t[-1] for t in times if len(t))
    if found.trials is None:
        begin = 0.0 if 0 <= first < 1 else first  # nobody switches on with the first spike
        pieces = Stretches(np.zeros(1), *(np.array([x]) for x in (begin, last, last)))
        told: list[str] = []
        menu: dict[str, Any] = {"span": (float(first), float(last))}
    else:
        pieces, told, menu = _trials(found.trials, scale, (float(first), float(last)), choices)
    low, high, range_note = _range(pieces, found.trials is not None, choices)
    step = BIN_MS if choices.bin_ms is None else choices.bin_ms
    width = SMOOTH_MS if choices.smooth_ms is None else choices.smooth_ms
    points = grid_size(1000 * (high - low), step, len(times))
    rate_hz = _rates(times, pieces, low, points, step, width)
    check_rates(rate_hz.mean(axis=0), found.names)
    how = (
        f"smoothed with a Gaussian of {number(width)} ms (standard deviation)"
        if width
        else f"counted in bins of {number(step)} ms"
    )
    made = f"{count(sum(map(len, times)), 'spike')} became rates every {number(step)} ms, {how}."
    chosen = {"s": "s", "ms": "ms", "µs": "us"}.get(known.unit or "", "samples")
    effective = {"holds": "spikes", "unit": chosen, "smooth_ms": width, "bin_ms": step, "from_s": low, "to_s": high}
    if found.trials is not None:
        effective["align"] = choices.align or found.trials.zero
    time_ms: F64 = np.arange(points, dtype=np.float64) * step
    return Psth(rate_hz, time_ms, (made, *told, range_note, clock_note), effective, menu)


def _trials(
    trials: Trials, scale: float, extent: tuple[float, float], choices: Choices
) -> tuple[Stretches, list[str], dict[str, Any]]:
    """The stretches that the chosen trials make."""
    moments = trials.moments()
    align = choices.align or trials.zero
    menu: dict[str, Any] = {
        "align": list(moments),
        "trials": [f"{key}={word}" for key, words in trials.kinds.items() for word in sorted(set(words))[:20]][:200],
    }
    if align not in moments:
        raise Refused(f"the trials have no moment {plain(align, 30)}; there are {', '.join(plain(k, 30) for k in moments)}.")
    taken = _of_kind(trials, choices.trials) & np.isfinite(moments[align]) & np.isfinite(trials.start) & np.isfinite(trials.stop)
    total = int(taken.sum())
    if total == 0:
        raise Refused("no trial is left; choose another kind of trials or another moment.")
    if total > MAX_TRIALS:
        raise Refused(f"there are {total:,} trials, above the limit of {MAX_TRIALS:,}; choose some of them.")
    zero = moments[align][taken] * scale
    start, stop = trials.start[taken] * scale - zero, trials.stop[taken] * scale - zero
    if np.any(stop <= start):
        bad = int(np.flatnonzero(stop <= start)[0]) + 1
        raise Refused(f"trial {bad} ends at or before its start; every trial must end after it starts.")
    known = (start, stop) if trials.closed else (extent[0] - zero, extent[1] - zero)
    menu["span"] = (float(start.min()), float(stop.max()))
    of = f" of {len(taken):,}" if total < len(taken) else ""
    return Stretches(zero, *known, stop), [f"Averaged over {count(total, 'trial')}{of}; time 0 is {plain(align, 30)}."], menu


def _of_kind(trials: Trials, wanted: str | None) -> np.ndarray:
    """Which trials (trials,) are of the kind written as column=value."""
    if wanted is None:
        return np.ones(len(trials.start), np.bool_)
    key, equals, word = (part.strip() for part in wanted.partition("="))
    if not equals or key not in trials.kinds:
        known = ", ".join(plain(name, 30) for name in trials.kinds) or "none in this file"
        raise Refused(f"trials is {plain(wanted, 40)}; write column=value with one of the columns {known}.")
    found = np.array([value == word for value in trials.kinds[key]], np.bool_)
    if not found.any():
        some = ", ".join(plain(value, 20) for value in sorted(set(trials.kinds[key]))[:5])
        raise Refused(f"no trial has {plain(key, 30)}={plain(word, 30)}; there are {some}.")
    return found


def _range(pieces: Stretches, trials: bool, choices: Choices) -> tuple[float, float, str]:
    """Start and end of the pattern in s, and what to say of it.

    Without a choice: from time 0 to where nine of ten trials still last, or the first MOST_S of a recording without trials.
    """
    low, high, guess = choices.from_s, choices.to_s, ""
    if low is None:
        begin = float(pieces.start[0])
        low = 0.0 if trials else float(np.ceil(1000 * begin) / 1000)
        if trials and pieces.stop.max() <= 0:
            low = float(pieces.start.min())
    if high is None:
        end = float(np.quantile(pieces.length, 0.1)) if trials else float(pieces.stop[0])
        high = min(round(end, 3), low + MOST_S)
        guess = ", a guess" if trials or end > low + MOST_S else ""
    lasts = 1000 * (high - low)
    if not MIN_MS - 1e-6 <= lasts <= MAX_MS + 1e-6:
        raise Refused(
            f"the range from {number(low)} to {number(high)} s lasts {number(lasts / 1000)} s, but a pattern lasts "
            f"{MIN_MS / 1000:g} to {MOST_S:g} s; choose from_s and to_s, or another unit."
        )
    return low, high, f"The pattern goes from {number(low)} to {number(high)} s{guess}."


def _rates(times: tuple[F64, ...], pieces: Stretches, low: float, points: int, step_ms: float, width_ms: float) -> F64:
    """Rates in Hz (points, units): smoothed spike counts over the equally smoothed time that was recorded.

    So neither the ends of a trial nor trials of different lengths bias a rate. The counts are made in bins around the time
    points, split until they are no wider than a tenth of the Gaussian.
    """
    parts = max(1, int(np.ceil(10 * step_ms / width_ms))) if width_ms else 1
    fine = step_ms / 1000 / parts
    edge = int(np.ceil(REACH * width_ms / 1000 / fine)) if width_ms else 0
    bins = (points - 1) * parts + 1 + 2 * edge
    begin = low - (edge + 0.5) * fine
    seen = blurred(_recorded(pieces, begin, fine, bins), width_ms / 1000 / fine)[edge : bins - edge : parts]
    if seen.min() <= 1e-3 * fine:
        k = int(np.flatnonzero(seen <= 1e-3 * fine)[0])
        raise Refused(
            f"nothing was recorded at {number(round(low + k * step_ms / 1000, 4))} s; choose a range inside the recording."
        )
    rate_hz = np.empty((points, len(times)))
    for k, one in enumerate(times):
        counts = _deposited((_relative(one, pieces, begin, begin + bins * fine) - begin) / fine, bins, bool(width_ms))
        rate_hz[:, k] = blurred(counts, width_ms / 1000 / fine)[edge : bins - edge : parts] / seen
    return rate_hz


def _deposited(places: F64, bins: int, shared: bool) -> F64:
    """Counts (bins,) of spikes at places in units of bins from the first edge.

    Shared, a spike counts in the two bins whose middles it lies between, by nearness: a Gaussian over that is off by 1 part in
    800 where its width is ten bins, and by 30 where every spike counts in its own bin only.
    """
    counts: F64 = np.zeros(bins)
    if shared:
        left = np.floor(places - 0.5)
        right = places - 0.5 - left
        for more, weight in ((0, 1 - right), (1, right)):
            counts += np.bincount(np.clip(left + more, 0, bins - 1).astype(np.int64), weight, minlength=bins)
    else:
        counts += np.bincount(np.minimum(places.astype(np.int64), bins - 1), minlength=bins)
    return counts


def _recorded(pieces: Stretches, begin: float, fine: float, bins: int) -> F64:
    """How many seconds were recorded in every bin, summed over trials (bins,)."""
    edges = begin + np.arange(bins + 1) * fine
    # A trial has been recorded for this long before a moment; the sum over trials is piecewise linear, so differences suffice.
    before = np.zeros(bins + 1)
    for start, stop in zip(pieces.start, pieces.stop, strict=True):
        before += np.clip(edges, start, stop)
    seconds: F64 = np.maximum(np.diff(before), 0.0)
    return seconds


def _relative(times: F64, pieces: Stretches, low: float, high: float) -> F64:
    """Spike times of one neuron relative to the time 0 of every trial, from low to high, where the trial was recorded."""
    begin, end = pieces.zero + np.maximum(pieces.start, low), pieces.zero + np.minimum(pieces.stop, high)
    first, last = np.searchsorted(times, begin), np.searchsorted(times, end, "right")
    many = np.maximum(last - first, 0)
    which = np.repeat(first - np.concatenate([[0], np.cumsum(many)[:-1]]), many) + np.arange(many.sum())
    since: F64 = times[which] - np.repeat(pieces.zero, many)
    return np.clip(since, low, np.nextafter(high, low))
