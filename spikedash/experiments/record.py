"""What an experiment is: settings, what is scanned, what is asked of the trained network, numbers, and what they must be.

Everything here is plain data and pure functions, so that the page, the command line and a worker read the same declaration.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from spikedash.params import Params
from spikedash.records import F32, Result

Value = float | int | str
Numbers = Mapping[str, Any]  # name -> a number, or an array for the figure


class Axis(NamedTuple):
    """One scanned thing. A parameter trains a network anew for every point; `probe.x` asks the same trained network."""

    name: str  # of the table's column
    label: str
    unit: str
    full: tuple[Value, ...]
    short: tuple[Value, ...]
    parameter: str = ""  # dotted name of what is scanned, such as "network.tau_s_ms" or "probe.remove"
    settings: Callable[[Any, int], Mapping[str, Any]] | None = None  # point and recorded neurons -> values, where one is too few
    log: bool = False  # drawn on a logarithmic scale

    @property
    def asked(self) -> bool:
        """Whether its points are asked of one trained network."""
        return self.parameter.startswith("probe.")

    def points(self, full: bool) -> tuple[Value, ...]:
        return self.full if full else self.short

    def values(self, point: Value, units: int = 0) -> Mapping[str, Any]:
        """Dotted names at a point; `units` counts the recorded neurons."""
        return {self.parameter: point} if self.settings is None else self.settings(point, units)


class Question(NamedTuple):
    """Something asked of the network after training."""

    probe: Mapping[str, Any] = {}  # values of params.Probe
    of: Literal["trained", "untrained"] = "trained"
    beyond_ms: float = 0  # how long the trial goes on after the target window
    phases: bool = False  # compare each trial with its twin from the same state without the deleted spike


class Phases(NamedTuple):
    """Two trials side by side that differ by one deleted spike, for every trial of a question."""

    time_ms: npt.NDArray[np.float64]  # (s,) 0 is the start of the target window
    theta: npt.NDArray[np.float32]  # (trials, 2, s, n) phases in rad: without and with the deleted spike


class Answer(NamedTuple):
    """What a question gave."""

    result: Result
    counts: npt.NDArray[np.int64]  # (samples, n) spikes of all trials on the sample grid of the window
    phases: Phases | None = None


class Outcome(NamedTuple):
    """What there is to measure: one trained network, and what it answered."""

    params: Params
    result: Result
    point: Mapping[str, Value]  # where on the axes
    answers: Mapping[str, Answer]  # by the question's name
    asked: Answer | None = None  # at this point of the asked axes, where there are any

    @property
    def sample_ms(self) -> float:
        """Width of the sample grid."""
        return float(self.result.setup.sample_ms[1] - self.result.setup.sample_ms[0])

    @property
    def target(self) -> F32:
        """The first pattern's target on the sample grid (samples, n)."""
        target: F32 = self.result.setup.sampled_target[0]
        return target


class Row(NamedTuple):
    """One line of an experiment's table: where on the axes, which seed, and the measured numbers."""

    point: Mapping[str, Value]
    seed: int
    numbers: Numbers
    seconds: float = 0.0  # of training and questions; for asked points, of the whole network once
    failed: str = ""  # why there are no numbers


Table = Sequence[Row]


class Curve(NamedTuple):
    """How an experiment is shown: the name of a figure, and what of the table it draws."""

    name: str  # of the figure
    x: str = ""  # axis, or a number that holds an array
    y: str = ""  # second axis of a heatmap
    number: str = ""  # what is drawn
    by: str = ""  # axis that tells the lines apart
    beside: tuple[str, ...] = ()  # more numbers for the report: lines of their own, or where `by` or `y` is taken, pictures
    at: Mapping[str, Value] = {}  # where the report stands on the axes that are left over; their middle without it


class Check(NamedTuple):
    """A number and the band it must lie in.

    A number by name: its mean over seeds. A function of one seed's rows (spikedash/experiments/shapes.py): every seed.
    """

    what: str
    path: str | Callable[[Table], float]  # name of a number, such as "correlation.test_mean", or a shape of one seed's rows
    low: float
    high: float
    why: str  # where the band comes from
    at: Mapping[str, Value] = {}  # the point, where a number is named and there are axes
    form: Literal["both", "full", "short"] = "both"  # bands of the paper's size hold for nothing smaller

    @property
    def every(self) -> bool:
        """Whether every seed must lie in the band, or the mean over seeds."""
        return not isinstance(self.path, str)

    @property
    def expected(self) -> str:
        if self.high == math.inf:
            return f"at least {self.low:g}"
        if self.low == -math.inf:
            return f"at most {self.high:g}"
        return f"{self.low:g} to {self.high:g}" if self.low < self.high else f"{self.low:g}"

    def measure(self, rows: Table) -> float:
        """The number in the rows of one seed; nan where it is missing."""
        if not isinstance(self.path, str):
            return float(self.path(rows))
        found = [row.numbers.get(self.path) for row in rows if matches(row, self.at)]
        known = [float(value) for value in found if value is not None]
        return sum(known) / len(known) if known else math.nan

    def passes(self, value: float) -> bool:
        return self.low <= value <= self.high


def matches(row: Row, at: Mapping[str, Value]) -> bool:
    """Whether a row lies at a point (or on the line or plane that it leaves open)."""
    return all(row.point[name] == value for name, value in at.items())


def nothing_more(outcome: Outcome) -> Numbers:
    """The numbers of the summary are enough."""
    return {}


class Experiment(NamedTuple):
    """A preset; with checks, a reproduction of one of the paper's figures."""

    name: str
    title: str
    blurb: str  # one sentence for the gallery
    values: Mapping[str, Any]  # dotted parameter names, at the paper's size; also the preset
    claim: str = ""  # what the paper says
    short: Mapping[str, Any] = {}  # what the short form changes
    axes: tuple[Axis, ...] = ()
    questions: Mapping[str, Question] = {}
    asked: Mapping[str, Any] = {}  # values of params.Probe at every point of the asked axes
    measure: Callable[[Outcome], Numbers] = nothing_more  # beside the numbers of the summary
    checks: tuple[Check, ...] = ()
    figure: Curve = Curve("raster")
    labels: Mapping[str, str] = {}  # words for numbers that only this experiment measures and draws
    order: int = 50
    needs_recording: bool = False
    seeds: tuple[int, int] = (3, 5)  # short form, full form
    note: str = ""  # an honest sentence on where it differs from the paper, with no number in it


class Cell(NamedTuple):
    """One network to train (for every seed)."""

    point: Mapping[str, Value]  # on the trained axes
    values: Mapping[str, Any]  # dotted parameter names

    def params(self, seed: int, more: Mapping[str, Any] | None = None) -> Params:
        return Params().with_values({**self.values, **(more or {}), "training.seed": seed})
