"""A run as files that other tools read: NPZ, CSV, NWB and JSON."""

from __future__ import annotations

import json
from collections.abc import Callable

from spikedash.exports.source import Source, of_folder, of_store
from spikedash.params import InputError
from spikedash.script import script

__all__ = ["ENDINGS", "MIME", "Source", "made", "of_folder", "of_store"]

ENDINGS = {"npz": "npz", "pynapple": "zip", "csv": "csv", "nwb": "nwb", "json": "json", "script": "py"}
MIME = {
    "npz": "application/zip",
    "pynapple": "application/zip",
    "csv": "text/csv; charset=utf-8",
    "nwb": "application/x-hdf5",
    "json": "application/json",
    "script": "text/x-python; charset=utf-8",
}


def made(source: Source, form: str) -> bytes:
    """The content of a file of that form.

    Raises:
        InputError: the run has not come far enough for it.
    """
    # The web process loads what an export needs when somebody asks for one.
    if form in ("npz", "pynapple", "nwb"):
        from spikedash.exports import arrays, nwb

        makers: dict[str, Callable[[Source], bytes]] = {"npz": arrays.npz, "pynapple": arrays.pynapple, "nwb": nwb.nwb}
        return makers[form](source)
    if form == "csv":
        from spikedash.exports.tables import learning

        return learning(source).encode()
    if form == "json":
        return (json.dumps(source.params.model_dump(), indent=1) + "\n").encode()
    if form == "script":
        return script(source.params, source.name, source.file, source.select).encode()
    raise InputError(f"There is no form {form!r}; it can be {', '.join(ENDINGS)}.")
