"""From numbers found in a file to rates in Hz over time in ms, or a refusal that names the place."""

from __future__ import annotations

from collections import Counter
from typing import Any, NamedTuple

import numpy as np

from spikedash.readers.choices import Choices
from spikedash.readers.found import Rates, Spikes
from spikedash.readers.limits import MAX_HZ, MAX_POINTS, MAX_UNITS, MAX_VALUES, Refused, count, number, plain
from spikedash.readers.selecting import select
from spikedash.readers.timebase import NOTHING, rises_evenly, to_ms
from spikedash.records import F64, Recording

#: Smoothing by Fourier transform leaves values a hair below 0; they count as 0.
_ROUNDING_HZ = 1e-6


class Understood(NamedTuple):
    """A recording, and what else the file offers to choose from."""

    recording: Recording
    menu: dict[str, Any]  # candidates of a choice by its key; "units": neurons in all; "span": first and last time in s


def understand(found: Rates | Spikes, choices: Choices = NOTHING) -> Understood:
    """The recording that the numbers mean.

    Raises:
        Refused: the first thing that is wrong.
    """
    menu: dict[str, Any] = {key: list(values[:200]) for key, values in found.menu.items()}
    names = tuple(plain(name, 80) or f"neuron {k + 1}" for k, name in enumerate(found.names))
    if isinstance(found, Spikes):
        from spikedash.readers.psth import psth  # with SciPy, which takes longer to load than most files take to read

        made = psth(found, choices)
        rate_hz, time_ms, told, effective, more = made.rate_hz, made.time_ms, list(made.notes), made.effective, made.menu
        menu |= more
    else:
        rate_hz, time_ms, told, effective, menu["span"] = _over_time(found, choices)
    menu["units"] = len(names)
    kept, chosen = select(rate_hz, names, choices)
    rate_hz = np.ascontiguousarray(rate_hz[:, kept])
    names = tuple(names[k] for k in kept)
    notes = [_extent(len(names), time_ms), *chosen, *told, *_oddities(rate_hz, names), *found.notes]
    merged = choices._replace(**effective)
    return Understood(Recording(rate_hz, time_ms, names, tuple(notes), merged.pairs()), menu)


def _over_time(found: Rates, choices: Choices) -> tuple[F64, F64, list[str], dict[str, Any], tuple[float, float]]:
    """Rates (T, units), times (T,), notes, the choices that were guessed, and the extent of the file in s."""
    check_size(*found.values.shape)
    _check_time(found)
    span = to_ms(found.time, found.unit, found.time_label, choices)
    rate_hz, clipped = _rates(found)
    time_ms, notes = span.time_ms, [span.note]
    if choices.smooth_ms or choices.bin_ms:
        from spikedash.readers.smoothing import on_grid

        begin, end = found.time[span.rows][[0, -1]]
        rate_hz, time_ms, said = on_grid(rate_hz, (found.time - begin) * (time_ms[-1] / (end - begin)), time_ms[-1], choices)
        notes.append(said)
    else:
        rate_hz = rate_hz[span.rows]
    notes.append(_values_note(rate_hz, found.says_hz))
    if clipped:
        notes.append(f"{count(clipped, 'value')} a hair below 0 count{'s' if clipped == 1 else ''} as 0.")
    if span.rows.stop - span.rows.start < len(found.time):
        notes.append(
            f"Taken from {number(span.whole_s[0])} to {number(span.whole_s[1])} s in the file, from {number(span.start_s)} s on."
        )
    guessed: dict[str, Any] = {"holds": "rates", "unit": span.unit}
    return rate_hz, time_ms, notes, guessed, span.whole_s


