"""NPZ files as named arrays, from the directory and the headers before any data are read; nothing is ever unpickled."""

from __future__ import annotations

import io
import math
import zipfile
import zlib
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt
from numpy.lib import format as npy

from spikedash.readers.arrays import Array, Arrays, understand_arrays
from spikedash.readers.choices import Choices
from spikedash.readers.found import Rates, Spikes
from spikedash.readers.limits import MAX_UNITS, MAX_VALUES, Refused, plain
from spikedash.readers.timebase import NOTHING

#: One array per neuron, and a few more.
_MAX_ENTRIES = MAX_UNITS + 64
#: Room for MAX_VALUES float64 and as much again of arrays that are left out.
_MAX_UNPACKED = 16 * MAX_VALUES
#: Rates of real neurons shrink to a half or a quarter; small files may be mostly zeros.
_MAX_RATIO = 200
_FREE_BYTES = 16 * 2**20
#: numpy itself refuses headers above 10,000 bytes.
_HEADER_BYTES = 2**14
_DAMAGED = "the ZIP archive is damaged ({}); write the file again with numpy.savez."


class Header(NamedTuple):
    """One array of the archive, before its data are read."""

    entry: zipfile.ZipInfo
    shape: tuple[int, ...]
    dtype: np.dtype[np.generic]


def read_npz(path: Path, choices: Choices = NOTHING) -> Rates | Spikes:
    """What the archive holds.

    Raises:
        Refused: the first thing that is wrong, from the directory and the headers before any data are read.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            _check_directory(archive.infolist())
            headers = {entry.filename.removesuffix(".npy"): _header(archive, entry) for entry in archive.infolist()}
            return _found({key: _array(archive, header) for key, header in headers.items()}, choices)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, UnicodeError, OSError) as error:
        raise Refused(_DAMAGED.format(plain(str(error)).rstrip(".") or type(error).__name__)) from None


def _check_directory(entries: list[zipfile.ZipInfo]) -> None:
    if any(entry.filename == "[Content_Types].xml" for entry in entries):
        raise Refused("the archive is an office document, not NPZ; save the sheet as CSV.")
    if not 1 <= len(entries) <= _MAX_ENTRIES:
        raise Refused(f"the archive holds {len(entries):,} entries; rates and times in 2 to {_MAX_ENTRIES} arrays are expected.")
    if len({entry.filename for entry in entries}) < len(entries):
        raise Refused("the archive holds two arrays of the same name; write each once with numpy.savez.")
    for entry in entries:
        shown = plain(entry.filename, 40)
        if "/" in entry.filename or "\\" in entry.filename or entry.filename.startswith("."):
            raise Refused(f"the archive holds the path {shown}; plain array names as numpy.savez writes them are expected.")
        if not entry.filename.endswith(".npy"):
            raise Refused(f"the archive holds {shown}, which is not an array; write the file with numpy.savez.")
        if entry.flag_bits & 1:
            raise Refused(f"the array {shown} is encrypted; write the file with numpy.savez.")
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise Refused(f"the array {shown} is compressed in a foreign way; write the file with numpy.savez.")
    packed, unpacked = (sum(sizes) for sizes in zip(*((e.compress_size, e.file_size) for e in entries), strict=True))
    if unpacked > _MAX_UNPACKED:
        most = _MAX_UNPACKED // 2**20
        raise Refused(f"the archive unpacks to {unpacked / 2**20:,.0f} MB, above the limit of {most} MB; leave out arrays.")
    if unpacked > _FREE_BYTES and unpacked > _MAX_RATIO * packed:
        raise Refused(f"the archive unpacks to {unpacked // max(packed, 1):,} times its size, so it holds no recorded rates.")


def _header(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Header:
    """Shape and type that the entry declares, checked against the bytes that are there."""
    name = plain(entry.filename.removesuffix(".npy"), 40)
    with archive.open(entry) as file:
        start = io.BytesIO(file.read(_HEADER_BYTES))
    try:
        read = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}[npy.read_magic(start)]
        shape, _, dtype = read(start)
    except Exception:  # numpy lets out whatever Python's parser and tokenizer make of the header
        raise Refused(f"the array {name} has a damaged header; write the file with numpy.savez.") from None
    present = entry.file_size - start.tell()
    if dtype.hasobject:
        return Header(entry, shape, dtype)
    declared = math.prod(shape) * dtype.itemsize
    if min(shape, default=0) < 0 or declared != present:
        raise Refused(
            f"the array {name} declares {declared:,} bytes of data and holds {present:,}; write the file with numpy.savez."
        )
    return Header(entry, shape, dtype)


def _array(archive: zipfile.ZipFile, header: Header) -> Array:
    """An entry as an array of numbers or text; whatever else there is, it is not read."""

    def read() -> npt.NDArray[np.generic]:
        with archive.open(header.entry) as file:
            array: npt.NDArray[np.generic] = npy.read_array(file, allow_pickle=False)
        return array

    if header.dtype.hasobject:
        return Array(header.shape, "other", "pickled Python objects", read)
    kind: Literal["real", "text", "other"] = (
        "real" if header.dtype.kind in "fiu" else "text" if header.dtype.kind in "US" else "other"
    )
    return Array(header.shape, kind, header.dtype.name, read)


def _found(arrays: Arrays, choices: Choices) -> Rates | Spikes:
    """What the arrays hold; a Tsd or TsdFrame of pynapple has its times in t, in seconds, and its values in d."""
    if {"t", "d", "start", "end", "type"} <= set(arrays) and choices.array is None and choices.holds != "spikes":
        named = {"columns": arrays["columns"]} if "columns" in arrays and arrays["columns"].kind == "text" else {}
        return understand_arrays({"time_s": arrays["t"], "rates": arrays["d"], **named}, choices, "NPZ")
    if {"t", "start", "end", "type"} == set(arrays):
        arrays = {"spike_times_s": arrays["t"]}
        return understand_arrays(arrays, choices._replace(holds="spikes"), "NPZ")
    return understand_arrays(arrays, choices, "NPZ")
