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

from spikedash.engine.vectors import COUNTING, FUSED, INDEX, LANES, NUMBER, VECTOR, ZERO, Code, NumbaArray

ROWS = 8  # rows of P changed together: as many sums as fit into registers
AHEAD = 4  # rows between the one that is added and the one that is asked for from memory
# An r·P r below which nothing is left of r: (P r)² is at most that times the largest P. Left alone, the P r of a silent network
# decays into denormal numbers, on which every product costs a hundred cycles.
FAINT = np.float32(1e-24)
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
    # Behind the last one room to read rows in fours.
    P = aligned(count * (width + depth) + 3, width)[:-3].reshape(count, width + depth, width)
    P[:, np.arange(k), np.arange(k)] = scale
    return P


def packed(P: np.ndarray) -> np.ndarray:
    """The matrices in half the room: lower triangles and the rows behind them (float32 (count, numbers))."""
    count, rows, width = P.shape
    stored = np.empty((count, triangle(width) + (rows - width) * width), np.float32)
    for row in range(width):
        stored[:, triangle(row) : triangle(row + 1)] = P[:, row, : row + 1]
    stored[:, triangle(width) :] = P[:, width:].reshape(count, (rows - width) * width)
    return stored


def triangle(rows: int) -> int:
    """Numbers in so many rows of a lower triangle."""
    return rows * (rows + 1) // 2


