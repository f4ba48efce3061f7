"""The weights of neighbours that share their inputs, in vector instructions: W (k, members), members along the lanes.

LLVM's own loops begin to use vectors at 64 members and do the rest one by one; here the last lanes are masked.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import config, njit, types
from numba.core import cgutils
from numba.extending import intrinsic

from spikedash.engine.vectors import INDEX, LANES, MASK, VECTOR, ZERO, Code, NumbaArray

#: Vectors passed over together, and rows of W at once for each: enough sums that none waits for another.
BLOCKS = {8: 1, 4: 1, 2: 2, 1: 4}


def _blocks(code: Code, count: Any, work: Any) -> None:
    """Emit work(first, vectors, mask) for blocks of members until all are covered; the last mask may have few lanes."""
    builder = code.builder
    first = cgutils.alloca_once_value(builder, ir.Constant(INDEX, 0))
    everyone = ir.Constant(MASK, [1] * LANES)
    for vectors in BLOCKS:
        last = vectors == 1
        room = 0 if last else LANES * vectors - 1
        test, body, done = (builder.append_basic_block(name) for name in ("test", "block", "covered"))
        builder.branch(test)
        builder.position_at_end(test)
        at = builder.load(first)
        builder.cbranch(builder.icmp_signed("<", code.index(at, room), count), body, done)
        builder.position_at_end(body)
        work(at, vectors, code.first_lanes(builder.sub(count, at)) if last else everyone)
        builder.store(code.index(at, LANES * vectors), first)
        builder.branch(test)
        builder.position_at_end(done)


def _rows(code: Code, k: Any, together: int, work: Any) -> None:
    """Emit work(row, which) for all rows of W, `together` at a time."""
    builder = code.builder
    whole = builder.mul(builder.sdiv(k, ir.Constant(INDEX, together)), ir.Constant(INDEX, together))
    with cgutils.for_range(builder, builder.sdiv(k, ir.Constant(INDEX, together))) as loop:
        for which in range(together):
            work(code.index(code.times(loop.index, together), which), which)
    with cgutils.for_range(builder, builder.sub(k, whole)) as loop:
        work(code.index(whole, loop.index), 0)


def _drives(builder: Any, W: NumbaArray, x: NumbaArray, out: NumbaArray) -> None:
    code = Code(builder)
    sums = [cgutils.alloca_once(builder, VECTOR) for _ in range(8)]

    def block(first: Any, vectors: int, mask: Any) -> None:
        together = BLOCKS[vectors]
        for total in sums[: vectors * together]:
            builder.store(ZERO, total)

        def row(m: Any, which: int) -> None:
            amount, start = code.everywhere(x.data, m), code.index(builder.mul(m, W.stride), first)
            for v in range(vectors):
                total, at = sums[which * vectors + v], code.index(start, LANES * v)
                weights = code.load(W.data, at) if vectors > 1 else code.load_some(W.data, at, mask)
                builder.store(code.plus(builder.load(total), amount, weights), total)

        _rows(code, W.rows, together, row)
        for v in range(vectors):
            total = builder.load(sums[v])
            for which in range(1, together):
                total = code.add(total, builder.load(sums[which * vectors + v]))
            code.store_some(total, out.data, code.index(first, LANES * v), mask)

    _blocks(code, W.columns, block)


def _move(builder: Any, W: NumbaArray, y: NumbaArray, step: NumbaArray) -> None:
    code = Code(builder)

    def block(first: Any, vectors: int, mask: Any) -> None:
        steps = [code.load_some(step.data, code.index(first, LANES * v), mask) for v in range(vectors)]

        def row(m: Any, _: int) -> None:
            amount, start = code.everywhere(y.data, m), code.index(builder.mul(m, W.stride), first)
            for v in range(vectors):
                at = code.index(start, LANES * v)
                if vectors > 1:
                    code.store(code.plus(code.load(W.data, at), amount, steps[v]), W.data, at)
                else:
                    code.store_some(code.plus(code.load_some(W.data, at, mask), amount, steps[v]), W.data, at, mask)

        _rows(code, W.rows, BLOCKS[vectors], row)

    _blocks(code, W.columns, block)


def _intrinsic(emit: Any) -> Any:
    @intrinsic
    def kernel(_: Any, W: Any, x: Any, out: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            emit(builder, *(NumbaArray(context, builder, *pair) for pair in zip(signature.args, args, strict=True)))
            return context.get_dummy_value()

        return types.void(W, x, out), generate

    return kernel


_drives_kernel, _move_kernel = _intrinsic(_drives), _intrinsic(_move)


@njit(cache=True)
def member_drives(W, x, drive):
    """drive = Wᵀ x for some members of a group: W (k, members), x (at least k,), drive (members,) in place; float32."""
    _drives_kernel(W, x, drive)


@njit(cache=True)
def move_members(W, y, step):
    """W += y stepᵀ (in place): y (at least k,), step (members,)."""
    _move_kernel(W, y, step)


if config.DISABLE_JIT:  # the same in plain Python, for coverage and debugging

    def member_drives(W, x, drive):
        drive[:] = x[: len(W)] @ W

    def move_members(W, y, step):
        W += y[: len(W), None] * step
