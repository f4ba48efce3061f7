"""How long a run's phases are, in steps."""

from __future__ import annotations

import math
from typing import NamedTuple

from spikedash.params import InputError, Params
from spikedash.records import Recording

SAMPLE_MS = 5.0
TARGET_MIN_MS, TARGET_MAX_MS = 100, 10_000


class Clock(NamedTuple):
    """Lengths of a run's phases in steps."""

    dt_ms: float
    rest_min: int
    rest_max: int
    cue: int
    window: int
    update: int
    sample: int

    @property
    def samples(self) -> int:
        return -(-self.window // self.sample)

    @property
    def grid(self) -> int:
        """Steps between rows of the target: nobody looks at it between updates and samples."""
        return math.gcd(self.update, self.sample)

    @property
    def rows(self) -> int:
        return -(-self.window // self.grid)


def steps(ms: float, dt_ms: float) -> int:
    """Whole steps nearest to a time."""
    return round(ms / dt_ms)


def clock_of(params: Params, recording: Recording | None) -> Clock:
    """The run's clock; a recording brings its own length.

    Raises:
        InputError: the recording is shorter or longer than a target may be.
    """
    dt = params.network.dt_ms
    return Clock(
        dt,
        steps(params.training.rest_min_ms, dt),
        steps(params.training.rest_max_ms, dt),
        steps(params.cue.duration_ms, dt),
        window_steps(params, recording),
        max(1, steps(params.training.update_ms, dt)),
        max(1, steps(SAMPLE_MS, dt)),
    )


def window_steps(params: Params, recording: Recording | None) -> int:
    """Length of the target window in steps; a recording brings its own.

    Raises:
        InputError: the recording is shorter or longer than a target may be.
    """
    if params.target.family != "recorded" or recording is None:
        return steps(params.target.duration_ms, params.network.dt_ms)
    duration = float(recording.time_ms[-1] - recording.time_ms[0])
    if not TARGET_MIN_MS <= duration <= TARGET_MAX_MS:
        raise InputError(
            f"The recording lasts {duration:g} ms; a target must last from {TARGET_MIN_MS} to {TARGET_MAX_MS} ms, "
            "so cut it or check the unit of its time column."
        )
    return steps(duration, params.network.dt_ms)
