"""Dimensions of matrices whose rank and axes are known."""

import numpy as np
import pytest

from spikedash import analysis


def orthonormal(T: int, k: int) -> np.ndarray:
    """k orthonormal curves of zero mean."""
    t = np.arange(T)
    return np.column_stack([np.sqrt(2 / T) * np.cos(2 * np.pi * (j + 1) * t / T) for j in range(k)])


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("k", [1, 3, 8])
def test_rank_is_the_number_of_independent_curves(k, dtype, rng):
    curves = (orthonormal(200, k) @ rng.standard_normal((k, 30)) + 5).astype(dtype)
    assert analysis.dimensions(curves).rank == k


def test_equal_axes_count_fully_and_unequal_ones_by_their_variance():
    equal = analysis.dimensions(orthonormal(100, 10))
    assert equal.participation == pytest.approx(10)
    assert equal.enough == 10
    variance = np.array([16.0, 3.0, 1.0])
    got = analysis.dimensions(orthonormal(100, 3) * np.sqrt(variance) + 2)
    np.testing.assert_allclose(got.share, variance / 20, atol=1e-12)
    assert got.participation == pytest.approx(400 / (256 + 9 + 1))
    assert got.enough == 2  # 19 of 20 is 95 %


@pytest.mark.parametrize("curves", [np.full((50, 4), 3.3), np.zeros((50, 4)), np.full((50, 4), 0.1, np.float32)])
def test_curves_that_do_not_change_have_no_dimension(curves):
    got = analysis.dimensions(curves)
    assert (got.rank, got.participation, got.enough) == (0, 0, 0)


def test_more_samples_or_more_neurons_say_the_same(rng):
    curves = orthonormal(40, 5) @ rng.standard_normal((5, 90))
    a, b = analysis.dimensions(curves), analysis.dimensions(curves[:, :30])
    assert a.rank == b.rank == 5
    assert len(a.share) == 40
    assert len(b.share) == 30


def test_the_basis_of_silent_targets_is_zero_and_of_others_their_rate():
    """(π r)² is the drive at which a theta neuron fires at r."""
    rate = np.array([[0.1, 0.2], [0.0, 0.05]])
    np.testing.assert_allclose(analysis.rate_basis(np.square(np.pi * rate)), rate, atol=1e-12)
    assert not analysis.rate_basis(np.array([[-1.0, -0.01]])).any()
