"""Tables as CSV: the learning curve of a run, and the list of runs."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from spikedash.exports.source import Source
from spikedash.jobs.catalogue import Entry
from spikedash.records import LoopRecord, TestRecord

FORMULA = ("=", "+", "-", "@", "\t", "\r")


def plain(value: Any) -> Any:
    """A cell that no spreadsheet takes for a formula; numbers stay numbers, and what is not known is empty."""
    if isinstance(value, str):
        return f"'{value}" if value.startswith(FORMULA) else value
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return ""
    return value


def written(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Comma-separated text with a header line."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([plain(name) for name in columns])
    writer.writerows([plain(value) for value in row] for row in rows)
    return out.getvalue()


def learning(source: Source) -> str:
    """One line for every loop and test trial of a run."""
    loops, tests = source.events()
    fields = [*LoopRecord._fields[1:], *TestRecord._fields[3:]]
    sets = source.params.target.sets
    rows = [["train", loop.loop, loop.loop % sets, *(getattr(loop, name, None) for name in fields)] for loop in loops]
    rows += [["test", test.trial, test.trial % sets, *(getattr(test, name, None) for name in fields)] for test in tests]
    return written(["kind", "index", "pattern", *fields], rows)


def catalogue(entries: Iterable[Entry]) -> str:
    """One line for every run of a list."""
    columns: list[tuple[str, Callable[[Entry], Any]]] = [
        ("run", lambda e: e.id),
        ("title", lambda e: e.title),
        ("preset", lambda e: e.name),
        ("state", lambda e: e.state),
        ("created", lambda e: datetime.fromtimestamp(e.created, UTC).isoformat(timespec="seconds")),
        ("neurons", lambda e: e.n),
        ("excitatory_share", lambda e: e.frac_exc),
        ("seed", lambda e: e.seed),
        ("target_seed", lambda e: e.target_seed),
        ("same_but_seeds", lambda e: e.alike),
        ("loops_done", lambda e: e.loops_done),
        ("loops", lambda e: e.loops),
        ("tests_done", lambda e: e.tests_done),
        ("tests", lambda e: e.tests),
        ("best_correlation", lambda e: e.best),
        ("last_correlation", lambda e: e.last),
        ("test_correlation", lambda e: e.test),
        ("rate_hz", lambda e: e.rate_hz),
        ("error", lambda e: e.error),
    ]
    return written([name for name, _ in columns], ([get(entry) for _, get in columns] for entry in entries))
