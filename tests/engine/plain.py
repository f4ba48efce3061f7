"""Small runs of every kind, one line of numbers each; run by test_plain.py with the compiler and without it.

A trained network is chaotic: rounding alone parts two runs within some hundred milliseconds. So the runs are short.
"""

import learners  # from the folder of this script
import numpy as np

from spikedash import training
from spikedash.engine import BAD, loop, rls
from spikedash.engine.gain import slope_of
from spikedash.engine.izhikevich import quadratic_flow
from spikedash.engine.measure import correlations
from spikedash.engine.theta import theta_step
from spikedash.params import Params, Probe

SMALL = {
    "network.n": 10,
    "network.p": 0.5,
    "network.weights": "mixed",
    "target.duration_ms": 100,
    "training.rest_min_ms": 5,
    "training.rest_max_ms": 10,
    "training.loops": 1,
    "training.test_trials": 1,
    "training.update_ms": 5,
    "cue.duration_ms": 20,
}
KINDS: list[dict[str, object]] = [
    {"network.noise": 2, "network.static": "mixed"},
    {"network.weights": "balanced", "network.dale": True, "target.amplitude": 3},
    {"network.wiring": "shared", "network.group": 4, "network.weights": "balanced", "network.dale": True, "target.amplitude": 3},
    {"network.wiring": "shared", "network.group": 3, "training.rule": "rate", "training.share": 0.5},
    {"network.wiring": "all", "network.n": 20},
    {"network.wiring": "all", "network.autapses": True},
    {"training.rule": "rate", "target.amplitude": 4},
    {"network.model": "lif", "target.amplitude": 8},
    {"network.model": "izhikevich", "network.bias": 8},
    {"network.model": "rate", "network.static": "mixed"},
    {"network.model": "rate", "network.wiring": "shared", "network.group": 4},
    {"network.integrator": "rk4"},
    {"cue.amplitude": 50, "network.tau_ms": 1},  # inputs beyond the series of the exact step
]


def main() -> None:
    loop.SMALL = 0  # even these use two threads
    for kind in KINDS:
        params = Params().with_values({**SMALL, **kind})
        *_, last = training.train(params, threads=2)
        *_, asked = training.probe(params, last.result.weights, Probe(delete=True, delete_ms=10))
        print(*last.result.weights.ravel(), *last.result.mean_drive.ravel(), *asked.result.mean_drive.ravel())


def learning() -> None:
    """Samples at random, until Dale's law has blocked synapses, for inputs of one's own and shared ones; three rules."""
    weights = np.random.default_rng(0).standard_normal((20, 9)) * 0.1
    for M in (1, 5):
        synapses, learner = learners.fresh(20, 9, weights, np.sign(weights), M=M, depth=2)
        _, _, u = learners.practise(synapses, learner, 20, 12)
        assert learner.frozen.any()
        print(*synapses.W.ravel(), *u)
    for M, rule in ((1, rls.RATE), (1, rls.RATE_BY_DRIVE), (4, rls.RATE_BY_DRIVE)):
        low = np.where(np.arange(180).reshape(20, 9) < 40, -9.0, weights)
        synapses, learner = learners.fresh(20, 9, low, np.sign(low) if rule == rls.RATE else None, M=M, rule=rule, floor=-0.5)
        learner.trained[3] = 0
        r = np.append(np.linspace(0.1, 0.4, 20), 0).astype(np.float32)
        rows = np.full((3, 20), -0.5 if rule else 0.3, np.float32)
        u, gained = np.zeros(20, np.float32), np.tile(r[:-1] * (r[:-1] > 0.2), (3, 1))
        learners.go_on(synapses, learner, r, u, 0.5, gained, rows, threads=2)
        print(*synapses.W.ravel())


def breaking() -> None:
    """What only goes wrong: runaway activity, a broken P, a step far beyond reason."""
    busy = Params().with_values({**SMALL, "network.bias": 50, "network.tau_ms": 2, "training.rest_max_ms": 200})
    for kind in ({}, {"network.wiring": "shared", "network.group": 4}, {"network.dale": True}):
        params = Params().with_values({**SMALL, **kind})
        session = training.begin(params)
        learner, state = session.network.learner, session.network.state
        learner.P[:] = -1
        state.r[:10] = 1
        print(learners.learn(session.network.synapses, learner, state.r, state.u, state.u + 1))
        print(ended(session))
    print(ended(training.begin(busy)))
    silent = np.array([slope_of(np.float32(-500)), quadratic_flow(np.float32(90), np.float32(10), np.float32(0.8))])
    s, c, fired = np.ones(3, np.float32), np.ones(3, np.float32), np.zeros(3, np.uint8)
    theta_step(s, c, np.array([0, 1e-9, 1e5], np.float32), np.float32(0.1), fired)
    print(*silent, *s, *c, *fired)
    constant, rising = np.zeros((4, 2), np.float32), np.arange(8, dtype=np.float32).reshape(4, 2)
    print(*correlations(constant, rising), *correlations(rising, constant))


def ended(session: training.Session) -> int:
    """Where a run failed: the neuron, or n for all of them."""
    try:
        for _ in session:
            pass
    except training.RunFailed:
        assert session.running is not None
        return int(session.running.probe.clock[BAD])
    return -1


if __name__ == "__main__":
    np.seterr(over="ignore")
    main()
    learning()
    breaking()
