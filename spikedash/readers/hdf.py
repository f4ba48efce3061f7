"""HDF5 files as far as they can be trusted: nothing leads out of the file, nothing is read before its size is known."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt

from spikedash.readers.limits import MAX_VALUES, Refused, plain
from spikedash.records import F64

#: A cell array of MATLAB takes an object per cell.
_MAX_OBJECTS = 300_000
_MAX_TEXTS = 100_000
_MAX_CHUNK = 2**27
_HOPS = 16
#: Filters that HDF5 itself brings, and the one of h5py; others would load code.
_FILTERS = {1, 2, 3, 4, 5, 6, 32000}
DAMAGED = "the HDF5 file is damaged or cut short; export it again."


@contextmanager
def opened(path: Path) -> Iterator[h5py.File]:
    """The file, after a walk over everything in it.

    Raises:
        Refused: something that leads out of the file, too many objects, or whatever the library makes of a damaged file.
    """
    try:
        with h5py.File(path, "r") as file:
            _walk(file)
            yield file
    except (Refused, MemoryError):
        raise
    except Exception:  # h5py raises OSError, KeyError, RuntimeError, ValueError and more for damaged files
        raise Refused(DAMAGED) from None


class _Walk:
    """Counts objects and stops at the first thing that must not be there."""

    def __init__(self, file: h5py.File) -> None:
        self.file = file
        self.seen = 0

    def link(self, name: bytes, info: Any) -> str | None:
        self.seen += 1
        if self.seen > _MAX_OBJECTS:
            return f"the file holds more than {_MAX_OBJECTS:,} objects; export only the recording."
        if info.type not in (h5py.h5l.TYPE_HARD, h5py.h5l.TYPE_SOFT):
            return f"{_shown(name)} is a link to another file, which is never followed; export the file with its data inside."
        return None

    def thing(self, name: bytes, info: Any) -> str | None:
        if info.type != h5py.h5o.TYPE_DATASET:
            return None
        made = h5py.h5d.open(self.file.id, name).get_create_plist()
        if made.get_layout() == h5py.h5d.VIRTUAL:
            return f"{_shown(name)} is a virtual dataset made of other files, which are never opened; export the data themselves."
        if made.get_external_count():
            return f"{_shown(name)} keeps its data in another file, which is never opened; export the file with its data inside."
        return None


def _walk(file: h5py.File) -> None:
    walk = _Walk(file)
    why = file.id.links.visit(walk.link, info=True) or h5py.h5o.visit(file.id, walk.thing, info=True)
    if why:
        raise Refused(why)


def _shown(name: bytes) -> str:
    return plain(name.decode("utf-8", "replace"), 40)


def find(group: h5py.Group, path: str, hops: int = 0) -> h5py.Group | h5py.Dataset | None:
    """What a path leads to, one component after another; soft links stay inside the file. None where there is nothing."""
    here: Any = group.file if path.startswith("/") else group
    parts = [part for part in path.split("/") if part not in ("", ".")]
    for k, part in enumerate(parts):
        if not isinstance(here, h5py.Group) or hops > _HOPS:
            return None
        link = here.get(part, getlink=True)
        if isinstance(link, h5py.SoftLink):
            rest = "/".join(parts[k + 1 :])
            target = find(here, link.path, hops + 1)
            return (
                target if not rest or target is None else find(target, rest, hops + 1) if isinstance(target, h5py.Group) else None
            )
        if not isinstance(link, h5py.HardLink):
            return None
        here = here[part]
    return here if isinstance(here, (h5py.Group, h5py.Dataset)) else None


def size(dataset: h5py.Dataset) -> int:
    """How many values it declares."""
    return int(np.prod(dataset.shape, dtype=np.float64)) if dataset.shape is not None else 0


def numbers(dataset: h5py.Dataset) -> npt.NDArray[Any]:
    """All values of a dataset of real numbers.

    Raises:
        Refused: no numbers, too many, or compressed in a way that needs foreign code.
    """
    _check(dataset)
    if dataset.dtype.kind not in "fiu" or dataset.shape is None:
        raise Refused(f"{_name(dataset)} holds {plain(str(dataset.dtype), 30)} values; plain real numbers are expected.")
    array: npt.NDArray[Any] = dataset[()]
    return np.asarray(array)


def floats(dataset: h5py.Dataset) -> F64:
    return numbers(dataset).astype(np.float64).ravel()


def texts(dataset: h5py.Dataset) -> tuple[str, ...] | None:
    """All values of a dataset of text or whole numbers as words; None where it is neither."""
    if size(dataset) > _MAX_TEXTS:
        return None
    _check(dataset)
    if h5py.check_string_dtype(dataset.dtype) is not None:
        return tuple(plain(str(word), 80) for word in np.ravel(dataset.asstr(errors="replace")[()]))
    if dataset.dtype.kind in "iub":
        return tuple(str(value) for value in np.ravel(dataset[()]).tolist())
    return None


def references(dataset: h5py.Dataset, most: int, act: Callable[[h5py.Dataset], npt.NDArray[Any]]) -> npt.NDArray[Any]:
    """What the object references in a dataset lead to, as an object array of the same shape.

    Raises:
        Refused: more than `most`, or one that leads to no dataset.
    """
    if size(dataset) > most:
        raise Refused(f"{_name(dataset)} has more than {most:,} cells; leave out neurons or trials.")
    _check(dataset)
    refs = dataset[()]
    made = np.empty(refs.shape, dtype=object)
    total = 0
    for place in np.ndindex(refs.shape):
        target = dataset.file[refs[place]] if refs[place] else None
        if not isinstance(target, h5py.Dataset):
            raise Refused(f"{_name(dataset)} holds a cell that is no array; save cells of plain numbers.")
        total += size(target)
        if total > MAX_VALUES:
            raise Refused(f"{_name(dataset)} holds more than {MAX_VALUES:,} values; leave out neurons or trials.")
        made[place] = act(target)
    return made


def _check(dataset: h5py.Dataset) -> None:
    """Refuse what would be too large to read, or read by code that is not part of HDF5."""
    if size(dataset) > MAX_VALUES:
        declared = size(dataset) * dataset.dtype.itemsize / 2**20
        raise Refused(
            f"{_name(dataset)} declares {declared:,.0f} MB of data, above the limit of {8 * MAX_VALUES // 2**20} MB; export less."
        )
    made = dataset.id.get_create_plist()
    if made.get_layout() == h5py.h5d.VIRTUAL or made.get_external_count():
        raise Refused(f"{_name(dataset)} keeps its data in another file, which is never opened; export the data themselves.")
    used = [made.get_filter(k) for k in range(made.get_nfilters())]
    odd = next((one for one in used if one[0] not in _FILTERS), None)
    if odd:
        called = _shown(odd[3]) or f"number {odd[0]}"
        raise Refused(f"{_name(dataset)} is compressed by the foreign filter {called}; export it with gzip.")
    if dataset.chunks and int(np.prod(dataset.chunks, dtype=np.float64)) * dataset.dtype.itemsize > _MAX_CHUNK:
        raise Refused(f"{_name(dataset)} is stored in chunks above {_MAX_CHUNK // 2**20} MB; export it with smaller chunks.")


def _name(dataset: h5py.Dataset) -> str:
    return plain(dataset.name or "a dataset", 60)
