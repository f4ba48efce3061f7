"""Recursive least squares against ridge regression, and what may not matter to it."""

import numpy as np
import pytest
from engine.learners import LAM, fresh, go_on, learn, practise, ridge, rows, sample, true_P

from spikedash import engine, training
from spikedash.params import Params


@pytest.mark.parametrize("fade", [0.0, 0.6])
@pytest.mark.parametrize("depth", [1, 2, 8])
@pytest.mark.parametrize(("n", "k", "samples"), [(2, 1, 5), (9, 8, 4), (20, 10, 60), (33, 17, 200)])
def test_weights_equal_the_ridge_solution(n, k, samples, depth, fade):
    start = np.random.default_rng(n).standard_normal((n, k))
    synapses, learner = fresh(n, k, start, depth=depth)
    R, F, u = practise(synapses, learner, n, samples, fade=fade)
    expected = [ridge(R[:, synapses.pre[i]], F[:, i], start[i]) for i in range(n)]
    np.testing.assert_allclose(rows(synapses.W, n), expected, atol=3e-5)
    np.testing.assert_allclose(u, [rows(synapses.W, n)[i] @ R[-1][synapses.pre[i]] for i in range(n)], atol=1e-5)


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


@pytest.mark.parametrize(("M", "loops"), [(1, 1), (4, 1), (8, 0)])
def test_untrained_neurons_keep_their_weights_and_drive(M, loops):
    rng = np.random.default_rng(8)
    pre = np.arange(8, dtype=np.int32)[None] if M == 8 else None
    k = 8 if M == 8 else 3
    start = rng.standard_normal((8, k)) * (1 - np.eye(8, k) if M == 8 else 1)
    synapses, learner = fresh(8, k, start, M=M, pre=pre, loops=loops)
    learner.trained[::2] = 0
    before, u = rows(synapses.W, 8).copy(), np.zeros(8, np.float32)
    r, f = sample(rng, 8)
    learn(synapses, learner, r, u, f)
    np.testing.assert_array_equal(rows(synapses.W, 8)[::2], before[::2])
    assert (rows(synapses.W, 8)[1::2] != before[1::2]).any(1).all()
    np.testing.assert_allclose(u[::2], [before[i] @ r[synapses.pre[i // M]] for i in range(0, 8, 2)], atol=1e-6)


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
    targets = rng.standard_normal((60, n)).astype(np.float32)
    gained = (rng.random((60, n)) * (rng.random((60, n)) < 0.2)).astype(np.float32)
    found = set()
    for threads in (1, 2, 2, min(5, engine.set_threads(None)), 1):
        synapses, learner = fresh(n, k, np.random.default_rng(0).standard_normal((n, k)), M=M, depth=2)
        u = np.zeros(n, np.float32)
        go_on(synapses, learner, np.zeros(n + 1, np.float32), u, 0.7, gained, targets, threads=threads)
        found.add((synapses.W.tobytes(), learner.P.tobytes(), u.tobytes()))
    assert len(found) == 1


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


def plain_loop(weights, pre, R, F, lam):
    """The algorithm of SCIENCE §2 as it stands there, one neuron at a time in double precision: weights after all samples."""
    out = weights.astype(float)
    for i, inputs in enumerate(pre):
        P = np.eye(inputs.size) / lam
        for r, f in zip(R[:, inputs], F[:, i], strict=True):
            k = P @ r
            g = 1 / (1 + r @ k)
            out[i] += (f - out[i] @ r) * g * k
            P -= g * np.outer(k, k)
    return out


@pytest.mark.parametrize(("M", "loops", "every"), [(1, 1, 10), (1, 1, 2), (10, 1, 10), (80, 1, 10), (80, 0, 10)])
def test_a_loop_on_recorded_activity_gives_the_weights_of_the_plain_algorithm(M, loops, every):
    """One second of a running network's spikes, update after update, to 1e-4."""
    n, k, tau_s = 80, 80 if M == 80 else 30, 20.0
    params = Params().with_values({"network.n": n, "network.weights": "mixed", "training.loops": 0, "training.test_trials": 1})
    spikes = [(s.spike_ms, s.spike_neuron) for s in training.train(params)]
    ms, who = (np.concatenate(part) for part in zip(*spikes, strict=True))
    count, inside = 1000 // every, (ms >= 0) & (ms < 1000)
    row = (ms[inside] // every).astype(int)
    gained = np.zeros((count, n), np.float32)
    np.add.at(gained, (row, who[inside]), 10 / tau_s * np.exp(-((row + 1) * every - ms[inside]) / tau_s))
    fade = np.exp(-every / tau_s)
    R, r = np.empty((count, n)), np.zeros(n)
    for sample_row in range(count):
        R[sample_row] = r = fade * r + gained[sample_row]
    rng = np.random.default_rng(0)
    F = np.sin(2 * np.pi * (np.arange(count)[:, None] * every / rng.uniform(300, 1000, n) + rng.random(n))).astype(np.float32)
    start = 0.5 * rng.standard_normal((n, k)) * (1 - np.eye(n, k) if not loops else 1)
    pre = np.arange(n, dtype=np.int32)[None] if n == M else None
    synapses, learner = fresh(n, k, start, M=M, depth=8, pre=pre, loops=loops)
    assert go_on(synapses, learner, np.zeros(n + 1, np.float32), np.zeros(n, np.float32), fade, gained, F) == -1
    assert (R > 0).mean() > 0.1
    inputs = [synapses.pre[i // M] if loops else np.delete(np.arange(n), i) for i in range(n)]
    found = rows(synapses.W, n)
    if not loops:
        found = np.array([np.delete(found[i], i) for i in range(n)])
        start = np.array([np.delete(start[i], i) for i in range(n)])
    np.testing.assert_allclose(found, plain_loop(start, inputs, R, F, LAM), atol=1e-4)


def test_P_stays_positive_over_a_hundred_thousand_updates():
    """Float32, updates kept back, P r never formed anew: still the inverse correlation, in every direction."""
    n, k = 16, 20
    synapses, learner = fresh(32, k, np.zeros((32, k)), depth=8)
    rng, r, u = np.random.default_rng(1), np.zeros(33, np.float32), np.zeros(32, np.float32)
    correlation, now = LAM * np.eye(32), np.zeros(32)
    for _ in range(100):
        gained = (rng.random((1000, 32)) * (rng.random((1000, 32)) < 0.1)).astype(np.float32)
        assert go_on(synapses, learner, r, u, 0.6, gained, rng.standard_normal((1000, 32)).astype(np.float32)) == -1
        for row in gained.astype(float):
            now = 0.6 * now + row
            correlation += np.outer(now, now)
    for i in range(n):
        inputs = synapses.pre[i]
        found = true_P(learner, i, k)
        assert (np.linalg.eigvalsh(found) > 0).all()
        np.testing.assert_allclose(found @ correlation[np.ix_(inputs, inputs)], np.eye(k), atol=0.05)


@pytest.mark.parametrize("M", [1, 4])
def test_rounding_left_where_nothing_fires_is_no_broken_P(M):
    """r has faded to nothing, and what rounding has left of P r points elsewhere: r·P r is a negative nothing."""
    n, k = 8, 4
    synapses, learner = fresh(n, k, np.zeros((n, k)), M=M)
    _, _, u = practise(synapses, learner, n, 20)
    before = [true_P(learner, i, k) for i in range(n // M)]
    r = np.append(np.full(n, 1e-9), 0).astype(np.float32)
    learner.Pr[:, :k] = -1e-9
    nothing = np.zeros((3, n), np.float32)
    assert go_on(synapses, learner, r, u, 0.9, nothing, nothing) == -1
    np.testing.assert_allclose([true_P(learner, i, k) for i in range(n // M)], before, atol=1e-12)