def unpack(stored: np.ndarray, P: np.ndarray) -> None:
    """Undo `packed` to the same bits, since P is exactly symmetric (P in place)."""
    width = P.shape[2]
    near = max(1, 2**20 // width**2)  # matrices that the caches hold while their columns are written
    for first in range(0, len(P), near):
        matrices, numbers = P[first : first + near], stored[first : first + near]
        for row in range(width):
            matrices[:, row, : row + 1] = matrices[:, : row + 1, row] = numbers[:, triangle(row) : triangle(row + 1)]
    P[:, width:] = stored[:, triangle(width) :].reshape(P[:, width:].shape)


def _collect(builder: Any, pre: Any, k: Any, jump: Any, slots: Any, amounts: Any, jumps: Any, behind: Any) -> Any:
    """Emit `collect` for the k inputs of a group; returns the length of its list."""
    code = Code(builder)
    length = cgutils.alloca_once(builder, INDEX)
    builder.store(ir.Constant(INDEX, 0), length)

    def block(first: Any, _: int, mask: Any) -> None:
        amount, at = code.gather(jump, pre, first, mask), builder.load(length)
        jumped = builder.fcmp_unordered("!=", amount, ZERO)
        slot = builder.add(code.spread(builder.trunc(first, NUMBER)), COUNTING)
        code.store(amount, jumps, first)
        code.store(code.front(amount, jumped), amounts, at)
        code.store(code.front(slot, jumped), slots, at)
        builder.store(code.index(at, code.many(jumped)), length)

    code.in_blocks(k, (1,), block)
    last = builder.load(length)
    code.store(ZERO, amounts, last)
    code.store(code.spread(builder.trunc(behind, NUMBER)), slots, last)
    return code.in_fours(last)


@intrinsic
def _collect_kernel(_: Any, pre: Any, i: Any, jump: Any, slots: Any, amounts: Any, jumps: Any, behind: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        pre, jump, slots, amounts, jumps = (NumbaArray(context, builder, signature.args[k], args[k]) for k in (0, 2, 3, 4, 5))
        return _collect(builder, pre.row(args[1]), pre.columns, jump.data, slots.data, amounts.data, jumps.data, args[6])

    return types.int64(pre, types.int64, jump, slots, amounts, jumps, types.int64), generate


def _follow(
    builder: Any, P: Any, held: Any, slots: Any, amounts: Any, count: Any, jumps: Any, fade: Any, y: Any, width: Any
) -> Any:
    """Emit the new y; returns how r·P r has grown."""
    code = Code(builder)
    sums, others = ([cgutils.alloca_once(builder, VECTOR) for _ in range(BLOCKS[0])] for _ in range(2))
    bent = cgutils.alloca_once(builder, VECTOR)
    builder.store(ZERO, bent)
    kept = code.in_fours(held)

    with cgutils.for_range_slice(builder, ir.Constant(INDEX, 0), kept, ir.Constant(INDEX, 4), INDEX) as (row, _):
        for one in sums[:4]:
            builder.store(ZERO, one)
        slot = code.index(width, row)
        starts = [builder.mul(code.index(slot, each), width) for each in range(4)]
        with cgutils.for_range(builder, builder.sdiv(width, ir.Constant(INDEX, LANES))) as vector:
            at = code.times(vector.index, LANES)
            jumped = code.load(jumps, at)
            for one, start in zip(sums, starts, strict=False):
                builder.store(code.plus(builder.load(one), code.load(P, code.index(start, at)), jumped), one)
        shares = builder.fneg(code.totals([builder.load(one) for one in sums[:4]]))
        place, there = code.index(count, row), code.first_lanes(builder.sub(held, row))
        first = code.spread(builder.trunc(slot, NUMBER))
        code.store(builder.select(there, shares, ZERO), amounts, place)
        code.store(builder.select(there, builder.add(first, COUNTING), first), slots, place)

    rows, left = code.index(count, kept), code.spread(fade)

    def block(first: Any, vectors: int, _: Any) -> None:
        faded = []
        for v in range(vectors):
            faded.append(builder.fmul(code.load(y, code.index(first, LANES * v)), left, flags=FUSED))
            builder.store(faded[v], sums[v])
            builder.store(ZERO, others[v])
        with cgutils.for_range_slice(builder, ir.Constant(INDEX, 0), rows, ir.Constant(INDEX, 4), INDEX) as (at, _):
            for each in range(4):
                amount = code.everywhere(amounts, code.index(at, each))
                start, later = (
                    code.index(builder.mul(code.whole(slots, code.index(at, each, ahead)), width), first) for ahead in (0, AHEAD)
                )
                # Every other row into sums of their own, as each sum waits for the one before.
                for v, total in enumerate((sums if each % 2 == 0 else others)[:vectors]):
                    row = code.load(P, code.index(start, LANES * v))
                    builder.store(code.plus(builder.load(total), amount, row), total)
                    code.fetch(P, code.index(later, LANES * v))
        for v in range(vectors):
            place = code.index(first, LANES * v)
            new = code.add(builder.load(sums[v]), builder.load(others[v]))
            code.store(new, y, place)
            builder.store(code.plus(builder.load(bent), code.load(jumps, place), code.add(faded[v], new)), bent)

    code.in_blocks(width, BLOCKS, block)
    return code.total(builder.load(bent))


@intrinsic
def _follow_kernel(_: Any, P: Any, i: Any, held: Any, slots: Any, amounts: Any, count: Any, jumps: Any, fade: Any, y: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        P, slots, amounts, jumps, y = (NumbaArray(context, builder, signature.args[k], args[k]) for k in (0, 3, 4, 6, 8))
        i, held, count, fade = args[1], args[2], args[5], args[7]
        return _follow(builder, P.row(i), held, slots.data, amounts.data, count, jumps.data, fade, y.row(i), y.columns)

    return types.float32(P, types.int64, types.int64, slots, amounts, types.int64, jumps, types.float32, y), generate


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


@intrinsic
def _absorb_kernel(_: Any, P: Any, i: Any, held: Any, root: Any, g: Any, y: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        P, y = (NumbaArray(context, builder, signature.args[k], args[k]) for k in (0, 5))
        code, width, y_row = Code(builder), y.columns, y.row(args[1])
        kept = builder.gep(P.row(args[1]), [builder.mul(code.index(args[2], width), width)])
        root, g = code.spread(args[3]), code.spread(args[4])

        def block(first: Any, vectors: int, _: Any) -> None:
            for v in range(vectors):
                at = code.index(first, LANES * v)
                value = code.load(y_row, at)
                code.store(builder.fmul(value, root), kept, at)
                code.store(builder.fmul(value, g), y_row, at)

        code.in_blocks(width, (4, 1), block)
        return context.get_dummy_value()

    return types.void(P, types.int64, types.int64, types.float32, types.float32, y), generate


@njit(cache=True)
def fresh_scratch(P):
    """Room for `collect` and `follow`: slots, amounts and jumps."""
    most = P.shape[1] + AHEAD + 2 * LANES
    return np.zeros(most, np.int32), np.zeros(most, np.float32), np.zeros(P.shape[2], np.float32)


@njit(cache=True, inline="always")
def collect(pre, i, jump, slots, amounts, jumps):
    """What the inputs pre[i] have jumped, as it is (jumps (width,)) and as a list of those that have (slots, amounts; in place).

    Returns the length of the list, a multiple of 4: at its end stand rows behind the matrix, with an amount of 0.
    """
    return _collect_kernel(pre, np.int64(i), jump, slots, amounts, jumps, jumps.size)


@njit(cache=True, inline="always")
def follow(P, i, held, slots, amounts, count, jumps, fade, y, curvature):
    """y[i] = P r of the i-th matrix, from what it was before r became fade r + jumps (y (n, width) in place).

    slots, amounts and jumps are what `collect` has left, `count` its result; the `held` rows kept back take part, each with
    its share u·jumps. Returns r·P r, from what it was (`curvature`).
    """
    grown = _follow_kernel(P, np.int64(i), held, slots, amounts, count, jumps, fade, y)
    curvature = fade * fade * curvature + grown
    if abs(curvature) < FAINT:
        y[i] = np.float32(0.0)
        curvature = np.float32(0.0)
    return curvature


@njit(cache=True, inline="always")
def absorb(P, i, held, root, g, y):
    """Keep the update -(root y[i]) (root y[i])ᵀ of the i-th matrix back in row `held`, and y[i] *= g (P, y in place)."""
    _absorb_kernel(P, i, held, root, g, y)


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

    def collect(pre, i, jump, slots, amounts, jumps):
        k = pre.shape[1]
        jumps[:k] = jump[pre[i]]
        (found,) = np.nonzero(jumps[:k])
        slots[: found.size], amounts[: found.size] = found, jumps[found]
        return found.size

    def follow(P, i, held, slots, amounts, count, jumps, fade, y, curvature):
        width = y.shape[1]
        U = P[i, width : width + held]
        faded = fade * y[i]
        y[i] = faded + amounts[:count] @ P[i, slots[:count]] - (U @ jumps) @ U
        curvature = fade * fade * curvature + jumps @ (faded + y[i])
        if abs(curvature) < FAINT:
            y[i], curvature = 0, np.float32(0.0)
        return curvature

    def flush(P, i, held, first, last):
        width = P.shape[2]
        U = P[i, width : width + held]
        P[i, first:last] -= U[:, first:last].T @ U

    def move(W, i, Y, S, held, first, last):
        W[i, first:last] += Y[i, first:last, :held] @ S[i, :held]

    def absorb(P, i, held, root, g, y):
        P[i, P.shape[2] + held] = root * y[i]
        y[i] *= g
