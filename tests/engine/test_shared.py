"""Neurons that share their inputs against ridge regression, one by one."""

import numpy as np
import pytest
from engine.learners import fresh, practise, ridge, rows


@pytest.mark.parametrize("fade", [0.0, 0.6])
@pytest.mark.parametrize("depth", [1, 4])
@pytest.mark.parametrize(("n", "M", "k"), [(12, 5, 4), (40, 10, 17), (300, 150, 20), (6, 6, 6)])
def test_neurons_that_share_inputs_learn_as_if_each_had_them_alone(n, M, k, depth, fade):
    start = np.random.default_rng(n).standard_normal((n, k))
    synapses, learner = fresh(n, k, start, M=M, depth=depth)
    R, F, u = practise(synapses, learner, n, 30, fade=fade)
    expected = [ridge(R[:, synapses.pre[i // M]], F[:, i], start[i]) for i in range(n)]
    np.testing.assert_allclose(rows(synapses.W, n), expected, atol=3e-5)
    np.testing.assert_allclose(u, [rows(synapses.W, n)[i] @ R[-1][synapses.pre[i // M]] for i in range(n)], atol=2e-5)


@pytest.mark.parametrize("fade", [0.0, 0.6])
@pytest.mark.parametrize("depth", [1, 8])
@pytest.mark.parametrize("n", [2, 5, 16, 37, 150])
def test_all_to_all_without_self_connections_is_the_regression_on_the_others(n, depth, fade):
    start = np.random.default_rng(n).standard_normal((n, n))
    np.fill_diagonal(start, 0)
    synapses, learner = fresh(n, n, start, M=n, depth=depth, pre=np.arange(n, dtype=np.int32)[None], loops=0)
    R, F, u = practise(synapses, learner, n, 25, fade=fade)
    weights = rows(synapses.W, n)
    assert (np.diag(weights) == 0).all()
    for i in range(n):
        others = np.delete(np.arange(n), i)
        np.testing.assert_allclose(weights[i, others], ridge(R[:, others], F[:, i], start[i, others]), atol=5e-5)
    np.testing.assert_allclose(u, weights @ R[-1][:n], atol=5e-5)
