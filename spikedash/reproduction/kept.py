"""Going on after a stop: which networks of a table are there already, measured with the same settings by the same code."""

from __future__ import annotations

import functools
import hashlib
import inspect
import json
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from spikedash.experiments import Experiment, Row, asked_points
from spikedash.params import Params
from spikedash.reproduction.example import Example
from spikedash.reproduction.tables import Reproduction

#: What a measured number hangs on beside its settings.
CODE = ("engine", "training", "analysis", "network.py", "targets.py", "gain.py", "perturb.py")


class Network(NamedTuple):
    """What one network of a table gave."""

    key: str
    rows: tuple[Row, ...]
    example: Example | None = None  # of a first seed


def key(experiment: Experiment, params: Params, full: bool) -> str:
    """The same where the same settings, questions and code would measure the same numbers."""
    asked = [{**question._asdict(), "name": name} for name, question in experiment.questions.items()]
    told = [params.model_dump_json(), asked, asked_points(experiment, full), inspect.getsource(experiment.measure), code()]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]


@functools.cache
def code() -> str:
    """A hash of the source that a network is trained and measured by."""
    root = Path(__file__).resolve().parents[1]
    files = [file for name in CODE for file in ([root / name] if name.endswith(".py") else sorted((root / name).rglob("*.py")))]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def networks(done: Reproduction) -> dict[str, Network]:
    """Of a table, by their keys; a table without keys has none."""
    found: dict[str, Network] = {}
    if len(done.keys) == len(done.table):
        for name, row in zip(done.keys, done.table, strict=True):
            found[name] = Network(name, (*(found[name].rows if name in found else ()), row))
    shown = {example.key: example for example in done.examples}
    return {name: one._replace(example=shown.get(name)) for name, one in found.items()}


def table(experiment: Experiment, full: bool, found: Iterable[Network]) -> Reproduction:
    """The networks that are there as a finished experiment, or one that has come so far."""
    found = list(found)
    rows = tuple(row for one in found for row in one.rows)
    keys = tuple(one.key for one in found for _ in one.rows)
    return Reproduction(experiment, full, rows, tuple(one.example for one in found if one.example), keys)
