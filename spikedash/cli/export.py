"""export: a run of the command line or of the page as a file that other tools read."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Any

from spikedash.exports import ENDINGS, Source, made, of_folder, of_store
from spikedash.jobs.store import Store
from spikedash.params import InputError, Params


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


SCRIPT = '''"""Runs {name} again, to the same bits (SpikeDash {version})."""

from spikedash import train
from spikedash.params import from_json

PARAMS = r"""
{params}
"""

if __name__ == "__main__":
    result = None
    for snapshot in train(from_json(PARAMS){recording}):
        result = snapshot.result
    print(result.correlation)
    print(result.weights_sha256)
'''


def script(params: Params, name: str, file: str = "recording.csv", select: tuple[tuple[str, str], ...] = ()) -> str:
    """A runnable script of a run; a recorded one needs its file beside it, and reads it as the run did."""
    from spikedash import __version__

    chosen = f", choices={dict(select)!r}" if select else ""
    recording = f", read(Path({file!r}){chosen})" if params.target.family == "recorded" else ""
    text = SCRIPT.format(name=name, version=__version__, params=params.model_dump_json(indent=1), recording=recording)
    if recording:
        text = text.replace("from spikedash import train\n", "from pathlib import Path\n\nfrom spikedash import train\n")
        text = text.replace(
            "import from_json\n", "import from_json\nfrom spikedash.readers import read  # put your file in place\n"
        )
    return text


def export(args: argparse.Namespace) -> tuple[dict[str, Any], int]:
    """Write one file and say where."""
    source = source_of(args.run)
    out = args.out or Path(f"{source.name}.{ENDINGS.get(args.format, 'py')}")
    if args.format == "script":
        content = script(source.params, source.name, source.file, source.select).encode()
    else:
        content = made(source, args.format)
    try:
        out.write_bytes(content)
    except OSError as error:
        raise InputError(f"{out} cannot be written: {error.strerror}.") from None
    print(f"Wrote {out}", file=sys.stderr)
    return {"run": source.name, "format": args.format, "file": str(out), "bytes": out.stat().st_size}, 0
