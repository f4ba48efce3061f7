"""The quasi-static prediction against exact fixed points, the kernels' gain, and plain sums over synapses."""

import numpy as np
import pytest

from spikedash import analysis
from spikedash.engine.gain import SMOOTHNESS, rate_of
from spikedash.network import background, wire
from spikedash.params import Network


@pytest.fixture(params=[{"wiring": "sparse", "p": 0.3}, {"wiring": "shared", "p": 0.3, "group": 7}, {"wiring": "all"}])
def wired(request):
    network = Network(n=30, weights="mixed", static="balanced", static_p=0.2, **request.param)
    drawn = wire(network, np.random.default_rng(0))
    return network, drawn, background(network, np.random.default_rng(1))


def test_the_gain_is_that_of_the_kernels():
    x = np.linspace(-3, 5, 101, dtype=np.float32)
    np.testing.assert_allclose(analysis.smooth_phi(x, float(SMOOTHNESS)), [rate_of(value) for value in x], rtol=2e-5)
    np.testing.assert_array_equal(analysis.smooth_phi(x), analysis.smooth_phi(x, 0.1))
    assert analysis.phi(np.array([-1.0, 0.0, 4.0])) == pytest.approx([0, 0, 2 / np.pi])


def test_the_smooth_gain_nears_the_sharp_one():
    x = np.linspace(0.5, 5, 20)
    np.testing.assert_allclose(analysis.smooth_phi(x, 0.01), analysis.phi(x), rtol=1e-6)


def test_drive_is_the_sum_over_synapses(wired, rng):
    network, drawn, static = wired
    rate = rng.random((4, network.n))
    expected = np.zeros((4, network.n))
    groups, k, M = drawn.weights.shape
    for group in range(groups):
        for m in range(k):
            for i in range(M):
                if drawn.pre[group, m] < network.n and group * M + i < network.n:
                    expected[:, group * M + i] += drawn.weights[group, m, i] * rate[:, drawn.pre[group, m]]
    np.testing.assert_allclose(analysis.drive_from_rates(drawn.pre, drawn.weights, rate), expected, atol=1e-9)
    for sender in range(network.n):
        for synapse in range(static.start[sender], static.start[sender + 1]):
            expected[:, static.post[synapse]] += static.weight[synapse] * rate[:, sender]
    np.testing.assert_allclose(analysis.drive_from_rates(drawn.pre, drawn.weights, rate, static), expected, atol=1e-9)
    W = analysis.dense(drawn.pre, drawn.weights, network.n, static)
    np.testing.assert_allclose(rate @ W.T, expected, atol=1e-6)


def test_a_solution_of_the_equation_is_predicted_exactly(rng):
    """W made so that u = W φ(u + b) holds at every sample: more neurons than samples, least norm."""
    n, samples, bias = 40, 12, 0.3
    drive = rng.standard_normal((samples, n)) + 0.5
    W = (np.linalg.pinv(np.sqrt(np.maximum(drive + bias, 0)) / np.pi) @ drive).T
    pre = np.arange(n, dtype=np.int32)[None]
    weights = np.ascontiguousarray(W.T[None]).astype(np.float32)
    got = analysis.quasi_static(pre, weights, drive, bias=bias, rate=np.sqrt(np.maximum(drive + bias, 0)))
    np.testing.assert_allclose(got.drive, drive, atol=1e-4)
    np.testing.assert_allclose(got.drive_fit, 1, atol=1e-6)
    np.testing.assert_allclose(got.rate_fit, 1, atol=1e-12)
    shuffled = analysis.quasi_static(pre, weights[:, ::-1], drive, bias=bias)
    assert np.median(shuffled.drive_fit) < 0.7
    assert shuffled.rate_fit is None


def test_the_lag_is_that_of_the_synapse(rng):
    """A ring of one input each: u_i = φ(u_j) through the filter, whatever comes out of the plain prediction."""
    drive = rng.random((50, 3)).cumsum(0) * 0.1
    pre, weights = np.array([[1], [2], [0]], np.int32), np.full((3, 1, 1), 2.0, np.float32)
    got = analysis.quasi_static(pre, weights, drive, lag_ms=20.0, sample_ms=5.0)
    plain = analysis.quasi_static(pre, weights, drive)
    rate = np.sqrt(drive[:, [1, 2, 0]]) / np.pi
    np.testing.assert_allclose(plain.drive, 2 * rate, atol=1e-12)
    np.testing.assert_allclose(got.drive, 2 * analysis.low_pass(rate, 20.0, 5.0), atol=1e-12)
    np.testing.assert_allclose(got.rate, plain.rate)


def test_a_measured_curve_is_a_gain():
    drive = np.linspace(-1, 4, 2000)
    rate_hz = 100 * np.sqrt(np.maximum(drive, 0)) / np.pi  # a theta neuron of τ = 10 ms
    total = np.array([[-5.0, 0.3], [1.7, 3.9]])
    np.testing.assert_allclose(analysis.measured_phi(drive, rate_hz, 10.0)(total), analysis.phi(total), atol=1e-4)
