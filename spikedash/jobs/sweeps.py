"""Sweeps: grids of settings and seeds, whose every cell is computed as an ordinary run of the store."""

from __future__ import annotations

import contextlib
import functools
import json
import math
import re
import secrets
import sqlite3
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from spikedash.jobs import commands, files, owners, recovery
from spikedash.jobs.database import Database
from spikedash.jobs.folders import read_progress
from spikedash.jobs.insight_cost import done
from spikedash.jobs.memory import check_memory
from spikedash.jobs.views import Axis, Cell, CellState, Measure, Plan, Row, Sweep, SweepState, Task
from spikedash.params import InputError, from_older

SWEEP_ID = re.compile(r"[A-Za-z0-9_-]{16}")
MOST_CELLS = 2000

MOST_OPEN_CELLS = 10_000  # of one person

NEXT = """
SELECT cells.* FROM sweeps JOIN cells ON cells.sweep = sweeps.seq
WHERE cells.run IS NULL AND sweeps.wish = 'run' AND sweeps.owner = ? ORDER BY sweeps.seq, cells.number LIMIT 1
"""
OPEN = """
SELECT COUNT(*) FROM cells JOIN sweeps ON cells.sweep = sweeps.seq WHERE cells.run IS NULL AND sweeps.owner = ?
"""
CELLS = """
SELECT cells.*, runs.state, runs.phase, runs.attempt, runs.error, runs.id AS known, runs.started, runs.finished
FROM cells LEFT JOIN runs ON runs.id = cells.run WHERE cells.sweep = ? ORDER BY cells.number
"""
COUNTS = """
SELECT cells.run IS NOT NULL AS begun, runs.state, COUNT(*) AS many, SUM(runs.finished - runs.started) AS active_s
FROM cells LEFT JOIN runs ON runs.id = cells.run WHERE cells.sweep = ? GROUP BY 1, 2
"""
OF_RUN = """
SELECT sweeps.id, sweeps.name FROM cells JOIN sweeps ON sweeps.seq = cells.sweep
WHERE (?1 IS NULL OR owner IN ('', ?1)) AND cells.run = ?2
"""
#: ?1 is who asks, NULL for whom everything belongs to; see owners.py.
ONE = "SELECT * FROM sweeps WHERE id = ?2 AND (?1 IS NULL OR owner IN ('', ?1))"
OWN = "SELECT * FROM sweeps WHERE id = ?2 AND (?1 IS NULL OR owner = ?1)"
SEEN = "SELECT * FROM sweeps WHERE (?1 IS NULL OR owner IN ('', ?1)) AND ?2 IN ('', experiment) ORDER BY seq DESC LIMIT ?3"
RUNS = "SELECT * FROM runs WHERE id IN (SELECT run FROM cells WHERE sweep = ?) AND state IN ('queued', 'running', 'paused')"
FORGET = "UPDATE cells SET run = NULL WHERE sweep = ? AND run IN (SELECT id FROM runs WHERE state IN ('stopped', ?))"
STOP = """
UPDATE runs SET state = ?, phase = ?, wish = ?, goal = ?, wished = ?, finished = ?, version = version + 1 WHERE id = ?
"""


