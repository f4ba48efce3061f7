"""Recursive least squares against ridge regression, and Dale's law against the same regression on fewer inputs."""

import numba
import numpy as np
import pytest

from spikedash import engine
from spikedash.engine import rls, symmetric

LAM = 2.0


def ridge(X, y, start, lam=LAM):
    """Weights that minimise ‖y - Xw‖² + λ‖w - start‖²."""
    return np.linalg.solve(X.T @ X + lam * np.eye(X.shape[1]), X.T @ y + lam * start)


def fresh(n, k, weights, sign=None, *, M=1, depth=1, pre=None, loops=1, rule=rls.DRIVE, floor=0.0):
    """Synapses and learner of n neurons in groups of M; weights (n, k)."""
    groups = -(-n // M)
    if pre is None:
        pre = np.stack([np.random.default_rng(i).choice(n, k, replace=False) for i in range(groups)]).astype(np.int32)
    none = np.zeros(0, np.int32)

    def grouped(rows, kind):
        out = np.zeros((groups * M, k), kind)
        out[:n] = rows
        return np.ascontiguousarray(out.reshape(groups, M, k).transpose(0, 2, 1))

    synapses = engine.Synapses(pre, grouped(weights, np.float32), np.zeros(n + 1, np.int64), none, none)
    width = symmetric.padded(k)
    nothing = (0, 0, 0)
    learner = engine.Learner(
        symmetric.identity(groups, k, 1 / LAM),
        symmetric.aligned(groups, depth, width),
        np.zeros(groups, np.int64),
        symmetric.aligned(groups, width),
        symmetric.aligned(groups, width),
        np.zeros(groups, np.float32),
        np.zeros(nothing, np.int8) if sign is None else grouped(sign, np.int8),
        np.zeros(nothing if sign is None else synapses.W.shape, np.uint8),
        np.ones(n, np.uint8),
        rule,
        floor,
        loops,
    )
    return synapses, learner


def learn(synapses, learner, r, u, f, v=None, bias=0.0, threads=1):
    """One update without drive from elsewhere, unless told."""
    return rls.learn_often(threads, synapses, learner, r, u, np.zeros_like(u) if v is None else v, bias, f[None])


def rows(array, n):
    """(groups, k, M) as (n, k)."""
    groups, k, M = array.shape
    return array.transpose(0, 2, 1).reshape(groups * M, k)[:n]


def true_P(learner, i, k):
    """P with the updates that are still kept back."""
    U = learner.U[i, : learner.held[i], :k].astype(np.float64)
    return symmetric.dense(learner.P[i], k) - U.T @ U


def sample(rng, n):
    r = np.append(rng.random(n), 0).astype(np.float32)
    return r, rng.standard_normal(n).astype(np.float32)


def drawn(rng, n, u):
    r, f = sample(rng, n)
    return r, u, f


def practise(synapses, learner, n, samples, seed=0):
    """Learn from random samples; returns them (samples, n) and the last drive."""
    rng = np.random.default_rng(seed)
    u = np.zeros(n, np.float32)
    R, F = [], []
    for _ in range(samples):
        r, f = sample(rng, n)
        assert learn(synapses, learner, r, u, f) == -1
        R.append(r.astype(np.float64))
        F.append(f.astype(np.float64))
    return np.array(R), np.array(F), u


@pytest.mark.parametrize("depth", [1, 2, 8])
@pytest.mark.parametrize(("n", "k", "samples"), [(2, 1, 5), (9, 8, 4), (20, 10, 60), (33, 17, 200)])
def test_weights_equal_the_ridge_solution(n, k, samples, depth):
    start = np.random.default_rng(n).standard_normal((n, k))
    synapses, learner = fresh(n, k, start, depth=depth)
    R, F, u = practise(synapses, learner, n, samples)
    expected = [ridge(R[:, synapses.pre[i]], F[:, i], start[i]) for i in range(n)]
    np.testing.assert_allclose(rows(synapses.W, n), expected, atol=3e-5)
    np.testing.assert_allclose(u, [rows(synapses.W, n)[i] @ R[-1][synapses.pre[i]] for i in range(n)], atol=1e-5)


@pytest.mark.parametrize("depth", [1, 4])
@pytest.mark.parametrize(("n", "M", "k"), [(12, 5, 4), (40, 10, 17), (300, 150, 20), (6, 6, 6)])
def test_neurons_that_share_inputs_learn_as_if_each_had_them_alone(n, M, k, depth):
    start = np.random.default_rng(n).standard_normal((n, k))
    synapses, learner = fresh(n, k, start, M=M, depth=depth)
    R, F, u = practise(synapses, learner, n, 30)
    expected = [ridge(R[:, synapses.pre[i // M]], F[:, i], start[i]) for i in range(n)]
    np.testing.assert_allclose(rows(synapses.W, n), expected, atol=3e-5)
    np.testing.assert_allclose(u, [rows(synapses.W, n)[i] @ R[-1][synapses.pre[i // M]] for i in range(n)], atol=2e-5)


@pytest.mark.parametrize("n", [2, 5, 16, 37, 150])
def test_all_to_all_without_self_connections_is_the_regression_on_the_others(n):
    start = np.random.default_rng(n).standard_normal((n, n))
    np.fill_diagonal(start, 0)
    synapses, learner = fresh(n, n, start, M=n, pre=np.arange(n, dtype=np.int32)[None], loops=0)
    R, F, u = practise(synapses, learner, n, 25)
    weights = rows(synapses.W, n)
    assert (np.diag(weights) == 0).all()
    for i in range(n):
        others = np.delete(np.arange(n), i)
        np.testing.assert_allclose(weights[i, others], ridge(R[:, others], F[:, i], start[i, others]), atol=5e-5)
    np.testing.assert_allclose(u, weights @ R[-1][:n], atol=5e-5)


def test_keeping_updates_back_changes_rounding_only():
    """1000 samples, in which P shrinks by orders of magnitude, at several depths."""
    n, k = 12, 10
    found = []
    for depth in (1, 3, 8):
        synapses, learner = fresh(n, k, np.zeros((n, k)), depth=depth)
        practise(synapses, learner, n, 1000)
        found.append((rows(synapses.W, n).copy(), np.stack([true_P(learner, i, k) for i in range(n)])))
    for weights, P in found[1:]:
        np.testing.assert_allclose(weights, found[0][0], atol=1e-5)
        np.testing.assert_allclose(P, found[0][1], atol=1e-6)


@pytest.mark.parametrize("depth", [1, 2, 8])
def test_removing_an_input_leaves_the_inverse_correlation_of_the_others(depth):
    n, k, out = 9, 7, 3
    synapses, learner = fresh(n, k, np.zeros((n, k)), depth=depth)
    R, _, _ = practise(synapses, learner, n, 30)
    scratch = [symmetric.aligned(symmetric.padded(k)) for _ in range(2)]
    rls.remove_input(learner.P, learner.U, learner.held, 2, out, *scratch)
    X = R[:, synapses.pre[2]]
    rest = np.delete(np.arange(k), out)
    expected = np.zeros((k, k))
    expected[np.ix_(rest, rest)] = np.linalg.inv(X[:, rest].T @ X[:, rest] + LAM * np.eye(k - 1))
    np.testing.assert_allclose(true_P(learner, 2, k), expected, atol=1e-6)


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


@pytest.mark.parametrize(("M", "loops"), [(1, 1), (4, 1), (8, 0)])
def test_untrained_neurons_keep_their_weights_and_drive(M, loops):
    rng = np.random.default_rng(8)
    pre = np.arange(8, dtype=np.int32)[None] if M == 8 else None
    k = 8 if M == 8 else 3
    start = rng.standard_normal((8, k)) * (1 - np.eye(8, k) if M == 8 else 1)
    synapses, learner = fresh(8, k, start, M=M, pre=pre, loops=loops)
    learner.trained[::2] = 0
    before, u = rows(synapses.W, 8).copy(), np.full(8, 7, np.float32)
    r, f = sample(rng, 8)
    learn(synapses, learner, r, u, f)
    np.testing.assert_array_equal(rows(synapses.W, 8)[::2], before[::2])
    assert (rows(synapses.W, 8)[1::2] != before[1::2]).any(1).all()
    assert (u[::2] == 7).all()


@pytest.mark.parametrize("M", [1, 5])
def test_a_broken_P_is_noticed_and_named(M):
    synapses, learner = fresh(20, 4, np.zeros((20, 4)), M=M)
    learner.P[13 // M] *= -1
    r, f = sample(np.random.default_rng(9), 20)
    assert learn(synapses, learner, r, np.zeros(20, np.float32), f) == 13 // M * M
    learner.P[2 // M] = np.nan
    assert learn(synapses, learner, r, np.zeros(20, np.float32), f) == 2 // M * M


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


@pytest.mark.parametrize("M", [1, 60, 200])
def test_bits_do_not_depend_on_the_number_of_threads(M):
    """Many updates with threads that take tasks from one another, also more threads than cores."""
    n, k = 200, 45
    rng = np.random.default_rng(4)
    r, targets = sample(rng, n)[0], rng.standard_normal((60, n)).astype(np.float32)
    found = set()
    for threads in (1, 2, 2, min(5, numba.config.NUMBA_NUM_THREADS), 1):
        synapses, learner = fresh(n, k, np.random.default_rng(0).standard_normal((n, k)), M=M, depth=2)
        u = np.zeros(n, np.float32)
        rls.learn_often(threads, synapses, learner, r, u, np.zeros_like(u), 0.0, targets)
        found.add((synapses.W.tobytes(), learner.P.tobytes(), u.tobytes()))
    assert len(found) == 1


def phi(x, c=0.1):
    return np.sqrt(c * np.log1p(np.exp(x / c))) / np.pi


def naive_rate_rule(R, F, start, other, lam=LAM):
    """The rate rule of SCIENCE §2, one neuron, in double precision: w (k,) after the samples R (s, k), F (s,), other (s,)."""
    w, P = start.copy(), np.eye(start.size) / lam
    for r, f, v in zip(R, F, other, strict=True):
        x = w @ r + v
        h = 1e-6
        slope = (phi(x + h) - phi(x - h)) / (2 * h)
        scaled = slope * r
        k = P @ scaled
        g = 1 / (1 + scaled @ k)
        w += (f - phi(x)) * g * k
        P -= g * np.outer(k, k)
    return w


@pytest.mark.parametrize("depth", [1, 4])
def test_the_rate_rule_is_the_naive_one(depth):
    n, k, bias = 9, 6, 0.3
    rng = np.random.default_rng(11)
    start = rng.standard_normal((n, k)) * 0.5
    synapses, learner = fresh(n, k, start, depth=depth, rule=rls.RATE)
    R, F, V = [], [], []
    u = np.zeros(n, np.float32)
    for _ in range(60):
        r, _ = sample(rng, n)
        f, v = (0.3 * rng.random(n)).astype(np.float32), (0.2 * rng.standard_normal(n)).astype(np.float32)
        assert learn(synapses, learner, r, u, f, v, bias) == -1
        R.append(r.astype(float))
        F.append(f.astype(float))
        V.append(v.astype(float) + bias)
    R, F, V = np.array(R), np.array(F), np.array(V)
    expected = [naive_rate_rule(R[:, synapses.pre[i]], F[:, i], start[i], V[:, i]) for i in range(n)]
    np.testing.assert_allclose(rows(synapses.W, n), expected, atol=2e-3)
    np.testing.assert_allclose(u, [rows(synapses.W, n)[i] @ R[-1][synapses.pre[i]] for i in range(n)], atol=1e-4)


def test_a_neuron_far_below_threshold_learns_no_rate():
    synapses, learner = fresh(5, 3, np.full((5, 3), -9.0), rule=rls.RATE)
    before = synapses.W.copy()
    r = np.append(np.ones(5), 0).astype(np.float32)
    learn(synapses, learner, r, np.zeros(5, np.float32), np.full(5, 0.3, np.float32))
    np.testing.assert_array_equal(synapses.W, before)


@pytest.mark.parametrize("M", [1, 4])
def test_drive_from_elsewhere_is_left_to_the_others(M):
    """The plastic synapses learn what static ones do not give: ridge regression on target minus v."""
    n, k = 8, 5
    start = np.random.default_rng(2).standard_normal((n, k))
    synapses, learner = fresh(n, k, start, M=M)
    rng, u = np.random.default_rng(3), np.zeros(n, np.float32)
    R, Y = [], []
    for _ in range(30):
        r, f = sample(rng, n)
        v = rng.standard_normal(n).astype(np.float32)
        learn(synapses, learner, r, u, f, v, bias=7.0)  # a bias is no part of the drive
        R.append(r.astype(float))
        Y.append((f - v).astype(float))
    R, Y = np.array(R), np.array(Y)
    expected = [ridge(R[:, synapses.pre[i // M]], Y[:, i], start[i]) for i in range(n)]
    np.testing.assert_allclose(rows(synapses.W, n), expected, atol=3e-5)


@pytest.mark.parametrize("M", [1, 4])
def test_silence_asked_for_is_silence_enough(M):
    """RATE_BY_DRIVE: at a target at the floor, a lower drive is no error; above it, it is."""
    floor = -0.5
    synapses, learner = fresh(8, 3, np.full((8, 3), -2.0), M=M, rule=rls.RATE_BY_DRIVE, floor=floor)
    before = rows(synapses.W, 8).copy()
    r = np.append(np.ones(8), 0).astype(np.float32)
    target = np.array([floor] * 4 + [0.2] * 4, np.float32)
    learn(synapses, learner, r, np.zeros(8, np.float32), target)
    np.testing.assert_array_equal(rows(synapses.W, 8)[:4], before[:4])
    assert (rows(synapses.W, 8)[4:] > before[4:]).all()


@pytest.mark.parametrize("loops", [0, 1])
def test_dale_leaves_missing_self_connections_missing(loops):
    """All-to-all: what is blocked from the start stays 0, whichever way the gain is formed."""
    n = 12
    start = np.abs(np.random.default_rng(0).standard_normal((n, n))) * (1 - np.eye(n))
    pre = np.arange(n, dtype=np.int32)[None]
    synapses, learner = fresh(n, n, start, np.sign(start), M=n, pre=pre, loops=loops)
    np.fill_diagonal(learner.frozen[0], 1)
    practise(synapses, learner, n, 20)
    assert (np.diag(rows(synapses.W, n)) == 0).all()
    assert (rows(synapses.W, n) >= 0).all()
