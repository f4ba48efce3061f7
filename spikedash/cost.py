"""What a run will take, told before it starts: how often each piece of work is done, at the prices of `prices.py`."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from spikedash import prices
from spikedash.clock import Clock, clock_of, steps
from spikedash.network import excitatory_count, group_size
from spikedash.params import Network, Params
from spikedash.records import F64

TYPICAL_HZ = {"theta": 11.0, "lif": 65.0, "izhikevich": 80.0, "rate": 0.0}  # as in the settings of the paper
INNATE_HZ = 7.0  # of balanced networks on their own trajectory
SECOND_THREAD = 0.8  # of a thread's work that a second one takes over
AT_ONCE = 2000, 2**22  # neurons whose targets are made together, and numbers (targets.py)
LANES = 16  # a row of P comes in whole vectors of this many (engine/vectors.py)
SHARED_STEPS = 400  # neurons (engine/synapses.py)
CACHE = 1 << 20  # bytes that stay close to a core
FAR = 20 << 20  # bytes that lie in no cache


class Cost(NamedTuple):
    memory_bytes: int  # arrays of the run; the interpreter comes on top
    work: F64  # seconds of the whole run by kind of work, (kinds,), where the prices were measured; `Pace` tells those here


class Size(NamedTuple):
    """How large a network's parts are."""

    n: int
    groups: int
    k: int  # inputs of a neuron
    members: int  # of a group
    width: int  # k in whole vectors
    depth: int  # updates of P that are kept back
    moves: int  # moves of the weights that are kept back; 1 for none

    @property
    def weights(self) -> int:
        return self.groups * self.k * self.members

    @property
    def stored(self) -> int:
        """Numbers of all P, and of the rows behind them."""
        return self.groups * (self.width + self.depth) * self.width


