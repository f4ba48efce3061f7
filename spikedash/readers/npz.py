"""NPZ files: a two-dimensional array of rates and a one-dimensional array of times; nothing is ever unpickled."""

from __future__ import annotations

import io
import math
import zipfile
import zlib
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numpy.lib import format as npy

from spikedash.readers.limits import MAX_VALUES, Refused, plain
from spikedash.readers.meaning import Found, check_size
from spikedash.readers.timebase import TimeName, counts_samples, rises_evenly, time_name
from spikedash.records import F64

_MAX_ENTRIES = 64
#: Room for MAX_VALUES float64 and as much again of arrays that are left out.
_MAX_UNPACKED = 16 * MAX_VALUES
#: Rates of real neurons shrink to a half or a quarter; small files may be mostly zeros.
_MAX_RATIO = 200
_FREE_BYTES = 16 * 2**20
#: numpy itself refuses headers above 10,000 bytes.
_HEADER_BYTES = 2**14
_RATES = ("rate_hz", "rates_hz", "rates", "rate", "firing_rates", "firing_rate", "psth")
_NAMES = ("names", "unit_names", "neuron_names", "units", "neurons", "unit_ids")
_DAMAGED = "the ZIP archive is damaged ({}); write the file again with numpy.savez."


class Header(NamedTuple):
    """One array of the archive, before its data are read."""

    entry: zipfile.ZipInfo
    shape: tuple[int, ...]
    dtype: np.dtype[np.generic]


def read_npz(path: Path) -> Found:
    """What the archive holds.

    Raises:
        Refused: the first thing that is wrong, from the directory and the headers before any data are read.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            _check_directory(archive.infolist())
            return _found(archive, {entry.filename.removesuffix(".npy"): _header(archive, entry) for entry in archive.infolist()})
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
        raise Refused(f"the array {name} holds pickled Python objects, which are never opened; save plain arrays of numbers.")
    declared = math.prod(shape) * dtype.itemsize
    if min(shape, default=0) < 0 or declared != present:
        raise Refused(
            f"the array {name} declares {declared:,} bytes of data and holds {present:,}; write the file with numpy.savez."
        )
    return Header(entry, shape, dtype)


def _read(archive: zipfile.ZipFile, header: Header) -> npt.NDArray[np.generic]:
    with archive.open(header.entry) as file:
        array: npt.NDArray[np.generic] = npy.read_array(file, allow_pickle=False)
    return array


def _floats(archive: zipfile.ZipFile, header: Header) -> F64:
    return _read(archive, header).astype(np.float64)


def _is_real(header: Header) -> bool:
    return header.dtype.kind in "fiu"


def _found(archive: zipfile.ZipFile, headers: dict[str, Header]) -> Found:
    key = _rates_key(headers)
    time_key, said = _time_key(archive, headers, key)
    rates, points = headers[key], headers[time_key].shape[0]
    rates_label, time_label = plain(key, 30), plain(time_key, 30)
    flat = len(rates.shape) == 1
    shape = (*rates.shape, 1) if flat else rates.shape
    if points not in shape[: 1 if flat else 2]:
        raise Refused(
            f"{rates_label} has the shape {' × '.join(map(str, shape))} and {time_label} has {points} times; "
            "one side of the rates must be as long as the times."
        )
    turned = shape[0] != points
    check_size(points, shape[0] if turned else shape[1])
    values = _floats(archive, rates).reshape(shape)
    notes = [] if said else [f"The array {time_label} read as time because it rises evenly, a guess."]
    if turned:
        notes.append(f"The array {rates_label} holds one neuron per row and was turned.")
    elif shape[0] == shape[1]:
        notes.append(f"The array {rates_label} is square; its rows are taken as time points, a guess.")
    values = np.ascontiguousarray(values.T if turned else values)
    names_key, names = _names(archive, headers, values.shape[1])
    called = [f" ({plain(name, 40)})" if name else "" for name in names]
    left = sorted(plain(k, 30) for k in headers if k not in (key, time_key, names_key))
    if left:
        notes.append(f"Left out: {', '.join(left[:5])}{' and others' if len(left) > 5 else ''}.")
    return Found(
        values=values,
        time=_floats(archive, headers[time_key]),
        unit=said.unit if said else None,
        time_label=f"the array {time_label}",
        names=names,
        says_hz=key.lower().endswith("hz"),
        place=lambda i, j: f"{rates_label} at time point {i + 1}, neuron {j + 1}{called[j]}",
        moment=lambda i: f"time point {i + 1} of {time_label}",
        notes=tuple(notes),
    )


def _rates_key(headers: dict[str, Header]) -> str:
    """The array that holds the rates: by its name, else the only two-dimensional one."""
    by_name = {key.lower(): key for key in headers}
    key = next((by_name[name] for name in _RATES if name in by_name), None)
    if key is None:
        flat = [key for key, header in headers.items() if len(header.shape) == 2 and _is_real(header)]
        if len(flat) != 1:
            listed = ", ".join(f"{plain(k, 30)} {h.shape}" for k, h in list(headers.items())[:5])
            raise Refused(f"there is no array rate_hz, and not exactly one array with two dimensions, but {listed}; add rate_hz.")
        key = flat[0]
    header = headers[key]
    if not _is_real(header):
        raise Refused(f"the array {plain(key, 30)} holds {header.dtype.name} values; rates must be plain real numbers.")
    if len(header.shape) not in (1, 2):
        many = len(header.shape)
        raise Refused(f"the array {plain(key, 30)} has {many} dimensions; average over trials, so that time and neurons remain.")
    return key


def _time_key(archive: zipfile.ZipFile, headers: dict[str, Header], rates: str) -> tuple[str, TimeName | None]:
    """The array that holds the times: by its name, else the only one that rises evenly and is as long as the rates."""
    rows = {key: h for key, h in headers.items() if len(h.shape) == 1 and key != rates and _is_real(h) and h.shape[0] > 0}
    named = [(key, said) for key in rows if (said := time_name(key))]
    named = [(key, said) for key, said in named if said.sure] or named
    if len(named) > 1:
        raise Refused(f"the arrays {plain(named[0][0], 30)} and {plain(named[1][0], 30)} both look like time; leave one of them.")
    if named:
        return named[0]
    fitting = [key for key, h in rows.items() if h.shape[0] in headers[rates].shape]
    times = [key for key in fitting if rises_evenly(t := _floats(archive, rows[key])) and not counts_samples(t)]
    if len(times) != 1:
        raise Refused("there is no array time_s or time_ms; add the time of each row of the rates.")
    return times[0], None


def _names(archive: zipfile.ZipFile, headers: dict[str, Header], units: int) -> tuple[str, tuple[str, ...]]:
    """The array with the neurons' names and the names; "" where there are none."""
    for key, header in headers.items():
        if key.lower() in _NAMES and header.shape == (units,) and header.dtype.kind in "USiu":
            array = _read(archive, header)
            return key, tuple(n.decode("utf-8", "replace") if isinstance(n, bytes) else str(n) for n in array.tolist())
    return "", ("",) * units
