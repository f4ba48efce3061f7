"""Which kind of file this is, from its size, its name and its first bytes, without reading it."""

from __future__ import annotations

import stat
from pathlib import Path, PurePath
from typing import Literal

from spikedash.readers.limits import MAX_BYTES, Refused

Kind = Literal["table", "npz"]

_EXTENSIONS: dict[str, Kind] = {".csv": "table", ".tsv": "table", ".txt": "table", ".dat": "table", ".npz": "npz"}
_NOT_YET = {".mat": "MATLAB", ".nwb": "NWB", ".h5": "HDF5", ".hdf5": "HDF5"}
_SHEETS = {".xlsx", ".xlsm", ".xls", ".ods", ".numbers"}
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", "a ZIP archive"),
    (b"PK\x05\x06", "an empty ZIP archive"),
    (b"%PDF", "a PDF"),
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file"),
    (b"MATLAB 5.0 MAT-file", "a MATLAB file"),
    (b"\x93NUMPY", "a single NumPy array"),
    (b"\xd0\xcf\x11\xe0", "an old Excel or Word file"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"\x7fELF", "a program"),
    (b"{\\rtf", "a word-processor file"),
    *((bytes([0x80, protocol]), "a Python pickle, which is never opened") for protocol in range(2, 6)),
)


def kind_of(path: Path, name: str) -> Kind:
    """What `path`, called `name` by the person who gave it, is to be read as.

    Raises:
        Refused: no file, empty, larger than MAX_BYTES, or nothing that is read here.
    """
    try:
        info = path.stat()
        if not stat.S_ISREG(info.st_mode):
            raise Refused("this is no regular file; give a .csv, .tsv or .npz file.")
        with path.open("rb") as file:
            start = file.read(64)
    except FileNotFoundError:
        raise Refused("there is no such file; check the name.") from None
    except OSError as error:
        raise Refused(f"the file cannot be opened ({error.strerror}); check its permissions.") from None
    if not start:
        raise Refused("the file is empty; it needs a time column and one column of rates in Hz per neuron.")
    if info.st_size > MAX_BYTES:
        size, most = info.st_size / 2**20, MAX_BYTES // 2**20
        raise Refused(f"the file has {size:,.0f} MB, above the limit of {most} MB; leave out neurons or use wider time bins.")
    return _by_name_and_start(PurePath(name).suffix.lower(), start)


def _by_name_and_start(suffix: str, start: bytes) -> Kind:
    found = next((what for magic, what in _MAGIC if start.startswith(magic)), None)
    if suffix in _NOT_YET:
        raise Refused(f"{_NOT_YET[suffix]} files are not read yet; export the rates as CSV or NPZ.")
    if suffix in _SHEETS:
        raise Refused("spreadsheet files are not read; save the sheet as CSV.")
    kind = _EXTENSIONS.get(suffix)
    if kind is None:
        ending = f"names ending in {suffix}" if suffix else "names without an ending"
        raise Refused(f"files with {ending} are not read; give rates as .csv, .tsv or .npz.")
    if kind == "table" and found:
        hint = "call it .npz if NumPy wrote it, or save as CSV" if "ZIP" in found else "export the rates as CSV or NPZ"
        raise Refused(f"the name ends in {suffix}, but the content is {found}; {hint}.")
    if kind == "npz" and found != "a ZIP archive":
        content = found or "no ZIP archive (NPZ files are ZIP archives)"
        raise Refused(f"the name ends in .npz, but the content is {content}; save with numpy.savez, or name text .csv.")
    return kind
