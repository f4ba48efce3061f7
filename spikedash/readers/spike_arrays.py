"""Spike times among named arrays: one long list with neuron numbers, a ragged index, a cell array, or one array per neuron."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from spikedash.readers.arrays import Array, Arrays, floats, left_out, names_in
from spikedash.readers.choices import Choices
from spikedash.readers.found import Spikes, Trials
from spikedash.readers.limits import MAX_TRIALS, MAX_UNITS, Refused, plain
from spikedash.readers.lists import grouped, laid_out, padded
from spikedash.readers.timebase import Unit, time_name
from spikedash.records import F64

_TIMES = re.compile(r"(spike_?times?|spikes?|spike_?trains?|st)(_in)?(_?(s|ms|us|sec|seconds|samples))?")
_WHOSE = ("spike_clusters", "spike_units", "spike_unit", "spike_neurons", "spike_neuron", "clusters", "clu", "units", "unit",
          "unit_id", "unit_ids", "neurons", "neuron", "neuron_id", "cluster_id", "spike_ids", "ids", "cells", "cell")  # fmt: skip
_TRIAL = ("spike_trials", "spike_trial", "trials", "trial", "trial_id", "trial_number")
_START = (
    "trial_start",
    "trial_starts",
    "trials_start",
    "trial_start_s",
    "trial_onset",
    "trial_onsets",
    "start_time",
    "trial_begin",
)
_STOP = ("trial_stop", "trial_stops", "trials_stop", "trial_stop_s", "trial_end", "trial_ends", "trials_end", "stop_time")
_ONE = re.compile(r"(unit|neuron|cell|cluster|n|u)[ _-]?\d+")


def spikes_in(arrays: Arrays, choices: Choices) -> Spikes | None:
    """Spike times, where the arrays hold any."""
    by_name = {key.lower(): key for key in arrays}
    if {"t", "index", "keys"} <= set(by_name) and choices.array is None:
        return _pynapple(arrays, by_name)
    key = choices.array or next((key for key, a in arrays.items() if _TIMES.fullmatch(key.lower()) and a.kind != "other"), None)
    if key is None:
        lists = [k for k, a in arrays.items() if a.kind == "lists"]
        key = lists[0] if len(lists) == 1 else None
    if key is None:
        return _one_each(arrays, choices)
    array = arrays[key]
    trials, taken = _trials(arrays, by_name, _unit(key))
    used = {key, *taken}
    if array.kind == "lists":
        return _cells(key, array, arrays, trials, used)
    if array.kind != "real":
        return None
    index = by_name.get(f"{key.lower()}_index")
    whose = by_name.get(f"{key.lower()}_unit") or next((by_name[name] for name in _WHOSE if name in by_name), None)
    if index:
        lists_ = ragged(floats(key, array).ravel(), floats(index, arrays[index]).ravel(), key)
        names_key, names = names_in(arrays, len(lists_))
        return Spikes(
            lists_, _unit(key), f"the array {plain(key, 30)}", names, trials, left_out(arrays, used | {index, names_key})
        )
    if whose and arrays[whose].shape == array.shape:
        return _long(arrays, key, whose, by_name, trials, used)
    if len(array.shape) == 2 and min(array.shape) > 1 and (choices.holds == "spikes" or np.isnan(floats(key, array)).any()):
        values = floats(key, array)
        table = padded(values, 1 if choices.rows == "neurons" else 0) or padded(values, 0 if choices.rows else 1)
        if table:
            names_key, names = names_in(arrays, len(table))
            return Spikes(table, _unit(key), f"the array {plain(key, 30)}", names, trials, left_out(arrays, used | {names_key}))
    if choices.holds == "spikes" and array.kind == "real" and max(array.shape, default=0) == np.prod(array.shape):
        return Spikes(
            (floats(key, array).ravel(),), _unit(key), f"the array {plain(key, 30)}", ("",), trials, left_out(arrays, used)
        )
    return None


def ragged(times: F64, index: F64, name: str) -> tuple[F64, ...]:
    """Lists from one long list and the place where each ends, as NWB writes them.

    Raises:
        Refused: an index that does not fit.
    """
    ends = index.astype(np.int64) if np.isfinite(index).all() else np.array([-1])
    if len(ends) == 0 or np.any(ends < 0) or np.any(np.diff(ends) < 0) or ends[-1] > len(times):
        raise Refused(f"the index of {plain(name, 30)} does not fit its {len(times):,} spike times; write the file again.")
    if len(ends) > MAX_UNITS:
        raise Refused(f"there are {len(ends):,} neurons, above the limit of {MAX_UNITS:,}; leave some out.")
    return tuple(np.split(times[: ends[-1]], ends[:-1]))


def _unit(key: str) -> Unit | None:
    tail = key.lower().replace("samples", "")
    said = time_name(f"time_{tail.rsplit('_', 1)[-1]}") if "_" in tail else None
    return said.unit if said else None


def _long(arrays: Arrays, key: str, whose: str, by_name: dict[str, str], trials: Trials | None, used: set[str]) -> Spikes:
    times, ids = floats(key, arrays[key]).ravel(), floats(whose, arrays[whose]).ravel()
    if not np.isfinite(ids).all() or np.any(ids != np.rint(ids)):
        raise Refused(f"the array {plain(whose, 30)} must number each spike's neuron by whole numbers.")
    lists, names = grouped(times, ids.astype(np.int64), None)
    label, shape = f"the array {plain(key, 30)}", arrays[key].shape
    trial = next((by_name[name] for name in _TRIAL if name in by_name and arrays[by_name[name]].shape == shape), None)
    if trial and trials is None:
        per_spike, _ = grouped(floats(trial, arrays[trial]).ravel(), ids.astype(np.int64), None)
        return laid_out(lists, per_spike, _unit(key), label, names, left_out(arrays, used | {whose, trial}))
    return Spikes(lists, _unit(key), label, names, trials, left_out(arrays, used | {whose}))


def _cells(key: str, array: Array, arrays: Arrays, trials: Trials | None, used: set[str]) -> Spikes:
    """A cell array: one vector per neuron, or neurons × trials with times from the start of each trial."""
    boxes = array.read()
    label = f"the cell array {plain(key, 30)}"
    wide = boxes.ndim == 2 and min(boxes.shape) > 1
    rows = boxes if wide else boxes.reshape(-1, 1)
    if rows.shape[0] > MAX_UNITS or rows.shape[1] > MAX_TRIALS:
        raise Refused(f"{label} has {rows.shape[0]:,} rows and {rows.shape[1]:,} columns, above what is read; leave some out.")
    lists = tuple(np.concatenate([np.asarray(box, np.float64).ravel() for box in row]) for row in rows)
    names_key, names = names_in(arrays, len(lists))
    notes = left_out(arrays, used | {names_key})
    if not wide:
        return Spikes(lists, _unit(key), label, names, trials, notes)
    number = [np.repeat(np.arange(1.0, rows.shape[1] + 1), [np.size(box) for box in row]) for row in rows]
    told = (f"{label[0].upper()}{label[1:]} has one row per neuron and one column per trial, a guess.", *notes)
    return laid_out(lists, tuple(number), _unit(key), label, names, told)


def _one_each(arrays: Arrays, choices: Choices) -> Spikes | None:
    """One vector per neuron, called unit_1, unit_2 and so on."""
    own = [
        key
        for key, a in arrays.items()
        if _ONE.fullmatch(key.lower()) and a.kind == "real" and max(a.shape, default=0) == np.prod(a.shape)
    ]
    if not own or (choices.holds != "spikes" and len({arrays[key].shape for key in own}) < min(2, len(own))):
        return None
    lists = tuple(floats(key, arrays[key]).ravel() for key in own)
    if choices.holds != "spikes" and any(np.any(np.diff(one) < 0) for one in lists):
        return None
    trials, taken = _trials(arrays, {key.lower(): key for key in arrays}, None)
    return Spikes(lists, None, "every neuron's array", tuple(own), trials, left_out(arrays, {*own, *taken}))


def _pynapple(arrays: Arrays, by_name: dict[str, str]) -> Spikes:
    """A TsGroup of pynapple: all times in s, the index of each, the neurons' keys, and the epochs in which it was recorded."""
    times, index, keys = (floats(by_name[k], arrays[by_name[k]]).ravel() for k in ("t", "index", "keys"))
    if len(times) != len(index):
        raise Refused(f"t holds {len(times):,} times and index {len(index):,} neurons; write the file again.")
    lists, names = grouped(times, index.astype(np.int64), None, known=[int(k) for k in keys])
    trials, taken = _epochs(arrays, by_name)
    notes = ("This is a TsGroup of pynapple, whose times are in seconds.",)
    return Spikes(lists, "s", "the array t", names, trials, notes + left_out(arrays, {"t", "index", "keys", "type", *taken}))


