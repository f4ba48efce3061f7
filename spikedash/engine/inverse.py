"""The inverse correlation matrices P of recursive least squares, and what is done with them in vector instructions.

Every P is stored in full, (width, width) with its size padded with zeros to whole vectors, so that the column of an input is
one straight line of memory. Behind its rows stand the updates that are kept back: the true matrix is P - Σ u uᵀ over them.
LLVM does not find this code by itself (its vector loops start anew in every row, and end in a scalar rest), so the two
products are written in its own language.
"""

from __future__ import annotations

import copy
import math
from typing import Any

import numpy as np
from llvmlite import ir
from numba import config, njit, types
from numba.core import cgutils
from numba.extending import intrinsic

from spikedash.engine.vectors import FUSED, INDEX, LANES, VECTOR, ZERO, Code, NumbaArray

ROWS = 8  # rows of P changed together: as many sums as fit into registers
AHEAD = 4  # rows between the one that is added and the one that is asked for from memory
BLOCKS = (8, 4, 2, 1)  # vectors of a sum that stay in registers


def padded(k: int) -> int:
    """k rounded up to whole vectors."""
    return -(-k // LANES) * LANES


def aligned(*shape: int) -> np.ndarray:
    """Zeros (float32) that begin on a cache line, as no loaded vector should straddle two.

    Not np.zeros, for which numpy does not ask the system for large pages: finding a small one costs as much as reading a row.
    """
    count = math.prod(shape)
    room = np.empty(count + LANES, np.float32)
    room[:] = 0
    start = -room.ctypes.data % (4 * LANES) // 4
    return room[start : start + count].reshape(shape)


def identity(count: int, k: int, scale: float, depth: int) -> np.ndarray:
    """`count` matrices (float32, (count, width + depth, width)) with `scale` on their diagonals, and room for kept-back rows."""
    width = padded(k)
    P = aligned(count, width + depth, width)
    P[:, np.arange(k), np.arange(k)] = scale
    return P


def _follow(
    builder: Any, P: Any, held: Any, slots: Any, amounts: Any, count: Any, jumps: Any, fade: Any, y: Any, width: Any
) -> None:
    code = Code(builder)
    sums = [cgutils.alloca_once(builder, VECTOR) for _ in range(BLOCKS[0])]

    with cgutils.for_range(builder, held) as loop:
        builder.store(ZERO, sums[0])
        slot = code.index(width, loop.index)
        start = builder.mul(slot, width)
        with cgutils.for_range(builder, builder.sdiv(width, ir.Constant(INDEX, LANES))) as vector:
            at = code.times(vector.index, LANES)
            product = code.plus(builder.load(sums[0]), code.load(P, code.index(start, at)), code.load(jumps, at))
            builder.store(product, sums[0])
        share, place = code.total(builder.load(sums[0])), code.index(count, loop.index)
        builder.store(builder.fneg(share), builder.gep(amounts, [place]))
        builder.store(builder.trunc(slot, ir.IntType(32)), builder.gep(slots, [place]))

    rows, left = code.index(count, held), code.spread(fade)

    def block(first: Any, vectors: int, _: Any) -> None:
        for v in range(vectors):
            old = code.load(y, code.index(first, LANES * v))
            builder.store(builder.fmul(old, left, flags=FUSED), sums[v])
        with cgutils.for_range(builder, rows) as loop:
            amount = code.everywhere(amounts, loop.index)
            start = code.index(builder.mul(code.whole(slots, loop.index), width), first)
            later = code.index(builder.mul(code.whole(slots, code.index(loop.index, AHEAD)), width), first)
            for v in range(vectors):
                row = code.load(P, code.index(start, LANES * v))
                builder.store(code.plus(builder.load(sums[v]), amount, row), sums[v])
                code.fetch(P, code.index(later, LANES * v))
        for v in range(vectors):
            code.store(builder.load(sums[v]), y, code.index(first, LANES * v))

    code.in_blocks(width, BLOCKS, block)


@intrinsic
def _follow_kernel(_: Any, P: Any, i: Any, held: Any, slots: Any, amounts: Any, count: Any, jumps: Any, fade: Any, y: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        P, slots, amounts, jumps, y = (NumbaArray(context, builder, signature.args[k], args[k]) for k in (0, 3, 4, 6, 8))
        i, held, count, fade = args[1], args[2], args[5], args[7]
        _follow(builder, P.row(i), held, slots.data, amounts.data, count, jumps.data, fade, y.row(i), y.columns)
        return context.get_dummy_value()

    return types.void(P, types.int64, types.int64, slots, amounts, types.int64, jumps, types.float32, y), generate


def _apply(
    builder: Any, C: NumbaArray, A: Any, A_row: Any, A_column: Any, B: NumbaArray, held: Any, sign: int, rows: Any
) -> None:
    """Emit C[first:last] += sign A B over the `held` columns of A; its element (row, l) stands at A_row row + A_column l."""
    code = Code(builder)
    change = code.plus if sign > 0 else code.minus
    sums = [[cgutils.alloca_once(builder, VECTOR) for _ in range(2)] for _ in range(ROWS)]

    def strip(top: Any, count: int) -> None:
        def block(at: Any, vectors: int, mask: Any) -> None:
            places = [code.index(builder.mul(code.index(top, row), C.columns), at) for row in range(count)]
            below = code.times(C.columns, count)
            for row in range(count):
                for v in range(vectors):
                    place = code.index(places[row], LANES * v)
                    builder.store(code.load_some(C.data, place, mask), sums[row][v])
                    code.fetch(C.data, code.index(place, below))
            with cgutils.for_range(builder, held) as loop:
                start = code.index(builder.mul(loop.index, B.columns), at)
                columns = [code.load_some(B.data, code.index(start, LANES * v), mask) for v in range(vectors)]
                left = builder.mul(loop.index, A_column)
                for row in range(count):
                    amount = code.everywhere(A, code.index(left, builder.mul(code.index(top, row), A_row)))
                    for v in range(vectors):
                        builder.store(change(builder.load(sums[row][v]), amount, columns[v]), sums[row][v])
            for row in range(count):
                for v in range(vectors):
                    code.store_some(builder.load(sums[row][v]), C.data, code.index(places[row], LANES * v), mask)

        code.in_blocks(C.columns, (2, 1), block)

    first, last = rows
    whole = builder.sub(last, builder.srem(builder.sub(last, first), ir.Constant(INDEX, ROWS)))
    with cgutils.for_range_slice(builder, first, whole, ir.Constant(INDEX, ROWS), INDEX) as (top, _):
        strip(top, ROWS)
    with cgutils.for_range_slice(builder, whole, last, ir.Constant(INDEX, 1), INDEX) as (top, _):
        strip(top, 1)


@intrinsic
def _flush_kernel(_: Any, P: Any, i: Any, held: Any, first: Any, last: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        matrix = NumbaArray(context, builder, signature.args[0], args[0])
        matrix.data = matrix.row(args[1])
        kept = copy.copy(matrix)
        kept.data = builder.gep(matrix.data, [builder.mul(matrix.columns, matrix.columns)])
        one = ir.Constant(INDEX, 1)
        _apply(builder, matrix, kept.data, one, matrix.columns, kept, args[2], -1, (args[3], args[4]))
        return context.get_dummy_value()

    return types.void(P, types.int64, types.int64, types.int64, types.int64), generate


@intrinsic
def _move_kernel(_: Any, W: Any, i: Any, Y: Any, S: Any, held: Any, first: Any, last: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        W, Y, S = (NumbaArray(context, builder, signature.args[k], args[k]) for k in (0, 2, 3))
        for array in (W, Y, S):
            array.data = array.row(args[1])
        _apply(builder, W, Y.data, Y.columns, ir.Constant(INDEX, 1), S, args[4], 1, (args[5], args[6]))
        return context.get_dummy_value()

    return types.void(W, types.int64, Y, S, types.int64, types.int64, types.int64), generate


@njit(cache=True, inline="always")
def follow(P, i, held, slots, amounts, count, jumps, fade, y):
    """y[i] = P r of the i-th matrix, from what it was before r became fade r + jumps (y (n, width) in place).

    jumps (width,); slots and amounts list the `count` entries that are not 0, and have room for depth + AHEAD more:
    the `held` rows kept back take part, each with its share u·jumps.
    """
    _follow_kernel(P, i, held, slots, amounts, count, jumps, fade, y)


@njit(cache=True)
def flush(P, i, held, first, last):
    """Apply the `held` rows kept back to the rows first..last-1 of the i-th matrix (P in place)."""
    _flush_kernel(P, i, held, first, last)


@njit(cache=True)
def move(W, i, Y, S, held, first, last):
    """Add Y[i] S[i] to the rows first..last-1 of W[i], over `held` columns.

    W (n, k, M) in place, Y (n, k, depth), S (n, depth, M).
    """
    _move_kernel(W, i, Y, S, held, first, last)


if config.DISABLE_JIT:  # the same in plain Python, for coverage and debugging

    def follow(P, i, held, slots, amounts, count, jumps, fade, y):
        width = y.shape[1]
        U = P[i, width : width + held]
        y[i] = fade * y[i] + amounts[:count] @ P[i, slots[:count]] - (U @ jumps) @ U

    def flush(P, i, held, first, last):
        width = P.shape[2]
        U = P[i, width : width + held]
        P[i, first:last] -= U[:, first:last].T @ U

    def move(W, i, Y, S, held, first, last):
        W[i, first:last] += Y[i, first:last, :held] @ S[i, :held]