def check_size(points: int, units: int) -> None:
    """Refuse too few or too many time points and neurons."""
    if units < 1:
        raise Refused("there is a time but no neuron; add one column of rates in Hz per neuron.")
    if points < 2:
        raise Refused(f"there {'is' if points == 1 else 'are'} {count(points, 'time point')}; at least 2 are needed.")
    if units > MAX_UNITS:
        raise Refused(f"there are {units:,} neurons, above the limit of {MAX_UNITS:,}; leave some out.")
    if points > MAX_POINTS:
        raise Refused(f"there are more than {MAX_POINTS:,} time points; use wider time bins.")
    if points * units > MAX_VALUES:
        raise Refused(f"there are more than {MAX_VALUES:,} values; use wider time bins or leave out neurons.")


def _check_time(found: Rates) -> None:
    time = found.time
    odd = np.flatnonzero(~np.isfinite(time))
    if len(odd):
        raise Refused(f"{found.moment(odd[0])} has the time {time[odd[0]]:g}; every time must be a finite number.")
    back = np.flatnonzero(np.diff(time) <= 0)
    if len(back):
        before, after = float(time[back[0]]), float(time[back[0] + 1])
        problem = f"repeats the time {after:.10g}" if before == after else f"has the time {after:.10g} after {before:.10g}"
        raise Refused(f"{found.moment(back[0] + 1)} {problem}; times must increase, so sort them and keep each once.")


def _rates(found: Rates) -> tuple[F64, int]:
    """Rates (T, units) that are finite and within 0 to MAX_HZ, and how many were clipped to 0."""
    values = found.values
    if not np.isfinite(values).all():
        i, j = np.argwhere(~np.isfinite(values))[0]
        raise Refused(f"{found.place(i, j)} is {values[i, j]:g}; every rate must be a finite number.")
    if values.max() <= 0:
        raise Refused("no value is above 0; rates in Hz are expected, and at least one neuron must fire.")
    low = np.unravel_index(values.argmin(), values.shape)
    if values[low] < -_ROUNDING_HZ:
        i, j = np.argwhere(values < -_ROUNDING_HZ)[0]
        raise Refused(f"{found.place(i, j)} is {values[i, j]:.6g}; a rate in Hz cannot be below 0.")
    i, j = np.unravel_index(values.argmax(), values.shape)
    if values[i, j] > MAX_HZ:
        raise Refused(
            f"{found.place(int(i), int(j))} is {number(values[i, j])}, above {MAX_HZ:g} Hz, which no neuron fires; "
            "check that the values are rates in Hz."
        )
    clipped = int(np.sum(values < 0))
    return (np.maximum(values, 0.0) if clipped else values), clipped


def _oddities(rate_hz: F64, names: tuple[str, ...]) -> list[str]:
    """What a person may not expect of the neurons that are kept."""
    notes = []
    silent = int(np.sum(rate_hz.max(axis=0) == 0))
    if silent == rate_hz.shape[1]:
        raise Refused("none of the chosen neurons fires in the chosen time; choose others or another range.")
    if silent:
        notes.append(f"{count(silent, 'neuron')} never fire{'s' if silent == 1 else ''}.")
    repeated, times = Counter(names).most_common(1)[0]
    if times > 1:
        notes.append(f"The name {repeated} stands for {times} neurons.")
    return notes


def _extent(units: int, time_ms: F64) -> str:
    step = np.diff(time_ms)
    pace = f"every {np.median(step):.6g} ms" if rises_evenly(time_ms) else f"{step.min():.4g} to {step.max():.4g} ms apart"
    later = "" if rises_evenly(time_ms) else " (uneven, so rates between them are interpolated)"
    span = float(time_ms[-1])
    seconds = f"{span / 1000:.3f}".rstrip("0")
    long = f"{span:.6g} ms" if span < 1000 else f"{seconds}{'0' if seconds.endswith('.') else ''} s"
    return f"{count(units, 'neuron')}, {count(len(time_ms), 'time point')} {pace}{later}, {long} long."


def _values_note(rate_hz: F64, says_hz: bool) -> str:
    if rate_hz.max() < 1:
        return f"Values read as Hz, though none reaches 1 Hz (the largest is {rate_hz.max():.3g}); check the unit."
    return "Values read as Hz, as the file says." if says_hz else "Values read as Hz; the file does not name a unit."
