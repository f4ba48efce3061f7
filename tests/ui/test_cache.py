"""The cache keeps bytes and nothing else, and never unpickles what somebody planted."""

from __future__ import annotations

import pickle
import sqlite3
from pathlib import Path
from typing import Any

import diskcache
import pytest
from flask import Flask

from spikedash.ui import cache


class Planted:
    """Runs code of its author when it is unpickled."""

    def __init__(self, trap: Path) -> None:
        self.trap = trap

    def __reduce__(self) -> Any:
        return Path.touch, (self.trap,)


@pytest.fixture
def kept(tmp_path: Path) -> Any:
    return cache.attach(Flask("test"), str(tmp_path / "cache"))


def test_bytes_come_back(kept: Any) -> None:
    large = bytes(range(256)) * 500  # beyond what diskcache keeps inside the database
    kept.set("small", b"\x00\xff")
    kept.set("large", large)
    assert kept.get("small") == b"\x00\xff"
    assert kept.get("large") == large
    assert kept.get("unknown") is None


def test_other_code_starts_with_an_empty_cache(tmp_path: Path) -> None:
    folder = str(tmp_path / "cache")
    cache.attach(Flask("first"), folder, b"code 1").set("picture", b"old")
    assert cache.attach(Flask("same"), folder, b"code 1").get("picture") == b"old"
    assert cache.attach(Flask("other"), folder, b"code 2").get("picture") is None


def test_every_change_of_a_source_changes_the_fingerprint(tmp_path: Path) -> None:
    (tmp_path / "room").mkdir()
    prints = [cache.fingerprint(tmp_path)]
    for name, text in (("a.py", "x = 1"), ("a.py", "x = 2"), ("room/a.py", "x = 2"), ("room/b.py", "")):
        (tmp_path / name).write_text(text)
        prints.append(cache.fingerprint(tmp_path))
    assert len(set(prints)) == 5
    (tmp_path / "notes.txt").write_text("no source")
    assert cache.fingerprint(tmp_path) == prints[-1]


@pytest.mark.parametrize("value", ["text", 1, None, [b"x"], {"a": 1}])
def test_anything_but_bytes_is_refused(kept: Any, value: Any) -> None:
    with pytest.raises(TypeError, match="bytes"):
        kept.set("key", value)


def test_a_planted_pickle_is_never_loaded(tmp_path: Path, kept: Any) -> None:
    trap = tmp_path / "sprung"
    with diskcache.Cache(str(tmp_path / "cache")) as careless:
        careless.set("key", Planted(trap))
        (mode,) = sqlite3.connect(tmp_path / "cache" / "cache.db").execute("SELECT mode FROM Cache WHERE key = 'key'").fetchone()
        assert mode == diskcache.core.MODE_PICKLE
    assert kept.get("key") is None
    assert not trap.exists()


def test_a_planted_pickle_in_the_key_is_never_loaded(tmp_path: Path, kept: Any) -> None:
    trap = tmp_path / "sprung"
    kept.set("key", b"good")
    with sqlite3.connect(tmp_path / "cache" / "cache.db") as db:
        db.execute("UPDATE Cache SET key = ?, raw = 0 WHERE key = 'key'", (pickle.dumps(Planted(trap)),))
    assert kept.get("key") is None
    with pytest.raises(KeyError):
        list(diskcache.Cache(str(tmp_path / "cache"), disk=cache.BytesDisk))
    assert not trap.exists()


def test_it_writes_no_ahead_log(tmp_path: Path, kept: Any) -> None:
    kept.set("key", b"x")
    assert sqlite3.connect(tmp_path / "cache" / "cache.db").execute("PRAGMA journal_mode").fetchone()[0] != "wal"
