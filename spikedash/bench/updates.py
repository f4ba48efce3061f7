"""One update of all weights, ours beside the peer's and beside a plain read of P."""

from __future__ import annotations

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


def network(values: dict[str, object]) -> tuple[Network, Wiring]:
    """A network ready to learn; weights start at zero, as their values cost nothing."""
    params = Params().with_values({"network.weights": "silent", **values})
    rng = np.random.default_rng(0)
    wiring = wire(params.network, rng)
    return build(params, wiring, background(params.network, rng), cell_values(params.network), learning=True), wiring


class Update:
    """One update of a network from a fixed random sample."""

    def __init__(self, values: dict[str, object]) -> None:
        self.network, self.wiring = network(values)
        n = self.network.state.u.size
        rng = np.random.default_rng(1)
        self.r = np.append(0.3 * rng.random(n), 0).astype(np.float32)
        self.target = rng.standard_normal(n).astype(np.float32)
        self.threads = engine.set_threads(None)

    def __call__(self, times: int) -> None:
        """That many updates, as a chunk of a run makes them: threads start once."""
        net, targets = self.network, np.tile(self.target, (times, 1))
        engine.learn_often(self.threads, net.synapses, net.learner, self.r, net.state.u, net.state.v, 0.0, targets)


def rows() -> Iterator[Row]:
    """Own input sets of three sizes, and shared ones."""
    for n, k in ((200, 60), (500, 150), (1000, 300)):
        size: dict[str, object] = {"network.n": n, "network.p": k / n}
        ours = Update(size)
        peer = partial(Peer.fresh(ours.wiring.pre).learn, ours.r, ours.target)
        with one_blas_thread():
            yield _row(f"update, N {n}, k {k}, own inputs", ours, "peer", peer)
            if n == 500:
                shared = Update({**size, "network.wiring": "shared", "network.group": 10})
                yield _row(f"update, N {n}, k {k}, groups of 10", shared, "peer", peer)
    yield _row(f"update, N {n}, k {k}, own inputs", ours, "limit", partial(read, ours.network.learner.P))


def _row(job: str, ours: Update, against: str, theirs: Callable[[], object]) -> Row:
    ours(1)
    theirs()
    exact, other = paired(lambda: timed(lambda: ours(TIMES)) / TIMES, lambda: timed(theirs, TIMES), REPEATS)
    return Row(job, exact, against, other / exact)