def size(params: Params) -> Size:
    net = params.network
    members = group_size(net)
    if net.wiring == "all":
        k = net.n
    else:
        n_exc = excitatory_count(net)
        k = max(1, min(round(net.p * n_exc) + round(net.p * (net.n - n_exc)), net.n - members))
    without_loops = net.wiring == "all" and not net.autapses
    depth = depth_of(k)
    return Size(
        net.n,
        -(-net.n // members),
        k,
        members,
        -(-k // LANES) * LANES,
        depth,
        moves_of(members, depth, without_loops=without_loops),
    )


def depth_of(k: int) -> int:
    """Updates of a P of k inputs that are kept back: small matrices are read fast, and long lists of rows cost more."""
    return 8 if k < 128 else 16


def moves_of(members: int, depth: int, *, without_loops: bool) -> int:
    """Moves of the weights that are kept back with them; those of small groups are not worth it."""
    return 1 if members == 1 or (members < 32 and not without_loops) else depth


def typical_hz(params: Params) -> float:
    """The population rate that is reckoned with."""
    return INNATE_HZ if params.target.family == "innate" else TYPICAL_HZ[params.network.model]


def _where(numbers: int) -> str:
    """Whether so many numbers lie far from the cores."""
    return "" if 4 * numbers <= CACHE else "far "


def _steps(params: Params, rate_hz: float) -> dict[str, float]:
    """Work of one simulated step without learning."""
    net, it = params.network, size(params)
    model = "theta-rk4" if net.model == "theta" and net.integrator == "rk4" else net.model
    spikes = net.n * rate_hz / 1000.0 * net.dt_ms
    if model == "rate":  # every neuron counts in every step
        spikes = float(net.n)
    work = {
        "meeting": float(net.n >= SHARED_STEPS),
        model: net.n,
        "step": 1.0,
        "normal": net.n if net.noise > 0 else 0.0,
    }
    if it.members == 1:
        work[_where(it.weights) + "synapse"] = spikes * it.k
    else:
        lines, far = spikes * it.k * it.groups / net.n, _where(it.weights)
        work |= {far + "line": lines} | ({"far member": lines * it.members} if far else {})
    if net.static != "none":
        work["synapse"] = work.get("synapse", 0.0) + spikes * net.static_p * net.n
    return work


def _update(params: Params, rate_hz: float) -> dict[str, float]:
    """Work of one weight update of all neurons."""
    net, it = params.network, size(params)
    far = _where(it.stored)
    fired = 1.0 if net.model == "rate" else 1.0 - math.exp(-rate_hz / 1000.0 * params.training.update_ms)
    share = params.training.share if it.members == 1 else 1.0
    groups = it.groups * share
    work = {
        "update": groups,
        "slope": groups if params.training.rule != "drive" else 0.0,
        "input": groups * it.k * fired,
        far + "row": groups * it.width * (it.k * fired + it.depth / 2),
        "rank": groups * it.width * it.width,
        far + "flush": groups * it.width * it.width / it.depth,
    }
    if it.members > 1:
        farther = "farthest " if 4 * it.weights > FAR else _where(it.weights)
        work[farther + "move"] = it.weights / it.moves
        work["own loop"] = it.weights / it.moves if net.wiring == "all" and not net.autapses else 0.0
    if net.dale and net.weights != "silent":
        work["block"] = it.weights
    return work


def step_ns(params: Params) -> float:
    """One simulated step without learning, on one core."""
    return float(step(params).sum() * 1e9)


def step(params: Params) -> F64:
    """Seconds of the same by kind of work, (kinds,)."""
    return prices.by_kind(_steps(params, typical_hz(params)))


def update_ns(params: Params) -> float:
    """One weight update of all neurons, on one core."""
    return float(prices.by_kind(_update(params, typical_hz(params))).sum() * 1e9)


class Work(NamedTuple):
    """How often each piece of work is done."""

    once: dict[str, float]
    trial: dict[str, float]  # around every trial
    steps: dict[str, float]  # in every trial; threads share it where the network is large
    updates: dict[str, float]  # in every loop; threads share it


def work(params: Params, window_ms: float | None = None, rate_hz: float | None = None) -> Work:
    """What a run is made of; rate_hz replaces the population rate that is reckoned with."""
    net, training, it = params.network, params.training, size(params)
    rate = typical_hz(params) if rate_hz is None else rate_hz
    window = window_ms or params.target.duration_ms
    steps = trial_ms(params, window) / net.dt_ms
    once = {"touch": it.stored + 3.0 * it.weights if training.loops else 0.0}
    trial = {"trial": 1.0, "weight": float(it.weights)}
    updates = window / training.update_ms
    return Work(
        once,
        trial,
        {name: steps * times for name, times in _steps(params, rate).items()},
        {name: updates * times for name, times in _update(params, rate).items()},
    )


def trial_ms(params: Params, window_ms: float) -> float:
    """How long a trial is on average: rest, cue and target window."""
    return (params.training.rest_min_ms + params.training.rest_max_ms) / 2 + params.cue.duration_ms + window_ms


def repetitions(params: Params, threads: int) -> tuple[float, float, float, float]:
    """How often a run does each part of its `work`, less what threads share."""
    loops, trials = params.training.loops, params.training.loops + params.training.test_trials
    return 1.0, trials, trials / hastened_steps(params, threads), loops / hastened(threads)


def hastened(threads: int) -> float:
    """How many times as fast so many threads share work out."""
    return 1 + SECOND_THREAD * (threads - 1)


def hastened_steps(params: Params, threads: int) -> float:
    """The same for the steps, which those of a small network do not share."""
    return hastened(threads) if params.network.n >= SHARED_STEPS else 1.0


def estimate(params: Params, threads: int = 2, window_ms: float | None = None) -> Cost:
    """Time and memory of a run; window_ms replaces the pattern's duration, as a recording does."""
    parts = zip(repetitions(params, threads), work(params, window_ms), strict=True)
    return Cost(memory(params, window_ms), np.sum([times * prices.by_kind(part) for times, part in parts], axis=0))


def trials(params: Params, threads: int = 2) -> tuple[float, float]:
    """Seconds of one loop and of one test trial where the prices were measured."""
    _, trial, steps, updates = (float(prices.by_kind(part).sum()) for part in work(params))
    test = trial + steps / hastened_steps(params, threads)
    return test + updates / hastened(threads), test


def memory(params: Params, window_ms: float | None = None) -> int:
    """Bytes of a run's arrays at their most; the interpreter comes on top."""
    net, training, it, clock = params.network, params.training, size(params), clock_of(params, None)
    if window_ms:
        clock = clock._replace(window=steps(window_ms, net.dt_ms))
    learns, W, inputs = training.loops > 0, 4 * it.weights, it.groups * it.k
    pattern, samples = 4 * clock.rows * net.n, 4 * clock.samples * net.n
    inverted = learns and it.members > 1 and training.rule != "drive"
    stays = W + 4 * inputs + pattern * params.target.sets * (1 + inverted)
    # The weights as they are and who sends to whom; P and what is kept back with it; Dale's signs and blocks.
    runs: float = W + 8 * inputs
    if learns:
        runs += 4 * it.stored + (4 * it.groups * it.moves * (it.k + it.members) if it.members > 1 else 0)
        runs += 2 * it.weights if net.dale else 0
    # A loop keeps the weights that it began with and the activity, a test the sum of those, the end their mean.
    runs += max(W + samples if learns else 0, samples * (1 + params.target.sets), 2 * samples * params.target.sets)
    return int(stays + max(_making(params, clock), runs) + _static(net))


def _making(params: Params, clock: Clock) -> float:
    """Bytes that making one pattern takes for a while, most of it in double precision."""
    n, target = params.network.n, params.target
    family = target.fill if target.family == "drawn" else target.family
    if family == "chaotic":
        return 8.0 * (3 * n * n + clock.window * n)
    if family == "innate":
        return 4.0 * (clock.rows * n + size(params).weights)
    if family == "recorded":
        return 24.0 * clock.window * n
    most, values = AT_ONCE
    return 24.0 * min(values, min(n, most) * (clock.window if family == "ou" else clock.rows))


def _static(net: Network) -> float:
    """Bytes of the synapses that never learn."""
    return 8.0 * net.static_p * net.n * net.n if net.static != "none" else 0.0