class Sweeps:
    """The sweeps of a store; safe to share between threads."""

    def __init__(self, database: Database, folder: Path, person: owners.Person | None = None) -> None:
        self._database = database
        self._runs = folder / "runs"
        self._person = person

    def launch(self, plan: Plan) -> str:
        """Keep a sweep; it is on disk when its id is returned, and its cells are computed as workers become free.

        Raises:
            InputError: it has no cells or too many, one of them would not fit into memory, or too much is waiting.
        """
        if not 0 < len(plan.cells) <= MOST_CELLS:
            raise InputError(f"The sweep has {len(plan.cells):,} cells; it must have 1 to {MOST_CELLS:,}.")
        for params in {(cell.params.network, cell.params.target.duration_ms): cell.params for cell in plan.cells}.values():
            check_memory(params)
        sweep_id = secrets.token_urlsafe(12)
        spec = {"form": plan.form, "axes": plan.axes, "measure": plan.measure}
        me = self._me()
        with self._database.write() as db:
            (waiting,) = db.execute(OPEN, (me or owners.EVERYBODY,)).fetchone()
            if me is not None and waiting + len(plan.cells) > MOST_OPEN_CELLS:
                raise InputError(f"{waiting:,} runs of your sweeps are waiting already; at most {MOST_OPEN_CELLS:,} can wait.")
            seq = db.execute(
                "INSERT INTO sweeps (id, name, experiment, spec, created, owner) VALUES (?, ?, ?, ?, ?, ?)",
                (sweep_id, plan.name, plan.experiment, json.dumps(spec), time.time(), me or owners.EVERYBODY),
            ).lastrowid
            db.executemany(
                "INSERT INTO cells (sweep, number, place, seed, name, params, recording) VALUES (?, ?, ?, ?, ?, ?, ?)",
                [
                    (seq, number, json.dumps(cell.place), cell.seed, cell.name, cell.params.model_dump_json(), plan.recording)
                    for number, cell in enumerate(plan.cells)
                ],
            )
        with contextlib.suppress(OSError):  # housekeeping makes up for it
            recovery.note_sweep(self._database, sweep_id)
        return sweep_id

    def sweep(self, sweep_id: str) -> Sweep:
        """Where a sweep stands; KeyError if there is none."""
        with self._database.read() as db:
            return _sweep(db, self._row(db, sweep_id))

    def changes(self, sweep_id: str) -> bool:
        """Whether the person may steer and delete a sweep; what is everybody's is only looked at."""
        with self._database.read() as db:
            return db.execute(OWN, (self._me(), sweep_id)).fetchone() is not None

    def sweeps(self, limit: int = 100, experiment: str = "") -> list[Sweep]:
        """The newest sweeps that the person sees, newest first; of one experiment, where it is named."""
        with self._database.read() as db:
            rows = db.execute(SEEN, (self._me(), experiment, limit)).fetchall()
            return [_sweep(db, row) for row in rows]

    def cells(self, sweep_id: str) -> list[Cell]:
        """Every cell in the order of computing; KeyError if there is no such sweep."""
        with self._database.read() as db:
            row = self._row(db, sweep_id)
            spec = json.loads(row["spec"])
            axes, path = _axes(spec), Measure(*spec["measure"]).path
            return [self._cell(cell, axes, path) for cell in db.execute(CELLS, (row["seq"],)).fetchall()]

    def rows(self, sweep_id: str) -> list[Row]:
        """What the finished cells found, at every point of every axis; KeyError if there is no such sweep."""
        with self._database.read() as db:
            sweep = self._row(db, sweep_id)
            found = db.execute(CELLS, (sweep["seq"],)).fetchall()
        axes = _axes(json.loads(sweep["spec"]))
        return [row for cell in found if cell["state"] == "done" for row in self._rows(cell, axes)]

    def of_run(self, run_id: str) -> tuple[str, str] | None:
        """Id and name of the sweep that a run is a cell of."""
        with self._database.read() as db:
            row = db.execute(OF_RUN, (self._me(), run_id)).fetchone()
        return (row["id"], row["name"]) if row else None

    def task(self, run_id: str) -> Task | None:
        """What a run must measure beside its summary, if it is a cell of an experiment."""
        with self._database.read() as db:
            row = db.execute(
                "SELECT sweeps.*, cells.place FROM cells JOIN sweeps ON sweeps.seq = cells.sweep "
                "WHERE cells.run = ? AND sweeps.experiment != ''",
                (run_id,),
            ).fetchone()
        if row is None:
            return None
        spec = json.loads(row["spec"])
        return Task(row["experiment"], spec["form"] == "full", _point(_axes(spec), row["place"]))

    def command(self, sweep_id: str, what: Literal["stop", "resume", "retry"]) -> None:
        """Compute no more cells and stop those that run; or compute all without an outcome, on a retry the failed ones too.

        Raises:
            KeyError: there is no such sweep.
        """
        with self._database.write() as db:
            seq = self._row(db, sweep_id, OWN)["seq"]
            db.execute("UPDATE sweeps SET wish = ? WHERE seq = ?", ("stop" if what == "stop" else "run", seq))
            if what != "stop":
                db.execute(FORGET, (seq, "failed" if what == "retry" else "stopped"))
                return
            now = time.time()
            for row in db.execute(RUNS, (seq,)).fetchall():
                before = commands.Standing(row["state"], row["phase"], row["wish"], row["goal"])
                wanted = commands.after("stop", before, 0)
                if wanted != before:
                    db.execute(STOP, (*wanted, now, now if wanted.state == "stopped" else None, row["id"]))

    def delete(self, sweep_id: str) -> list[str]:
        """Forget a sweep; its runs stay, and their ids are handed back. KeyError if there is none."""
        self.command(sweep_id, "stop")
        with self._database.write() as db:
            seq = self._row(db, sweep_id, OWN)["seq"]
            runs = [row["run"] for row in db.execute("SELECT run FROM cells WHERE sweep = ? AND run IS NOT NULL", (seq,))]
            db.execute("DELETE FROM cells WHERE sweep = ?", (seq,))
            db.execute("DELETE FROM sweeps WHERE seq = ?", (seq,))
        return runs

    def _me(self) -> str | None:
        return self._person() if self._person else None

    def _row(self, db: sqlite3.Connection, sweep_id: str, query: str = ONE) -> sqlite3.Row:
        if not isinstance(sweep_id, str) or not SWEEP_ID.fullmatch(sweep_id):
            raise KeyError(sweep_id)
        row: sqlite3.Row | None = db.execute(query, (self._me(), sweep_id)).fetchone()
        if row is None:
            raise KeyError(sweep_id)
        return row

    def _rows(self, cell: sqlite3.Row, axes: Sequence[Axis]) -> list[Row]:
        """A finished cell as rows: those its experiment measured, or its summary at its place."""
        summary = self._summary(cell)
        point = _point(axes, cell["place"])
        measured = summary.get("rows") or [{}]
        return [Row(point | row.get("point", {}), cell["seed"], {**summary, **row.get("numbers", {})}) for row in measured]

    def _cell(self, row: sqlite3.Row, axes: Sequence[Axis], path: str) -> Cell:
        state = cell_state(row["run"] is not None, row["state"])
        values = {}
        for found in self._rows(row, axes) if state == "done" else ():
            if all(found.point.get(axis.name) in axis.values for axis in axes):
                values[tuple(axis.values.index(found.point[axis.name]) for axis in axes)] = dotted(found.numbers, path)
        share = 1.0 if state == "done" else 0.0
        if state in ("running", "paused"):
            share = self._share(row)
        return Cell(
            row["number"],
            tuple(json.loads(row["place"])),
            row["seed"],
            row["name"],
            state,
            row["known"] or "",
            share,
            values,
            row["error"] or "",
        )

    def _share(self, row: sqlite3.Row) -> float:
        progress = read_progress(self._runs / row["run"] / str(row["attempt"]))
        return done(from_older(row["params"])[0], progress.loops_done, progress.tests_done)

    def _summary(self, row: sqlite3.Row) -> Mapping[str, Any]:
        return _read_summary(self._runs / row["run"] / str(row["attempt"]) / "summary.json")


