"""POST /upload: takes the bytes of a recording, has them read in a child process, and stores what was understood."""

from __future__ import annotations

import json
import tempfile
import threading
from pathlib import Path, PurePath
from typing import Any

from flask import Flask, Request, request

from spikedash import readers
from spikedash.jobs.store import Store
from spikedash.params import InputError
from spikedash.readers.limits import plain
from spikedash.web.foreign import same_origin

CHUNK = 2**20
MOST_LETTERS = 5000
#: Every file that is being read may take a core and a GB.
AT_ONCE, PATIENCE_S = 2, 30


class Refusal(Exception):
    """An upload that is not taken: HTTP status and one sentence."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


def register(server: Flask, store: Store) -> None:
    """Serve POST /upload?name=…&choices=…: {"id", "name", "describe", "notes", "choices", "menu"}, or one sentence as {"error"}.

    The choices are those of readers/choices.py as a JSON object; the answer holds them with what was guessed.

    A file that was received and holds no recording is answered with 200, too: browsers log other statuses as faults of the page.
    """
    seats = threading.BoundedSemaphore(AT_ONCE)

    @server.post("/upload")
    def upload() -> tuple[dict[str, Any], int]:
        try:
            return receive(request, store, seats), 200
        except Refusal as why:
            return {"error": str(why)}, why.status


def receive(given: Request, store: Store, seats: threading.BoundedSemaphore) -> dict[str, Any]:
    """Read the body of a request and store the recording in it; {"error"} says why a file holds none.

    Raises:
        Refusal: what is wrong with the request; its body is not read.
    """
    if not same_origin(given):
        raise Refusal(403, "Files are taken from this page only; open SpikeDash itself and upload there.")
    name = plain(PurePath(given.args.get("name", "").replace("\\", "/")).name) or "file"
    size = given.content_length
    if size is None:
        raise Refusal(411, f"{name}: the request does not say how large the file is; send it with a Content-Length.")
    if size > readers.MAX_BYTES:
        raise Refusal(413, too_large(name, size))
    choices = _choices(given)
    if not seats.acquire(timeout=PATIENCE_S):
        raise Refusal(503, f"{name}: other files are being read just now; try again in a minute.")
    try:
        with tempfile.TemporaryDirectory(prefix="spikedash-upload-") as folder:
            found = readers.look(_body(given, Path(folder)), name=name, choices=choices)
        recording = found.recording
        key = store.save_recording(recording, name)
    except InputError as why:
        return {"error": str(why)}
    finally:
        seats.release()
    told = {"describe": readers.describe(recording), "notes": recording.notes, "choices": dict(recording.choices)}
    return {"id": key, "name": name, **told, "menu": found.menu}


def _choices(given: Request) -> dict[str, object]:
    """How the person wants the file to be read.

    Raises:
        Refusal: no JSON object of words and numbers.
    """
    text = given.args.get("choices", "{}")
    try:
        choices = json.loads(text) if len(text) < MOST_LETTERS else None
    except (ValueError, RecursionError):
        choices = None
    if not isinstance(choices, dict) or any(isinstance(value, dict | list) for value in choices.values()):
        raise Refusal(400, "The choices of how to read the file are no JSON object of words and numbers; leave them out.")
    return choices


def _body(given: Request, folder: Path) -> Path:
    """The body as a file of our own naming; the name that was sent is only shown."""
    given.max_content_length = readers.MAX_BYTES
    path = folder / "upload"
    with path.open("wb") as file:
        while chunk := given.stream.read(CHUNK):
            file.write(chunk)
    return path


def too_large(name: str, size: int) -> str:
    """The same sentence as the reader's and the browser's."""
    most = readers.MAX_BYTES // 2**20
    return f"{name}: the file has {size / 2**20:,.0f} MB, above the limit of {most} MB; leave out neurons or use wider time bins."
