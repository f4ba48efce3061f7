"""What is done with stored matrices, against NumPy in double precision."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spikedash.engine import inverse

SIZES = [1, 2, 8, 15, 16, 17, 60, 100]


def kept(k, held, depth, seed=0):
    """Two symmetric matrices with room for `depth` rows, of which the second keeps `held` back; and those in double precision."""
    rng = np.random.default_rng(seed)
    P = inverse.identity(2, k, 0.0, depth)
    A, U = rng.standard_normal((k, k)), rng.standard_normal((held, k))
    width = P.shape[2]
    P[1, :k, :k] = A + A.T
    P[1, width : width + held, :k] = U
    return P, P[1, :k, :k].astype(float), P[1, width : width + held, :k].astype(float)


@pytest.mark.parametrize("k", SIZES)
@pytest.mark.parametrize("held", [0, 1, 2, 5])
def test_flushing_applies_every_kept_back_row(k, held):
    P, A, U = kept(k, held, 5)
    inverse.flush(P, 1, held, 0, P.shape[2])
    np.testing.assert_allclose(P[1, :k, :k], A - U.T @ U, atol=1e-5)
    np.testing.assert_array_equal(P[1, :k, :k], P[1, :k, :k].T)  # exactly symmetric, whatever rounding did
    assert (P[0] == 0).all()
    assert (P[1, k : P.shape[2]] == 0).all()


@pytest.mark.parametrize("k", SIZES)
def test_flushing_slices_is_flushing_all(k):
    whole, _, _ = kept(k, 3, 4)
    sliced, _, _ = kept(k, 3, 4)
    inverse.flush(whole, 1, 3, 0, whole.shape[2])
    for first in range(0, whole.shape[2], inverse.ROWS):
        inverse.flush(sliced, 1, 3, first, first + inverse.ROWS)
    np.testing.assert_array_equal(whole, sliced)


@pytest.mark.parametrize("k", SIZES)
@pytest.mark.parametrize("held", [0, 3])
@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_a_product_follows_what_it_is_multiplied_with(k, held, share):
    """y = P r stays so when r fades and some of its entries jump, with updates kept back."""
    rng = np.random.default_rng(k)
    P, A, U = kept(k, held, 4)
    width = P.shape[2]
    true = A - U.T @ U
    r = rng.standard_normal(k)
    y = inverse.aligned(2, width)
    y[1, :k] = true @ r
    jumps = inverse.aligned(width)
    jumps[:k] = np.where(rng.random(k) < share, rng.standard_normal(k), 0)
    # The inputs stand somewhere among many neurons, of which others jump too.
    pre = rng.permutation(3 * k)[:k].astype(np.int32)[None]
    everyone = rng.standard_normal(3 * k).astype(np.float32)
    everyone[pre[0]] = jumps[:k]
    slots, amounts, found = inverse.fresh_scratch(P)
    count = inverse.collect(pre, 0, everyone, slots, amounts, found)
    np.testing.assert_array_equal(found, jumps)
    assert count % 4 == 0
    np.testing.assert_array_equal(slots[:count][amounts[:count] != 0], np.flatnonzero(jumps))
    curvature = inverse.follow(P, 1, held, slots, amounts, count, jumps, np.float32(0.6), y, np.float32(r @ true @ r))
    now = 0.6 * r + jumps[:k]
    np.testing.assert_allclose(y[1, :k], true @ now, atol=2e-5 * k)
    np.testing.assert_allclose(curvature, now @ true @ now, atol=1e-4 * k)
    assert (y[1, k:] == 0).all()
    assert (y[0] == 0).all()


@given(st.integers(1, 40), st.integers(1, 300), st.integers(0, 6))
@settings(max_examples=100, deadline=None)
def test_moves_of_any_number_of_members_and_inputs(k, members, held):
    rng = np.random.default_rng(k * 1000 + members)
    W = rng.standard_normal((3, k, members)).astype(np.float32)
    Y, S = rng.standard_normal((3, k, 6)).astype(np.float32), rng.standard_normal((3, 6, members)).astype(np.float32)
    first = k // 3
    expected = W.astype(float)
    expected[1, first:] += Y[1, first:, :held].astype(float) @ S[1, :held]
    inverse.move(W, 1, Y, S, held, first, k)
    np.testing.assert_allclose(W, expected, atol=1e-5)
    np.testing.assert_array_equal(W[[0, 2]], expected[[0, 2]].astype(np.float32))


def test_vectors_begin_on_cache_lines():
    for shape in [(1,), (3, 7, 16), (1, 2560), (0, 16)]:
        array = inverse.aligned(*shape)
        assert array.shape == shape
        assert not array.any()
        assert array.size == 0 or array.ctypes.data % 64 == 0


@pytest.mark.parametrize("k", SIZES)
def test_packed_matrices_come_back_to_the_bit(k):
    P, _, _ = kept(k, 3, 4)
    stored = inverse.packed(P)
    assert stored.size < 0.7 * P.size or k < 60
    again = np.full_like(P, 7)
    inverse.unpack(stored, again)
    np.testing.assert_array_equal(again, P)
    nothing = inverse.packed(P[:0])
    inverse.unpack(nothing, P[:0])
    assert nothing.size == 0
