"""Which column or array holds the time, and in which unit."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np

from spikedash.readers.choices import Choices
from spikedash.readers.limits import MAX_MS, MIN_MS, Refused, count, number
from spikedash.records import F64

Unit = Literal["s", "ms", "µs"]

_MS: dict[Unit, float] = {"s": 1000.0, "ms": 1.0, "µs": 0.001}
_CHOSEN: dict[str, Unit] = {"s": "s", "ms": "ms", "us": "µs"}
_WORDS: dict[Unit, str] = {"s": "seconds", "ms": "milliseconds", "µs": "microseconds"}
NOTHING = Choices()
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


class Clock(NamedTuple):
    """How the numbers of a file count time."""

    ms: float  # per unit
    short: str  # s
    words: str  # seconds
    unit: Unit | None  # None for sample numbers


def clock(unit: Unit | None, choices: Choices) -> Clock | None:
    """The chosen unit, else that of the file; None where neither is known."""
    if choices.unit == "samples":
        assert choices.sampling_hz is not None, "parse() asks for it"
        return Clock(1000.0 / choices.sampling_hz, "samples", f"samples of {number(choices.sampling_hz)} Hz", None)
    said: Unit | None = _CHOSEN[choices.unit] if choices.unit else unit
    return Clock(_MS[said], said, _WORDS[said], said) if said else None


class Span(NamedTuple):
    """The times of a pattern and where they stand in the file."""

    time_ms: F64  # from 0
    rows: slice  # of the file's time points
    unit: str  # as in Choices
    start_s: float  # of the pattern, on the file's clock
    whole_s: tuple[float, float]  # first and last time in the file
    note: str


def to_ms(time: F64, unit: Unit | None, label: str, choices: Choices = NOTHING) -> Span:
    """Strictly increasing times (T,) in `unit` as ms from the first one that is wanted, and what was understood.

    Raises:
        Refused: no unit fits, or the duration is outside MIN_MS to MAX_MS.
    """
    known = clock(unit, choices)
    guess = ""
    if known is None:
        said = _guess(time, label)
        known = Clock(_MS[said], said, _WORDS[said], said)
        guess = f", a guess from its size (the name time_{said} would make it sure)"
    rows = _wanted(time * (known.ms / 1000), choices)
    whole_s = float(time[0] * known.ms / 1000), float(time[-1] * known.ms / 1000)
    time = time[rows]
    span = float(time[-1] - time[0])
    _check_duration(round(span * known.ms, 6), span, known, label)
    time_ms = _on_grid((time - time[0]) * known.ms, float(np.abs(time).max()) * known.ms)
    if np.any(np.diff(time_ms) <= 0):
        raise Refused(f"{label} has times closer than a nanosecond; use wider time bins.")
    start = "" if time[0] == 0 else f"; its start at {number(time[0])} {known.short} becomes 0"
    note = f"{label[0].upper()}{label[1:]} read as time in {known.words}{guess}{start}."
    if guess and counts_samples(time):
        note += " It goes up by 1 in every row; if it counts samples, choose that unit and give the sampling rate."
    chosen = {"s": "s", "ms": "ms", "µs": "us"}.get(known.unit or "", "samples")
    return Span(time_ms, rows, chosen, float(time[0] * known.ms / 1000), whole_s, note)


def _wanted(time_s: F64, choices: Choices) -> slice:
    """The time points inside the chosen range."""
    low = -np.inf if choices.from_s is None else choices.from_s
    high = np.inf if choices.to_s is None else choices.to_s
    slack = 1e-9 * float(np.abs(time_s).max()) + 1e-7
    first, last = int(np.searchsorted(time_s, low - slack)), int(np.searchsorted(time_s, high + slack, "right"))
    if last - first < 2:
        raise Refused(
            f"the range from {number(max(low, float(time_s[0])))} to {number(min(high, float(time_s[-1])))} s holds "
            f"{count(max(0, last - first), 'time point')}; the file goes from {number(time_s[0])} to {number(time_s[-1])} s."
        )
    return slice(first, last)


def _on_grid(time_ms: F64, largest_ms: float) -> F64:
    """Times without the rounding of seconds to ms and of single precision: 20 ms instead of 19.9999996."""
    span = float(f"{time_ms[-1]:.6g}")
    grid = np.linspace(0.0, span, len(time_ms))
    if np.all(np.abs(time_ms - grid) <= 2e-7 * largest_ms):
        time_ms = grid
    return np.round(time_ms, 6)


def _guess(time: F64, label: str) -> Unit:
    span = float(time[-1] - time[0])
    if span <= MAX_MS / 1000:
        return "s"
    if span >= MIN_MS and float(np.median(np.diff(time))) < 1:
        return "s"  # rates are not told every fraction of a millisecond
    if span >= MIN_MS:
        return "ms"
    raise Refused(
        f"{label} spans {number(span)}, too long in seconds and too short in milliseconds for a pattern of "
        f"{MIN_MS / 1000:g} to {MAX_MS / 1000:g} s; call it time_s or time_ms and give {MIN_MS:g} ms to {MAX_MS / 1000:g} s."
    )


def _check_duration(duration_ms: float, span: float, known: Clock, label: str) -> None:
    lasts = f"{label} spans {number(span)} {known.short}, but a pattern lasts {MIN_MS / 1000:g} to {MAX_MS / 1000:g} s"
    if duration_ms > MAX_MS:
        other = " or, if these are milliseconds, call it time_ms" if known.unit == "s" and MIN_MS <= span <= MAX_MS else ""
        raise Refused(f"{lasts}; choose the range to be learned{other}.")
    if duration_ms < MIN_MS:
        seconds = known.unit == "ms" and MIN_MS <= span * 1000 <= MAX_MS
        raise Refused(f"{lasts}; " + ("if these are seconds, call it time_s." if seconds else "give a longer recording."))
