"""What an uploaded file may hold, and how a refusal is worded."""

from __future__ import annotations

import unicodedata

#: Largest file that is looked at. 5000 neurons over 1000 time points take 40 MB as text.
MAX_BYTES = 64 * 2**20
#: A network that learns 5000 recorded neurons needs some 15,000 in all, the largest that fits in a few GB.
MAX_UNITS = 5000
#: 10 s in steps of 0.1 ms, far finer than firing rates are known.
MAX_POINTS = 100_000
#: 160 MB as float64, so that the child stays far below MEMORY_BYTES with two copies.
MAX_VALUES = 20_000_000
#: Spikes of all neurons together: 1000 neurons at 10 Hz for a quarter of an hour.
MAX_SPIKES = 10_000_000
MAX_TRIALS = 20_000
#: The pattern's length, the same as the range of target.duration_ms (a test compares them).
MIN_MS, MAX_MS = 100.0, 10_000.0
#: The refractory period of about 1 ms; larger numbers are counts or some other unit.
MAX_HZ = 1000.0

#: What the child process may use. Reading 64 MB of text takes some 10 s, and three times that on a busy machine.
MEMORY_BYTES = 2**30
CPU_S = 50
WALL_S = 60


class Refused(Exception):
    """The file cannot be used; the message is one sentence that follows "<file name>: "."""


def plain(text: str, limit: int = 60) -> str:
    """`text` on one line, without control and direction characters, shortened to `limit` characters."""
    visible = "".join(" " if c.isspace() else c for c in text if c.isspace() or unicodedata.category(c)[0] != "C")
    words = " ".join(visible.split())
    return words if len(words) <= limit else f"{words[: limit - 1]}…"


def count(n: int, noun: str) -> str:
    """A number of things: 1 neuron, 2 neurons."""
    return f"{n:,} {noun}" + ("" if n == 1 else "s")


def number(value: float) -> str:
    """A number as a person writes it: 2000000 -> 2,000,000."""
    return f"{value:,.6g}"
