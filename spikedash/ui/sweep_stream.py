"""The routes that the pages of sweeps poll: one sweep with its cells and figure, or all sweeps in a line each."""

from __future__ import annotations

import functools
import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Flask, Response, request

from spikedash.experiments import EXPERIMENTS, Row
from spikedash.jobs.store import Cell, Store, Sweep
from spikedash.reproduction.judge import judge
from spikedash.ui import knobs
from spikedash.ui.sweep_picture import arrange, draw, spikes
from spikedash.ui.words import band, clock, decimals

QUIET = ("done", "stopped")  # nothing changes by itself
LISTED = 50


def register(server: Flask, store: Store) -> None:
    """Serve /stream/sweeps and /stream/sweep/<id>: 204 where nothing differs from the version `after`, 404 for unknown ones."""

    @server.get("/stream/sweeps")
    def lines() -> Response:
        return _answer({"sweeps": [line(sweep) for sweep in store.sweeps.sweeps(LISTED)]}, "")

    @server.get("/stream/sweep/<sweep_id>")
    def one(sweep_id: str) -> Response:
        try:
            sweep, cells = store.sweeps.sweep(sweep_id), store.sweeps.cells(sweep_id)
        except KeyError:
            return Response('{"error": "unknown sweep"}', 404, mimetype="application/json")
        theme = "dark" if request.args.get("theme") == "dark" else "light"
        choice = [int(part) for part in request.args.get("choice", "").split(",")[:8] if part.isdecimal() and len(part) < 6]
        told = {**line(sweep), "cells": [_cell(cell) for cell in cells]}
        return _answer(told, f"{theme}{choice}", lambda: _costly(store, sweep, cells, theme, choice))


def _answer(told: dict[str, Any], asked: str, more: Any = None) -> Response:
    """JSON with a version that is a hash of what it tells; what is costly to make follows from that."""
    version = hashlib.sha256((json.dumps(told, sort_keys=True) + asked).encode()).hexdigest()[:16]
    headers = {"Cache-Control": "no-store"}
    if request.args.get("after") == version:
        return Response(status=204, headers=headers)
    content = {**told, **(more() if more else {}), "version": version}
    return Response(json.dumps(content, allow_nan=False, separators=(",", ":")), mimetype="application/json", headers=headers)


def line(sweep: Sweep) -> dict[str, Any]:
    """A sweep in a few words and numbers."""
    total = sum(sweep.counts.values())
    done, failed = sweep.counts.get("done", 0), sweep.counts.get("failed", 0)
    over = total - sum(sweep.counts.get(state, 0) for state in ("waiting", "running", "paused", "stopped"))
    return {
        "id": sweep.id,
        "experiment": sweep.experiment,
        "state": sweep.state,
        "final": sweep.state in QUIET,
        "done": done,
        "failed": failed,
        "total": total,
        "share": round(over / total, 4),
        "wrong": round(failed / max(over, 1), 4),  # of what is over
        "sentence": sentence(sweep, done, failed, total),
        **pill(sweep.state, failed, total),
    }


def pill(state: str, failed: int, total: int) -> dict[str, str]:
    """A sweep's state in a word or three, and the class that colours them; an end with failed runs says so."""
    if state not in QUIET or not failed:
        return {"pill": state.capitalize(), "tone": mark(state)}
    if failed == total:
        return {"pill": "Failed", "tone": "failed"}
    return {"pill": f"{state.capitalize()}, {failed:,} failed", "tone": "flawed"}


def mark(state: str) -> str:
    """The class that colours a state."""
    return "open" if state == "waiting" else state


def sentence(sweep: Sweep, done: int, failed: int, total: int) -> str:
    """How far it has come."""
    if sweep.state == "waiting":
        return f"{total:,} run{'' if total == 1 else 's'} to do, behind what is computed now"
    parts = [f"{done:,} of {total:,} runs done"]
    if failed:
        parts.append(f"{failed:,} failed")
    left = sweep.counts.get("waiting", 0) + sweep.counts.get("running", 0)
    if sweep.state == "running" and done:
        # Runs that compute side by side share the cores, so their spans overlap.
        parts.append(f"about {clock(sweep.active_s / done * left / max(1, sweep.counts.get('running', 0)))} left")
    if sweep.state == "done" and done:
        parts.append(f"{clock(sweep.active_s / done)} a run")
    return " · ".join(parts)


def _cell(cell: Cell) -> dict[str, Any]:
    known = [value for value in cell.values.values() if math.isfinite(value)]
    return {
        "number": cell.number,
        "seed": cell.seed,
        "name": cell.name,
        "state": cell.state,
        "run": cell.run,
        "share": round(cell.share, 2),
        "value": decimals(known[0], 3) if len(known) == 1 else "",
        "error": knobs.in_words(cell.error),
    }


def _costly(store: Store, sweep: Sweep, cells: Sequence[Cell], theme: str, choice: Sequence[int]) -> dict[str, Any]:
    rows = list(checks(store, sweep)) if sweep.experiment in EXPERIMENTS else []
    how = arrange(sweep)
    figure = draw(sweep, cells, theme=theme, choice=choice, keep=sweep.id) if how else spikes(store, cells, theme)
    return {"figure": figure, "checks": rows}


def checks(store: Store, sweep: Sweep) -> Sequence[Mapping[str, Any]]:
    """What the experiment expects, and what the cells that are done gave."""
    return _judged(store, sweep.id, sweep.experiment, sweep.form == "full", sweep.counts.get("done", 0))


@functools.lru_cache(256)
def _judged(store: Store, sweep_id: str, experiment: str, full: bool, done: int) -> tuple[dict[str, Any], ...]:
    """The same, remembered as long as as many cells are `done`."""
    rows = [Row(row.point, row.seed, row.numbers) for row in store.sweeps.rows(sweep_id)]
    found = []
    for verdict in judge(EXPERIMENTS[experiment], rows, full):
        known = [value for value in verdict.by_seed if math.isfinite(value)]
        found.append(
            {
                "what": verdict.what,
                "expected": band(verdict.expected),
                "mean": number(verdict.measured),
                "worst": number(verdict.worst),
                "seeds": len(known),
                "passed": verdict.passed if known and math.isfinite(verdict.measured) else None,
                "why": verdict.why,
            }
        )
    return tuple(found)


def number(value: float) -> str:
    """A measured number with as many decimals as it is worth."""
    size = abs(value)
    return decimals(value, 0 if size >= 100 else 1 if size >= 10 else 2 if size >= 1 else 3)
