"""A run as an NWB file, written with h5py alone: the tools that write NWB would be the heaviest part of the whole program.

Units with spike times and the intervals in which they were observed, one row of trials for every trial, target and activity
as time series on the clock of the first trial of their pattern, and the settings as text. Schema: NWB 2.8, hdmf-common 1.8.
"""

from __future__ import annotations

import io
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt

from spikedash.exports.arrays import neurons
from spikedash.exports.session import Session, session
from spikedash.exports.source import Source
from spikedash.jobs.views import SetupView

NWB_VERSION = "2.8.0"
PAPER = "doi:10.7554/eLife.37124"


def nwb(source: Source) -> bytes:
    """The file. InputError before the first trial of the run."""
    setup, result = source.setup(), source.result()
    laid = session(source.spikes(), source.params.target.sets)
    out = io.BytesIO()
    with h5py.File(out, "w", libver=("earliest", "v110")) as file:
        _head(file, source, setup)
        about = neurons(source, setup, None if result is None else result.per_neuron)
        _units(file, laid, setup.n, about, source.params.network.dt_ms)
        _trials(file, laid)
        module = _typed(file["processing"].create_group("misc"), "ProcessingModule", core=True)
        module.attrs["description"] = "What the network was asked to do, and the mean of what it did."
        words = "Target of every neuron" if source.params.training.rule == "drive" else "Target rate of every neuron"
        _series(module, "target", words, setup, setup.target, setup.neurons, laid)
        if result is not None:
            words = "Mean over the test trials of what is trained"
            _series(module, "activity", words, setup, result.mean_drive, result.neurons, laid)
    return out.getvalue()


def _head(file: h5py.File, source: Source, setup: SetupView) -> None:
    """What every NWB file must have, and where the numbers come from."""
    _typed(file, "NWBFile", core=True)
    file.attrs["nwb_version"] = NWB_VERSION
    began = datetime.fromtimestamp(source.created or 0, UTC).isoformat()
    network = f"{setup.n} {source.params.network.model} neurons"
    said = f"Simulated recurrent spiking network of {network}, trained by recursive least squares."
    text = {
        "identifier": source.name or str(uuid.uuid4()),
        "session_description": f"{source.title}. {said}" if source.title else said,
        "session_start_time": began,
        "timestamps_reference_time": began,
    }
    for name, value in text.items():
        file[name] = value
    file.create_dataset("file_create_date", data=[datetime.now(UTC).isoformat()], dtype=h5py.string_dtype())
    for name in ("acquisition", "analysis", "processing", "stimulus/presentation", "stimulus/templates", "intervals", "general"):
        file.create_group(name)
    general = file["general"]
    general["experiment_description"] = said
    general["session_id"] = source.name
    general["notes"] = source.params.model_dump_json(indent=1)
    subject = _typed(general.create_group("subject"), "Subject", core=True)
    # Readers want a subject; there is no species to give, and nothing else is known of what never lived.
    for name, value in {"subject_id": "simulated-network", "description": f"No animal: {said}", "age": "P0D", "sex": "U"}.items():
        subject[name] = value
    general["source_script"] = f"python -m spikedash export {source.name} --format nwb"
    general["source_script"].attrs["file_name"] = "spikedash"
    general.create_dataset("related_publications", data=[PAPER], dtype=h5py.string_dtype())
    general.create_dataset("keywords", data=["simulation", "recurrent spiking network"], dtype=h5py.string_dtype())


def _units(file: h5py.File, laid: Session, n: int, about: Mapping[str, npt.NDArray[Any]], dt_ms: float) -> None:
    trains = laid.of_neuron(n)
    observed = np.tile(np.column_stack([laid.start, laid.stop]), (n, 1))
    table = _table(file, "units", "Units", "Neurons of the network.", n)
    spikes = np.concatenate(trains) if trains else np.zeros(0)
    _column(table, "spike_times", "Spike times, s from the start of the first trial.", spikes)
    table["spike_times"].attrs["resolution"] = dt_ms / 1000
    _index(table, "spike_times", np.cumsum([len(train) for train in trains]))
    _column(table, "obs_intervals", "Trials, the only times at which spikes were kept.", observed)
    _index(table, "obs_intervals", np.arange(1, n + 1) * len(laid.start))
    words = {
        "kind": ("cell_type", "E, I, or mixed where neurons send both signs."),
        "correlation": ("target_correlation", "Pearson's r of the mean activity over test trials with the target."),
        "unit": ("recorded_unit", "Name of the recorded neuron whose rate this one learnt; empty for none."),
    }
    for key, values in about.items():
        _column(table, words[key][0], words[key][1], values)
    table.attrs["colnames"] = _strings(["spike_times", "obs_intervals", *(words[key][0] for key in about)])


