"""Arrays that a kernel borrows from its caller, so that it need not count who holds them.

Counting takes two atomic instructions whenever an array is handed on or taken out of a named tuple, which cost a small update
more than its arithmetic. The caller holds the arrays until the kernel returns.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import config, njit, types
from numba.extending import intrinsic


def _uncounted(context: Any, builder: Any, kind: Any, value: Any) -> Any:
    if isinstance(kind, types.Array):
        array = context.make_array(kind)(context, builder, value)
        array.meminfo = ir.Constant(array.meminfo.type, None)
        return array._getvalue()
    if isinstance(kind, types.BaseTuple):
        parts = [_uncounted(context, builder, part, builder.extract_value(value, i)) for i, part in enumerate(kind.types)]
        return context.make_tuple(builder, kind, parts)
    return value


@intrinsic
def _borrowed(_: Any, value: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return _uncounted(context, builder, signature.args[0], args[0])

    return value(value), generate


@njit(cache=True, inline="always")
def borrowed(value):
    """The same array, or tuple of arrays, uncounted."""
    return _borrowed(value)


def as_it_is(value):
    """What plain Python, which counts by itself, does instead."""
    return value


if config.DISABLE_JIT:
    borrowed = as_it_is
