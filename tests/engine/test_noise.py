"""Private noise: a normal distribution, independent over neurons, steps and keys, and a pure function of them."""

import numpy as np
from scipy import stats

from spikedash.engine.noise import add_normal


def draw(n=1001, steps=40, key=5):
    out = np.zeros((steps, n), np.float32)
    for step in range(steps):
        add_normal(out[step], np.float32(1), key, step, 0)
    return out


def test_is_normal_and_white():
    x = draw()
    assert stats.kstest(x.ravel(), "norm").pvalue > 1e-3
    for lagged in (x[1:] * x[:-1], x[:, 1:] * x[:, :-1], x * draw(key=6)):
        assert abs(lagged.mean()) < 5 / np.sqrt(lagged.size)


def test_depends_on_key_and_step_only():
    np.testing.assert_array_equal(draw()[7], draw()[7])
    # The same neurons get the same numbers in a larger network.
    np.testing.assert_array_equal(draw(10)[:, :10], draw(11)[:, :10])


def test_parts_of_the_network_get_what_they_get_together():
    whole, parts = draw(steps=1)[0], np.zeros(1001, np.float32)
    for first, last in ((0, 64), (64, 700), (700, 1001)):
        add_normal(parts[first:last], np.float32(1), 5, 0, first)
    np.testing.assert_array_equal(parts, whole)
