"""The whole corpus of hostile files goes through the real route: each is refused in one sentence, and the server goes on."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import psutil
import pytest
from flask import Flask
from h5py import h5d, h5p, h5s, h5t
from readers import test_hostile_files as files
from readers import test_hostile_hdf as hdf
from readers.conftest import is_one_sentence

from spikedash.jobs.store import Store
from spikedash.ui import receive

GOOD = b"time_ms,a,b\n0,1,4\n100,2,5\n200,3,6\n"
#: Harmless in truth: what is odd in it is left out, and the rest is read.
READ_ALL_THE_SAME = {"function handle as rates"}


def hidden_behind_a_reference(file: h5py.File) -> None:
    """A dataset without a name, which no walk over names meets, keeps its data in a file of the server."""
    made = h5p.create(h5p.DATASET_CREATE)
    made.set_external(b"/etc/passwd", 0, h5s.UNLIMITED)
    secret = h5py.Dataset(h5d.create(file.id, None, h5t.NATIVE_UINT8, h5s.create_simple((600,)), made))
    cells = file.create_dataset("rate_hz", (1, 2), h5py.ref_dtype)
    cells[0, 0] = cells[0, 1] = secret.ref
    cells.attrs["MATLAB_class"] = np.bytes_("cell")


def declares_800_gb(file: h5py.File) -> None:
    file.create_dataset("rate_hz", (10**6, 10**5), "f8", chunks=(1000, 1))


def filter_deep_in_a_group(file: h5py.File) -> None:
    made = h5p.create(h5p.DATASET_CREATE)
    made.set_chunk((10, 3))
    made.set_filter(32001, h5py.h5z.FLAG_OPTIONAL, ())
    group = file.create_group("a/b")
    h5d.create(group.id, b"rate_hz", h5t.NATIVE_DOUBLE, h5s.create_simple((10, 3)), made)
    file["rate_hz"] = h5py.SoftLink("/a/b/rate_hz")


def without_end(file: h5py.File) -> None:
    file["rate_hz"] = np.where(hdf.RATES == 5, np.inf, 0)


def corpus(folder: Path) -> Iterator[tuple[str, str, bytes]]:
    """What is wrong, the file's name, its content."""
    for case, (name, content, _) in files.CORPUS.items():
        made = content() if callable(content) else content
        yield case, name, made.encode() if isinstance(made, str) else made
    np.savez(folder / "planted.npz", time_s=files.TIMES, rate_hz=np.array([files.Planted(folder / "trap")], dtype=object))
    yield "planted pickle", "rates.npz", (folder / "planted.npz").read_bytes()
    yield "a name in every direction", "\u202egnp.\u0000\n<b>ráтes🧠.csv", "time_ms,a\n0,\u202e1\n".encode()
    for trap in (*hdf.HDF, hidden_behind_a_reference, declares_800_gb, filter_deep_in_a_group, without_end):
        if trap is hdf.many_objects:
            continue  # hostile only under the limit that its own test sets
        for ending in ("h5", "nwb", "mat"):
            made = hdf.hdf(folder, trap, f"{trap.__name__}.{ending}")
            yield f"{trap.__name__} as {ending}", f"x.{ending}", made.read_bytes()
    for case, (name, content, _, _) in hdf.MATLAB.items():
        yield case, name, content()
    whole = (folder / "without_end.h5").read_bytes()
    rng = np.random.default_rng(11)
    for k in range(5):
        broken = bytearray(whole)
        for at in rng.integers(8, len(whole), 60):
            broken[at] ^= int(rng.integers(1, 256))
        yield f"bits flipped {k}", "x.h5", bytes(broken)


@pytest.mark.slow
def test_every_hostile_file_is_refused_in_one_sentence_and_the_server_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with h5py.File(tmp_path / hdf.SECRET, "w") as secret:
        secret["rate_hz"] = hdf.RATES
    (tmp_path / "scratch").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "scratch"))
    monkeypatch.setattr(receive, "PATIENCE_S", 600)
    server, store = Flask("test"), Store(tmp_path / "store")
    receive.register(server, store)

    def send(given: tuple[str, str, bytes]) -> tuple[str, Any]:
        case, name, content = given
        length = {"CONTENT_LENGTH": str(len(content))}  # said for an empty file, too
        return case, server.test_client().post("/upload", query_string={"name": name}, data=content, environ_overrides=length)

    before = psutil.Process().memory_info().rss
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(send, corpus(tmp_path)))
    wrong = [
        (case, answer.status_code, answer.json)
        for case, answer in answers
        if case not in READ_ALL_THE_SAME
        and (answer.status_code != 200 or list(answer.json) != ["error"] or not is_one_sentence(answer.json["error"]))
    ]
    assert wrong == []
    assert not (tmp_path / "trap").exists(), "a planted pickle has run"
    assert os.listdir(tmp_path / "scratch") == []
    assert len(os.listdir(store.folder / "recordings")) <= len(READ_ALL_THE_SAME)
    assert psutil.Process().memory_info().rss - before < 300 * 2**20, "a file was read into the server itself"
    assert "id" in send(("good", "rates.csv", GOOD))[1].json
    print(f"hostile files: {len(answers) - len(READ_ALL_THE_SAME)} tried, all refused with a sentence")
