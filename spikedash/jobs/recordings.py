"""Uploaded recordings, kept once each under the hash of their content, beside a list of those who uploaded it."""

from __future__ import annotations

import hashlib
import json
import os
import re
from pathlib import Path
from typing import NamedTuple

import numpy as np

from spikedash.jobs import files
from spikedash.jobs.owners import EVERYBODY
from spikedash.records import Recording

EVERYBODYS = "*"  # in a list of owners
ID = re.compile(r"[0-9a-f]{64}")


class Upload(NamedTuple):
    """A recording as a file."""

    id: str
    bytes: int
    uploaded: float  # the last time, Unix seconds
    owners: frozenset[str]


def content_id(recording: Recording) -> str:
    """SHA-256 of the rates, times and names; notes are words about them, not part of them."""
    digest = hashlib.sha256(json.dumps([list(recording.rate_hz.shape), list(recording.names)]).encode())
    for array in (recording.rate_hz, recording.time_ms):
        digest.update(np.ascontiguousarray(array, "<f8").tobytes())
    return digest.hexdigest()


def save(folder: Path, recording: Recording, filename: str, owner: str = EVERYBODY) -> str:
    """Keep a recording; returns its id, the same for the same content."""
    recording_id = content_id(recording)
    path = folder / f"{recording_id}.npz"
    folder.mkdir(parents=True, exist_ok=True)
    owned = folder / f"{recording_id}.owners"
    if (owned.exists() and not _may_see(owned, owner)) or (owner and not path.exists()):
        with owned.open("a", encoding="ascii") as file:
            file.write(f"{owner or EVERYBODYS}\n")  # one write, so that two people at once leave two lines
    if path.exists():
        os.utime(path)
    else:
        words = {
            "names": list(recording.names),
            "notes": list(recording.notes),
            "choices": list(recording.choices),
            "filename": filename,
        }
        arrays = {
            "rate_hz": np.ascontiguousarray(recording.rate_hz, "<f8"),
            "time_ms": np.ascontiguousarray(recording.time_ms, "<f8"),
            "words": np.frombuffer(json.dumps(words).encode(), np.uint8),
        }
        files.write_arrays(path, arrays)
    return recording_id


def uploads(folder: Path) -> list[Upload]:
    """All recordings, the one that was uploaded longest ago first."""
    found = []
    for path in folder.glob("*.npz"):
        try:
            known = path.stat()
        except FileNotFoundError:  # removed meanwhile
            continue
        found.append(Upload(path.stem, known.st_size, known.st_mtime, frozenset(_owners(path.with_suffix(".owners")))))
    return sorted(found, key=lambda upload: upload.uploaded)


def remove(folder: Path, recording_id: str) -> None:
    """Forget a recording; whoever still wants it uploads it again."""
    for ending in ("npz", "owners"):
        (folder / f"{recording_id}.{ending}").unlink(missing_ok=True)


def _owners(owned: Path) -> set[str]:
    """Who uploaded it; those of versions before identities have no list, and are everybody's."""
    try:
        return set(owned.read_text("ascii", "replace").split())
    except FileNotFoundError:
        return {EVERYBODYS}


def _may_see(owned: Path, person: str) -> bool:
    """Whether somebody uploaded it, or it is everybody's."""
    return not _owners(owned).isdisjoint({person, EVERYBODYS})


def check(folder: Path, recording_id: str, person: str | None = None) -> None:
    """KeyError where there is no recording of that id, or the person did not upload it."""
    if not isinstance(recording_id, str) or not ID.fullmatch(recording_id):
        raise KeyError(recording_id)
    if person is not None and not _may_see(folder / f"{recording_id}.owners", person):
        raise KeyError(recording_id)
    if not (folder / f"{recording_id}.npz").exists():
        raise KeyError(recording_id)


def load(folder: Path, recording_id: str, person: str | None = None) -> Recording:
    """A recording by its id.

    Args:
        person: must have uploaded it, where given.

    Raises:
        KeyError: there is none that the person sees, or what is there is damaged.
    """
    check(folder, recording_id, person)
    try:
        arrays = files.read_arrays(folder / f"{recording_id}.npz")
        words = json.loads(arrays["words"].tobytes())
        choices = tuple((str(key), str(value)) for key, value in words.get("choices", ()))
        recording = Recording(arrays["rate_hz"], arrays["time_ms"], tuple(words["names"]), tuple(words["notes"]), choices)
    except files.DAMAGED:
        raise KeyError(recording_id) from None
    if content_id(recording) != recording_id:
        raise KeyError(recording_id)
    return recording
