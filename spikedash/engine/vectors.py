"""Instructions on vectors of float32, written in LLVM's own language where it does not find them by itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils

LANES = 16  # float32 numbers in one 512-bit vector; narrower machines take two or four steps for each

FLOAT, INDEX, NUMBER, BYTE = ir.FloatType(), ir.IntType(64), ir.IntType(32), ir.IntType(8)
VECTOR, NUMBERS, MASK = (ir.VectorType(kind, LANES) for kind in (FLOAT, NUMBER, ir.IntType(1)))
ZERO = ir.Constant(VECTOR, [0.0] * LANES)
NONE = ir.Constant(NUMBERS, [0] * LANES)
COUNTING = ir.Constant(NUMBERS, list(range(LANES)))
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

    def in_fours(self, value: Any) -> Any:
        """A number rounded up to a multiple of 4."""
        return self.builder.and_(self.index(value, 3), ir.Constant(INDEX, -4))

    def _vector_at(self, array: Any, at: Any, kind: Any = VECTOR) -> Any:
        return self.builder.bitcast(self.builder.gep(array, [at]), kind.as_pointer())

    def _call(self, name: str, kind: Any, *arguments: Any) -> Any:
        """One of LLVM's own functions, which gives a `kind`."""
        function = ir.FunctionType(kind, [argument.type for argument in arguments])
        return self.builder.call(cgutils.get_or_insert_function(self.builder.module, function, f"llvm.{name}"), arguments)

    def load(self, array: Any, at: Any) -> Any:
        loaded = self.builder.load(self._vector_at(array, at))
        loaded.align = 4
        return loaded

    def store(self, value: Any, array: Any, at: Any) -> None:
        """Store a vector of any kind."""
        self.builder.store(value, self._vector_at(array, at, value.type), align=4)

    def first_lanes(self, count: Any) -> Any:
        """A mask of the first `count` lanes."""
        return self.builder.icmp_signed("<", COUNTING, self.spread(self.builder.trunc(count, NUMBER)))

    def load_some(self, array: Any, at: Any, mask: Any) -> Any:
        """The lanes of the mask, and zeros; all of them for None."""
        if mask is None:
            return self.load(array, at)
        pointer = self._vector_at(array, at)
        return self._call("masked.load.v16f32.p0v16f32", VECTOR, pointer, NUMBER(4), mask, ZERO)

    def store_some(self, value: Any, array: Any, at: Any, mask: Any) -> None:
        if mask is None:
            return self.store(value, array, at)
        self._call("masked.store.v16f32.p0v16f32", ir.VoidType(), value, self._vector_at(array, at), NUMBER(4), mask)
        return None

    def _places(self, array: Any, numbers: Any, at: Any, mask: Any) -> Any:
        """Where those numbers of an array lie whose places stand in an int32 array from `at` on."""
        pointer = self._vector_at(numbers, at, NUMBERS)
        places = self._call("masked.load.v16i32.p0v16i32", NUMBERS, pointer, NUMBER(4), mask, NONE)
        found = self.builder.gep(array, [places], source_etype=FLOAT)
        found.type = ir.VectorType(FLOAT.as_pointer(), LANES)  # llvmlite takes the type of one place for all
        return found

    def gather(self, array: Any, numbers: Any, at: Any, mask: Any) -> Any:
        """The numbers of an array at the places that stand in an int32 array from `at` on; zeros beyond the mask."""
        places = self._places(array, numbers, at, mask)
        return self._call("masked.gather.v16f32.v16p0f32", VECTOR, places, NUMBER(4), mask, ZERO)

    def scatter(self, value: Any, array: Any, numbers: Any, at: Any, mask: Any) -> None:
        """Write to such places."""
        places = self._places(array, numbers, at, mask)
        self._call("masked.scatter.v16f32.v16p0f32", ir.VoidType(), value, places, NUMBER(4), mask)

    def flags(self, array: Any, at: Any, mask: Any) -> Any:
        """Which numbers of a uint8 array are not 0, as a mask."""
        kind = ir.VectorType(BYTE, LANES)
        none = ir.Constant(kind, [0] * LANES)
        loaded = self._call("masked.load.v16i8.p0v16i8", kind, self._vector_at(array, at, kind), NUMBER(1), mask, none)
        return self.builder.icmp_unsigned("!=", loaded, none)

    def front(self, vector: Any, mask: Any) -> Any:
        """The lanes of the mask, moved to the front."""
        kind, none = ("v16f32", ZERO) if vector.type == VECTOR else ("v16i32", NONE)
        return self._call(f"experimental.vector.compress.{kind}", vector.type, vector, mask, none)

    def many(self, mask: Any) -> Any:
        """How many lanes a mask has."""
        return self.builder.zext(self._call("ctpop.i16", ir.IntType(16), self.builder.bitcast(mask, ir.IntType(16))), INDEX)

    def fetch(self, array: Any, at: Any) -> None:
        """Ask for the cache line at a place, which may lie beyond the end."""
        address = self.builder.bitcast(self.builder.gep(array, [at]), BYTE.as_pointer())
        self._call("prefetch.p0i8", ir.VoidType(), address, NUMBER(0), NUMBER(3), NUMBER(1))  # to read, to keep, data

    def everywhere(self, array: Any, at: Any) -> Any:
        """One number of an array in all lanes."""
        return self.spread(self.builder.load(self.builder.gep(array, [at])))

    def spread(self, number: Any) -> Any:
        """A number in all lanes."""
        kind = ir.VectorType(number.type, LANES)
        first = self.builder.insert_element(ir.Constant(kind, ir.Undefined), number, NUMBER(0))
        return self._shuffle(first, first, [0] * LANES)

    def total(self, vector: Any) -> Any:
        """The sum over the lanes, in pairs."""
        lanes = LANES
        while lanes > 1:
            lanes //= 2
            low, high = (self._shuffle(vector, vector, list(range(first, first + lanes))) for first in (0, lanes))
            vector = self.add(low, high)
        return self.builder.extract_element(vector, NUMBER(0))

    def totals(self, vectors: list[Any]) -> Any:
        """The sums over the lanes of 4 vectors, as the first 4 lanes of one (the others repeat them)."""
        # Lanes of two vectors alternate, then those of four: every addition halves what is left of all of them at once.
        low, high = (
            [0, 16, 2, 18, 4, 20, 6, 22, 8, 24, 10, 26, 12, 28, 14, 30],
            [1, 17, 3, 19, 5, 21, 7, 23, 9, 25, 11, 27, 13, 29, 15, 31],
        )
        first, second = (
            self.add(self._shuffle(one, two, low), self._shuffle(one, two, high)) for one, two in (vectors[:2], vectors[2:])
        )
        low = [lane + part for lane in (0, 4, 8, 12) for part in (0, 1, 16, 17)]
        four = self.add(self._shuffle(first, second, low), self._shuffle(first, second, [lane + 2 for lane in low]))
        for apart in (8, 4):
            four = self.add(four, self._shuffle(four, four, [(lane + apart) % LANES for lane in range(LANES)]))
        return four

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
        return self.builder.shuffle_vector(one, two, ir.Constant(ir.VectorType(NUMBER, len(lanes)), lanes))

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
