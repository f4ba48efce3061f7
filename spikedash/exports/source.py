"""Where an export takes a run from: a folder of the command line, or a run of the store."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

from spikedash.jobs import files, folders
from spikedash.jobs.spikes import Spikes, read_spikes
from spikedash.jobs.store import Store
from spikedash.jobs.views import ResultView, SetupView
from spikedash.params import InputError, Params, from_json
from spikedash.records import LoopRecord, TestRecord


class Source(NamedTuple):
    """A run that is to be taken away."""

    folder: Path  # with progress.jsonl, setup.npz, result.npz and spikes.npz, as far as it has come
    params: Params
    name: str  # for a file: the id of a run, or the name of its folder
    title: str = ""  # what people call it
    created: float | None = None  # seconds since 1970; None where nobody wrote it down
    file: str = "recording.csv"  # what its targets were read from
    select: tuple[tuple[str, str], ...] = ()  # and how, by the keys of readers.choices
    units: tuple[str, ...] = ()  # names of the recorded neurons, which are the first ones of the network

    def events(self) -> tuple[list[LoopRecord], list[TestRecord]]:
        """Finished loops and test trials."""
        events, _ = files.read_events(self.folder / "progress.jsonl", 0)
        return [e for e in events if isinstance(e, LoopRecord)], [e for e in events if isinstance(e, TestRecord)]

    def setup(self) -> SetupView:
        """What the network is made of. InputError before it was built."""
        setup = folders.read_setup(self.folder)
        if setup is None:
            raise InputError(f"The run {self.name} has not begun yet; csv and json can be exported before it does.")
        return setup

    def result(self) -> ResultView | None:
        """What it found with its weights; None before its end."""
        return folders.read_result(self.folder, weights=True)

    def spikes(self) -> Spikes:
        """Those of its test trials, or of the latest trial where there is no other. InputError before the first one."""
        spikes = read_spikes(self.folder)
        if spikes is None:
            raise InputError(f"The run {self.name} has no spikes yet; csv and json can be exported before it has.")
        return spikes


def of_folder(folder: Path) -> Source:
    """A folder that `train --out` wrote."""
    file = folder / "params.json"
    params = from_json(file.read_text("utf-8"))
    words: dict[str, Any] = {}
    if (folder / "recording.json").is_file():
        words = json.loads((folder / "recording.json").read_text("utf-8"))
    return Source(
        folder,
        params,
        folder.resolve().name,
        created=file.stat().st_mtime,
        file=str(words.get("file", "recording.csv")),
        select=tuple((str(key), str(value)) for key, value in words.get("select", {}).items()),
        units=tuple(str(name) for name in words.get("names", ())),
    )


def of_store(store: Store, run_id: str) -> Source:
    """A run of the page. KeyError if there is none."""
    run = store.run(run_id)
    select: tuple[tuple[str, str], ...] = ()
    units: tuple[str, ...] = ()
    if run.params.target.recording:
        try:
            recording = store.recording(run.params.target.recording)
            select, units = recording.choices, recording.names
        except KeyError:
            pass  # what the run found is still here
    return Source(
        store.run_folder(run_id) / str(run.attempt),
        run.params,
        run_id,
        run.title or run.name,
        run.created,
        select=select,
        units=units,
    )
