"""Recursive least squares against ridge regression, and Dale's law against the same regression on fewer inputs."""

import numpy as np
import pytest

from spikedash import engine
from spikedash.engine.rls import learn, pass_over, remove_input

LAM = 2.0


def triangle(matrix):
    return np.ascontiguousarray(matrix[np.tril_indices(len(matrix))], np.float32)


def full(triangle, k):
    matrix = np.zeros((k, k))
    matrix[np.tril_indices(k)] = triangle
    return matrix + np.tril(matrix, -1).T


def ridge(X, y, start, lam=LAM):
    """Weights that minimise ‖y - Xw‖² + λ‖w - start‖²."""
    return np.linalg.solve(X.T @ X + lam * np.eye(X.shape[1]), X.T @ y + lam * start)


def fresh(n, k, weights, sign=None):
    pre = np.stack([np.random.default_rng(i).choice(n, k, replace=False) for i in range(n)]).astype(np.int32)
    none = np.zeros(0, np.int32)
    synapses = engine.Synapses(pre, weights.astype(np.float32), np.zeros(n + 1, np.int64), none, none)
    P = np.tile(triangle(np.eye(k) / LAM), (n, 1))
    learner = engine.Learner(
        P,
        np.zeros((n, k), np.float32),
        np.zeros(n, np.float32),
        np.zeros((n, k), np.int8) if sign is None else sign.astype(np.int8),
        np.zeros((n, k), np.uint8),
        np.ones(n, np.uint8),
    )
    return synapses, learner


def sample(rng, n):
    r = np.append(rng.random(n), 0).astype(np.float32)
    return r, rng.standard_normal(n).astype(np.float32)


@pytest.mark.parametrize(("n", "k", "samples"), [(2, 1, 5), (9, 8, 4), (20, 10, 60), (33, 17, 200)])
def test_weights_equal_the_ridge_solution(n, k, samples):
    rng = np.random.default_rng(n)
    start = rng.standard_normal((n, k))
    synapses, learner = fresh(n, k, start)
    u = np.zeros(n, np.float32)
    R, F = [], []
    for _ in range(samples):
        r, f = sample(rng, n)
        assert learn(synapses, learner, r, u, f) == -1
        R.append(r.astype(np.float64))
        F.append(f.astype(np.float64))
    R, F = np.array(R), np.array(F)
    expected = [ridge(R[:, synapses.pre[i]], F[:, i], start[i]) for i in range(n)]
    np.testing.assert_allclose(synapses.W, expected, atol=2e-5)
    np.testing.assert_allclose(u, [synapses.W[i] @ r[synapses.pre[i]] for i in range(n)], atol=1e-5)


def test_pass_over_equals_dense_algebra():
    rng = np.random.default_rng(3)
    k = 23
    A = rng.standard_normal((k, k))
    P, gain, g, x = A @ A.T, rng.standard_normal(k), 0.3, rng.standard_normal(k)
    packed, y = triangle(P), np.empty(k, np.float32)
    pass_over(packed, gain.astype(np.float32), np.float32(g), x.astype(np.float32), y)
    expected = P - g * np.outer(gain, gain)
    np.testing.assert_allclose(full(packed, k), expected, atol=1e-4)
    np.testing.assert_allclose(y, expected @ x, atol=1e-3)


def test_removing_an_input_leaves_the_inverse_correlation_of_the_others():
    rng = np.random.default_rng(4)
    k, out = 7, 3
    X = rng.standard_normal((30, k))
    packed = triangle(np.linalg.inv(X.T @ X + LAM * np.eye(k)))
    remove_input(packed, out, np.empty(k, np.float32))
    rest = np.delete(np.arange(k), out)
    expected = np.zeros((k, k))
    expected[np.ix_(rest, rest)] = np.linalg.inv(X[:, rest].T @ X[:, rest] + LAM * np.eye(k - 1))
    np.testing.assert_allclose(full(packed, k), expected, atol=1e-6)


def test_dale_never_flips_a_sign_and_learns_on_with_the_others():
    rng = np.random.default_rng(5)
    n, k = 6, 5
    start = rng.standard_normal((n, k)) * 0.1
    synapses, learner = fresh(n, k, start, np.sign(start))
    u = np.zeros(n, np.float32)
    for _ in range(80):
        before = synapses.W.copy()
        was = learner.frozen.copy()
        r, f = sample(rng, n)
        learn(synapses, learner, r, u, f)
        assert (synapses.W * start >= 0).all()
        np.testing.assert_array_equal(synapses.W[was == 1], before[was == 1])
    assert 0 < learner.frozen.sum() < n * k
    assert set(np.unique(learner.frozen)) <= {0, 1}


def test_after_a_block_the_others_learn_as_if_that_input_had_never_been_free():
    """P of the remaining inputs is the inverse of their own correlation, whenever the block happened."""
    rng = np.random.default_rng(6)
    n, k = 6, 5
    start = rng.standard_normal((n, k)) * 0.05
    synapses, learner = fresh(n, k, start, np.sign(start))
    u, R = np.zeros(n, np.float32), []
    for _ in range(40):
        r, f = sample(rng, n)
        learn(synapses, learner, r, u, f)
        R.append(r.astype(np.float64))
    for i in range(n):
        free = np.flatnonzero(learner.frozen[i] == 0)
        X = np.array(R)[:, synapses.pre[i]][:, free]
        P = full(learner.P[i], k) - learner.g[i] * np.outer(learner.gain[i], learner.gain[i])
        np.testing.assert_allclose(P[np.ix_(free, free)], np.linalg.inv(X.T @ X + LAM * np.eye(free.size)), atol=1e-5)


def test_untrained_neurons_keep_their_weights():
    rng = np.random.default_rng(8)
    synapses, learner = fresh(8, 3, rng.standard_normal((8, 3)))
    learner.trained[::2] = 0
    before = synapses.W.copy()
    r, f = sample(rng, 8)
    learn(synapses, learner, r, np.zeros(8, np.float32), f)
    np.testing.assert_array_equal(synapses.W[::2], before[::2])
    assert (synapses.W[1::2] != before[1::2]).all()


def test_a_broken_P_is_noticed_and_named():
    synapses, learner = fresh(20, 4, np.zeros((20, 4)))
    learner.P[13] = -learner.P[13]
    r, f = sample(np.random.default_rng(9), 20)
    assert learn(synapses, learner, r, np.zeros(20, np.float32), f) == 13
    learner.P[2] = np.nan
    assert learn(synapses, learner, r, np.zeros(20, np.float32), f) == 2


def test_padding_slots_stay_zero():
    rng = np.random.default_rng(10)
    n, k = 10, 4
    synapses, learner = fresh(n, k, rng.standard_normal((n, k)))
    synapses.pre[:, -1] = n
    synapses.W[:, -1] = 0
    for _ in range(20):
        r, f = sample(rng, n)
        learn(synapses, learner, r, np.zeros(n, np.float32), f)
    assert (synapses.W[:, -1] == 0).all()
