"""The rate rules against the naive one."""

import numpy as np
import pytest
from engine.learners import LAM, fresh, learn, rows, sample

from spikedash.engine import rls


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
