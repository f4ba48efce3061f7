"""Which kind of file this is, from its size, its name and its first bytes, without reading it."""

from __future__ import annotations

import stat
from pathlib import Path, PurePath
from typing import Literal

from spikedash.readers.limits import MAX_BYTES, Refused

Kind = Literal["table", "npz", "mat", "hdf", "nwb"]

_EXTENSIONS: dict[str, Kind] = {
    **dict.fromkeys((".csv", ".tsv", ".txt", ".dat"), "table"),
    ".npz": "npz",
    ".mat": "mat",
    ".nwb": "nwb",
    **dict.fromkeys((".h5", ".hdf5"), "hdf"),
}
_HDF5 = b"\x89HDF\r\n\x1a\n"
_RENAME = {
    "a ZIP archive": "call it .npz if NumPy wrote it, or save as CSV",
    "an HDF5 file": "call it .h5, or .nwb if it is one",
    "a MATLAB file": "call it .mat",
}
#: MATLAB leaves room for its own words before an HDF5 file.
_USER_BLOCK = 512
_SHEETS = {".xlsx", ".xlsm", ".xls", ".ods", ".numbers"}
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", "a ZIP archive"),
    (b"PK\x05\x06", "an empty ZIP archive"),
    (b"%PDF", "a PDF"),
    (_HDF5, "an HDF5 file"),
    (b"MATLAB 5.0 MAT-file", "a MATLAB file"),
    (b"MATLAB 7.3 MAT-file", "a MATLAB file"),
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
            raise Refused("this is no regular file; give a .csv, .npz, .mat or .nwb file.")
        with path.open("rb") as file:
            start = file.read(_USER_BLOCK + len(_HDF5))
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
    if suffix in _SHEETS:
        raise Refused("spreadsheet files are not read; save the sheet as CSV.")
    kind = _EXTENSIONS.get(suffix)
    if kind is None:
        ending = f"names ending in {suffix}" if suffix else "names without an ending"
        raise Refused(f"files with {ending} are not read; give .csv, .tsv, .npz, .mat, .nwb or .h5.")
    if kind == "table" and found:
        hint = _RENAME.get(found, "export the data as CSV or NPZ")
        raise Refused(f"the name ends in {suffix}, but the content is {found}; {hint}.")
    if kind == "npz" and found != "a ZIP archive":
        content = found or "no ZIP archive (NPZ files are ZIP archives)"
        raise Refused(f"the name ends in .npz, but the content is {content}; save with numpy.savez, or name text .csv.")
    if kind == "mat":
        return _matlab(start, found)
    if kind in ("hdf", "nwb") and found != "an HDF5 file":
        raise Refused(f"the name ends in {suffix}, but the content is {found or 'no HDF5 file'}; export the file again.")
    return kind


def _matlab(start: bytes, found: str | None) -> Kind:
    """Version 5 to 7 or 7.3, which is HDF5 behind a page of MATLAB's own; Octave and others leave that page out."""
    if start.startswith(_HDF5) or start[_USER_BLOCK:] == _HDF5:
        return "hdf"
    if start.startswith(b"MATLAB 5.0 MAT-file"):
        return "mat"
    if found == "a MATLAB file":
        raise Refused("the file calls itself MATLAB 7.3 but holds no HDF5 part, so it is damaged; save it again.")
    content = found or "no MATLAB file of version 5 to 7.3"
    raise Refused(f"the name ends in .mat, but the content is {content}; save with save -v7 or -v7.3.")
