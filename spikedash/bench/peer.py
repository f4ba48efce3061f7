"""What the updates are measured against, on as many threads as ours: the kernel of TrainSpikingNet.jl (Arthur et al. 2023),
and the time that merely reading every P once takes."""

from __future__ import annotations

import ctypes
from typing import Any, NamedTuple

import numpy as np
from numba import njit, prange
from numba.extending import get_cython_function_address
from threadpoolctl import threadpool_limits

Array = Any
_POINTER = ctypes.c_void_p


def _blas(name: str, arguments: int) -> Any:
    address = get_cython_function_address("scipy.linalg.cython_blas", name)
    return ctypes.CFUNCTYPE(None, *[_POINTER] * arguments)(address)


_symv, _syr = _blas("ssymv", 10), _blas("ssyr", 7)


@njit(parallel=True)
def _update(pre, W, P, r, target, x, y, numbers, sizes, lower):
    """k = P r by symv, P -= k kᵀ / (1 + r·k) by syr, w += e k / (1 + r·k), one neuron a turn.

    P (n, k, k) float32 with one triangle in use, W (n, k), x and y (n, k) scratch, numbers (n, 3) holds 1, 0 and a scalar.
    """
    n, k = W.shape
    for i in prange(n):
        for m in range(k):
            x[i, m] = r[pre[i, m]]
        one, nothing, scalar = numbers[i, 0:], numbers[i, 1:], numbers[i, 2:]
        size, step = sizes[0:], sizes[1:]
        # fmt: off
        _symv(lower.ctypes, size.ctypes, one.ctypes, P[i].ctypes, size.ctypes, x[i].ctypes, step.ctypes,
              nothing.ctypes, y[i].ctypes, step.ctypes)
        # fmt: on
        curvature, drive = np.float32(0), np.float32(0)
        for m in range(k):
            curvature += x[i, m] * y[i, m]
            drive += x[i, m] * W[i, m]
        g = np.float32(1) / (np.float32(1) + curvature)
        scalar[0] = -g
        _syr(lower.ctypes, size.ctypes, scalar.ctypes, y[i].ctypes, step.ctypes, P[i].ctypes, size.ctypes)
        error = (target[i] - drive) * g
        for m in range(k):
            W[i, m] += error * y[i, m]


class Peer(NamedTuple):
    """One update of n neurons with k inputs each."""

    arrays: tuple[Array, ...]

    @classmethod
    def fresh(cls, pre: Array, lam: float = 1.0) -> Peer:
        """Inputs pre (n, k) int32, with zero weights and P = I / λ."""
        n, k = pre.shape
        P = np.zeros((n, k, k), np.float32)
        P[:, np.arange(k), np.arange(k)] = 1 / lam
        numbers = np.tile(np.array([1, 0, 0], np.float32), (n, 1))
        scratch = [np.zeros((n, k), np.float32) for _ in range(2)]
        sizes, lower = np.array([k, 1], np.int32), np.array([ord("L")], np.uint8)
        return cls((pre, np.zeros((n, k), np.float32), P, *scratch, numbers, sizes, lower))

    def learn(self, r: Array, target: Array) -> None:
        """One update from r (n + 1,) towards target (n,), both float32."""
        pre, W, P, x, y, numbers, sizes, lower = self.arrays
        _update(pre, W, P, r, target, x, y, numbers, sizes, lower)


def one_blas_thread() -> Any:
    """Within this context BLAS uses one thread in each of ours."""
    return threadpool_limits(1, "blas")


@njit(fastmath=True)
def _sum(values):
    total = np.float32(0)
    for i in range(values.size):
        total += values[i]
    return total


@njit(parallel=True)
def _read(values, sums):
    length = values.size // sums.size
    for part in prange(sums.size):
        sums[part] = _sum(values[part * length : (part + 1) * length])


def read(values: Array) -> None:
    """Read and sum float32 numbers once on all threads: no exact sequential update can be faster."""
    _read(values.reshape(-1), np.empty(64, np.float32))
