"""Products with a symmetric matrix stored once, in vector instructions.

A (k, k) matrix is cut into tiles of LANES x LANES, of which those on and below the diagonal are stored (the diagonal ones
in full), each as two panels of ROWS x LANES, in the order in which a product passes over them: memory is read in one
straight line. k is padded with zeros to a multiple of LANES. LLVM does not find this code by itself (its vector loops start
anew in every row, and end in a scalar rest), so the two products are written in its own language.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from llvmlite import ir
from numba import config, njit, types
from numba.core import cgutils
from numba.extending import intrinsic

from spikedash.engine.vectors import FUSED, INDEX, LANES, VECTOR, ZERO, Code, NumbaArray

ROWS = 8  # rows handled together: as many sums as fit into registers
AHEAD = 2048  # numbers between what is worked on and what is asked for from memory; the processor's own guess ends at a page


def padded(k: int) -> int:
    """k rounded up to whole tiles."""
    return -(-k // LANES) * LANES


def size(k: int) -> int:
    """Stored numbers of a (k, k) matrix."""
    tiles = padded(k) // LANES
    return LANES * LANES * tiles * (tiles + 1) // 2


@njit(cache=True)
def row_place(row, col):
    """Where the element (row, col) is stored, for columns up to the end of the row's diagonal tile."""
    tile, inside = row // LANES, row % LANES
    panel = LANES * LANES // 2 * tile * (tile + 1) + inside // ROWS * (LANES * ROWS) * (tile + 1)
    return panel + col // LANES * (LANES * ROWS) + inside % ROWS * LANES + col % LANES


@njit(cache=True)
def place(row, col):
    """Where the element (row, col) of the lower or upper triangle is stored."""
    return row_place(max(row, col), min(row, col))


def aligned(*shape: int) -> np.ndarray:
    """Zeros (float32) that begin on a cache line, as no loaded vector should straddle two."""
    count = math.prod(shape)
    room = np.zeros(count + LANES, np.float32)
    start = -room.ctypes.data % (4 * LANES) // 4
    return room[start : start + count].reshape(shape)


def identity(count: int, k: int, scale: float) -> np.ndarray:
    """`count` stored matrices (float32, (count, size(k))) with `scale` on their diagonals."""
    stored = aligned(count, size(k))
    stored[:, [place(row, row) for row in range(k)]] = scale
    return stored


def dense(stored: np.ndarray, k: int) -> np.ndarray:
    """The (k, k) float32 matrix of a stored one."""
    out = np.empty((k, k), np.float32)
    for row in range(k):
        for col in range(row + 1):
            out[row, col] = out[col, row] = stored[place(row, col)]
    return out


