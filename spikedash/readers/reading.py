"""The one way in: a file that somebody gave becomes a `Recording`, or an `InputError` of one sentence."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path, PurePath

import numpy as np

from spikedash.readers.choices import Choices, parse
from spikedash.readers.content import Kind, kind_of
from spikedash.readers.limits import WALL_S, Refused, plain
from spikedash.readers.meaning import Understood
from spikedash.records import Recording

# OpenBLAS would reserve memory for a thread per core, against the child's limit, and none is needed to read.
# HDF5 must not look for filters outside itself, nor lock a file that is only read.
_QUIET = {
    **dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
    "HDF5_PLUGIN_PRELOAD": "::",
    "HDF5_USE_FILE_LOCKING": "FALSE",
}
# The child gets no other part of the environment: a server's token is not its business.
_KEPT = ("PATH", "LANG", "LD_LIBRARY_PATH", "SYSTEMROOT", "TMPDIR")


def read(path: Path, *, name: str | None = None, choices: Mapping[str, object] | None = None) -> Recording:
    """The recorded rates in `path`; `name` is what the file was called by the person who gave it, `choices` how it is to be read.

    Raises:
        InputError: anything that is wrong with the file or the choices, in one sentence.
    """
    return look(path, name=name, choices=choices).recording


def look(path: Path, *, name: str | None = None, choices: Mapping[str, object] | None = None) -> Understood:
    """As `read`, with what else the file offers to choose from."""
    called = plain(PurePath(name or path).name) or "the file"
    try:
        return _in_child(path, kind_of(path, called), parse(choices or {}))
    except Refused as why:
        # Imported here because pydantic would double the time in which the child, which imports this package, starts.
        from spikedash.params import InputError

        raise InputError(f"{called}: {why}") from None


def _in_child(path: Path, kind: Kind, choices: Choices) -> Understood:
    """Parse in an exec'ed process with limits; the file's content never reaches a parser in this one."""
    with tempfile.TemporaryDirectory(prefix="spikedash-read-") as folder:
        chosen = json.dumps(choices._asdict())
        command = [sys.executable, "-P", "-m", "spikedash.readers.child", kind, str(path.absolute()), folder, chosen]
        modules = os.pathsep.join(os.path.abspath(entry) for entry in sys.path)
        environment = {key: os.environ[key] for key in _KEPT if key in os.environ} | _QUIET | {"PYTHONPATH": modules}
        try:
            subprocess.run(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                env=environment, cwd=folder, start_new_session=True, timeout=WALL_S, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise Refused("reading the file takes too long; leave out neurons or use wider time bins.") from None
        return _collect(Path(folder))


def _collect(folder: Path) -> Understood:
    """What the child left in `folder`."""
    try:
        words = json.loads((folder / "words.json").read_text("utf-8"))
    except (OSError, ValueError):
        # It was killed by a limit, or met something that nobody thought of; either way only the child is gone.
        raise Refused("the file cannot be read within the limits or is damaged; export it again as a plain CSV file.") from None
    if "refused" in words:
        raise Refused(words["refused"])
    rate_hz = np.load(folder / "rate_hz.npy", allow_pickle=False)
    time_ms = np.load(folder / "time_ms.npy", allow_pickle=False)
    chosen = tuple((str(key), str(value)) for key, value in words["choices"])
    return Understood(Recording(rate_hz, time_ms, tuple(words["names"]), tuple(words["notes"]), chosen), words["menu"])
