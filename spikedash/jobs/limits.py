"""What the environment says about how long runs may take, how often they are saved, and what is kept of them."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from typing import NamedTuple

from spikedash.params import InputError


class Limits(NamedTuple):
    """Every field is set by an environment variable: SPIKEDASH_ and its name in capitals."""

    run_hours: float = 24.0  # of computing, after which a run has failed
    checkpoint_s: float = 5.0  # between two checkpoints at least; large networks are saved more rarely (checkpoints.py)
    rest_s: float = 60.0  # of a pause, after which a run gives its worker and its memory back
    keep_days: float = math.inf  # after which finished runs are removed
    keep_gb: float = math.inf  # of all runs together, beyond which the oldest finished ones are removed
    upload_days: float = math.inf  # after which a recording that no run has learnt is removed
    upload_mb: float = 2000.0  # of all recordings of one person, where people are told apart


def limits(environment: Mapping[str, str] | None = None) -> Limits:
    """The limits that are set, and the defaults of the others.

    Raises:
        InputError: one of them is no positive number.
    """
    environment = os.environ if environment is None else environment
    found = {}
    for name in Limits._fields:
        key = f"SPIKEDASH_{name.upper()}"
        if text := environment.get(key):
            try:
                value = float(text)
            except ValueError:
                value = math.nan
            if not value > 0:
                raise InputError(f"{key} is {text!r}; it must be a number above 0.")
            found[name] = value
    return Limits(**found)


def whole_number(name: str, usual: int, what: str) -> int:
    """A whole number that an environment variable sets; InputError where it is none."""
    given = os.environ.get(name) or str(usual)
    if not given.isdecimal() or len(given) > 6:
        raise InputError(f"{name} is {given!r}; it must be a whole number: {what}.")
    return int(given)


def most_running() -> int:
    """Runs of one person that compute at the same time, 0 for any number; InputError where that is set to something else."""
    return whole_number("SPIKEDASH_MOST_RUNNING", 0, "how many runs of one person may compute at once, 0 for any number")
