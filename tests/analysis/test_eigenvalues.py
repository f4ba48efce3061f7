"""The spectrum against the circular law and matrices whose eigenvalues are known."""

import numpy as np
import pytest

from spikedash import analysis
from spikedash.network import wire
from spikedash.params import Network


def test_eigenvalues_of_small_matrices_are_exact():
    turn = np.array([[0.0, -2.0], [2.0, 0.0]])
    got = analysis.spectrum(turn, 2.0)
    np.testing.assert_allclose(sorted(got.values, key=lambda z: z.imag), [-1j, 1j], atol=1e-12)
    triangle = np.array([[3.0, 5.0, 7.0], [0.0, -4.0, 1.0], [0.0, 0.0, 0.5]])
    got = analysis.spectrum(triangle, 1.0)
    np.testing.assert_allclose(got.values, [-4.0, 3.0, 0.5], atol=1e-12)
    assert got.row_sum == pytest.approx(np.mean([15, -3, 0.5]))


def test_a_random_matrix_follows_the_circular_law(rng):
    """Girko: uniform in the unit disc, so a share r² lies within r."""
    n = 400
    got = analysis.spectrum(rng.standard_normal((n, n)), np.sqrt(n))
    modulus = np.abs(got.values)
    assert np.all(np.diff(modulus) <= 0)
    for r in (0.3, 0.5, 0.8):
        assert np.mean(modulus < r) == pytest.approx(r * r, abs=0.05)
    assert got.radius == pytest.approx(np.sqrt(0.99), abs=0.04)


@pytest.mark.parametrize(
    "changes",
    [
        {"weights": "balanced", "p": 0.2, "J": 3.0, "g": 4.0},
        {"weights": "balanced", "p": 0.2, "J": 3.0, "g": 4.0, "wiring": "shared", "group": 5},
        {"weights": "mixed", "p": 0.2, "sigma": 1.7},
        {"weights": "mixed", "wiring": "all", "sigma": 1.7},
    ],
)
def test_the_initial_weights_fill_the_unit_circle(changes):
    network = Network(n=400, **changes)
    drawn = wire(network, np.random.default_rng(3))
    got = analysis.spectrum(analysis.dense(drawn.pre, drawn.weights, network.n), analysis.bulk_scale(network))
    assert 0.88 < got.radius < 1.08


def test_equal_row_sums_are_an_eigenvalue():
    """Exact in-degrees: the constant vector is an eigenvector, with √K J (1 - f - f g) = 5 · 6 · (0.8 - 0.2 · 5)."""
    network = Network(n=100, weights="balanced", p=0.25, J=6, g=5, frac_exc=0.8)
    drawn = wire(network, np.random.default_rng(3))
    got = analysis.spectrum(analysis.dense(drawn.pre, drawn.weights, 100), analysis.bulk_scale(network))
    expected = 5 * 6 * (0.8 - 0.2 * 5) / np.sqrt((0.8 * 36 + 0.2 * 900) * 0.75)
    assert got.row_sum == pytest.approx(expected, rel=1e-5)
    assert np.abs(got.values - expected).min() < 1e-5


@pytest.mark.parametrize(
    "changes", [{"weights": "silent"}, {"weights": "balanced", "wiring": "all"}, {"weights": "balanced", "J": 0}]
)
def test_weights_without_spread_keep_their_own_unit(changes):
    assert analysis.bulk_scale(Network(**changes)) == 1.0
