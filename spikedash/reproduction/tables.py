"""A finished experiment as plain JSON: what was measured, in which form, and how long it took."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from spikedash.experiments import Experiment, Row
from spikedash.reproduction.judge import Verdict, judge


class Reproduction(NamedTuple):
    """An experiment's table and its verdicts."""

    experiment: Experiment
    full: bool
    table: tuple[Row, ...]

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
    return {"name": done.experiment.name, "form": "full" if done.full else "short", "rows": rows}


def from_tree(experiment: Experiment, tree: Mapping[str, Any]) -> Reproduction:
    """The same from its JSON object."""
    rows = tuple(Row(row["point"], row["seed"], row["numbers"], row["seconds"], row["failed"]) for row in tree["rows"])
    return Reproduction(experiment, tree["form"] == "full", rows)


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
