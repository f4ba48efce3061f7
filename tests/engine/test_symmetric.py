"""Products with a stored symmetric matrix against NumPy's on the dense one."""

import numpy as np
import pytest

from spikedash.engine import symmetric

SIZES = [1, 2, 8, 15, 16, 17, 60, 100]


def store(matrix):
    k = len(matrix)
    stored = symmetric.identity(1, k, 0.0)
    for row in range(k):
        for col in range(k):
            stored[0, symmetric.place(row, col)] = matrix[row, col]
            if row // symmetric.LANES == col // symmetric.LANES:  # diagonal tiles are stored in full
                stored[0, symmetric.row_place(row, col)] = matrix[row, col]
    return stored


def vector(values, k):
    out = symmetric.aligned(symmetric.padded(k))
    out[:k] = values
    return out


@pytest.mark.parametrize("k", SIZES)
def test_every_element_has_one_place_of_its_own(k):
    places = [symmetric.place(row, col) for row in range(k) for col in range(row + 1)]
    assert len(set(places)) == k * (k + 1) // 2
    assert max(places) < symmetric.size(k)
    assert all(symmetric.place(a, b) == symmetric.place(b, a) for a in range(k) for b in range(k))


@pytest.mark.parametrize("k", SIZES)
def test_products_are_those_of_the_dense_matrix(k):
    rng = np.random.default_rng(k)
    A = rng.standard_normal((k, k))
    A = (A + A.T).astype(np.float32)
    P, x, y = store(A), vector(rng.standard_normal(k), k), vector(np.nan, k)
    symmetric.multiply(P, 0, x, y)
    np.testing.assert_allclose(y[:k], A.astype(np.float64) @ x[:k], atol=1e-5 * k)
    assert (y[k:] == 0).all()
    np.testing.assert_array_equal(symmetric.dense(P[0], k), A)


@pytest.mark.parametrize("k", SIZES)
@pytest.mark.parametrize("held", [1, 2, 5])
def test_flushing_applies_every_kept_back_row(k, held):
    rng = np.random.default_rng(k)
    A = rng.standard_normal((k, k))
    A = (A + A.T).astype(np.float32)
    P = np.concatenate([store(np.zeros((k, k))), store(A)])
    U = symmetric.aligned(2, 5, symmetric.padded(k))
    U[1, :, :k] = rng.standard_normal((5, k))
    x, y = vector(rng.standard_normal(k), k), vector(0, k)
    symmetric.flush_multiply(P, U, 1, held, x, y)
    expected = A.astype(np.float64) - U[1, :held, :k].T.astype(np.float64) @ U[1, :held, :k]
    np.testing.assert_allclose(symmetric.dense(P[1], k), expected, atol=1e-5)
    np.testing.assert_allclose(y[:k], expected @ x[:k], atol=1e-5 * k)
    assert (P[0] == 0).all()


def test_vectors_begin_on_cache_lines():
    for shape in [(1,), (3, 7, 16), (1, 2560), (0, 16)]:
        array = symmetric.aligned(*shape)
        assert array.shape == shape
        assert array.size == 0 or array.ctypes.data % 64 == 0
