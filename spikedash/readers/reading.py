"""The one way in: a file that somebody gave becomes a `Recording`, or an `InputError` of one sentence."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path, PurePath

import numpy as np

from spikedash.readers.content import Kind, kind_of
from spikedash.readers.limits import WALL_S, Refused, plain
from spikedash.records import Recording

# OpenBLAS would reserve memory for a thread per core, against the child's limit, and none is needed to read.
_QUIET = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
# The child gets no other part of the environment: a server's token is not its business.
_KEPT = ("PATH", "LANG", "LD_LIBRARY_PATH", "SYSTEMROOT", "TMPDIR")


def read(path: Path, *, name: str | None = None) -> Recording:
    """The recorded rates in `path`; `name` is what the file was called by the person who gave it.

    Raises:
        InputError: anything that is wrong with the file, in one sentence that begins with its name.
    """
    called = plain(PurePath(name or path).name) or "the file"
    try:
        return _in_child(path, kind_of(path, called))
    except Refused as why:
        # Imported here because pydantic would double the time in which the child, which imports this package, starts.
        from spikedash.params import InputError

        raise InputError(f"{called}: {why}") from None


def _in_child(path: Path, kind: Kind) -> Recording:
    """Parse in an exec'ed process with limits; the file's content never reaches a parser in this one."""
    with tempfile.TemporaryDirectory(prefix="spikedash-read-") as folder:
        command = [sys.executable, "-P", "-m", "spikedash.readers.child", kind, str(path.absolute()), folder]
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


def _collect(folder: Path) -> Recording:
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
    return Recording(rate_hz, time_ms, tuple(words["names"]), tuple(words["notes"]))
