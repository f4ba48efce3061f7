"""Synapses and learners made by hand, samples to teach them, and the regressions that they should find."""

import numpy as np

from spikedash import engine
from spikedash.engine import given, rls
from spikedash.network import outgoing

LAM = 2.0


def ridge(X, y, start, lam=LAM):
    """Weights that minimise ‖y - Xw‖² + λ‖w - start‖²."""
    return np.linalg.solve(X.T @ X + lam * np.eye(X.shape[1]), X.T @ y + lam * start)


def fresh(n, k, weights, sign=None, *, M=1, depth=1, pre=None, loops=1, rule=rls.DRIVE, floor=0.0):
    """Synapses and learner of n neurons in groups of M; weights (n, k)."""
    groups = -(-n // M)
    if pre is None:
        pre = np.stack([np.random.default_rng(i).choice(n, k, replace=False) for i in range(groups)]).astype(np.int32)

    def grouped(rows, kind):
        out = np.zeros((groups * M, k), kind)
        out[:n] = rows
        return np.ascontiguousarray(out.reshape(groups, M, k).transpose(0, 2, 1))

    synapses = engine.Synapses(pre, grouped(weights, np.float32), *outgoing(pre, n))
    nothing = (0, 0, 0)
    shared = groups if M > 1 else 0
    learner = engine.Learner(
        engine.identity(groups, k, 1 / LAM, depth),
        np.zeros(groups, np.int64),
        engine.aligned(groups, engine.padded(k)),
        np.zeros(groups, np.float32),
        np.zeros(n + 1, np.float32),
        np.zeros(1, np.float32),
        engine.aligned(shared, k, depth),
        engine.aligned(shared, depth, M),
        np.zeros((shared, depth), np.float32),
        np.zeros((shared, M), np.float32),
        np.zeros(nothing, np.int8) if sign is None else grouped(sign, np.int8),
        np.zeros(nothing if sign is None else synapses.W.shape, np.uint8),
        np.ones(n, np.uint8),
        rule,
        floor,
        loops,
    )
    return synapses, learner


def learn(synapses, learner, r, u, f, v=None, bias=0.0):
    """One update from r (n + 1,), all of it new; u becomes W r on the way."""
    return go_on(synapses, learner, np.zeros_like(r), u, 0.0, r[None, :-1], f[None], v, bias)


def go_on(synapses, learner, r, u, fade, gained, targets, v=None, bias=0.0, threads=1):
    """One update for every row, before which r and u fade and gain (both in place)."""
    v = np.zeros_like(u) if v is None else v
    return given.learn_often(threads, synapses, learner, r, u, v, bias, fade, np.ascontiguousarray(gained), targets)


def rows(array, n):
    """(groups, k, M) as (n, k)."""
    groups, k, M = array.shape
    return array.transpose(0, 2, 1).reshape(groups * M, k)[:n]


def true_P(learner, i, k):
    """P with the updates that are still kept back."""
    width = learner.P.shape[2]
    U = learner.P[i, width : width + learner.held[i], :k].astype(np.float64)
    return learner.P[i, :k, :k] - U.T @ U


def sample(rng, n):
    r = np.append(rng.random(n), 0).astype(np.float32)
    return r, rng.standard_normal(n).astype(np.float32)


def practise(synapses, learner, n, samples, seed=0, fade=0.0):
    """Learn from random samples; returns them (samples, n) and the last drive. With `fade` one in three jumps at a time."""
    rng = np.random.default_rng(seed)
    r, u = np.zeros(n + 1, np.float32), np.zeros(n, np.float32)
    R, F = [], []
    for _ in range(samples):
        gained, f = sample(rng, n)
        if fade:
            gained *= rng.random(n + 1) < 0.3
        assert go_on(synapses, learner, r, u, fade, gained[None, :-1], f[None]) == -1
        R.append(r[:-1].astype(np.float64))
        F.append(f.astype(np.float64))
    return np.array(R), np.array(F), u
