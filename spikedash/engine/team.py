"""Threads that work through numbered tasks together, without waking one another up.

Every thread begins with a share of its own, always the same, whose data then stay in its cache, and takes from the others
what they have left. Results do not depend on who does what.

Waking a sleeping thread takes some 50 us, as long as a whole update of a small network. So the threads enter a chunk of steps
together, and those with nothing to do wait awake for the few microseconds between two updates. Whoever comes first leads;
it publishes tasks, takes part in them, and never needs the others: a thread that the machine does not run is not missed.
On a busy machine a thread may be stopped in the middle of a task. When the others have waited for that a few times, they do
the rest of the chunk alone.
"""

from __future__ import annotations

import platform
import sys
from typing import Any

import numpy as np
from llvmlite import ir
from numba import config, njit, types
from numba.core import cgutils
from numba.extending import intrinsic

from spikedash.engine.vectors import INDEX

# Places on the board, each on a cache line of its own.
ENTERED, FINISHED, OVER, LATE, LEFT = range(0, 40, 8)
# From one thread's LEFT to the next one's; beside it stand the phase, its row and how many tasks it has.
EACH = 8
PHASE, ROW, COUNT = 1, 2, 3

# A wait of this many times one's own work, and of as many cycles, means that the machine has stopped somebody.
LONG, LEAST = 5, 100_000
MOST_LATE = 4  # so often, and we go on alone
PATIENCE = 400  # looks at the board, some 20 us, before others may have the core for a moment

#: What tells a core that its thread only waits: two of them often share one, and the other may then have all of it.
PAUSE = {"x86_64": ("llvm.x86.sse2.pause", ()), "AMD64": ("llvm.x86.sse2.pause", ()), "aarch64": ("llvm.aarch64.hint", (1,))}


def _at(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    array = context.make_array(signature.args[0])(context, builder, args[0])
    return builder.gep(array.data, [args[1]])


@intrinsic
def _add(_: Any, board: Any, place: Any, value: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.atomic_rmw("add", _at(context, builder, signature, args), args[2], "acq_rel")

    return types.int64(board, types.int64, types.int64), generate


@intrinsic
def _look(_: Any, board: Any, place: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.load_atomic(_at(context, builder, signature, args), "acquire", 8)

    return types.int64(board, types.int64), generate


@intrinsic
def _put(_: Any, board: Any, place: Any, value: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        builder.store_atomic(args[2], _at(context, builder, signature, args), "release", 8)
        return context.get_dummy_value()

    return types.void(board, types.int64, types.int64), generate


@intrinsic
def _give_way(_: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        if sys.platform != "win32":
            kind = ir.FunctionType(ir.IntType(32), [])
            builder.call(cgutils.get_or_insert_function(builder.module, kind, "sched_yield"), [])
        return context.get_dummy_value()

    return types.void(), generate


@intrinsic
def _pause(_: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        if platform.machine() in PAUSE:
            name, numbers = PAUSE[platform.machine()]
            number = ir.IntType(32)
            kind = ir.FunctionType(ir.VoidType(), [number] * len(numbers))
            builder.call(cgutils.get_or_insert_function(builder.module, kind, name), [number(value) for value in numbers])
        return context.get_dummy_value()

    return types.void(), generate


@intrinsic
def _cycles(_: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        function = cgutils.get_or_insert_function(builder.module, ir.FunctionType(INDEX, []), "llvm.readcyclecounter")
        return builder.call(function, [])

    return types.int64(), generate


@njit(cache=True)
def now():
    """A time in some unit."""
    return _cycles()


@njit(cache=True)
def add(board, place, value):
    """Add to a place on the board (int64 (BOARD,)) and return what was there before; nobody can come in between."""
    return _add(board, np.int64(place), np.int64(value))


@njit(cache=True)
def look(board, place):
    """Read a place; everything that was written before it was put there can be read too."""
    return _look(board, np.int64(place))


@njit(cache=True)
def put(board, place, value):
    """Write a place."""
    _put(board, np.int64(place), np.int64(value))


@njit(cache=True)
def wait(patience):
    """Rest for some 50 ns, and let others have the core when `patience` has run out; returns the patience left."""
    _pause()
    if patience <= 0:
        _give_way()
        return 0
    return patience - 1


if config.DISABLE_JIT:  # one thread in plain Python, for coverage and debugging

    def add(board, place, value):
        board[place] += value
        return board[place] - value

    def look(board, place):
        return board[place]

    def put(board, place, value):
        board[place] = value

    def wait(patience):
        return patience

    def now():
        return 0


@njit(cache=True)
def fresh_board(threads):
    """Where threads see what is to be done: int64, beginning on a cache line."""
    size = LEFT + EACH * threads
    room = np.zeros(size + EACH, np.int64)
    start = -room.ctypes.data % (8 * EACH) // 8
    return room[start : start + size]


@njit(cache=True)
def threads_of(board):
    """How many threads may look at a board."""
    return (board.size - LEFT) // EACH


@njit(cache=True, inline="always")
def claim(board, member):
    """A task that is now the caller's alone, its phase and row; -1 for the task where none is left."""
    threads = threads_of(board)
    if member > 0 and look(board, LATE) >= MOST_LATE:
        return np.int64(-1), np.int64(-1), np.int64(-1)
    for other in range(threads):
        whose = (member + other) % threads
        place = LEFT + EACH * whose
        if look(board, place) > 0:
            left = add(board, place, -1)
            if left > 0:  # else somebody was faster, and the place now holds less than nothing
                task = look(board, place + COUNT) * whose // threads + left - 1
                return task, look(board, place + PHASE), look(board, place + ROW)
    return np.int64(-1), np.int64(-1), np.int64(-1)


@njit(cache=True, inline="always")
def publish(board, phase, row, count):
    """Offer tasks 0..count-1 of a phase to everyone; the phase before must be finished."""
    threads = threads_of(board)
    put(board, FINISHED, 0)
    for whose in range(threads):
        place = LEFT + EACH * whose
        put(board, place + PHASE, phase)
        put(board, place + ROW, row)
        put(board, place + COUNT, count)
        put(board, place, count * (whose + 1) // threads - count * whose // threads)


@njit(cache=True, inline="always")
def await_finish(board, count, began):
    """Wait until all tasks of the phase are done, and note when that took far longer than one's own part, begun then."""
    ended, patience = now(), PATIENCE
    while look(board, FINISHED) < count:
        patience = wait(patience)
    if now() - ended > max(LONG * (ended - began), LEAST):
        add(board, LATE, 1)
