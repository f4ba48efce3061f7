"""Sweeps before they are launched: from an experiment, or from a grid of one's own; and how long they take."""

from __future__ import annotations

import itertools
import math
import os
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from spikedash.experiments import Experiment, cells, seed_count
from spikedash.experiments.numbers import NUMBERS, described
from spikedash.jobs import insight_cost
from spikedash.jobs.store import Axis, Measure, NewCell, Plan
from spikedash.params import KNOBS, InputError, Params
from spikedash.records import F64
from spikedash.reproduction import estimate
from spikedash.ui import knobs

MOST_VALUES = 24  # of an axis
MOST_SEEDS = 20
MOST_CELLS = 2000


class Scan(NamedTuple):
    """One axis of a grid as a person typed it."""

    name: str  # dotted parameter
    text: str  # values, separated by commas or spaces


def of_experiment(experiment: Experiment, full: bool, recording: str = "", units: int = 0) -> Plan:
    """Every cell and seed of an experiment; all cells of one seed before the next seed.

    Args:
        recording: id of a recording, for experiments that need one; `units` counts its neurons.

    Raises:
        InputError: it needs a recording and there is none.
    """
    if experiment.needs_recording and not recording:
        raise InputError("This experiment learns recorded rates; upload a recording in the playground first.")
    axes = tuple(Axis(axis.name, axis.label, axis.unit, axis.points(full), axis.log, axis.asked) for axis in experiment.axes)
    trained = [axis for axis in axes if not axis.asked]
    more = {"target.recording": recording} if experiment.needs_recording else {}
    new = [
        NewCell(
            tuple(axis.values.index(cell.point[axis.name]) for axis in trained),
            seed,
            cell.params(seed, more),
            named(experiment.title, [(axis, cell.point[axis.name]) for axis in trained], seed),
        )
        for seed in range(1, seed_count(experiment, full) + 1)
        for cell in cells(experiment, full, units)
    ]
    return Plan(
        experiment.title, axes, measure_of(experiment), tuple(new), experiment.name, "full" if full else "short", recording
    )


def measure_of(experiment: Experiment) -> Measure:
    """The number that an experiment's figure shows, or that of its first check."""
    figure = experiment.figure
    paths = [check.path for check in experiment.checks if isinstance(check.path, str)]
    path = figure.number or next(iter(paths), "correlation.test_mean")
    label, unit, low, high = described(experiment, path)
    return Measure(label, path, unit, low, high, figure.x, figure.y, figure.by)


def grid(name: str, base: Mapping[str, Any], scans: Sequence[Scan], seeds: int, path: str, recording: str = "") -> Plan:
    """A grid of one's own over one or two parameters.

    Raises:
        InputError: the first thing that is wrong.
    """
    if not scans:
        raise InputError("Choose at least one setting to vary.")
    if len({scan.name for scan in scans}) < len(scans):
        raise InputError(f"“{knobs.extra(scans[0].name)['label']}” is varied twice; choose another second setting.")
    if not 1 <= seeds <= MOST_SEEDS:
        raise InputError(f"The number of seeds is {seeds}; it must be 1 to {MOST_SEEDS}.")
    axes = tuple(_axis(scan) for scan in scans)
    count = seeds * math.prod(len(axis.values) for axis in axes)
    if count > MOST_CELLS:
        raise InputError(f"The grid has {count:,} runs; give fewer values or seeds, at most {MOST_CELLS:,} in all.")
    start = {**base, **({"target.recording": recording} if recording else {})}
    first = int(base.get("training.seed", Params().training.seed))
    new = []
    for seed in range(first, first + seeds):
        for place in itertools.product(*(range(len(axis.values)) for axis in axes)):
            point = [(axis, axis.values[k]) for axis, k in zip(axes, place, strict=True)]
            values = {**start, "training.seed": seed, **{axis.name: value for axis, value in point}}
            new.append(NewCell(place, seed, Params().with_values(values), named("", point, seed)))
    label, unit, low, high = NUMBERS[path]
    title = name.strip() or " × ".join(axis.label for axis in axes)
    return Plan(title[:80], axes, Measure(label, path, unit, low, high), tuple(new), recording=recording)


def _axis(scan: Scan) -> Axis:
    """Raises InputError where a value is none."""
    extra = knobs.extra(scan.name)
    words = [word for word in re.split(r"[,;\s]+", scan.text.strip()) if word]
    if not 1 <= len(words) <= MOST_VALUES:
        raise InputError(f"“{extra['label']}” has {len(words)} values; give 1 to {MOST_VALUES}, separated by commas.")
    values = tuple(dict.fromkeys(_value(scan.name, word) for word in words))
    numbers = [value for value in values if not isinstance(value, str)]
    positive = len(numbers) == len(values) and min(numbers) > 0
    label = extra["label"]
    if scan.name.startswith("cue.") and "cue" not in label.lower():
        label = f"Cue {label.lower()}"
    return Axis(scan.name, label, extra["unit"], values, bool(positive and max(numbers) / min(numbers) >= 20))


def _value(name: str, word: str) -> float | str:
    if knobs.choices(name):
        if word not in knobs.choices(name):
            raise InputError(f"“{knobs.extra(name)['label']}” has no {word!r}; it can be {', '.join(knobs.choices(name))}.")
        return word
    try:
        number = float(word)
    except ValueError:
        raise InputError(f"“{knobs.extra(name)['label']}” has the value {word!r}, which is no number.") from None
    return int(number) if KNOBS[name].annotation is int and number.is_integer() else number


def named(title: str, point: Sequence[tuple[Axis, Any]], seed: int) -> str:
    """What a cell's run is called."""
    where = [
        f"{axis.label} {value:g}{' ' + axis.unit if axis.unit else ''}" if not isinstance(value, str) else value
        for axis, value in point
    ]
    return " · ".join([*([title] if title else []), *where, f"seed {seed}"])


def work(plan: Plan) -> F64:
    """Of computing every cell here, as far as it is known beforehand; seconds by kind of work, (kinds,)."""
    one_seed = {cell.place: cell.params for cell in plan.cells}.values()  # the others take as long
    seed: F64 = np.sum([insight_cost.run_work(params) for params in one_seed], axis=0)
    return seed * len(plan.cells) / len(one_seed) / slots()


def work_of(experiment: Experiment, full: bool) -> F64:
    """Of an experiment without a recording, with its questions and with what the page of every run tells."""
    looks: F64 = np.sum([insight_cost.work(cell.params(1)) for cell in cells(experiment, full)], axis=0)
    return (estimate.work(experiment, full) + seed_count(experiment, full) * looks) / slots()


def slots() -> int:
    """How many runs compute at the same time, as the supervisor has it unless it is told otherwise."""
    return max(1, (os.cpu_count() or 1) // 2)
