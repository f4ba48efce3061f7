"""The arrays of a running network, made from what was drawn for it."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from spikedash import cost, engine, gain
from spikedash.network import Wiring, outgoing
from spikedash.params import Params
from spikedash.records import F32, Static

START_R = 0.2  # synapses start a trial anywhere from 0 to this, in spikes per tau (0 to 20 Hz)


class Network(NamedTuple):
    """The arrays of a running network."""

    constants: engine.Constants
    synapses: engine.Synapses
    background: engine.Background
    state: engine.State
    learner: engine.Learner
    delivery: engine.Delivery


def model_of(params: Params) -> engine.Model:
    """The neuron model with the chosen way of integration."""
    net = params.network
    return engine.MODELS["theta-rk4" if net.model == "theta" and net.integrator == "rk4" else net.model]


def build(
    params: Params,
    wiring: Wiring,
    static: Static,
    cells: F32,
    trained: npt.NDArray[np.bool_] | None = None,
    *,
    learning: bool,
) -> Network:
    """Fresh arrays for a wiring; without `learning` P is left out."""
    net = params.network
    n = net.n
    constants = engine.Constants(
        float(net.dt_ms / net.tau_ms),
        float(net.dt_ms),
        math.exp(-net.dt_ms / net.tau_s_ms),
        float(net.tau_ms / net.tau_s_ms),
        float(net.noise),
        float(net.bias),
        model_of(params).number,
    )
    synapses = engine.Synapses(wiring.pre, wiring.weights.copy(), *outgoing(wiring.pre, n))
    x, y, u, v, a = (np.zeros(n, np.float32) for _ in range(5))
    state = engine.State(x, y, u, v, np.zeros(n + 1, np.float32), a, np.zeros(n, np.uint8), cells)
    learner = _learner(params, wiring, np.ones(n, np.bool_) if trained is None else trained, learning)
    background = engine.Background(*static)
    return Network(
        constants, synapses, background, state, learner, engine.fresh_delivery(engine.MOST, synapses, background, learner)
    )


def _learner(params: Params, wiring: Wiring, trained: npt.NDArray[np.bool_], learning: bool) -> engine.Learner:
    net = params.network
    groups, k, M = wiring.weights.shape
    without_loops = net.wiring == "all" and not net.autapses
    depth = cost.depth_of(k)
    P = engine.identity(groups if learning else 0, k, 1.0 / params.training.lam, depth)
    sign, frozen = np.zeros((0, 0, 0), np.int8), np.zeros((0, 0, 0), np.uint8)
    if net.dale and net.weights != "silent" and learning:
        sign = np.subtract(wiring.weights > 0, wiring.weights < 0, dtype=np.int8)
        frozen = np.zeros(sign.shape, np.uint8)
        if without_loops:
            np.fill_diagonal(frozen[0], 1)
    shared = len(P) if M > 1 else 0
    moves = cost.moves_of(M, depth, without_loops=without_loops)
    return engine.Learner(
        P,
        np.zeros(len(P), np.int64),
        engine.aligned(len(P), engine.padded(k)),
        np.zeros(len(P), np.float32),
        np.zeros(net.n + 1, np.float32),
        np.zeros(1, np.float32),
        engine.aligned(shared, k, moves),
        engine.aligned(shared, moves, M),
        np.zeros((shared, moves), np.float32),
        np.zeros((shared, M), np.float32),
        sign,
        frozen,
        trained.astype(np.uint8),
        rule_of(params),
        float(gain.smooth_inverse(0.0)),
        int(not without_loops or sign.size > 0),
    )


def settled(network: Network) -> Network:
    """The same network when it has learnt: without P and what is kept back for it."""
    names = ("P", "held", "Pr", "curvature", "Y", "S", "root", "own")
    gone = {name: getattr(network.learner, name)[:0].copy() for name in names}
    return network._replace(learner=network.learner._replace(**gone))


def rule_of(params: Params) -> int:
    """How the kernels train what the person wants trained: where neurons share a P, rates go through their drive."""
    if params.training.rule == "drive":
        return engine.DRIVE
    own = params.network.wiring == "sparse"
    return engine.RATE if own and params.training.rule == "rate" else engine.RATE_BY_DRIVE


def randomise(network: Network, rng: np.random.Generator) -> None:
    """Put the network into a random state, as a trial finds it."""
    state = network.state
    n = state.u.size
    (model,) = (model for model in engine.MODELS.values() if model.number == network.constants.model)
    state.x[:], state.y[:] = model.start(rng, state.cells)
    state.r[:n] = np.tanh(state.x) if model.number == engine.UNITS else rng.uniform(0, START_R, n)
    engine.form_drives(network.synapses, network.background, state)
