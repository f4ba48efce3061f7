"""What an experiment is: settings, a claim, and bands that a run's summary must lie in."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple


class Check(NamedTuple):
    """A figure of the summary and the band it must lie in."""

    what: str
    path: str  # dotted name in the summary, such as "correlation.test_mean"
    low: float
    high: float
    why: str  # where the band comes from

    @property
    def expected(self) -> str:
        if self.high == math.inf:
            return f"at least {self.low:g}"
        return f"{self.low:g} to {self.high:g}" if self.low < self.high else f"{self.low:g}"

    def measure(self, summary: Mapping[str, Any]) -> float:
        """The figure in a summary; nan where the summary has none."""
        value: Any = summary
        for part in self.path.split("."):
            value = value.get(part) if isinstance(value, Mapping) else None
        return math.nan if value is None else float(value)

    def passes(self, value: float) -> bool:
        return self.low <= value <= self.high


class Experiment(NamedTuple):
    """A preset; with checks, a reproduction of one of the paper's figures."""

    name: str
    title: str
    blurb: str  # one sentence for the gallery
    values: Mapping[str, Any]  # dotted parameter names
    checks: tuple[Check, ...] = ()
    order: int = 50
    needs_recording: bool = False