def _product(builder: Any, P: Any, x: Any, y: Any, length: Any, U: Any = None, held: Any = None) -> None:
    """Emit y = P x; with U first P -= Σ U[l] U[l]ᵀ over the `held` >= 1 first rows of U, in the same pass."""
    code = Code(builder)
    tiles = builder.sdiv(length, ir.Constant(INDEX, LANES))
    with cgutils.for_range(builder, tiles) as loop:
        code.store(ZERO, y, code.times(loop.index, LANES))
    sums = [cgutils.alloca_once(builder, VECTOR) for _ in range(ROWS)]
    values = [cgutils.alloca_once(builder, VECTOR) for _ in range(ROWS)]
    with cgutils.for_range(builder, tiles) as tile_row, cgutils.for_range(builder, ir.Constant(INDEX, LANES // ROWS)) as half:
        wide = code.index(tile_row.index, 1)
        panel = code.index(
            code.times(builder.mul(tile_row.index, wide), LANES * LANES // 2),
            builder.mul(code.times(half.index, LANES * ROWS), wide),
        )
        first = code.index(code.times(tile_row.index, LANES), code.times(half.index, ROWS))
        x_row = [code.everywhere(x, code.index(first, row)) for row in range(ROWS)]
        u_row = [code.everywhere(U, code.index(first, row)) for row in range(ROWS)] if U else []
        for total in sums:
            builder.store(ZERO, total)

        def tile(column: Any, off_diagonal: bool) -> None:
            places = [code.index(panel, code.times(column, LANES * ROWS), row * LANES) for row in range(ROWS)]
            at = code.times(column, LANES)
            rows = [code.load(P, place) for place in places]
            for place in places:
                code.fetch(P, code.index(place, AHEAD))
            if U:
                u_column = code.load(U, at)
                for row in range(ROWS):
                    builder.store(code.minus(rows[row], u_row[row], u_column), values[row])
                with cgutils.for_range_slice(builder, ir.Constant(INDEX, 1), held, ir.Constant(INDEX, 1), INDEX) as (more, _):
                    start = builder.mul(more, length)
                    u_column = code.load(U, code.index(start, at))
                    for row in range(ROWS):
                        u = code.everywhere(U, code.index(start, first, row))
                        builder.store(code.minus(builder.load(values[row]), u, u_column), values[row])
                rows = [builder.load(value) for value in values]
                for value, place in zip(rows, places, strict=True):
                    code.store(value, P, place)
            x_column = code.load(x, at)
            for row in range(ROWS):
                builder.store(code.plus(builder.load(sums[row]), rows[row], x_column), sums[row])
            if off_diagonal:
                # Two chains of sums, so that one does not wait for the other.
                even, odd = code.load(y, at), builder.fmul(rows[1], x_row[1], flags=FUSED)
                for row in range(0, ROWS, 2):
                    even = code.plus(even, rows[row], x_row[row])
                for row in range(3, ROWS, 2):
                    odd = code.plus(odd, rows[row], x_row[row])
                code.store(code.add(even, odd), y, at)

        with cgutils.for_range(builder, tile_row.index) as columns:
            tile(columns.index, off_diagonal=True)
        tile(tile_row.index, off_diagonal=False)
        own = code.sums([builder.load(total) for total in sums], ROWS)
        code.store(code.add(code.load(y, first, ROWS), own), y, first, ROWS)


@intrinsic
def _multiply(_: Any, P: Any, i: Any, x: Any, y: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        P, _, x, y = (NumbaArray(context, builder, *pair) for pair in zip(signature.args, args, strict=True))
        _product(builder, P.row(args[1]), x.data, y.data, x.count)
        return context.get_dummy_value()

    return types.void(P, types.int64, x, y), generate


@intrinsic
def _flush_multiply(_: Any, P: Any, U: Any, i: Any, held: Any, x: Any, y: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        P, U, _, _, x, y = (NumbaArray(context, builder, *pair) for pair in zip(signature.args, args, strict=True))
        _product(builder, P.row(args[2]), x.data, y.data, x.count, U.row(args[2]), args[3])
        return context.get_dummy_value()

    return types.void(P, U, types.int64, types.int64, x, y), generate


@njit(cache=True)
def multiply(P, i, x, y):
    """y = P[i] x for stored matrices P (count, size(k)) and x, y (padded(k),); float32, y in place."""
    _multiply(P, i, x, y)


@njit(cache=True)
def flush_multiply(P, U, i, held, x, y):
    """P[i] -= Σ u uᵀ over the first `held` >= 1 rows u of U[i], then y = P[i] x, in one pass (P, y in place).

    U is (count, depth, padded(k)).
    """
    _flush_multiply(P, U, i, held, x, y)


if config.DISABLE_JIT:  # the same in plain Python, for coverage and debugging

    def multiply(P, i, x, y):
        y[:] = dense(P[i], x.size) @ x

    def flush_multiply(P, U, i, held, x, y):
        for row in range(x.size):
            for col in range(padded(row + 1)):
                P[i, row_place(row, col)] -= U[i, :held, row] @ U[i, :held, col]
        multiply(P, i, x, y)
