"""Which column or array holds the time, and in which unit."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np

from spikedash.readers.limits import MAX_MS, MIN_MS, Refused, number
from spikedash.records import F64

Unit = Literal["s", "ms", "µs"]

_MS: dict[Unit, float] = {"s": 1000.0, "ms": 1.0, "µs": 0.001}
_WORDS: dict[Unit, str] = {"s": "seconds", "ms": "milliseconds", "µs": "microseconds"}
_NAME = re.compile(
    r"(?P<base>time[ _]?stamps?|times?|ts?|)[\s_.,/-]*(in)?[\s_]*[(\[]?\s*"
    r"((?P<ms>ms|msecs?|millis|milliseconds?)|(?P<s>s|secs?|seconds?)|(?P<us>us|µs|μs|usecs?|microseconds?))?\s*[)\]]?"
)


class TimeName(NamedTuple):
    """A name that speaks of time."""

    unit: Unit | None
    sure: bool  # False for names that a neuron could have too: t, s, ms


def time_name(name: str) -> TimeName | None:
    """What a column's or array's name says about time; None if nothing."""
    match = _NAME.fullmatch(name.strip().lower())
    if not match or not name.strip():
        return None
    unit: Unit | None = "ms" if match["ms"] else "s" if match["s"] else "µs" if match["us"] else None
    base = match["base"]
    if not base and not unit:
        return None
    return TimeName(unit, base.startswith("time") or bool(base == "t" and unit))


def time_column(names: Sequence[str]) -> tuple[int, Unit | None] | None:
    """Index and unit of the time column among `names`; short names (t, s, ms) count in the first column only.

    Raises:
        Refused: two columns speak of time.
    """
    found = [(k, said) for k, name in enumerate(names) if (said := time_name(name))]
    sure = [(k, said.unit) for k, said in found if said.sure]
    if len(sure) > 1:
        (a, _), (b, _) = sure[:2]
        raise Refused(f"columns {a + 1} ({names[a]}) and {b + 1} ({names[b]}) both look like time; leave one of them.")
    if sure:
        return sure[0]
    return next(((k, said.unit) for k, said in found if k == 0), None)


def rises_evenly(time: F64) -> bool:
    """Whether the values increase in steps that are equal within 1 %."""
    step = np.diff(time)
    middle = float(np.median(step)) if len(step) else 0.0
    return bool(middle > 0 and np.all(np.abs(step - middle) <= 0.01 * middle))


def counts_samples(time: F64) -> bool:
    """Whether the values are 0, 1, 2, ... or 1, 2, 3, ..."""
    return bool(time[0] in (0, 1) and np.all(np.diff(time) == 1))


def to_ms(time: F64, unit: Unit | None, label: str) -> tuple[F64, str]:
    """Strictly increasing times (T,) in `unit` as ms from their first value, and the note that says what was understood.

    Raises:
        Refused: no unit fits, or the duration is outside MIN_MS to MAX_MS.
    """
    span = float(time[-1] - time[0])
    guess = ""
    if unit is None:
        unit = _guess(span, label)
        guess = f", a guess from its size (the name time_{unit} would make it sure)"
    _check_duration(round(span * _MS[unit], 6), span, unit, label)
    time_ms = _on_grid((time - time[0]) * _MS[unit], float(np.abs(time).max()) * _MS[unit])
    if np.any(np.diff(time_ms) <= 0):
        raise Refused(f"{label} has times closer than a nanosecond; use wider time bins.")
    start = "" if time[0] == 0 else f"; its start at {number(time[0])} {unit} becomes 0"
    return time_ms, f"{label[0].upper()}{label[1:]} read as time in {_WORDS[unit]}{guess}{start}."


def _on_grid(time_ms: F64, largest_ms: float) -> F64:
    """Times without the rounding of seconds to ms and of single precision: 20 ms instead of 19.9999996."""
    span = float(f"{time_ms[-1]:.6g}")
    grid = np.linspace(0.0, span, len(time_ms))
    if np.all(np.abs(time_ms - grid) <= 2e-7 * largest_ms):
        time_ms = grid
    return np.round(time_ms, 6)


def _guess(span: float, label: str) -> Unit:
    if span <= MAX_MS / 1000:
        return "s"
    if span >= MIN_MS:
        return "ms"
    raise Refused(
        f"{label} spans {number(span)}, too long in seconds and too short in milliseconds for a pattern of "
        f"{MIN_MS / 1000:g} to {MAX_MS / 1000:g} s; call it time_s or time_ms and give {MIN_MS:g} ms to {MAX_MS / 1000:g} s."
    )


def _check_duration(duration_ms: float, span: float, unit: Unit, label: str) -> None:
    lasts = f"{label} spans {number(span)} {unit}, but a pattern lasts {MIN_MS / 1000:g} to {MAX_MS / 1000:g} s"
    if duration_ms > MAX_MS:
        other = " or, if these are milliseconds, call it time_ms" if unit == "s" and MIN_MS <= span <= MAX_MS else ""
        raise Refused(f"{lasts}; cut out the part to be learned{other}.")
    if duration_ms < MIN_MS:
        seconds = unit == "ms" and MIN_MS <= span * 1000 <= MAX_MS
        raise Refused(f"{lasts}; " + ("if these are seconds, call it time_s." if seconds else "give a longer recording."))
