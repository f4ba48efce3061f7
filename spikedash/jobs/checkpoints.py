"""Checkpoints of a run: whole files with checksums, the two newest of all its attempts, written as often as they are cheap.

They lie in the folders of the attempts, as `checkpoint-NUMBER.npz`. A zip archive carries a CRC-32 of every array, so that a
file that was cut or changed is noticed when it is read, and the one before is used.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import json
import logging
import platform
import re
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import psutil

from spikedash.jobs import files, space

log = logging.getLogger(__name__)

NAME = re.compile(r"checkpoint-(\d{6,9})\.npz")
KEPT = 2
COST_SHARE = 40  # saving takes at most one part in this
EAGER_S = 0.25  # until the first checkpoint after a loss, and twice as long until every further one
BYTES_PER_S = 150e6  # at which a checkpoint is made and written, before one was
SLOWEST = 4  # times as long a checkpoint may take until that is taken for an accident
MOST_BYTES = 8e9  # of one checkpoint
MOST_SHARE = 0.25  # of the room that is left on the disk
MEMORY_SHARE = 0.5  # of the memory that is free: a run must not die of being saved
SOURCES = Path(__file__).resolve().parents[1]
ROOMS = ("engine", "training", "analysis", "params", "network.py", "targets.py", "gain.py", "records.py")


class File(NamedTuple):
    """A checkpoint on disk; later ones compare as greater."""

    number: int  # counted through all attempts
    attempt: int
    path: Path


def found(run_folder: Path) -> list[File]:
    """All checkpoints of a run, newest first, whole or not."""
    files_found = []
    for path in run_folder.glob("*/checkpoint-*.npz"):
        if (name := NAME.fullmatch(path.name)) and path.parent.name.isdecimal():
            files_found.append(File(int(name[1]), int(path.parent.name), path))
    return sorted(files_found, reverse=True)


def remove(run_folder: Path) -> None:
    """Forget all checkpoints of a run that is over, and what a killed worker left half written."""
    for path in (*run_folder.glob("*/checkpoint-*"), *run_folder.glob("*/*.part")):
        path.unlink(missing_ok=True)


@functools.cache
def maker() -> str:
    """Fingerprint of everything that decides which bits a run ends with: what another one saved is not gone on with."""
    digest = hashlib.sha256(json.dumps([platform.machine(), *map(importlib.metadata.version, ("numpy", "numba"))]).encode())
    for room in ROOMS:
        path = SOURCES / room
        for source in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            digest.update(source.read_bytes())
    return digest.hexdigest()


class Checkpoints:
    """What one attempt at a run reads and writes of them.

    Args:
        shortest_s: time between two of them at least.
        eager: whether to save the first ones soon, since an earlier attempt was lost.
    """

    def __init__(self, run_folder: Path, attempt: int, *, shortest_s: float, eager: bool) -> None:
        self._run_folder, self._attempt = run_folder, attempt
        self._shortest_s = shortest_s
        self._wait_s = min(EAGER_S, shortest_s) if eager else shortest_s
        self._cost_s = 0.0
        self._number = max((file.number for file in found(run_folder)), default=0)
        self._latest = time.monotonic()
        self.saved = 0

    def stored(self) -> Iterator[files.Arrays]:
        """Whole checkpoints of this code, newest first; damaged ones are removed, so that they are not counted as kept."""
        for file in found(self._run_folder):
            try:
                arrays = files.read_arrays(file.path)
                made_by = arrays.pop("made_by").tobytes().decode()
            except files.DAMAGED as error:
                log.warning("checkpoint %d cannot be read and is not used: %s", file.number, error)
            else:
                if made_by == maker():
                    yield arrays
                    continue
                log.warning("checkpoint %d was written by another version and is not used", file.number)
            file.path.unlink(missing_ok=True)

    def due(self, size: int) -> bool:
        """Whether it is time for the next one, of at most that many bytes, and memory for the copies it takes."""
        cost_s = self._cost_s or size / BYTES_PER_S
        if time.monotonic() - self._latest < max(self._wait_s, COST_SHARE * cost_s):
            return False
        if MEMORY_SHARE * psutil.virtual_memory().available > size:
            return True
        log.warning("there is no memory for a checkpoint of %.3g MB", size / 1e6)
        self._latest = time.monotonic()
        return False

    def save(self, make: Mapping[str, npt.NDArray[Any]], began: float) -> bool:
        """Write one, durable and whole or not at all; False where there is no room for it.

        Args:
            began: when making its arrays began (monotonic clock).
        """
        size = sum(array.nbytes for array in make.values())
        done = self._fits(size) and self._write(make)
        self._latest = time.monotonic()
        # A moment in which the machine was busy with others must not decide when the next one comes.
        self._cost_s = min(self._latest - began, SLOWEST * size / BYTES_PER_S)
        self._wait_s = min(self._shortest_s, 2 * self._wait_s)
        self.saved += done
        return done

    def _fits(self, size: int) -> bool:
        room = space.free(self._run_folder) - space.reserve(self._run_folder)
        return size <= min(MOST_BYTES, MOST_SHARE * max(0, room))

    def _write(self, arrays: Mapping[str, npt.NDArray[Any]]) -> bool:
        path = self._run_folder / str(self._attempt) / f"checkpoint-{self._number + 1:06d}.npz"
        try:
            files.write_arrays(path, {**arrays, "made_by": np.frombuffer(maker().encode(), np.uint8)})
        except OSError as error:
            if not space.is_full(error):
                raise
            log.warning("there is no room for a checkpoint; the ones before stay")
            return False
        self._number += 1
        for old in [one for one in found(self._run_folder) if one.attempt <= self._attempt][KEPT:]:
            old.path.unlink(missing_ok=True)
        return True
