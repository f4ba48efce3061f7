"""What a run will take, told before it starts: how often each piece of work is done, and the price of doing it once.

`python -m spikedash bench --prices` measures the prices anew. Another machine is faster or slower by a factor, which a
worker measures when it gets ready.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from spikedash.network import excitatory_count, group_size
from spikedash.params import Params

#: Nanoseconds on one core, fitted to whole runs on a server with AVX-512; what always comes together shares its price.
PRICES: dict[str, float] = {
    "trial": 225_000,  # a random start
    "meeting": 1_890,  # of the threads, in a step that they share
    "theta": 5.38,  # a step of one neuron: its model, decay of u and r, sum of the input, what is measured of it
    "theta-rk4": 58.7,
    "lif": 2.54,
    "izhikevich": 181.0,
    "rate": 0.01,
    "crowd": 0.01,  # more for a neuron of a network too large for the cache of a core
    "normal": 14.8,  # a random number
    "synapse": 0.586,  # a spike reaches one neuron that has inputs of its own
    "line": 3.91,  # a spike reaches a group, whose weights are in the processor's cache
    "member": 0.01,  # one member of it
    "far line": 3.51,  # in memory
    "far member": 0.01,
    "farthest line": 0.01,
    "farthest member": 0.01,
    "update": 133.0,  # a weight update of a neuron or group, whatever its size
    "input": 9.17,  # one of its inputs that has fired, and its weight
    "row": 0.0813,  # one number of P that is read, in the processor's cache
    "far row": 0.01,  # in memory
    "farthest row": 0.211,
    "rank": 0.0309,  # one number of P changes by one update
    "flush": 0.134,  # it is read and written for that, in the processor's cache
    "far flush": 0.0191,  # in memory
    "farthest flush": 0.01,
    "move": 1.25,  # the weight of a member moves
    "far move": 0.508,
    "farthest move": 4.16,
    "own loop": 3.81,  # more for all-to-all without self-connections
    "block": 1.84,  # one input under Dale's law
    "weight": 1.77,  # copied, compared or multiplied once a trial
    "touch": 4.52,  # a number of P or W gets its place in memory
}
TYPICAL_HZ = {"theta": 11.0, "lif": 65.0, "izhikevich": 80.0, "rate": 0.0}  # as in the settings of the paper
INNATE_HZ = 7.0  # of balanced networks on their own trajectory
SECOND_THREAD = 0.8  # of a thread's work that a second one takes over
LANES = 16  # a row of P comes in whole vectors of this many (engine/vectors.py)
CROWD = 4000  # neurons
SHARED_STEPS = 400  # neurons (engine/synapses.py)
CACHE = 4 << 20  # bytes that stay close to the cores
MEMORY = 96 << 20  # bytes of P from which on memory sets the pace
MEMORY_OF_WEIGHTS = 20 << 20  # of weights, which are read here and there


class Cost(NamedTuple):
    memory_bytes: int  # arrays of the run; the interpreter comes on top
    seconds: float  # of the whole run
    loop_seconds: float  # of one training loop


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


def _where(size: int, memory: int) -> str:
    """How far from the cores so many bytes lie."""
    return "" if size <= CACHE else "far " if size <= memory else "farthest "


def _steps(params: Params) -> dict[str, float]:
    """Work of one simulated step without learning."""
    net, it = params.network, size(params)
    model = "theta-rk4" if net.model == "theta" and net.integrator == "rk4" else net.model
    spikes = net.n * typical_hz(params) / 1000.0 * net.dt_ms
    if model == "rate":  # every neuron counts in every step
        spikes = float(net.n)
    work = {
        "meeting": float(net.n >= SHARED_STEPS),
        model: net.n,
        "crowd": net.n if net.n > CROWD else 0.0,
        "normal": net.n if net.noise > 0 else 0.0,
    }
    if it.members == 1:
        work["synapse"] = spikes * it.k
    else:
        lines = spikes * it.k * it.groups / net.n
        far = _where(4 * it.weights, MEMORY_OF_WEIGHTS)
        work |= {far + "line": lines, far + "member": lines * it.members}
    if net.static != "none":
        work["synapse"] = work.get("synapse", 0.0) + spikes * net.static_p * net.n
    return work


def _update(params: Params) -> dict[str, float]:
    """Work of one weight update of all neurons."""
    net, it = params.network, size(params)
    far = _where(4 * it.stored, MEMORY)
    fired = 1.0 if net.model == "rate" else 1.0 - math.exp(-typical_hz(params) / 1000.0 * params.training.update_ms)
    share = params.training.share if it.members == 1 else 1.0
    groups = it.groups * share
    work = {
        "update": groups,
        "input": groups * it.k * fired,
        far + "row": groups * it.width * (it.k * fired + it.depth / 2),
        "rank": groups * it.width * it.width,
        far + "flush": groups * it.width * it.width / it.depth,
    }
    if it.members > 1:
        work[_where(4 * it.weights, MEMORY_OF_WEIGHTS) + "move"] = it.weights / it.moves
        work["own loop"] = it.weights / it.moves if net.wiring == "all" and not net.autapses else 0.0
    if net.dale and net.weights != "silent":
        work["block"] = it.weights
    return work


def _price(work: dict[str, float]) -> float:
    return sum(PRICES[name] * times for name, times in work.items())


def step_ns(params: Params) -> float:
    """One simulated step without learning, on one core."""
    return _price(_steps(params))


def update_ns(params: Params) -> float:
    """One weight update of all neurons, on one core."""
    return _price(_update(params))


class Work(NamedTuple):
    """How often each piece of work is done."""

    once: dict[str, float]
    trial: dict[str, float]  # around every trial
    steps: dict[str, float]  # in every trial; threads share it where the network is large
    updates: dict[str, float]  # in every loop; threads share it


def work(params: Params, window_ms: float | None = None) -> Work:
    """What a run is made of."""
    net, training, it = params.network, params.training, size(params)
    window = window_ms or params.target.duration_ms
    lead = (training.rest_min_ms + training.rest_max_ms) / 2 + params.cue.duration_ms
    steps = (lead + window) / net.dt_ms
    once = {"touch": it.stored + 3.0 * it.weights if training.loops else 0.0}
    trial = {"trial": 1.0, "weight": float(it.weights)}
    updates = window / training.update_ms
    return Work(
        once,
        trial,
        {name: steps * times for name, times in _steps(params).items()},
        {name: updates * times for name, times in _update(params).items()},
    )


def hastened(threads: int) -> float:
    """How many times as fast so many threads share work out."""
    return 1 + SECOND_THREAD * (threads - 1)


def hastened_steps(params: Params, threads: int) -> float:
    """The same for the steps, which those of a small network do not share."""
    return hastened(threads) if params.network.n >= SHARED_STEPS else 1.0


def estimate(params: Params, threads: int = 2, window_ms: float | None = None) -> Cost:
    """Time and memory of a run.

    window_ms replaces the pattern's duration, as a recording does. Another machine takes another multiple of the seconds.
    """
    once, trial, steps, updates = (_price(part) / 1e9 for part in work(params, window_ms))
    trial += steps / hastened_steps(params, threads)
    loop = trial + updates / hastened(threads)
    seconds = once + params.training.loops * loop + params.training.test_trials * trial
    return Cost(memory(params, window_ms), seconds, loop)


def memory(params: Params, window_ms: float | None = None) -> int:
    """Bytes of a run's arrays."""
    net, it = params.network, size(params)
    window = window_ms or params.target.duration_ms
    steps, samples = window / net.dt_ms, window / max(5.0, net.dt_ms)
    # The initial weights and the target stay; making them takes doubles for some neurons or a group at a time, given back later.
    stays = 4 * it.weights + 4 * it.groups * it.k + 4 * params.target.sets * net.n * steps
    making = max(40 * min(net.n, 2000) * steps, 32 * it.k * it.members)
    # P; present, previous and final weights, Dale's signs and blocks; who sends to whom; samples of the drive and their sums.
    running: float = 4 * it.stored + it.weights * (12 + (2 if net.dale else 0)) + it.groups * it.k * 8
    running += 4 * it.groups * it.moves * (it.k + it.members) if it.members > 1 else 0
    running += net.n * samples * (4 + 24 * params.target.sets)
    return int(stays + max(making, running))
