"""Straight lines of memory, added and asked for ahead of use, in vector instructions.

LLVM's own loops begin to use vectors at 64 numbers and do the rest one by one; here the last lanes are masked.
"""

from __future__ import annotations

from typing import Any

from numba import config, njit, types
from numba.extending import intrinsic

from spikedash.engine.vectors import LANES, Code, NumbaArray


def _arrays(context: Any, builder: Any, signature: Any, args: Any, *places: int) -> list[Any]:
    return [NumbaArray(context, builder, signature.args[place], args[place]).data for place in places]


@intrinsic
def _add_scaled(_: Any, u: Any, at: Any, amount: Any, W: Any, start: Any, count: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        u, W = _arrays(context, builder, signature, args, 0, 3)
        code = Code(builder)
        everywhere = code.spread(args[2])

        def block(first: Any, vectors: int, mask: Any) -> None:
            for v in range(vectors):
                to, source = code.index(args[1], first, LANES * v), code.index(args[4], first, LANES * v)
                new = code.plus(code.load_some(u, to, mask), everywhere, code.load_some(W, source, mask))
                code.store_some(new, u, to, mask)

        code.in_blocks(args[5], (4, 1), block)
        return context.get_dummy_value()

    return types.void(u, types.int64, types.float32, W, types.int64, types.int64), generate


@intrinsic
def _ask_for(_: Any, W: Any, start: Any, count: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        (W,) = _arrays(context, builder, signature, args, 0)
        code = Code(builder)
        code.in_blocks(args[2], (1,), lambda first, vectors, mask: code.fetch(W, code.index(args[1], first)))
        return context.get_dummy_value()

    return types.void(W, types.int64, types.int64), generate


@njit(cache=True, inline="always")
def add_scaled(u, at, amount, W, start, count):
    """u[at : at + count] += amount W[start : start + count], both read as one line of float32 (u in place)."""
    _add_scaled(u, at, amount, W, start, count)


@njit(cache=True, inline="always")
def ask_for(W, start, count):
    """Ask for W[start : start + count], read as one line of float32, ahead of its use."""
    _ask_for(W, start, count)


if config.DISABLE_JIT:  # the same in plain Python, for coverage and debugging

    def add_scaled(u, at, amount, W, start, count):
        u[at : at + count] += amount * W.reshape(-1)[start : start + count]

    def ask_for(W, start, count):
        pass
