"""Files of a store: written whole or not at all, read without ever unpickling."""

from __future__ import annotations

import json
import math
import os
import zipfile
from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from spikedash.records import LoopRecord, TestRecord

Arrays = dict[str, npt.NDArray[Any]]

#: What reading a missing, cut or flipped archive raises.
DAMAGED = (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile)


def write(path: Path, put: Callable[[BinaryIO], Any], *, durable: bool = True) -> None:
    """What `put` writes into a file comes in place in one move; `durable` waits for the disk."""
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as file:
            put(file)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise
    if durable:
        sync_folder(path.parent)


def write_bytes(path: Path, content: bytes, *, durable: bool = True) -> None:
    """Put `content` in place in one move; `durable` waits for the disk."""
    write(path, lambda file: file.write(content), durable=durable)


def sync_folder(folder: Path) -> None:
    """Make new names in a folder durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_arrays(path: Path, arrays: Mapping[str, npt.ArrayLike], *, durable: bool = True) -> None:
    """Arrays as one NPZ, each with its checksum."""
    # Not by way of a copy in memory: some are as large as the network.
    whole = {name: np.asarray(array) for name, array in arrays.items()}
    write(path, lambda file: np.savez(file, allow_pickle=False, **whole), durable=durable)


def read_arrays(path: Path, *, leave_out: tuple[str, ...] = ()) -> Arrays:
    """All arrays of an NPZ but those to leave out.

    Raises:
        DAMAGED: the file is missing, cut short or changed.
    """
    arrays = {}
    with path.open("rb") as file:
        try:
            with zipfile.ZipFile(file) as archive:
                for member in archive.namelist():
                    if (name := member.removesuffix(".npy")) not in leave_out:
                        # All of it at once, since only then its checksum is compared: before its header is believed.
                        content = BytesIO(archive.read(member))
                        arrays[name] = np.lib.format.read_array(content, allow_pickle=False)
        except Exception as error:  # a changed header can make the readers raise anything
            raise zipfile.BadZipFile(f"{path.name} is damaged: {error}") from error
    return arrays


def write_json(path: Path, content: Any, *, durable: bool = True) -> None:
    """Strict JSON; what is not finite becomes null."""
    write_bytes(path, json.dumps(_finite(content), allow_nan=False, indent=1).encode(), durable=durable)


def _finite(content: Any) -> Any:
    if isinstance(content, Mapping):
        return {str(name): _finite(value) for name, value in content.items()}
    if isinstance(content, list | tuple):
        return [_finite(value) for value in content]
    if isinstance(content, float) and not math.isfinite(content):
        return None
    return content


def event_line(event: LoopRecord | TestRecord) -> bytes:
    """One finished loop or test as a line of progress.jsonl; nan becomes null."""
    kind = "loop" if isinstance(event, LoopRecord) else "test"
    return json.dumps({kind: _finite(tuple(event))}, allow_nan=False).encode() + b"\n"


def read_events(path: Path, after: int) -> tuple[list[LoopRecord | TestRecord], int]:
    """Whole lines from byte `after` on, and where they end; a last line that is still being written is left for later."""
    try:
        with path.open("rb") as file:
            start = max(after - 1, 0)
            file.seek(start)
            content = file.read()
    except FileNotFoundError:
        return [], after
    if after > 0:
        if not content:  # a later attempt has not come this far yet
            return [], after
        if content[:1] != b"\n":
            return read_events(path, 0)
        content = content[1:]
    whole = content[: content.rfind(b"\n") + 1]
    return [_event(line) for line in whole.splitlines()], max(after, 0) + len(whole)


def _event(line: bytes) -> LoopRecord | TestRecord:
    ((kind, values),) = json.loads(line).items()
    number, *rest = values
    floats = [math.nan if value is None else float(value) for value in rest]
    return LoopRecord._make([number, *floats]) if kind == "loop" else TestRecord._make([number, *floats])
