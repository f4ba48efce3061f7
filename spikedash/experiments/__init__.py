"""The paper's experiments, one file each: parameters, what to expect and why. Their settings are also the presets."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from typing import Any

from spikedash.experiments.cells import asked_points, cells, seed_count, sized
from spikedash.experiments.record import Answer, Axis, Cell, Check, Curve, Experiment, Outcome, Phases, Question, Row, Value

__all__ = [
    "EXPERIMENTS",
    "PRESETS",
    "Answer",
    "Axis",
    "Cell",
    "Check",
    "Curve",
    "Experiment",
    "Outcome",
    "Phases",
    "Question",
    "Row",
    "Value",
    "asked_points",
    "cells",
    "find",
    "seed_count",
    "sized",
]


def _discover() -> dict[str, Experiment]:
    found: list[Experiment] = []
    for module in pkgutil.iter_modules(__path__):
        experiment = getattr(importlib.import_module(f"{__name__}.{module.name}"), "EXPERIMENT", None)
        if experiment is not None:
            found.append(experiment)
    return {experiment.name: experiment for experiment in sorted(found, key=lambda e: (e.order, e.name))}


#: Every experiment and preset by name, in the order in which they are shown.
PRESETS: Mapping[str, Experiment] = _discover()
#: Those that reproduce a claim, and can be checked.
EXPERIMENTS: Mapping[str, Experiment] = {name: e for name, e in PRESETS.items() if e.checks}


def find(name: str, among: Mapping[str, Any] = PRESETS) -> Any:
    """An entry by name.

    Raises:
        InputError: unknown name; the message lists the known ones.
    """
    from spikedash.params import InputError

    if name not in among:
        raise InputError(f"There is no {name!r}; known names are {', '.join(among)}.")
    return among[name]
