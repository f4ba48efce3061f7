"""MATLAB files of version 7.3 and plain HDF5 files as named arrays."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt

from spikedash.readers import hdf
from spikedash.readers.arrays import Array, understand_arrays
from spikedash.readers.choices import Choices
from spikedash.readers.found import Rates, Spikes
from spikedash.readers.limits import Refused, plain
from spikedash.readers.mat import boxes
from spikedash.readers.timebase import NOTHING

_MAX_BOXES = 250_000
_MOST = 200  # arrays that are looked at
_DEEP = 3  # levels of groups in plain HDF5


def read_hdf(path: Path, choices: Choices = NOTHING) -> Rates | Spikes:
    """What the datasets hold; those that MATLAB wrote are turned back, since it writes columns as rows.

    Raises:
        Refused: the first thing that is wrong.
    """
    with hdf.opened(path) as file:
        matlab = any("MATLAB_class" in file[name].attrs for name in list(file)[:_MOST] if hdf.find(file, name) is not None)
        arrays = _matlab(file) if matlab else _plain(file)
        if not any(array.kind in ("real", "lists") for array in arrays.values()):
            raise Refused(
                "the file holds no arrays of numbers at its top; save rates or spike times as plain numeric or cell variables."
            )
        return understand_arrays(arrays, choices, "MATLAB" if matlab else "HDF5")


def _plain(file: h5py.File) -> dict[str, Array]:
    """Datasets of the first levels, called by their path, or by their name where it is the only one of that name."""
    found: dict[str, h5py.Dataset] = {}

    def gather(group: h5py.Group, before: str, deep: int) -> None:
        for name in group:
            one = hdf.find(group, name)
            if isinstance(one, h5py.Dataset) and len(found) < _MOST:
                found[before + name] = one
            elif isinstance(one, h5py.Group) and deep < _DEEP:
                gather(one, f"{before}{name}/", deep + 1)

    gather(file, "", 1)
    short = [name.rsplit("/", 1)[-1] for name in found]
    return {last if short.count(last) == 1 else name: _array(one) for (name, one), last in zip(found.items(), short, strict=True)}


def _array(one: h5py.Dataset) -> Array:
    shape = one.shape or ()
    if one.shape is not None and one.dtype.kind in "fiu":
        return Array(shape, "real", one.dtype.name, lambda: hdf.numbers(one))
    if h5py.check_string_dtype(one.dtype) is not None:
        return Array(shape, "text", "text", lambda: np.array(hdf.texts(one) or ()))
    return Array(shape, "other", plain(str(one.dtype), 30), lambda: np.zeros(0))


def _matlab(file: h5py.File) -> dict[str, Array]:
    arrays = {}
    for name in list(file)[:_MOST]:
        one = hdf.find(file, name)
        if isinstance(one, h5py.Dataset) and not name.startswith("#"):
            arrays[name] = _variable(one)
    return arrays


def _variable(one: h5py.Dataset) -> Array:
    kind = _class_of(one)
    shape = tuple(reversed(one.shape or ()))
    if kind == "cell" and h5py.check_ref_dtype(one.dtype) is h5py.Reference:
        cells = hdf.references(one, _MAX_BOXES, _content).T
        return boxes(cells)
    if kind == "char":
        return Array((shape or (0,))[:1], "text", "text", lambda: _text(hdf.numbers(one).T))
    if one.dtype.kind in "fiu" and kind not in ("function_handle", "logical"):
        return Array(shape, "real", kind or one.dtype.name, lambda: _content(one))
    return Array(shape, "other", kind or plain(str(one.dtype), 30), lambda: np.zeros(0))


def _class_of(one: h5py.Dataset) -> str:
    said = one.attrs.get("MATLAB_class", b"")
    return plain(said.decode("ascii", "replace") if isinstance(said, bytes) else str(said), 30)


def _content(one: h5py.Dataset) -> npt.NDArray[Any]:
    """The numbers of a variable or a cell, or its text; empty ones are stored as their size."""
    if "MATLAB_empty" in one.attrs:
        return np.zeros(0)
    values = hdf.numbers(one).T
    return _text(values) if _class_of(one) == "char" else values


def _text(codes: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Rows of character codes as strings."""
    rows = np.atleast_2d(codes)
    return np.array(["".join(chr(int(code)) for code in row if 0 < code < 0xD800).rstrip() for row in rows[:5000, :500]])
