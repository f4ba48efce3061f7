"""Instructions on vectors of float32, written in LLVM's own language where it does not find them by itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils

LANES = 16  # float32 numbers in one 512-bit vector; narrower machines take two or four steps for each

FLOAT, INDEX = ir.FloatType(), ir.IntType(64)
VECTOR, MASK = ir.VectorType(FLOAT, LANES), ir.VectorType(ir.IntType(1), LANES)
ZERO = ir.Constant(VECTOR, [0.0] * LANES)
FUSED = ("contract",)  # a product and its sum may become one instruction


class Code:
    """The instructions used here, around an LLVM builder."""

    def __init__(self, builder: Any) -> None:
        self.builder = builder

    def index(self, *terms: Any) -> Any:
        total = terms[0]
        for term in terms[1:]:
            total = self.builder.add(total, term if not isinstance(term, int) else ir.Constant(INDEX, term))
        return total

    def times(self, value: Any, factor: int) -> Any:
        return self.builder.mul(value, ir.Constant(INDEX, factor))

    def _vector_at(self, array: Any, at: Any, lanes: int) -> Any:
        return self.builder.bitcast(self.builder.gep(array, [at]), ir.VectorType(FLOAT, lanes).as_pointer())

    def load(self, array: Any, at: Any, lanes: int = LANES) -> Any:
        loaded = self.builder.load(self._vector_at(array, at, lanes))
        loaded.align = 4
        return loaded

    def store(self, value: Any, array: Any, at: Any, lanes: int = LANES) -> None:
        self.builder.store(value, self._vector_at(array, at, lanes), align=4)

    def first_lanes(self, count: Any) -> Any:
        """A mask of the first `count` lanes."""
        wide = ir.VectorType(INDEX, LANES)
        all_counts = self.builder.insert_element(ir.Constant(wide, ir.Undefined), count, ir.Constant(ir.IntType(32), 0))
        return self.builder.icmp_signed(
            "<", ir.Constant(wide, list(range(LANES))), self._shuffle(all_counts, all_counts, [0] * LANES)
        )

    def load_some(self, array: Any, at: Any, mask: Any) -> Any:
        """The lanes of the mask, and zeros; all of them for None."""
        if mask is None:
            return self.load(array, at)
        pointer = self._vector_at(array, at, LANES)
        kind = ir.FunctionType(VECTOR, [pointer.type, ir.IntType(32), MASK, VECTOR])
        function = cgutils.get_or_insert_function(self.builder.module, kind, "llvm.masked.load.v16f32.p0v16f32")
        return self.builder.call(function, [pointer, ir.Constant(ir.IntType(32), 4), mask, ZERO])

    def store_some(self, value: Any, array: Any, at: Any, mask: Any) -> None:
        if mask is None:
            return self.store(value, array, at)
        pointer = self._vector_at(array, at, LANES)
        kind = ir.FunctionType(ir.VoidType(), [VECTOR, pointer.type, ir.IntType(32), MASK])
        function = cgutils.get_or_insert_function(self.builder.module, kind, "llvm.masked.store.v16f32.p0v16f32")
        self.builder.call(function, [value, pointer, ir.Constant(ir.IntType(32), 4), mask])
        return None

    def fetch(self, array: Any, at: Any) -> None:
        """Ask for the cache line at a place, which may lie beyond the end."""
        byte, number = ir.IntType(8).as_pointer(), ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [byte, number, number, number])
        function = cgutils.get_or_insert_function(self.builder.module, kind, "llvm.prefetch.p0i8")
        address = self.builder.bitcast(self.builder.gep(array, [at]), byte)
        self.builder.call(function, [address, number(0), number(3), number(1)])  # to read, to keep, data

    def everywhere(self, array: Any, at: Any) -> Any:
        """One number of an array in all lanes."""
        return self.spread(self.builder.load(self.builder.gep(array, [at])))

    def spread(self, number: Any) -> Any:
        """A number in all lanes."""
        first = self.builder.insert_element(ir.Constant(VECTOR, ir.Undefined), number, ir.Constant(ir.IntType(32), 0))
        return self._shuffle(first, first, [0] * LANES)

    def total(self, vector: Any) -> Any:
        """The sum over the lanes, in pairs."""
        lanes = LANES
        while lanes > 1:
            lanes //= 2
            low, high = (self._shuffle(vector, vector, list(range(first, first + lanes))) for first in (0, lanes))
            vector = self.add(low, high)
        return self.builder.extract_element(vector, ir.Constant(ir.IntType(32), 0))

    def whole(self, array: Any, at: Any) -> Any:
        """One number of an int32 array."""
        return self.builder.sext(self.builder.load(self.builder.gep(array, [at])), INDEX)

    def in_blocks(self, count: Any, sizes: Sequence[int], work: Callable[[Any, int, Any], None]) -> None:
        """Emit work(first, vectors, mask) for blocks of so many vectors, until `count` numbers are covered.

        Large blocks come first; the last size is 1, whose last block may be short: its mask has the lanes that count.
        """
        builder = self.builder
        first = cgutils.alloca_once(builder, INDEX)
        builder.store(ir.Constant(INDEX, 0), first)
        for vectors in sizes:
            last = vectors == 1
            test, body, done = (builder.append_basic_block(name) for name in ("test", "block", "covered"))
            builder.branch(test)
            builder.position_at_end(test)
            at = builder.load(first)
            room = self.index(at, 0 if last else LANES * vectors - 1)
            builder.cbranch(builder.icmp_signed("<", room, count), body, done)
            builder.position_at_end(body)
            work(at, vectors, self.first_lanes(builder.sub(count, at)) if last else None)
            builder.store(self.index(at, LANES * vectors), first)
            builder.branch(test)
            builder.position_at_end(done)

    def _shuffle(self, one: Any, two: Any, lanes: list[int]) -> Any:
        return self.builder.shuffle_vector(one, two, ir.Constant(ir.VectorType(ir.IntType(32), len(lanes)), lanes))

    def add(self, one: Any, two: Any) -> Any:
        return self.builder.fadd(one, two, flags=FUSED)

    def plus(self, total: Any, one: Any, two: Any) -> Any:
        return self.add(total, self.builder.fmul(one, two, flags=FUSED))

    def minus(self, total: Any, one: Any, two: Any) -> Any:
        return self.builder.fsub(total, self.builder.fmul(one, two, flags=FUSED), flags=FUSED)


class NumbaArray:
    """Where the numbers of a numba array lie."""

    def __init__(self, context: Any, builder: Any, kind: Any, value: Any) -> None:
        self.builder = builder
        if isinstance(kind, types.Array):
            array = context.make_array(kind)(context, builder, value)
            self.data, self.rows = array.data, builder.extract_value(array.shape, 0)
            #: Numbers in a part along the first axis.
            self.part = builder.sdiv(builder.extract_value(array.strides, 0), ir.Constant(INDEX, 4))
            self.columns = builder.extract_value(array.shape, kind.ndim - 1)

    def row(self, i: Any) -> Any:
        """The i-th part along the first axis of a contiguous array."""
        return self.builder.gep(self.data, [self.builder.mul(i, self.part)])
