"""Parses one untrusted file and hands back plain arrays: python -m spikedash.readers.child KIND FILE FOLDER CHOICES.

CHOICES are those of choices.py as a JSON object. It writes words.json into FOLDER: either {"refused": sentence}, or names,
notes, choices and menu beside rate_hz.npy and time_ms.npy. For tables and NPZ of rates it imports numpy and the standard
library only, so that it starts in a tenth of a second; SciPy and h5py are loaded by the files that need them.
"""

from __future__ import annotations

import json
import resource
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

from spikedash.readers.choices import Choices
from spikedash.readers.columns import read_table
from spikedash.readers.found import Rates, Spikes
from spikedash.readers.limits import CPU_S, MAX_VALUES, MEMORY_BYTES, WALL_S, Refused
from spikedash.readers.meaning import Understood, understand
from spikedash.readers.npz import read_npz
from spikedash.readers.timebase import NOTHING


def main(kind: str, path: Path, folder: Path, choices: str) -> None:
    try:
        _limit()
        recording, menu = parse(kind, path, Choices(**json.loads(choices)))
        np.save(folder / "rate_hz.npy", recording.rate_hz, allow_pickle=False)
        np.save(folder / "time_ms.npy", recording.time_ms, allow_pickle=False)
        words: dict[str, object] = {
            "names": recording.names,
            "notes": recording.notes,
            "choices": recording.choices,
            "menu": menu,
        }
    except Refused as why:
        words = {"refused": str(why)}
    except MemoryError:
        words = {"refused": f"reading the file takes more than {MEMORY_BYTES // 2**20:,} MB of memory; leave out neurons."}
    (folder / "words.json").write_text(json.dumps(words), "utf-8")


def parse(kind: str, path: Path, choices: Choices = NOTHING) -> Understood:
    """The recording in the file.

    Raises:
        Refused: the first thing that is wrong.
    """
    return understand(_reader(kind)(path, choices), choices)


def _reader(kind: str) -> Callable[[Path, Choices], Rates | Spikes]:
    """The reader of a kind of file, loaded only when it is needed."""
    match kind:
        case "table":
            return read_table
        case "npz":
            return read_npz
        case "mat":
            from spikedash.readers.mat import read_mat

            return read_mat
        case "nwb":
            from spikedash.readers.nwb import read_nwb

            return read_nwb
        case _:
            from spikedash.readers.hdf_arrays import read_hdf

            return read_hdf


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
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), sys.argv[4])
