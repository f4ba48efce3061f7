"""One update of all weights, ours beside the peer's and beside a plain read of P."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from spikedash import engine
from spikedash.bench.measure import Row, paired, timed
from spikedash.bench.peer import Peer, one_blas_thread, read
from spikedash.network import Wiring, background, cell_values, wire
from spikedash.params import Params
from spikedash.training.build import Network, build

REPEATS, TIMES = 9, 10
CHUNK = 100  # of our updates at a time, as in a loop of one second
ROUND = 20  # updates until the same spikes come again
RATE_HZ, UPDATE_MS, TAU_S_MS = 10.0, 10.0, 20.0


def network(values: dict[str, object]) -> tuple[Network, Wiring]:
    """A network ready to learn; weights start at zero, as their values cost nothing."""
    params = Params().with_values({"network.weights": "silent", **values})
    rng = np.random.default_rng(0)
    wiring = wire(params.network, rng)
    return build(params, wiring, background(params.network, rng), cell_values(params.network), learning=True), wiring


class Update:
    """Updates of a network whose neurons fire at RATE_HZ at random, every UPDATE_MS."""

    def __init__(self, values: dict[str, object], update_ms: float = UPDATE_MS) -> None:
        self.network, self.wiring = network(values)
        n = self.network.state.u.size
        rng = np.random.default_rng(1)
        self.target = rng.standard_normal(n).astype(np.float32)
        self.fade = math.exp(-update_ms / TAU_S_MS)
        fired = rng.random((ROUND, n)) < RATE_HZ * update_ms / 1000
        lag_ms = rng.uniform(0, update_ms, (ROUND, n))
        self.jumps = np.where(fired, 10 / TAU_S_MS * np.exp(-lag_ms / TAU_S_MS), 0).astype(np.float32)
        self.done = 0
        self.threads = engine.set_threads(None)

    def __call__(self, times: int) -> None:
        """That many updates, as a chunk of a run makes them: threads start once. Spikes reach their targets on the way."""
        net = self.network
        rows = np.arange(self.done, self.done + times) % ROUND
        self.done += times
        targets = np.tile(self.target, (times, 1))
        # fmt: off
        engine.learn_often(self.threads, net.synapses, net.learner, net.state.r, net.state.u, net.state.v, 0.0, self.fade,
                           self.jumps[rows], targets)
        # fmt: on


def rows() -> Iterator[Row]:
    """Own input sets of three sizes, and shared ones."""
    for n, k in ((200, 60), (500, 150), (1000, 300)):
        size: dict[str, object] = {"network.n": n, "network.p": k / n}
        ours = Update(size)
        peer = partial(Peer.fresh(ours.wiring.pre).learn, ours.network.state.r, ours.target)
        with one_blas_thread():
            yield _row(f"update, N {n}, k {k}, own inputs", ours, "peer", peer)
            if n == 500:
                shared = Update({**size, "network.wiring": "shared", "network.group": 10})
                yield _row(f"update, N {n}, k {k}, groups of 10", shared, "peer", peer)
    yield _row(f"update, N {n}, k {k}, own inputs", ours, "limit", partial(read, ours.network.learner.P))


def _row(job: str, ours: Update, against: str, theirs: Callable[[], object]) -> Row:
    """Both in turn, each after some rounds that are not timed: in a run nobody else clears the caches."""

    def exact() -> float:
        ours(CHUNK // 3)
        return timed(lambda: ours(CHUNK)) / CHUNK

    def other() -> float:
        theirs()
        return timed(theirs, TIMES)

    seconds, reference = paired(exact, other, REPEATS)
    return Row(job, seconds, against, reference / seconds)
