"""Secrets of a store: files that only their owner reads, made whole or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path

from spikedash.params import InputError

KEY_BYTES = 32


def key(folder: Path) -> bytes:
    """The key that signs cookies, made at the first start.

    Raises:
        InputError: it is damaged, or cannot be read or made.
    """
    path = folder / "secret.key"
    found = _kept(path, secrets.token_bytes(KEY_BYTES))
    if len(found) != KEY_BYTES:
        raise InputError(f"The key in {path} is damaged; delete it, and every browser begins as somebody new.")
    return found


def token(folder: Path) -> str:
    """The token that was made for this store, so that a link stays the same over restarts; InputError as above."""
    path = folder / "token"
    found = _kept(path, secrets.token_urlsafe(24).encode())
    if len(found) < 16 or not found.isascii():
        raise InputError(f"The token in {path} is damaged; delete it, and another one is made.")
    return found.decode()


def _kept(path: Path, fresh: bytes) -> bytes:
    """What a file holds; where it is missing, `fresh`, unless another process is faster."""
    try:
        if not path.exists():
            part = path.with_name(f"{path.name}.{os.getpid()}.part")
            with contextlib.suppress(FileNotFoundError):
                part.unlink()
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(fresh)
                file.flush()
                os.fsync(file.fileno())
            with contextlib.suppress(FileExistsError):
                os.link(part, path)  # whole, and never over another one
            part.unlink()
        if path.stat().st_mode & 0o077:
            path.chmod(0o600)  # a backup that was copied back, say
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"The secret in {path} cannot be kept: {error.strerror}; choose a data folder of your own.") from None
