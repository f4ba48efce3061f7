"""A bad file harms only itself: each gets one sentence, nothing in it runs, and the process goes on."""

from __future__ import annotations

import io
import os
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from spikedash.readers import MAX_BYTES, read, reading

TIME = "time_ms,a,b\n"
GOOD = TIME + "0,1,2\n50,3,4\n100,5,6\n"


def npy_header(shape: tuple[int, ...], descr: str = "<f8") -> bytes:
    """The first bytes of an .npy file, whatever follows."""
    words = f"{{'descr': {descr!r}, 'fortran_order': False, 'shape': {shape!r}, }}".encode()
    words = words.ljust(117) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(words)) + words


def archive(entries: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as made:
        for name, content in entries.items():
            made.writestr(name, content)
    return file.getvalue()


def npy(array: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


TIMES = np.arange(0.0, 0.5, 0.05)
RATES = np.full((10, 3), 5.0)
SOUND = {"time_s.npy": npy(TIMES), "rate_hz.npy": npy(RATES)}


def directory_field(content: bytes, offset: int, value: int) -> bytes:
    """The archive with a 32-bit field of the first directory record replaced: 20 packed size, 24 unpacked size."""
    at = content.index(b"PK\x01\x02") + offset
    return content[:at] + struct.pack("<I", value) + content[at + 4 :]


def lying_bomb() -> bytes:
    """32 MiB behind a directory that declares 136 bytes."""
    return directory_field(archive({"rate_hz.npy": npy_header((1,)) + b"\0" * 2**25}), 24, 136)


def damaged() -> bytes:
    content = bytearray(archive(SOUND, zipfile.ZIP_STORED))
    content[200] ^= 255
    return bytes(content)


def encrypted() -> bytes:
    return directory_field(archive(SOUND), 8, 1)


def random_bytes(size: int) -> bytes:
    return np.random.default_rng(1).bytes(size)


# What is wrong: (file name, content, words that the sentence must hold)
CORPUS: dict[str, tuple[str, bytes | str | Callable[[], bytes], tuple[str, ...]]] = {
    "empty": ("rates.csv", b"", ("empty", "time column")),
    "empty npz": ("rates.npz", b"", ("empty",)),
    "garbage as text": ("rates.csv", lambda: b"\xc3\x28" + random_bytes(5000), ("not text", "UTF-8")),
    "garbage as npz": ("rates.npz", lambda: b"xx" + random_bytes(5000), ("no ZIP archive", "numpy.savez")),
    "garbage after a ZIP start": ("rates.npz", lambda: b"PK\x03\x04" + random_bytes(5000), ("ZIP archive is damaged",)),
    "ZIP cut short": ("rates.npz", lambda: archive(SOUND)[:-40], ("ZIP archive is damaged",)),
    "bits flipped": ("rates.npz", damaged, ("time_s", "damaged")),
    "encrypted": ("rates.npz", encrypted, ("encrypted",)),
    "NUL bytes": ("rates.csv", GOOD.replace("3", "\0"), ("row 3", "NUL")),
    "UTF-16 without mark": ("rates.csv", GOOD.encode("utf-16-le"), ("row 1", "NUL", "UTF-8")),
    "ZIP called CSV": ("rates.csv", lambda: archive(SOUND), (".csv", "ZIP archive", ".npz")),
    "text called NPZ": ("rates.npz", GOOD, (".npz", "no ZIP archive", ".csv")),
    "PDF called CSV": ("rates.csv", b"%PDF-1.7\n", ("PDF", "export")),
    "HDF5 called CSV": ("rates.csv", b"\x89HDF\r\n\x1a\n" + b"\0" * 90, ("HDF5", "call it .h5")),
    "workbook": ("rates.xlsx", lambda: archive({"[Content_Types].xml": b"<x/>"}), ("spreadsheet", "save the sheet as CSV")),
    "workbook called NPZ": ("rates.npz", lambda: archive({"[Content_Types].xml": b"<x/>"}), ("office document", "CSV")),
    "pickle": ("rates.npz", b"\x80\x04\x95", ("pickle", "never opened")),
    "single array": ("rates.npz", lambda: npy(RATES), ("single NumPy array", "numpy.savez")),
    "unknown ending": ("rates.docx", b"PK\x03\x04", (".docx", ".csv")),
    "no ending": ("rates", GOOD, ("without an ending", ".csv")),
    "bomb 1000:1": ("rates.npz", lambda: archive({**SOUND, "rate_hz.npy": b"\0" * 20_000_000}), ("unpacks to", "times its size")),
    "2 GB declared": ("rates.npz", lambda: directory_field(archive(SOUND), 24, 2**31 - 1), ("unpacks to 2,048 MB", "limit")),
    "lying bomb": ("rates.npz", lying_bomb, ("ZIP archive is damaged", "CRC")),
    "128 bytes that ask for 32 GiB": (
        "rates.npz",
        lambda: archive({"time_s.npy": npy(TIMES), "rate_hz.npy": npy_header((2**32,))}),
        ("declares 34,359,738,368 bytes", "holds 0"),
    ),
    "negative shape": (
        "rates.npz",
        lambda: archive({"time_s.npy": npy(TIMES), "rate_hz.npy": npy_header((-1, -2)) + b"\0" * 16}),
        ("rate_hz", "declares"),
    ),
    "header that is code": (
        "rates.npz",
        lambda: archive({"a.npy": npy_header((1,)).replace(b"'<f8'", b"f(x)")}),
        ("damaged header",),
    ),
    "nested ZIP": ("rates.npz", lambda: archive({**SOUND, "more.zip": archive(SOUND)}), ("more.zip", "not an array")),
    "path upwards": ("rates.npz", lambda: archive({**SOUND, "../../x.npy": npy(RATES)}), ("../../x.npy", "path")),
    "absolute path": ("rates.npz", lambda: archive({**SOUND, "/etc/x.npy": npy(RATES)}), ("/etc/x.npy", "path")),
    "many entries": ("rates.npz", lambda: archive({f"{k}.npy": b"" for k in range(6000)}), ("6,000 entries",)),
    "line without end": ("rates.csv", b"1" * 2_000_000, ("row 1", "longer than")),
    "quotation mark never closed": ("rates.csv", GOOD + '150,"' + "1,2\n" * 300_000, ("row 5", "quotation marks")),
    "deep brackets": ("rates.npz", lambda: archive({"a.npy": npy_header((1,)).replace(b"(1,)", b"(" * 40)}), ("damaged header",)),
}


# These could take a process down, so they go the whole way; the others save the start of a child.
DANGEROUS = {
    *("garbage as text", "garbage after a ZIP start", "NUL bytes", "bomb 1000:1", "2 GB declared", "lying bomb"),
    *("128 bytes that ask for 32 GiB", "nested ZIP", "path upwards", "line without end", "deep brackets"),
}


@pytest.mark.parametrize("case", CORPUS)
def test_a_hostile_file_is_refused_in_one_sentence(case, tmp_path, refusal, refusal_here):
    name, content, words = CORPUS[case]
    made = content() if callable(content) else content
    path = tmp_path / "upload"
    path.write_bytes(made.encode() if isinstance(made, str) else made)
    message = (refusal if case in DANGEROUS else refusal_here)(path, name)
    assert message.startswith(f"{name}: ")
    assert all(word in message for word in words), message


class Planted:
    """Unpickling it would make a folder."""

    def __init__(self, trap: Path) -> None:
        self.trap = trap

    def __reduce__(self):
        return os.mkdir, (str(self.trap),)


def test_a_pickle_inside_an_npz_is_named_and_never_run(tmp_path, refusal):
    path = tmp_path / "rates.npz"
    np.savez(path, time_s=TIMES, rate_hz=np.array([Planted(tmp_path / "trap")], dtype=object))
    message = refusal(path)
    assert "rate_hz holds pickled Python objects, which are never opened" in message
    assert not (tmp_path / "trap").exists()


def test_a_file_of_200_mb_is_refused_without_reading_it(tmp_path, refusal, monkeypatch):
    path = tmp_path / "rates.csv"
    with path.open("wb") as file:
        file.write(b"time_ms,a\n")
        file.truncate(200 * 2**20)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("a child was started"))
    assert "200 MB" in refusal(path)
    assert f"{MAX_BYTES // 2**20} MB" in refusal(path)


def test_what_is_no_file_is_refused(tmp_path, refusal):
    os.mkfifo(tmp_path / "pipe.csv")
    assert "no regular file" in refusal(tmp_path / "pipe.csv")
    assert "no regular file" in refusal(tmp_path)
    assert "no such file" in refusal(tmp_path / "missing.csv")


def test_the_file_name_in_the_message_is_harmless(tmp_path, refusal):
    (tmp_path / "x").write_bytes(b"")
    message = refusal(tmp_path / "x", "../../etc/\n\u202eevil\t" + "x" * 300 + ".csv")
    assert message.startswith("evil xxx")
    assert len(message) < 200


def test_a_reader_that_hangs_is_ended(tmp_path, refusal, monkeypatch):
    (tmp_path / "rates.csv").write_text(GOOD)
    monkeypatch.setattr(reading, "WALL_S", 0.01)
    assert "too long" in refusal(tmp_path / "rates.csv")


def test_a_reader_that_dies_is_reported(tmp_path, refusal, monkeypatch):
    (tmp_path / "rates.csv").write_text(GOOD)
    monkeypatch.setattr(sys, "executable", "/bin/false")
    assert "cannot be read" in refusal(tmp_path / "rates.csv")


def test_the_child_cannot_take_more_memory_time_or_disk_than_allowed(project, tmp_path):
    code = """
import resource, signal, sys
from spikedash.readers.child import _limit
_limit()
try: bytearray(2**31)
except MemoryError: print("memory")
try: open(sys.argv[1], "wb").truncate(2**28)
except OSError: print("disk")
print(resource.getrlimit(resource.RLIMIT_CPU)[0] <= 60, 0 < signal.alarm(0) <= 60)
"""
    command = [sys.executable, "-c", code, str(tmp_path / "big")]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, timeout=60)
    assert done.stdout.split() == ["memory", "disk", "True", "True"], done.stderr


def test_the_child_starts_without_the_heavy_modules(project):
    code = "import sys, spikedash.readers.child; print(sorted({'pydantic', 'numba', 'scipy', 'h5py'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=project, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout.strip()) == (0, "[]"), done.stderr


def test_the_child_does_not_see_the_servers_environment(tmp_path, monkeypatch):
    (tmp_path / "rates.csv").write_text(GOOD)
    seen = {}
    run = subprocess.run
    monkeypatch.setenv("SPIKEDASH_TOKEN", "secret")
    monkeypatch.setattr(subprocess, "run", lambda *a, **k: seen.update(k) or run(*a, **k))
    assert read(tmp_path / "rates.csv").rate_hz.shape == (3, 2)
    assert "SPIKEDASH_TOKEN" not in seen["env"]