def _epochs(arrays: Arrays, by_name: dict[str, str]) -> tuple[Trials | None, Sequence[str]]:
    """The epochs of pynapple as trials, where there are several."""
    if not {"start", "end"} <= set(by_name):
        return None, ()
    start, stop = (floats(by_name[k], arrays[by_name[k]]).ravel() for k in ("start", "end"))
    if len(start) < 2 or len(start) != len(stop):
        return None, ("start", "end")
    return Trials(start, stop, True, "start", {}, {}), ("start", "end")


def _trials(arrays: Arrays, by_name: dict[str, str], unit: Unit | None) -> tuple[Trials | None, Sequence[str]]:
    """Trial boundaries in the unit of the spike times, where arrays are called so."""
    first = next((by_name[name] for name in _START if name in by_name), None)
    last = next((by_name[name] for name in _STOP if name in by_name), None)
    if first is None or last is None:
        return None, ()
    start, stop = floats(first, arrays[first]).ravel(), floats(last, arrays[last]).ravel()
    if len(start) != len(stop) or len(start) == 0:
        raise Refused(
            f"{plain(first, 30)} holds {len(start)} trials and {plain(last, 30)} {len(stop)}; both must hold every trial."
        )
    return Trials(start, stop, False, "start", {}, {}), (first, last)
