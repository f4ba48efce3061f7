"""export: a run of the command line or of the page as a file that other tools read."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Any

from spikedash.exports import ENDINGS, Source, made, of_folder, of_store
from spikedash.jobs.store import Store
from spikedash.params import InputError


def source_of(run: str) -> Source:
    """A run by its folder or its id.

    Raises:
        InputError: there is no such run.
    """
    folder = Path(run)
    if (folder / "params.json").is_file():
        return of_folder(folder)
    data = Path(os.environ.get("SPIKEDASH_DATA") or "data")
    if data.is_dir():
        try:
            return of_store(Store(data), run)
        except KeyError:
            pass
    raise InputError(f"There is no run {run!r}; give a folder that train --out wrote, or the id of a run in {data}.")


def export(args: argparse.Namespace) -> tuple[dict[str, Any], int]:
    """Write one file and say where."""
    source = source_of(args.run)
    out = args.out or Path(f"{source.name}.{ENDINGS[args.format]}")
    content = made(source, args.format)
    try:
        out.write_bytes(content)
    except OSError as error:
        raise InputError(f"{out} cannot be written: {error.strerror}.") from None
    print(f"Wrote {out}", file=sys.stderr)
    return {"run": source.name, "format": args.format, "file": str(out), "bytes": out.stat().st_size}, 0
