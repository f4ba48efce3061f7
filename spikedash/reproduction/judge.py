"""An experiment's table against what was expected of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from spikedash.experiments import Check, Experiment, Row


class Verdict(NamedTuple):
    """One check and what was measured for it."""

    what: str
    expected: str
    measured: float  # mean over seeds; nan where a seed has no number
    worst: float  # the seed farthest from the band
    by_seed: tuple[float, ...]
    passed: bool
    why: str


def applies(check: Check, full: bool) -> bool:
    return check.form in ("both", "full" if full else "short")


def judge(experiment: Experiment, table: Sequence[Row], full: bool = False) -> list[Verdict]:
    """Every check of this form. Named numbers: the mean over seeds must lie in the band; shapes: every seed must."""
    return [_verdict(check, table) for check in experiment.checks if applies(check, full)]


def _verdict(check: Check, table: Sequence[Row]) -> Verdict:
    seeds = sorted({row.seed for row in table})
    values = tuple(check.measure([row for row in table if row.seed == seed]) for seed in seeds)
    mean = sum(values) / len(values) if values else math.nan
    worst = max(values, key=lambda value: _distance(check, value), default=math.nan)
    passed = bool(values) and (all(map(check.passes, values)) if check.every else check.passes(mean))
    return Verdict(check.what, check.expected, mean, worst, values, passed, check.why)


def _distance(check: Check, value: float) -> float:
    """How far a value lies outside the band (negative inside); no number is farthest."""
    return math.inf if math.isnan(value) else max(check.low - value, value - check.high)
