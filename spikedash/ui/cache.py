"""A disk cache for things that can be computed again: text keys, bytes in, bytes out, and nothing is ever unpickled."""

from __future__ import annotations

import hashlib
import sqlite3
from pathlib import Path
from typing import Any

import diskcache
from flask import Flask
from flask_caching import Cache
from flask_caching.backends.base import BaseCache

LIMIT_BYTES = 256 * 2**20
SOURCES = Path(__file__).resolve().parents[1]
MADE_BY = "made by"  # the key under which a cache says which code filled it


class BytesDisk(diskcache.Disk):
    """diskcache's storage without its pickle mode, which runs code of whoever can write the folder (CVE-2025-69872)."""

    def put(self, key: Any) -> tuple[str, bool]:
        if type(key) is not str:
            raise TypeError(f"a cache key is a str, not {type(key).__name__}")
        return key, True

    def get(self, key: Any, raw: Any) -> str:
        if not raw or type(key) is not str:
            raise KeyError("a key of the cache is not plain text")
        return key

    def store(self, value: Any, read: bool, key: Any = diskcache.UNKNOWN) -> Any:
        if type(value) is not bytes:
            raise TypeError(f"a cached value is bytes, not {type(value).__name__}")
        return super().store(value, read, key)

    def fetch(self, mode: int, filename: str | None, value: Any, read: bool) -> bytes:
        if mode not in (diskcache.core.MODE_RAW, diskcache.core.MODE_BINARY):
            raise OSError("an entry of the cache is not plain bytes")  # diskcache takes this for a missing entry
        content = super().fetch(mode, filename, value, read)
        if type(content) is not bytes:
            raise OSError("an entry of the cache is not plain bytes")
        return content


class BytesOnDisk(BaseCache):
    """flask-caching's view of a diskcache folder that holds only bytes."""

    def __init__(self, folder: str, default_timeout: int) -> None:
        super().__init__(default_timeout=default_timeout)
        # A rollback journal and no memory map: SQLite before 3.51.3 can corrupt a reset WAL.
        self._entries = diskcache.Cache(
            folder,
            disk=BytesDisk,
            size_limit=LIMIT_BYTES,
            sqlite_journal_mode="truncate",
            sqlite_synchronous=0,  # a torn cache is thrown away, never repaired
            sqlite_mmap_size=0,
        )

    @classmethod
    def factory(cls, app: Flask, config: dict[str, Any], args: list[Any], kwargs: dict[str, Any]) -> BytesOnDisk:
        return cls(config["CACHE_DIR"], kwargs["default_timeout"])

    def get(self, key: str) -> bytes | None:
        value: bytes | None = self._entries.get(key)
        return value

    def set(self, key: str, value: bytes, timeout: Any = None) -> bool:
        try:
            return bool(self._entries.set(key, value, expire=timeout or self.default_timeout or None))
        except (OSError, sqlite3.Error, diskcache.Timeout):  # on a full disk everything is made anew each time
            return False

    def delete(self, key: str) -> bool:
        return bool(self._entries.delete(key))

    def has(self, key: str) -> bool:
        return key in self._entries

    def clear(self) -> bool:
        self._entries.clear()
        return True


def attach(server: Flask, folder: str, made_by: bytes | None = None) -> Cache:
    """The cache of a web process, kept in `folder` (which may be deleted at any time the server is down).

    Args:
        made_by: fingerprint of the code that fills it; what another one left there is thrown away.
    """
    config = {
        "CACHE_TYPE": f"{__name__}.{BytesOnDisk.__name__}",
        "CACHE_DIR": folder,
        "CACHE_DEFAULT_TIMEOUT": 3600,
        "CACHE_NO_NULL_WARNING": True,
    }
    cache = Cache(server, config=config)
    made_by = fingerprint(SOURCES) if made_by is None else made_by
    if cache.get(MADE_BY) != made_by:
        cache.clear()
        cache.set(MADE_BY, made_by)
    return cache


def fingerprint(folder: Path) -> bytes:
    """A hash of every Python source below a folder and of where it lies."""
    found = hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        content = path.read_bytes()
        found.update(f"{path.relative_to(folder).as_posix()}\0{len(content)}\0".encode() + content)
    return found.hexdigest().encode()
