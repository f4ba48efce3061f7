"""Parses one untrusted file and hands back plain arrays: python -m spikedash.readers.child KIND FILE FOLDER.

It writes words.json into FOLDER: either {"refused": sentence}, or names and notes beside rate_hz.npy and time_ms.npy.
It imports numpy and the standard library only, so that it starts in a tenth of a second.
"""

from __future__ import annotations

import json
import resource
import signal
import sys
from pathlib import Path

import numpy as np

from spikedash.readers.limits import CPU_S, MAX_VALUES, MEMORY_BYTES, WALL_S, Refused
from spikedash.readers.meaning import understand
from spikedash.readers.npz import read_npz
from spikedash.readers.table import read_table
from spikedash.records import Recording


def main(kind: str, path: Path, folder: Path) -> None:
    try:
        _limit()
        recording = parse(kind, path)
        np.save(folder / "rate_hz.npy", recording.rate_hz, allow_pickle=False)
        np.save(folder / "time_ms.npy", recording.time_ms, allow_pickle=False)
        words: dict[str, object] = {"names": recording.names, "notes": recording.notes}
    except Refused as why:
        words = {"refused": str(why)}
    except MemoryError:
        words = {"refused": f"reading the file takes more than {MEMORY_BYTES // 2**20:,} MB of memory; leave out neurons."}
    (folder / "words.json").write_text(json.dumps(words), "utf-8")


def parse(kind: str, path: Path) -> Recording:
    """The recording in the file.

    Raises:
        Refused: the first thing that is wrong.
    """
    return understand(read_table(path) if kind == "table" else read_npz(path))


def _limit() -> None:
    """Bound memory, time, what is written and what is opened; the alarm ends the process even if its parent is gone."""
    signal.alarm(WALL_S)
    for what, value in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_S),
        (resource.RLIMIT_FSIZE, 8 * MAX_VALUES + 2**20),
        (resource.RLIMIT_NOFILE, 32),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(what)[1]
        most = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(what, (most, most))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
