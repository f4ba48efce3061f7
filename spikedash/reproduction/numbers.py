"""A run's summary as numbers by dotted name."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any


def flat(summary: Mapping[str, Any], prefix: str = "") -> dict[str, float]:
    """Every number of a summary by its dotted name, such as "correlation.test_mean"; nan where there is none."""
    numbers: dict[str, float] = {}
    for name, value in summary.items():
        if isinstance(value, Mapping):
            numbers |= flat(value, f"{prefix}{name}.")
        elif value is None or isinstance(value, int | float):
            numbers[prefix + name] = math.nan if value is None else float(value)
    return numbers
