"""What we are measured against computes the same thing."""

import numpy as np

from spikedash.bench.peer import Peer, one_blas_thread, read
from spikedash.bench.student import Student
from spikedash.bench.updates import Update
from spikedash.network import by_neuron


def test_peer_student_and_engine_learn_the_same_weights():
    n, k, rng = 40, 12, np.random.default_rng(0)
    ours = Update({"network.n": n, "network.p": k / n})
    pre = ours.wiring.pre
    peer = Peer.fresh(pre)
    dense = np.zeros((n, n))
    dense[np.arange(n)[:, None], pre] = 1e-9  # the student takes its inputs from the weights that are not 0
    student = Student(dense, tau_ms=10, tau_s_ms=20, dt_ms=1, lam=1)
    for _ in range(50):
        ours.target[:] = rng.standard_normal(n)
        ours(1)
        with one_blas_thread():
            peer.learn(ours.network.state.r, ours.target)
        student.r = ours.network.state.r[:n].astype(float)
        student.learn(ours.target.astype(float))
    _, weights = by_neuron(pre, ours.network.synapses.W, n)
    np.testing.assert_allclose(peer.arrays[1], weights, atol=2e-4)
    np.testing.assert_allclose(student.W[np.arange(n)[:, None], pre], weights, atol=2e-4)


def test_reading_reads():
    read(np.ones(1000, np.float32))
