"""MATLAB files of version 5 to 7 as named arrays: numbers, text and cells of these; never objects or function handles."""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.io import loadmat, whosmat

from spikedash.readers.arrays import Array, understand_arrays
from spikedash.readers.choices import Choices
from spikedash.readers.found import Rates, Spikes
from spikedash.readers.limits import MAX_VALUES, Refused, plain
from spikedash.readers.timebase import NOTHING

_HEADER, _TAG = 128, 8
_MATRIX, _COMPRESSED = 14, 15
_MAX_UNPACKED = 16 * MAX_VALUES
_MAX_RATIO, _FREE_BYTES = 200, 16 * 2**20
_MAX_ELEMENTS = 10_000
#: Boxes of a cell array: 2000 neurons in 500 trials.
_MAX_BOXES = 1_000_000
_NUMBERS = {"double", "single", *(f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64))}
_DAMAGED = "the MATLAB file is damaged or cut short; save it again, or save with -v7.3."


def read_mat(path: Path, choices: Choices = NOTHING) -> Rates | Spikes:
    """What the variables hold.

    Raises:
        Refused: the first thing that is wrong, from sizes and headers before any data are read.
    """
    _check_elements(path)
    arrays: dict[str, Array] = {}
    odd: list[str] = []
    for name, shape, kind in _guarded(lambda: whosmat(os.fspath(path))):
        if kind in _NUMBERS:
            arrays[name] = Array(tuple(shape), "real", kind, _reader(path, name))
        elif kind == "char":
            arrays[name] = Array(tuple(shape[:1]), "text", "text", _reader(path, name, "U"))
        elif kind == "cell":
            if int(np.prod(shape, dtype=np.float64)) > _MAX_BOXES:
                raise Refused(
                    f"the cell array {plain(name, 30)} has more than {_MAX_BOXES:,} cells; leave out neurons or trials."
                )
            arrays[name] = _cell(path, name, tuple(shape))
        else:
            odd.append(f"{plain(name, 30)} ({kind})")
    if not any(array.kind in ("real", "lists") for array in arrays.values()):
        held = f"only {', '.join(odd[:3])}" if odd else "no variables of numbers"
        raise Refused(f"the file holds {held}; save rates or spike times as plain numeric or cell variables.")
    return understand_arrays(arrays, choices, "MATLAB")


def _cell(path: Path, name: str, shape: tuple[int, ...]) -> Array:
    """A cell array, which must be read to know what is in it; one that cannot be read does not spoil the others."""
    try:
        return boxes(_guarded(partial(_load, path, name)))
    except Refused:
        return Array(shape, "other", "cells that cannot be read", lambda: np.zeros(0))


def boxes(cells: npt.NDArray[Any]) -> Array:
    """A cell array by what is in it: text (names), or vectors of numbers."""
    every = [np.asarray(box) for box in cells.ravel()]
    if every and all(box.dtype.kind == "U" and box.size <= 1 for box in every):
        words = np.array([str(box.ravel()[0]) if box.size else "" for box in every])
        return Array(cells.shape, "text", "text", lambda: words)
    if every and all(box.size == 0 or (box.dtype.kind in "fiu" and box.size == max(box.shape, default=1)) for box in every):
        return Array(cells.shape, "lists", "cells", lambda: cells)
    return Array(cells.shape, "other", "cells that are no vectors of numbers", lambda: cells)


def _reader(path: Path, name: str, kinds: str = "fiu") -> Callable[[], npt.NDArray[Any]]:
    def read() -> npt.NDArray[Any]:
        array: npt.NDArray[Any] = _guarded(partial(_load, path, name))
        if array.dtype.kind not in kinds:
            raise Refused(f"the array {plain(name, 30)} holds {array.dtype.name} values; rates must be plain real numbers.")
        return array

    return read


def _load(path: Path, name: str) -> npt.NDArray[Any]:
    return np.asarray(loadmat(os.fspath(path), variable_names=[name])[name])


def _guarded(act: Callable[[], Any]) -> Any:
    """`act()`; whatever SciPy's parser makes of a damaged file is one refusal."""
    try:
        return act()
    except (Refused, MemoryError):
        raise
    except Exception:  # it lets out whatever struct, zlib and numpy raise
        raise Refused(_DAMAGED) from None


def _check_elements(path: Path) -> None:
    """Go through the top-level elements: each must fit into the file, and together they must unpack to a bounded size."""
    size = path.stat().st_size
    unpacked, elements, at = 0, 0, _HEADER
    with path.open("rb") as file:
        head = file.read(_HEADER)
        if len(head) < _HEADER or head[126:128] not in (b"IM", b"MI"):
            raise Refused(_DAMAGED)
        order = "<" if head[126:128] == b"IM" else ">"
        while at + _TAG <= size:
            file.seek(at)
            kind, length = struct.unpack(f"{order}II", file.read(_TAG))
            elements += 1
            if kind not in (_MATRIX, _COMPRESSED) or at + _TAG + length > size or elements > _MAX_ELEMENTS:
                raise Refused(_DAMAGED)
            unpacked += _inner(file.read(min(length, 4096)), order) if kind == _COMPRESSED else length
            at += _TAG + length
    if unpacked > _MAX_UNPACKED:
        raise Refused(
            f"the file unpacks to {unpacked / 2**20:,.0f} MB, above the limit of {_MAX_UNPACKED // 2**20} MB; "
            "leave out variables."
        )
    if unpacked > _FREE_BYTES and unpacked > _MAX_RATIO * size:
        raise Refused(f"the file unpacks to {unpacked // size:,} times its size, so it holds no recording.")


def _inner(packed: bytes, order: str) -> int:
    """The size that a compressed element declares for what is in it."""
    try:
        tag = zlib.decompressobj().decompress(packed, _TAG)
        kind, length = struct.unpack(f"{order}II", tag)
    except (zlib.error, struct.error):
        raise Refused(_DAMAGED) from None
    if kind != _MATRIX:
        raise Refused(_DAMAGED)
    return int(length)
