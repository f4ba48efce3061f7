"""Straight lines of memory, added and asked for ahead of use, in vector instructions.

LLVM's own loops begin to use vectors at 64 numbers and do the rest one by one; here the last lanes are masked.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import config, njit, types
from numba.core import cgutils
from numba.extending import intrinsic

from spikedash.engine.vectors import COUNTING, INDEX, LANES, NUMBER, Code, NumbaArray


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
def _add_where(_: Any, u: Any, posts: Any, amount: Any, W: Any, places: Any, first: Any, last: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        u, posts, W, places = _arrays(context, builder, signature, args, 0, 1, 3, 4)
        code, first, last = Code(builder), args[5], args[6]
        everywhere = code.spread(args[2])

        def block(at: Any, _: int, mask: Any) -> None:
            here = code.index(first, at)
            weight, drive = code.gather(W, places, here, mask), code.gather(u, posts, here, mask)
            code.scatter(code.plus(drive, everywhere, weight), u, posts, here, mask)

        code.in_blocks(builder.sub(last, first), (1,), block)
        return context.get_dummy_value()

    return types.void(u, posts, types.float32, W, places, types.int64, types.int64), generate


@intrinsic
def _list_set(_: Any, flags: Any, places: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        flags, places = (NumbaArray(context, builder, signature.args[k], args[k]) for k in (0, 1))
        code, length = Code(builder), cgutils.alloca_once(builder, INDEX)
        builder.store(ir.Constant(INDEX, 0), length)

        def block(first: Any, _: int, mask: Any) -> None:
            found, at = code.flags(flags.data, first, mask), builder.load(length)
            place = builder.add(code.spread(builder.trunc(first, NUMBER)), COUNTING)
            code.store(code.front(place, found), places.data, at)
            builder.store(code.index(at, code.many(found)), length)

        code.in_blocks(flags.rows, (1,), block)
        return builder.load(length)

    return types.int64(flags, places), generate


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
def add_where(u, posts, amount, W, places, first, last):
    """u[posts[m]] += amount W[places[m]] for first <= m < last, no post twice, W read as one line of float32 (u in place)."""
    _add_where(u, posts, amount, W, places, first, last)


@njit(cache=True, inline="always")
def list_set(flags, places):
    """Where flags (uint8 (n,)) are not 0, in order (places int32 in place, with room for LANES more); returns how many."""
    return _list_set(flags, places)


@njit(cache=True, inline="always")
def ask_for(W, start, count):
    """Ask for W[start : start + count], read as one line of float32, ahead of its use."""
    _ask_for(W, start, count)


if config.DISABLE_JIT:  # the same in plain Python, for coverage and debugging

    def add_scaled(u, at, amount, W, start, count):
        u.reshape(-1)[at : at + count] += amount * W.reshape(-1)[start : start + count]

    def add_where(u, posts, amount, W, places, first, last):
        u[posts[first:last]] += amount * W.reshape(-1)[places[first:last]]

    def list_set(flags, places):
        (found,) = np.nonzero(flags)
        places[: found.size] = found
        return found.size

    def ask_for(W, start, count):
        pass
