"""What the store tells about a run."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

from spikedash.params import Params
from spikedash.records import F32, F64, I32, Trial

State = Literal["queued", "running", "paused", "done", "stopped", "failed"]
Command = Literal["pause", "resume", "step", "stop"]

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
    phase: str  # "", "starting", "compiling", "training" or "testing"
    loops_done: int
    tests_done: int
    position: int  # in the queue: 1 is next, 0 is not waiting
    active_s: float  # seconds spent computing, pauses left out
    version: int  # grows with every visible change
    error: str  # one sentence if failed
    attempt: int  # how often a worker was given this run


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