def feed(db: sqlite3.Connection, owner: str) -> bool:
    """Make a run of somebody's next cell, at the end of the queue; False where no cell waits. Inside a transaction."""
    row = db.execute(NEXT, (owner,)).fetchone()
    if row is None:
        return False
    run_id = secrets.token_urlsafe(12)
    db.execute(
        "INSERT INTO runs (id, name, recording, params, created, owner) VALUES (?, ?, ?, ?, ?, ?)",
        (run_id, row["name"], row["recording"], row["params"], time.time(), owner),
    )
    db.execute("UPDATE cells SET run = ? WHERE sweep = ? AND number = ?", (run_id, row["sweep"], row["number"]))
    return True


def cell_state(begun: bool, run_state: str | None) -> CellState:
    """The state of a cell, by that of its run (None where it was deleted)."""
    if not begun or run_state == "queued":
        return "waiting"
    states: dict[str, CellState] = {
        "running": "running",
        "paused": "paused",
        "done": "done",
        "stopped": "stopped",
        "failed": "failed",
    }
    return states.get(run_state or "", "deleted")


def state_of(wish: str, counts: Mapping[CellState, int]) -> SweepState:
    """The state of a sweep, by what is wanted and where its cells stand."""
    active = counts.get("running", 0) + counts.get("paused", 0)
    open_cells = counts.get("waiting", 0) + counts.get("stopped", 0)
    if active:
        return "stopping" if wish == "stop" else "running"
    if not open_cells:
        return "done"
    if wish == "stop" or not counts.get("waiting", 0):
        return "stopped"
    return "running" if sum(counts.values()) > open_cells else "waiting"


def dotted(summary: Mapping[str, Any], path: str) -> float:
    """A number by its dotted name, or by a name that has dots; nan where there is none."""
    value: Any = summary.get(path, summary)
    for part in path.split(".") if value is summary else ():
        value = value.get(part) if isinstance(value, Mapping) else None
    return float(value) if isinstance(value, int | float) else math.nan


def _sweep(db: sqlite3.Connection, row: sqlite3.Row) -> Sweep:
    spec = json.loads(row["spec"])
    counts: dict[CellState, int] = {}
    active_s = 0.0
    for group in db.execute(COUNTS, (row["seq"],)):
        state = cell_state(bool(group["begun"]), group["state"])
        counts[state] = counts.get(state, 0) + group["many"]
        active_s += (group["active_s"] or 0.0) if state == "done" else 0.0
    return Sweep(
        row["id"],
        row["name"],
        row["experiment"],
        spec["form"],
        _axes(spec),
        Measure(*spec["measure"]),
        state_of(row["wish"], counts),
        row["created"],
        counts,
        active_s,
    )


def _axes(spec: Mapping[str, Any]) -> tuple[Axis, ...]:
    return tuple(Axis(name, label, unit, tuple(values), *flags) for name, label, unit, values, *flags in spec["axes"])


def _point(axes: Sequence[Axis], place: str) -> dict[str, Any]:
    trained = [axis for axis in axes if not axis.asked]
    return {axis.name: axis.values[k] for axis, k in zip(trained, json.loads(place), strict=True)}


@functools.lru_cache(8192)
def _read_once(path: Path) -> Mapping[str, Any]:
    content: Mapping[str, Any] = json.loads(path.read_bytes())
    return content


def _read_summary(path: Path) -> Mapping[str, Any]:
    """The summary of a finished run, which never changes; empty where it is missing or damaged."""
    try:
        return _read_once(path)
    except files.DAMAGED:
        return {}
