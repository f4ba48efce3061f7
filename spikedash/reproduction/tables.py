"""A finished experiment as plain JSON: what was measured, in which form, and how long it took."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from spikedash.experiments import Experiment, Row
from spikedash.params import InputError
from spikedash.reproduction import example
from spikedash.reproduction.example import Example
from spikedash.reproduction.judge import Verdict, judge


class Reproduction(NamedTuple):
    """An experiment's table and its verdicts."""

    experiment: Experiment
    full: bool
    table: tuple[Row, ...]
    examples: tuple[Example, ...] = ()  # of the first seed, where the figure shows networks and not the table
    keys: tuple[str, ...] = ()  # of the table's rows: what their networks hung on, so that one can go on after a stop

    @property
    def verdicts(self) -> list[Verdict]:
        return judge(self.experiment, self.table, self.full)

    @property
    def passed(self) -> bool:
        return bool(self.table) and all(verdict.passed for verdict in self.verdicts)

    @property
    def seeds(self) -> list[int]:
        return sorted({row.seed for row in self.table})

    @property
    def seconds(self) -> float:
        return sum(row.seconds for row in self.table)


def plain(value: Any) -> Any:
    """Numbers and arrays as JSON has them; None for what is not finite."""
    if isinstance(value, np.ndarray):
        return [plain(each) for each in value.tolist()]
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, Mapping):
        return {name: plain(each) for name, each in value.items()}
    if isinstance(value, float | np.floating):
        return float(value) if np.isfinite(value) else None
    return value.item() if isinstance(value, np.generic) else value


def to_tree(done: Reproduction) -> dict[str, Any]:
    """The JSON object of a finished experiment."""
    rows = [plain(row._asdict()) for row in done.table]
    examples = [example.to_tree(one) for one in done.examples]
    form = "full" if done.full else "short"
    return {"name": done.experiment.name, "form": form, "rows": rows, "keys": list(done.keys), "examples": examples}


def from_tree(experiment: Experiment, tree: Mapping[str, Any]) -> Reproduction:
    """The same from its JSON object."""
    rows = tuple(Row(row["point"], row["seed"], row["numbers"], row["seconds"], row["failed"]) for row in tree["rows"])
    examples = tuple(map(example.from_tree, tree.get("examples", ())))
    return Reproduction(experiment, tree["form"] == "full", rows, examples, tuple(tree.get("keys", ())))


def read(folder: Path, experiment: Experiment) -> Reproduction:
    """The table of an experiment in a folder.

    Raises:
        InputError: the file is no table.
    """
    file = folder / f"{experiment.name}.json"
    try:
        return from_tree(experiment, json.loads(file.read_text("utf-8")))
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError(f"{file} is no table of a finished experiment.") from None


def answer_of(done: Reproduction) -> dict[str, Any]:
    """What the command line prints."""
    checks: Sequence[Any] = [plain(verdict._asdict()) for verdict in done.verdicts]
    failed = [f"{row.failed} ({row.point}, seed {row.seed})" for row in done.table if row.failed]
    return {
        "name": done.experiment.name,
        "passed": done.passed,
        "form": "full" if done.full else "short",
        "seeds": len(done.seeds),
        "seconds": round(done.seconds, 1),
        "checks": checks,
        **({"failed_runs": failed} if failed else {}),
    }
