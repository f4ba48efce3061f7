"""How a file is to be read: every choice once, with words, unit and range, for fields, --select and the stored form."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

from spikedash.readers.limits import MAX_UNITS, Refused, plain


class Choice(NamedTuple):
    """One choice; where none is made, the reader guesses and says so."""

    label: str
    help: str
    words: tuple[tuple[str, str], ...] = ()  # (value, what it is called): one of these
    unit: str = ""
    low: float = math.nan  # a number from low to high; nan: text
    high: float = math.nan
    whole: bool = False


CHOICES: dict[str, Choice] = {
    "holds": Choice("Holds", "What the numbers are.", (("rates", "Rates in Hz"), ("spikes", "Spike times"))),
    "unit": Choice(
        "Unit of times",
        "Unit of the times in the file.",
        (("s", "Seconds"), ("ms", "Milliseconds"), ("us", "Microseconds"), ("samples", "Sample numbers")),
    ),
    "sampling_hz": Choice("Sampling rate", "Samples per second, for times given as sample numbers.", unit="Hz", low=1, high=1e6),
    "time": Choice("Times from", "Name or number of the column with the times, or name of the array."),
    "array": Choice("Data from", "Name of the array with the rates or spike times, where a file holds several."),
    "rows": Choice("One row is", "Whether a row is a moment or a neuron.", (("times", "A time point"), ("neurons", "A neuron"))),
    "align": Choice("Trials start at", "Which moment of every trial counts as time 0."),
    "trials": Choice("Trials", "Only trials of one kind, as column=value."),
    "from_s": Choice("From", "Start of the pattern; with trials, after their time 0.", unit="s", low=-1e7, high=1e7),
    "to_s": Choice("To", "End of the pattern.", unit="s", low=-1e7, high=1e7),
    "smooth_ms": Choice("Smoothing", "Standard deviation of the Gaussian that smooths; 0 for none.", unit="ms", low=0, high=1000),
    "bin_ms": Choice("Time step", "Distance of the time points of the rates.", unit="ms", low=0.1, high=200),
    "min_hz": Choice("Lowest mean rate", "Neurons with a lower mean rate are left out.", unit="Hz", low=0, high=1000),
    "neurons": Choice("Neurons", "Names, or numbers counted from 1, such as 1-40, 55."),
    "first": Choice("At most", "Only the first neurons of those kept.", unit="neurons", low=1, high=MAX_UNITS, whole=True),
}


class Choices(NamedTuple):
    """What a person chose; None where the reader shall guess."""

    holds: str | None = None
    unit: str | None = None
    sampling_hz: float | None = None
    time: str | None = None
    array: str | None = None
    rows: str | None = None
    align: str | None = None
    trials: str | None = None
    from_s: float | None = None
    to_s: float | None = None
    smooth_ms: float | None = None
    bin_ms: float | None = None
    min_hz: float | None = None
    neurons: str | None = None
    first: int | None = None

    def pairs(self) -> tuple[tuple[str, str], ...]:
        """What was chosen as text, in the order of CHOICES; `parse` takes it back."""
        return tuple((key, _written(value)) for key, value in self._asdict().items() if value is not None)


def parse(given: Mapping[str, object]) -> Choices:
    """Choices from names and texts or numbers; blank ones are left to the reader.

    Raises:
        Refused: an unknown name, or a value out of its range; the sentence stands alone, with no file's name before it.
    """
    made: dict[str, object] = {}
    for key, value in given.items():
        if key not in CHOICES:
            raise Refused(f"there is no choice {plain(str(key), 30)}; known ones are {', '.join(CHOICES)}.")
        if value is not None and str(value).strip():
            made[key] = _value(key, str(value).strip())
    chosen = Choices(**made)  # type: ignore[arg-type]
    if chosen.unit == "samples" and chosen.sampling_hz is None:
        raise Refused("sample numbers need sampling_hz, the samples per second, such as 30000.")
    if chosen.from_s is not None and chosen.to_s is not None and chosen.to_s <= chosen.from_s:
        raise Refused(f"to_s is {chosen.to_s:g} and from_s {chosen.from_s:g}; the end must come after the start.")
    return chosen


def _value(key: str, text: str) -> object:
    rule = CHOICES[key]
    shown = plain(text, 30)
    if rule.words:
        known = [word for word, _ in rule.words]
        if text not in known:
            raise Refused(f"{key} is {shown}; it must be one of {', '.join(known)}.")
        return text
    if math.isnan(rule.low):
        return text[:1000]
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not rule.low <= number <= rule.high or (rule.whole and number != int(number)):
        kind = "a whole number" if rule.whole else "a number"
        unit = f" {rule.unit}" if rule.unit else ""
        raise Refused(f"{key} is {shown}; it must be {kind} from {rule.low:g} to {rule.high:g}{unit}.")
    return int(number) if rule.whole else number


def _written(value: object) -> str:
    return str(value).removesuffix(".0") if isinstance(value, float) else str(value)
