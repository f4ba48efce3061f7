"""Uploaded recordings, kept once each under the hash of their content."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import numpy as np

from spikedash.jobs import files
from spikedash.records import Recording

ID = re.compile(r"[0-9a-f]{64}")


def content_id(recording: Recording) -> str:
    """SHA-256 of the rates, times and names; notes are words about them, not part of them."""
    digest = hashlib.sha256(json.dumps([list(recording.rate_hz.shape), list(recording.names)]).encode())
    for array in (recording.rate_hz, recording.time_ms):
        digest.update(np.ascontiguousarray(array, "<f8").tobytes())
    return digest.hexdigest()


def save(folder: Path, recording: Recording, filename: str) -> str:
    """Keep a recording; returns its id, the same for the same content."""
    recording_id = content_id(recording)
    path = folder / f"{recording_id}.npz"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
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


def load(folder: Path, recording_id: str) -> Recording:
    """A recording by its id.

    Raises:
        KeyError: there is none, or what is there is damaged.
    """
    if not isinstance(recording_id, str) or not ID.fullmatch(recording_id):
        raise KeyError(recording_id)
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
