"""Instructions on vectors of float32, written in LLVM's own language where it does not find them by itself."""

from __future__ import annotations

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
        """The lanes of the mask, and zeros."""
        pointer = self._vector_at(array, at, LANES)
        kind = ir.FunctionType(VECTOR, [pointer.type, ir.IntType(32), MASK, VECTOR])
        function = cgutils.get_or_insert_function(self.builder.module, kind, "llvm.masked.load.v16f32.p0v16f32")
        return self.builder.call(function, [pointer, ir.Constant(ir.IntType(32), 4), mask, ZERO])

    def store_some(self, value: Any, array: Any, at: Any, mask: Any) -> None:
        pointer = self._vector_at(array, at, LANES)
        kind = ir.FunctionType(ir.VoidType(), [VECTOR, pointer.type, ir.IntType(32), MASK])
        function = cgutils.get_or_insert_function(self.builder.module, kind, "llvm.masked.store.v16f32.p0v16f32")
        self.builder.call(function, [value, pointer, ir.Constant(ir.IntType(32), 4), mask])

    def fetch(self, array: Any, at: Any) -> None:
        """Ask for the cache line at a place, which may lie beyond the end."""
        byte, number = ir.IntType(8).as_pointer(), ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [byte, number, number, number])
        function = cgutils.get_or_insert_function(self.builder.module, kind, "llvm.prefetch.p0i8")
        address = self.builder.bitcast(self.builder.gep(array, [at]), byte)
        self.builder.call(function, [address, number(0), number(3), number(1)])  # to read, to keep, data

    def everywhere(self, array: Any, at: Any) -> Any:
        """One number of an array in all lanes."""
        number = self.builder.load(self.builder.gep(array, [at]))
        first = self.builder.insert_element(ir.Constant(VECTOR, ir.Undefined), number, ir.Constant(ir.IntType(32), 0))
        return self._shuffle(first, first, [0] * LANES)

    def _shuffle(self, one: Any, two: Any, lanes: list[int]) -> Any:
        return self.builder.shuffle_vector(one, two, ir.Constant(ir.VectorType(ir.IntType(32), len(lanes)), lanes))

    def add(self, one: Any, two: Any) -> Any:
        return self.builder.fadd(one, two, flags=FUSED)

    def plus(self, total: Any, one: Any, two: Any) -> Any:
        return self.add(total, self.builder.fmul(one, two, flags=FUSED))

    def minus(self, total: Any, one: Any, two: Any) -> Any:
        return self.builder.fsub(total, self.builder.fmul(one, two, flags=FUSED), flags=FUSED)

    def sums(self, vectors: list[Any], rows: int) -> Any:
        """The sums over the lanes of `rows` vectors, as one vector of that many."""
        even, odd = list(range(0, 2 * LANES, 2)), list(range(1, 2 * LANES, 2))
        while len(vectors) > 1:
            pairs = zip(vectors[::2], vectors[1::2], strict=True)
            vectors = [self.add(self._shuffle(a, b, even), self._shuffle(a, b, odd)) for a, b in pairs]
        return self.add(self._shuffle(vectors[0], vectors[0], even[:rows]), self._shuffle(vectors[0], vectors[0], odd[:rows]))


class NumbaArray:
    """Where the numbers of a numba array lie."""

    def __init__(self, context: Any, builder: Any, kind: Any, value: Any) -> None:
        self.builder = builder
        if isinstance(kind, types.Array):
            array = context.make_array(kind)(context, builder, value)
            self.data, self.count, self.rows = array.data, array.nitems, builder.extract_value(array.shape, 0)
            if kind.ndim == 2:
                self.columns = builder.extract_value(array.shape, 1)
                self.stride = builder.sdiv(builder.extract_value(array.strides, 0), ir.Constant(INDEX, 4))

    def row(self, i: Any) -> Any:
        """The i-th part along the first axis of a contiguous array."""
        return self.builder.gep(self.data, [self.builder.mul(i, self.builder.sdiv(self.count, self.rows))])
