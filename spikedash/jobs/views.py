"""What the store tells about a run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from spikedash.params import Params
from spikedash.records import F32, F64, I32, Trial

State = Literal["queued", "running", "paused", "done", "stopped", "failed"]
Command = Literal["pause", "resume", "step", "stop"]
CellState = Literal["waiting", "running", "paused", "done", "stopped", "failed", "deleted"]
SweepState = Literal["waiting", "running", "stopping", "stopped", "done"]

#: States that never change again.
FINAL = ("done", "stopped", "failed")


class Run(NamedTuple):
    """Where a run stands. Times are seconds since 1970."""

    id: str
    name: str
    state: State
    params: Params
    created: float
    started: float | None
    finished: float | None
    phase: str  # "", "starting", "compiling", "training", "testing", "asking", "analysing"
    loops_done: int
    tests_done: int
    position: int  # in the queue: 1 is next, 0 is not waiting
    active_s: float  # seconds spent computing, pauses left out
    version: int  # grows with every visible change
    published: int  # what the worker of this attempt has shown so far; pictures change with it only
    error: str  # one sentence if failed
    attempt: int  # how often a worker was given this run
    owner: str  # whose it is, "" for everybody's
    title: str  # what its owner calls it
    colour: str  # what its owner paints it with, "" for any
    strange: tuple[str, ...] = ()  # settings of another version that are not understood here, and stand at their defaults


class Frame(NamedTuple):
    """The latest trial so far; possibly in the middle of a loop."""

    trial: Trial
    now_ms: float
    spike_ms: F32  # (m,) every spike of this trial so far
    spike_neuron: I32  # (m,)
    neurons: I32  # (q,) neurons whose drive is kept
    drive: F32  # (s, q) samples so far, on SetupView.sample_ms


class SetupView(NamedTuple):
    """What a run is made of, as far as pictures need it."""

    n: int
    n_exc: int  # neurons 0..n_exc-1 are excitatory
    typed: bool  # False where E and I mean nothing
    neurons: I32  # (q,) neurons whose drive is kept, ascending
    sample_ms: F64  # (samples,)
    target: F32  # (sets, samples, q)
    stim: F32  # (sets, n)


class ResultView(NamedTuple):
    """What a finished run found."""

    summary: dict[str, Any]  # what the command line prints
    neurons: I32  # (q,)
    mean_drive: F32  # (sets, samples, q) trial average of the test trials of every pattern
    per_neuron: F64  # (n,) correlation of the trial average with the target
    weights: F32 | None  # (groups, k, M) trained weights, only where asked for
    pre: I32 | None  # (groups, k) their presynaptic neurons, n pads; only where asked for


class Axis(NamedTuple):
    """What a sweep varies."""

    name: str  # of a parameter, or of an experiment's axis
    label: str
    unit: str
    values: tuple[float | str, ...]
    log: bool = False  # whether equal ratios are equal steps
    asked: bool = False  # whether every network answers for all its values, so that they need no cells


class Measure(NamedTuple):
    """The one number of a cell, and how it is drawn over the axes."""

    label: str
    path: str  # dotted name in the summary of its run, or the name of a number that an experiment measures
    unit: str = ""
    low: float | None = None  # ends of its scale, None for those of the data
    high: float | None = None
    x: str = ""  # names of axes; "" for the next one in order
    y: str = ""  # of a map
    by: str = ""  # axis that tells the lines of a curve apart


class Task(NamedTuple):
    """What a run is to measure for the experiment whose cell it is."""

    experiment: str
    full: bool
    point: Mapping[str, Any]  # axis -> value, on the axes that are not asked


class Row(NamedTuple):
    """What one network gave at one point of an experiment."""

    point: Mapping[str, Any]  # axis -> value
    seed: int
    numbers: Mapping[str, Any]


class NewCell(NamedTuple):
    """A run of a sweep that is to be computed."""

    place: tuple[int, ...]  # index on every axis that is not asked
    seed: int
    params: Params
    name: str = ""


class Plan(NamedTuple):
    """A sweep before it is launched."""

    name: str
    axes: tuple[Axis, ...]
    measure: Measure
    cells: tuple[NewCell, ...]  # in the order of computing
    experiment: str = ""
    form: str = ""  # short, full, or "" for a grid of one's own
    recording: str = ""


class Sweep(NamedTuple):
    """Where a sweep stands. Times are seconds since 1970."""

    id: str
    name: str
    experiment: str
    form: str
    axes: tuple[Axis, ...]
    measure: Measure
    state: SweepState
    created: float
    counts: dict[CellState, int]  # how many cells are in which state
    active_s: float  # seconds that the finished cells took together


class Cell(NamedTuple):
    """Where a cell of a sweep stands."""

    number: int
    place: tuple[int, ...]  # index on every axis that is not asked
    seed: int
    name: str
    state: CellState
    run: str  # id, "" before it has one
    share: float  # of its work that is done, 0 to 1
    values: dict[tuple[int, ...], float]  # what was measured, by the index on every axis; empty before that
    error: str
