"""The log: one JSON object per line, with the id of the run where a line is about one."""

from __future__ import annotations

import json
import logging
import logging.handlers
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

FILE_BYTES = 2_000_000
OLDER_FILES = 3
ABOUT = ("run", "attempt", "worker")  # what a line may be about


def sentence(error: Exception) -> str:
    """Type and message of an error in one line, for people who have not seen it coming."""
    message = " ".join(str(error).split())[:400]
    return f"{type(error).__name__}: {message or 'no reason given'}".rstrip(".") + "."


class JsonLines(logging.Formatter):
    """Time (UTC), level, process, room, message, and what the line is about."""

    def format(self, record: logging.LogRecord) -> str:
        moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        line: dict[str, Any] = {
            "at": f"{moment}.{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "process": record.process,
            "room": record.name.removeprefix("spikedash."),
            "message": record.getMessage(),
            **{name: getattr(record, name) for name in ABOUT if getattr(record, name, None)},
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


class Telling(logging.Handler):
    """Hands a worker's lines to the supervisor, which knows what run they are about and writes them."""

    def __init__(self, say: Callable[[Any], None]) -> None:
        super().__init__()
        self._say = say

    def emit(self, record: logging.LogRecord) -> None:
        self._say({"log": [record.levelno, record.name, record.getMessage()]})


def to_file(path: Path) -> None:
    """Log into a file, which is put aside before it grows too large; a full disk costs lines, and nothing else."""
    logging.raiseExceptions = False
    handler = logging.handlers.RotatingFileHandler(path, maxBytes=FILE_BYTES, backupCount=OLDER_FILES, encoding="utf-8")
    handler.setFormatter(JsonLines())
    _only(handler)


def to_stderr() -> None:
    """Log to standard error, where a container's engine collects it."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    _only(handler)


def to_supervisor(say: Callable[[Any], None]) -> None:
    """Log through the pipe of a worker."""
    _only(Telling(say))


def _only(handler: logging.Handler) -> None:
    room = logging.getLogger("spikedash")
    room.handlers[:] = [handler]
    room.setLevel(os.environ.get("SPIKEDASH_LOG_LEVEL") or "INFO")
    room.propagate = False
