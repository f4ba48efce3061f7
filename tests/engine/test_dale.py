"""Dale's law: no sign ever flips, and the others learn as the same regression on fewer inputs."""

import numpy as np
import pytest
from engine.learners import LAM, fresh, learn, practise, rows, sample, true_P

from spikedash.engine import dale


@pytest.mark.parametrize("depth", [1, 2, 8])
def test_removing_an_input_leaves_the_inverse_correlation_of_the_others(depth):
    n, k, out = 9, 7, 3
    synapses, learner = fresh(n, k, np.zeros((n, k)), depth=depth)
    R, _, _ = practise(synapses, learner, n, 30)
    dale.remove_input(learner.P, learner.held, 2, out, learner.Pr)
    X = R[:, synapses.pre[2]]
    rest = np.delete(np.arange(k), out)
    expected = np.zeros((k, k))
    expected[np.ix_(rest, rest)] = np.linalg.inv(X[:, rest].T @ X[:, rest] + LAM * np.eye(k - 1))
    np.testing.assert_allclose(true_P(learner, 2, k), expected, atol=1e-6)
    np.testing.assert_allclose(learner.Pr[2, :k], expected @ X[-1], atol=1e-5)


@pytest.mark.parametrize(("depth", "M"), [(1, 1), (4, 1), (1, 3)])
def test_dale_never_flips_a_sign_and_learns_on_with_the_others(depth, M):
    rng = np.random.default_rng(5)
    n, k = 6, 5
    start = rng.standard_normal((n, k)) * 0.1
    synapses, learner = fresh(n, k, start, np.sign(start), depth=depth, M=M)
    u = np.zeros(n, np.float32)
    for _ in range(80):
        before, was = synapses.W.copy(), learner.frozen.copy()
        r, f = sample(rng, n)
        learn(synapses, learner, r, u, f)
        assert (rows(synapses.W, n) * start >= 0).all()
        np.testing.assert_array_equal(synapses.W[was == 1], before[was == 1])
        np.testing.assert_allclose(u, [rows(synapses.W, n)[i] @ r[synapses.pre[i // M]] for i in range(n)], atol=1e-5)
    assert 0 < learner.frozen.sum() < n * k
    assert set(np.unique(learner.frozen)) <= {0, 1}


@pytest.mark.parametrize("depth", [1, 3, 8])
def test_after_a_block_the_others_learn_as_if_that_input_had_never_been_free(depth):
    """P of the remaining inputs is the inverse of their own correlation, whenever the block happened."""
    rng = np.random.default_rng(6)
    n, k = 6, 5
    start = rng.standard_normal((n, k)) * 0.05
    synapses, learner = fresh(n, k, start, np.sign(start), depth=depth)
    R, _, _ = practise(synapses, learner, n, 40)
    assert learner.frozen.any()
    for i in range(n):
        free = np.flatnonzero(learner.frozen[i, :, 0] == 0)
        X = R[:, synapses.pre[i]][:, free]
        P = true_P(learner, i, k)
        np.testing.assert_allclose(P[np.ix_(free, free)], np.linalg.inv(X.T @ X + LAM * np.eye(free.size)), atol=1e-5)


def test_dale_leaves_missing_self_connections_missing():
    """All-to-all: what is blocked from the start stays 0."""
    n = 12
    start = np.abs(np.random.default_rng(0).standard_normal((n, n))) * (1 - np.eye(n))
    pre = np.arange(n, dtype=np.int32)[None]
    synapses, learner = fresh(n, n, start, np.sign(start), M=n, pre=pre)
    np.fill_diagonal(learner.frozen[0], 1)
    practise(synapses, learner, n, 20)
    assert (np.diag(rows(synapses.W, n)) == 0).all()
    assert (rows(synapses.W, n) >= 0).all()