def _trials(file: h5py.File, laid: Session) -> None:
    about: dict[str, tuple[str, Any]] = {
        "start_time": ("Start of the trial from a random state, s.", laid.start),
        "stop_time": ("End of the target window, s.", laid.stop),
        "kind": ("train: the network learnt; test: it did not.", np.array(laid.kind)),
        "number": ("Loop or test trial, counted from 0.", laid.number),
        "pattern": ("Target set that was cued, counted from 0.", laid.pattern),
        "cue_start_time": ("Start of the cue, s.", laid.cue),
        "pattern_start_time": ("End of the cue and start of the target window, s.", laid.onset),
    }
    table = _table(file, "intervals/trials", "TimeIntervals", "Trials of the network.", len(laid.start))
    for name, (words, values) in about.items():
        _column(table, name, words, values)
    table.attrs["colnames"] = _strings(list(about))


def _series(
    module: h5py.Group,
    name: str,
    words: str,
    setup: SetupView,
    values: npt.NDArray[Any],
    columns: npt.NDArray[Any],
    laid: Session,
) -> None:
    """One time series for every pattern that was cued; readers expect more times than columns, so wide ones come in parts."""
    samples = len(setup.sample_ms)
    rate = 1000.0 / float(setup.sample_ms[1] - setup.sample_ms[0]) if samples > 1 else 1.0
    for pattern in sorted(set(laid.pattern.tolist())):
        begins = float(laid.onset[np.flatnonzero(laid.pattern == pattern)[0]])
        for first in range(0, len(columns), samples):
            part = columns[first : first + samples]
            called = f"{name}_pattern_{pattern}" if len(values) > 1 else name
            if len(columns) > samples:
                called += f"_neurons_{part[0]}_to_{part[-1]}"
            series = _typed(module.create_group(called), "TimeSeries", core=True)
            series.attrs["description"] = f"{words}, pattern {pattern}, from the start of the target window."
            series.attrs["comments"] = f"Columns are these neurons: {_ranges(part)}."
            content = np.ascontiguousarray(values[pattern][:, first : first + samples], np.float32)
            data = series.create_dataset("data", data=content, compression="gzip", compression_opts=4)
            data.attrs.update({"unit": "drive", "conversion": 1.0, "offset": 0.0, "resolution": -1.0})
            series["starting_time"] = begins
            series["starting_time"].attrs.update({"rate": rate, "unit": "seconds"})


def _ranges(part: npt.NDArray[Any]) -> str:
    """Neighbours as first to last, anything else one by one."""
    if len(part) > 1 and int(part[-1] - part[0]) == len(part) - 1:
        return f"{part[0]} to {part[-1]}"
    return ", ".join(str(int(neuron)) for neuron in part)


def _typed(node: Any, kind: str, *, core: bool) -> Any:
    node.attrs.update({"namespace": "core" if core else "hdmf-common", "neurodata_type": kind, "object_id": str(uuid.uuid4())})
    return node


def _table(file: h5py.File, place: str, kind: str, description: str, rows: int) -> h5py.Group:
    table = _typed(file.create_group(place), kind, core=True)
    table.attrs["description"] = description
    _typed(table.create_dataset("id", data=np.arange(rows, dtype=np.int64)), "ElementIdentifiers", core=False)
    return table


def _column(table: h5py.Group, name: str, description: str, values: npt.NDArray[Any]) -> None:
    text = values.dtype.kind in "UO"
    content = [str(value) for value in values] if text else values
    more: dict[str, Any] = {"dtype": h5py.string_dtype()} if text else {}
    if not text and values.size > 1000:
        more = {"compression": "gzip", "compression_opts": 4}
    column = _typed(table.create_dataset(name, data=content, **more), "VectorData", core=False)
    column.attrs["description"] = description


def _index(table: h5py.Group, name: str, ends: npt.NDArray[Any]) -> None:
    index = _typed(table.create_dataset(f"{name}_index", data=ends.astype(np.uint64)), "VectorIndex", core=False)
    index.attrs["description"] = f"Index of {name}."
    index.attrs["target"] = table[name].ref


def _strings(names: Sequence[str]) -> npt.NDArray[Any]:
    return np.array(names, h5py.string_dtype())
