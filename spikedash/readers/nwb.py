"""NWB files: the units table with its trials, or else a series of firing rates."""

from __future__ import annotations

import re
from pathlib import Path

import h5py
import numpy as np

from spikedash.readers import hdf
from spikedash.readers.choices import Choices
from spikedash.readers.found import Rates, Spikes, Trials
from spikedash.readers.limits import MAX_SPIKES, MAX_TRIALS, Refused, plain
from spikedash.readers.spike_arrays import ragged
from spikedash.readers.timebase import NOTHING

_NAMES = ("unit_name", "unit_names", "name", "names", "label", "cluster_name", "unit_id", "cluster_id")
_HZ = re.compile(r"(hz|hertz|spikes?[ /]*(per)?[ /]*s(ec(ond)?)?|1/s)", re.IGNORECASE)
_MOST = 200  # series that are looked at


def read_nwb(path: Path, choices: Choices = NOTHING) -> Rates | Spikes:
    """What the file holds.

    Raises:
        Refused: the first thing that is wrong.
    """
    with hdf.opened(path) as file:
        units = hdf.find(file, "units")
        has = isinstance(units, h5py.Group) and hdf.find(units, "spike_times") is not None
        series = _series(file)
        if has and choices.holds != "rates" and choices.array is None:
            assert isinstance(units, h5py.Group)
            return _spikes(file, units, tuple(series))
        if series and choices.holds != "spikes":
            return _rates(series, choices)
        wanted = "firing rates" if choices.holds == "rates" else "spike times"
        raise Refused(
            f"the file has no units table with spike times and no series of rates in Hz; export one with {wanted}."
            if not has
            else "the file has spike times but no series of rates in Hz; read it as spike times."
        )


def _dataset(group: h5py.Group, name: str) -> h5py.Dataset | None:
    one = hdf.find(group, name)
    return one if isinstance(one, h5py.Dataset) else None


def _spikes(file: h5py.File, units: h5py.Group, series: tuple[str, ...]) -> Spikes:
    times, index = _dataset(units, "spike_times"), _dataset(units, "spike_times_index")
    if times is None or index is None:
        raise Refused("the units table has spike times without their index; export the file again.")
    if hdf.size(times) > MAX_SPIKES:
        raise Refused(f"there are {hdf.size(times):,} spikes, above the limit of {MAX_SPIKES:,}; export fewer units.")
    lists = ragged(hdf.floats(times), hdf.floats(index), "units/spike_times")
    names: tuple[str, ...] | None = None
    for column in (*_NAMES, "id"):
        one = _dataset(units, column)
        words = hdf.texts(one) if one is not None and one.shape == (len(lists),) else None
        if words and len(set(words)) == len(words):
            names = words
            break
    trials, told = _trials(file)
    menu = {"array": series} if series else {}
    return Spikes(lists, "s", "the units table", names or ("",) * len(lists), trials, told, menu)


def _trials(file: h5py.File) -> tuple[Trials | None, tuple[str, ...]]:
    """The trials table, or else the epochs."""
    for name in ("trials", "epochs"):
        table = hdf.find(file, f"intervals/{name}")
        start = _dataset(table, "start_time") if isinstance(table, h5py.Group) else None
        stop = _dataset(table, "stop_time") if isinstance(table, h5py.Group) else None
        if start is None or stop is None or start.shape != stop.shape or len(start.shape or ()) != 1:
            continue
        many = int(start.shape[0])
        if many == 0 or (name == "epochs" and many < 2):
            continue
        if many > MAX_TRIALS:
            raise Refused(f"there are {many:,} {name}, above the limit of {MAX_TRIALS:,}; export some of them.")
        begin, end = hdf.floats(start), hdf.floats(stop)
        marks, kinds = _columns(table, many)
        odd = int(np.sum(~np.isfinite(begin) | ~np.isfinite(end)))
        told = (f"{odd:,} {name} without start or stop are left out.",) if odd else ()
        return Trials(begin, end, False, "start", marks, kinds), told
    return None, ()


def _columns(table: h5py.Group, many: int) -> tuple[dict[str, np.ndarray], dict[str, tuple[str, ...]]]:
    """Columns with a moment of every trial, and columns with a word or number of every trial."""
    marks, kinds = {}, {}
    for name in list(table)[:100]:
        one = _dataset(table, name)
        if one is None or one.shape != (many,) or name in ("start_time", "stop_time", "id") or f"{name}_index" in table:
            continue
        shown = plain(name, 40)
        if one.dtype.kind == "f" and ("time" in name or name.endswith(("_onset", "_on"))):
            marks[shown] = hdf.floats(one)
        elif one.dtype.kind == "f":
            kinds[shown] = tuple(f"{value:g}" for value in hdf.floats(one))
        else:
            words = hdf.texts(one)
            if words:
                kinds[shown] = words
    return marks, kinds


def _series(file: h5py.File) -> dict[str, h5py.Group]:
    """Time series whose unit is Hz, or whose name speaks of rates, by path."""
    found: dict[str, h5py.Group] = {}

    def gather(group: h5py.Group, deep: int) -> None:
        for name in list(group)[:_MOST]:
            one = hdf.find(group, name)
            if not isinstance(one, h5py.Group) or len(found) >= _MOST:
                continue
            data = _dataset(one, "data")
            if data is not None and len(data.shape or ()) in (1, 2) and data.dtype.kind in "fiu":
                unit = data.attrs.get("unit", "")
                if _HZ.fullmatch(str(unit).strip()) or "firing" in name.lower() or "rate_hz" in name.lower():
                    found[(one.name or name).lstrip("/")] = one
            elif deep < 4:
                gather(one, deep + 1)

    for room in ("processing", "acquisition", "analysis", "scratch"):
        top = hdf.find(file, room)
        if isinstance(top, h5py.Group):
            gather(top, 1)
    return found


def _rates(series: dict[str, h5py.Group], choices: Choices) -> Rates:
    if choices.array is not None and choices.array not in series:
        raise Refused(f"there is no series {plain(choices.array, 40)}; there are {', '.join(list(series)[:5])}.")
    if choices.array is None and len(series) > 1:
        raise Refused(f"there are several series of rates, {', '.join(list(series)[:5])}; choose one of them as array.")
    name = choices.array or next(iter(series))
    group = series[name]
    data = _dataset(group, "data")
    assert data is not None, "_series looks for it"
    values = hdf.numbers(data).astype(np.float64)
    values = values.reshape(len(values), -1)
    stamps, start = _dataset(group, "timestamps"), _dataset(group, "starting_time")
    if stamps is not None:
        time = hdf.floats(stamps)
    elif start is not None and float(start.attrs.get("rate", 0)) > 0:
        time = float(hdf.floats(start)[0]) + np.arange(len(values)) / float(start.attrs["rate"])
    else:
        raise Refused(f"the series {plain(name, 40)} has neither timestamps nor a sampling rate; export it again.")
    if len(time) != len(values):
        raise Refused(f"the series {plain(name, 40)} has {len(values)} rows and {len(time)} timestamps; export it again.")
    shown = plain(name, 40)
    return Rates(
        values,
        time,
        "s",
        f"the series {shown}",
        ("",) * values.shape[1],
        True,
        lambda i, j: f"{shown} at time point {i + 1}, neuron {j + 1}",
        lambda i: f"time point {i + 1} of {shown}",
        (),
        {"array": tuple(series)},
    )
