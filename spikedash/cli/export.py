"""export: a run of the command line or of the page as a file that other tools read."""

from __future__ import annotations

import argparse
import csv
import io
import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any, NamedTuple

from spikedash.jobs import files
from spikedash.jobs.store import Store
from spikedash.params import InputError, Params, from_json
from spikedash.records import LoopRecord, TestRecord
from spikedash.script import script

ENDING = {"npz": "npz", "csv": "csv", "json": "json", "script": "py"}


class Source(NamedTuple):
    folder: Path  # with progress.jsonl and result.npz
    params: Params
    name: str
    file: str = "recording.csv"  # what its targets were read from
    select: tuple[tuple[str, str], ...] = ()  # and how, by the keys of readers.choices


def _source(run: str) -> Source:
    """A run by its folder or its id.

    Raises:
        InputError: there is no such run.
    """
    folder = Path(run)
    if (folder / "params.json").is_file():
        params = from_json((folder / "params.json").read_text("utf-8"))
        return Source(folder, params, folder.resolve().name, *_recorded(folder / "recording.json"))
    data = Path(os.environ.get("SPIKEDASH_DATA") or "data")
    if data.is_dir():
        store = Store(data)
        try:
            found = store.run(run)
            key = found.params.target.recording
            read = ("recording.csv", store.recording(key).choices) if key else ()
            return Source(store.run_folder(run) / str(found.attempt), found.params, run, *read)
        except KeyError:
            pass
    raise InputError(f"There is no run {run!r}; give a folder that train --out wrote, or the id of a run in {data}.")


def _recorded(path: Path) -> tuple[str, tuple[tuple[str, str], ...]] | tuple[()]:
    """What train --out wrote down of the recording, if there was one."""
    if not path.is_file():
        return ()
    words = json.loads(path.read_text("utf-8"))
    return str(words["file"]), tuple((str(key), str(value)) for key, value in words["select"].items())


def _table(source: Source) -> str:
    """The learning curve, one line per loop and test trial."""
    events, _ = files.read_events(source.folder / "progress.jsonl", 0)
    out = io.StringIO()
    columns = ["kind", "index", *LoopRecord._fields[1:], *TestRecord._fields[3:]]
    writer = csv.DictWriter(out, columns, lineterminator="\n")
    writer.writeheader()
    for event in events:
        row = event._asdict()
        index = row.pop("loop", None) if isinstance(event, LoopRecord) else row.pop("trial", None)
        writer.writerow({"kind": "train" if isinstance(event, LoopRecord) else "test", "index": index, **row})
    return out.getvalue()


def export(args: argparse.Namespace) -> tuple[dict[str, Any], int]:
    """Write one file and say where."""
    if args.format == "nwb":
        raise InputError("NWB is not written by this version; choose npz, csv, json or script.")
    source = _source(args.run)
    out = args.out or Path(f"{source.name}.{ENDING[args.format]}")
    try:
        if args.format == "npz":
            if not (source.folder / "result.npz").is_file():
                raise InputError(f"The run {source.name} has no result yet; csv, json and script can be exported before it ends.")
            shutil.copyfile(source.folder / "result.npz", out)
        else:
            text = {
                "csv": lambda: _table(source),
                "json": lambda: json.dumps(source.params.model_dump(), indent=1) + "\n",
                "script": lambda: script(source.params, source.name, source.file, source.select),
            }[args.format]()
            out.write_text(text, "utf-8")
    except OSError as error:
        raise InputError(f"{out} cannot be written: {error.strerror}.") from None
    print(f"Wrote {out}", file=sys.stderr)
    return {"run": source.name, "format": args.format, "file": str(out), "bytes": out.stat().st_size}, 0
