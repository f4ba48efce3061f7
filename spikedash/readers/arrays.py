"""Named arrays, whatever file they come from (NPZ, MAT, HDF5): which of them are rates, times, names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from spikedash.readers.choices import Choices
from spikedash.readers.found import Rates, Spikes
from spikedash.readers.limits import MAX_VALUES, Refused, number, plain
from spikedash.readers.meaning import check_size
from spikedash.readers.timebase import TimeName, counts_samples, rises_evenly, time_name
from spikedash.records import F64

RATES = ("rate_hz", "rates_hz", "rates", "rate", "firing_rates", "firing_rate", "psth")
NAMES = ("names", "unit_names", "neuron_names", "units", "neurons", "unit_ids", "keys", "columns")


class Array(NamedTuple):
    """One array of a file, before its data are read."""

    shape: tuple[int, ...]
    kind: Literal["real", "text", "lists", "other"]  # lists: a cell array of vectors
    called: str  # its type in words, for refusals
    read: Callable[[], npt.NDArray[np.generic]]  # real: numbers; text: strings; lists: objects, each a vector of numbers


Arrays = Mapping[str, Array]


def floats(name: str, array: Array) -> F64:
    """The numbers of a real array.

    Raises:
        Refused: no numbers, or more of them than are ever read.
    """
    if array.kind != "real":
        raise Refused(f"the array {plain(name, 30)} holds {array.called} values; plain real numbers are expected.")
    if int(np.prod(array.shape, dtype=np.float64)) > MAX_VALUES:
        raise Refused(
            f"the array {plain(name, 30)} holds more than {MAX_VALUES:,} values; use wider time bins or leave out neurons."
        )
    return np.asarray(array.read()).astype(np.float64)


def understand_arrays(arrays: Arrays, choices: Choices, kind: str) -> Rates | Spikes:
    """What the arrays hold; `kind` is what such files are called, for refusals.

    Raises:
        Refused: the first thing that is wrong.
    """
    from spikedash.readers.spike_arrays import spikes_in

    if choices.array is not None and choices.array not in arrays:
        raise Refused(f"there is no array {plain(choices.array, 30)}; there are {_listed(arrays)}.")
    if choices.time is not None and choices.time not in arrays:
        raise Refused(f"there is no array {plain(choices.time, 30)}; there are {_listed(arrays)}.")
    if choices.time is not None and not _is_vector(arrays[choices.time]):
        raise Refused(f"the array {plain(choices.time, 30)} is no list of numbers; choose another array for the times.")
    if choices.holds != "rates":
        found = spikes_in(arrays, choices)
        if found:
            return found
        if choices.holds == "spikes":
            raise Refused(
                f"no spike times are found among {_listed(arrays)}; give spike_times and spike_clusters, or one list per neuron."
            )
    return _rates(arrays, choices, kind)


def _listed(arrays: Arrays) -> str:
    return ", ".join(f"{plain(k, 30)} {a.shape}" for k, a in list(arrays.items())[:5]) or "no arrays"


def _rates(arrays: Arrays, choices: Choices, kind: str) -> Rates:
    key = choices.array or _rates_key(arrays, kind)
    _check_rates(key, arrays[key])
    time_key, said = (choices.time, time_name(choices.time)) if choices.time else _time_key(arrays, key)
    rates, points = arrays[key], int(np.prod(arrays[time_key].shape))
    label, time_label = plain(key, 30), plain(time_key, 30)
    flat = len(rates.shape) == 1
    shape = (*rates.shape, 1) if flat else rates.shape
    if points not in shape[: 1 if flat else 2]:
        raise Refused(
            f"{label} has the shape {' × '.join(map(str, shape))} and {time_label} has {points} times; "
            "one side of the rates must be as long as the times."
        )
    turned = shape[0] != points or (choices.rows == "neurons" and shape[1] == points)
    check_size(points, shape[0] if turned else shape[1])
    values = floats(key, rates).reshape(shape)
    notes = [] if said else [f"The array {time_label} read as time because it rises evenly, a guess."]
    if turned:
        notes.append(f"The array {label} holds one neuron per row and was turned.")
    elif shape[0] == shape[1] and choices.rows is None:
        notes.append(f"The array {label} is square; its rows are taken as time points, a guess.")
    values = np.ascontiguousarray(values.T if turned else values)
    names_key, names = names_in(arrays, values.shape[1])
    called = [f" ({plain(name, 40)})" if name else "" for name in names]
    return Rates(
        values=values,
        time=floats(time_key, arrays[time_key]).ravel(),
        unit=said.unit if said else None,
        time_label=f"the array {time_label}",
        names=names,
        says_hz=key.lower().endswith("hz"),
        place=lambda i, j: f"{label} at time point {i + 1}, neuron {j + 1}{called[j]}",
        moment=lambda i: f"time point {i + 1} of {time_label}",
        notes=tuple(notes) + left_out(arrays, {key, time_key, names_key}),
        menu={
            "array": tuple(k for k, a in arrays.items() if a.kind == "real" and len(a.shape) in (1, 2))[:50],
            "time": tuple(k for k, a in arrays.items() if a.kind == "real" and max(a.shape, default=0) == np.prod(a.shape))[:50],
        },
    )


def left_out(arrays: Arrays, used: set[str]) -> tuple[str, ...]:
    left = sorted(plain(k, 30) for k in arrays if k not in used)
    return (f"Left out: {', '.join(left[:5])}{' and others' if len(left) > 5 else ''}.",) if left else ()


def _rates_key(arrays: Arrays, kind: str) -> str:
    """The array that holds the rates: by its name, else the only two-dimensional one that is no vector."""
    by_name = {key.lower(): key for key in arrays}
    key = next((by_name[name] for name in RATES if name in by_name), None)
    if key is None:
        flat = [key for key, array in arrays.items() if len(array.shape) == 2 and array.kind == "real"]
        flat = [key for key in flat if min(arrays[key].shape) != 1] or flat
        if len(flat) != 1:
            raise Refused(
                f"there is no array rate_hz, and not exactly one array with two dimensions, but {_listed(arrays)}; add rate_hz."
            )
        key = flat[0]
    return key


def _check_rates(key: str, array: Array) -> None:
    name = plain(key, 30)
    if array.kind != "real":
        raise Refused(
            f"the array {name} holds {array.called}, which are never opened; save plain arrays of numbers."
            if array.kind == "other" and "Python" in array.called
            else f"the array {name} holds {array.called} values; rates must be plain real numbers."
        )
    if len(array.shape) not in (1, 2):
        raise Refused(
            f"the array {name} has {number(len(array.shape))} dimensions; average over trials, so that time and neurons remain."
        )


def _is_vector(array: Array) -> bool:
    long = [side for side in array.shape if side != 1]
    return array.kind == "real" and len(array.shape) in (1, 2) and len(long) <= 1 and int(np.prod(array.shape)) > 0


def _time_key(arrays: Arrays, rates: str) -> tuple[str, TimeName | None]:
    """The array that holds the times: by its name, else the only one that rises evenly and is as long as the rates."""
    rows = {key: a for key, a in arrays.items() if key != rates and _is_vector(a)}
    named = [(key, said) for key in rows if (said := time_name(key))]
    named = [(key, said) for key, said in named if said.sure] or named
    if len(named) > 1:
        raise Refused(f"the arrays {plain(named[0][0], 30)} and {plain(named[1][0], 30)} both look like time; leave one of them.")
    if named:
        return named[0]
    fitting = [key for key, a in rows.items() if int(np.prod(a.shape)) in arrays[rates].shape]
    times = [key for key in fitting if rises_evenly(t := floats(key, rows[key]).ravel()) and not counts_samples(t)]
    if len(times) != 1:
        raise Refused("there is no array time_s or time_ms; add the time of each row of the rates.")
    return times[0], None


def names_in(arrays: Arrays, units: int) -> tuple[str, tuple[str, ...]]:
    """The array with the neurons' names and the names; "" where there are none."""
    for key, array in arrays.items():
        if key.lower() in NAMES and int(np.prod(array.shape)) == units and array.kind in ("text", "real"):
            values = array.read().ravel().tolist()
            if array.kind == "real" and not all(float(value).is_integer() for value in values):
                continue
            return key, tuple(_word(value) for value in values)
    return "", ("",) * units


def _word(value: object) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return str(int(value)) if isinstance(value, float) else str(value)
