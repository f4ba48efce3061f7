"""What a lesson is: a prepared setting, the controls that matter, what to do, a question, and the claims that must hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

Value = float | int | str | bool


class Table(NamedTuple):
    """Numbers to compare one's own with."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    about: str


class Claim(NamedTuple):
    """A number that the text names, and how far from it a person may come out; tests/ui/test_lessons.py measures it."""

    changes: Mapping[str, Value]  # of the prepared setting, by dotted name
    number: str  # path in the summary of the run, such as "correlation.test_mean"
    low: float
    high: float


class Lesson(NamedTuple):
    """One lesson, in the order in which it is read."""

    name: str  # in its address
    title: str
    lead: str  # one sentence for the list
    say: tuple[str | Table, ...]
    steps: tuple[str, ...]
    think: str
    answer: tuple[str, ...]
    values: Mapping[str, Value]  # the prepared setting, over the usual one
    show: tuple[str, ...]  # settings that are to be seen
    claims: tuple[Claim, ...]
    glyph: str  # of assets/glyphs
    without: tuple[str, ...] = ()  # panels that would only distract
    recording: bool = False  # whether its targets are the made-up rates
