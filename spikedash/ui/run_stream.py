"""What the table of runs polls and asks for: what changed, older pages, and learning curves over each other."""

from __future__ import annotations

import functools
import gzip
import json
import math
from collections.abc import Callable
from typing import Any

from flask import Flask, Response, request

from spikedash.figures.compare import SHADES
from spikedash.jobs.catalogue import PAGE, Catalogue, Entry, Queue, known_ids
from spikedash.jobs.store import Store
from spikedash.jobs.watch import Watch
from spikedash.ui import run_compare
from spikedash.ui.knobs import in_words
from spikedash.ui.packed import answer

Whose = Callable[[], str | None]
REMEMBERED = 64  # answers
LAST = 2**62  # no run has a higher number


def nobody() -> str:
    """The owner while everybody shares all runs."""
    return ""


def register(server: Flask, store: Store, catalogue: Catalogue, whose: Whose = nobody) -> None:
    """Serve /stream/runs (204 where nothing is new after a token), /stream/runs/older and /stream/runs/curves.

    Args:
        whose: the owner of the runs that the current request may see.
    """
    watch = Watch(catalogue, store.database)

    @server.get("/stream/runs")
    def news() -> Response:
        owner, cells, after = whose(), _cells(), request.args.get("after", "")
        look = watch.look(owner, cells=cells)
        if look.token == after:
            return Response(status=204, headers={"Cache-Control": "no-store"})
        limit = min(PAGE, max(1, request.args.get("limit", PAGE, type=int)))
        return answer(told(owner, cells, after, look.token, limit))

    @functools.lru_cache(REMEMBERED)
    def told(owner: str | None, cells: bool, after: str, token: str, limit: int) -> bytes:
        """What leads from one look to another; browsers that poll in step ask for the same."""
        look = watch.at(owner, token, cells=cells)
        changes = watch.since(owner, after, look, cells=cells)
        entries = (
            catalogue.page(owner, limit=limit, cells=cells)
            if changes.all or len(changes.changed) > PAGE
            else catalogue.entries(owner, changes.changed)
        )
        content = {
            "token": look.token,
            "all": changes.all or len(changes.changed) > PAGE,
            "rows": [row(entry) for entry in entries],
            "gone": changes.gone,
            "total": len(look.listed.versions),
            "queue": queue(look.queue),
        }
        return _packed(content)

    @server.get("/stream/runs/older")
    def older() -> Response:
        before = min(LAST, max(0, request.args.get("before", 0, type=int)))
        entries = catalogue.page(whose(), before=before, cells=_cells())
        return answer(_packed({"rows": [row(entry) for entry in entries], "more": len(entries) == PAGE}))

    @server.get("/stream/runs/curves")
    def curves() -> Response:
        figure, colours = run_compare.chosen(
            store,
            catalogue,
            whose(),
            known_ids(request.args.get("runs", "")),
            request.args.get("measure", ""),
            grouped=request.args.get("grouped") == "1",
            theme="dark" if request.args.get("theme") == "dark" else "light",
        )
        return answer(_packed({"figure": figure, "colours": colours, "most": run_compare.MOST}))


def _cells() -> bool:
    return request.args.get("cells") == "1"


def _packed(content: dict[str, Any]) -> bytes:
    return gzip.compress(json.dumps(content, allow_nan=False, separators=(",", ":")).encode(), 1)


def queue(now: Queue) -> dict[str, Any]:
    """How busy the workers are, in a word and a sentence."""
    running = f"{now.running:,} running" if now.running else "nothing running"
    waiting = f", {now.waiting:,} waiting" if now.waiting else ""
    if not now.alive:
        sentence = "No worker is there: runs wait until the server's supervisor is back."
        if now.waiting:
            sentence = f"No worker is there: {now.waiting:,} run{' waits' if now.waiting == 1 else 's wait'} for the supervisor."
        return {"state": "failed", "word": "Workers away", "sentence": sentence}
    state, word = ("running", "Computing") if now.running or now.waiting else ("done", "Workers ready")
    return {"state": state, "word": word, "sentence": f"{running}{waiting}".capitalize()}


def row(entry: Entry) -> dict[str, Any]:
    """A run as the table has it: numbers as numbers, so that it can sort them; what is not known is left out."""
    told = entry._asdict() | {
        "shades": SHADES.get(entry.colour),
        "state_word": word(entry),
        "error": in_words(entry.error),
    }
    return {
        name: _short(value)
        for name, value in told.items()
        if not (value is None or value == "" or (isinstance(value, float) and not math.isfinite(value)))
    }


def _short(value: Any) -> Any:
    return round(value, 4) if isinstance(value, float) and abs(value) < 1e6 else value


def word(entry: Entry) -> str:
    """The state as a person says it."""
    if entry.state == "running":
        return {"compiling": "Compiling", "starting": "Starting", "testing": "Testing", "asking": "Asking"}.get(
            entry.phase, "Analysing" if entry.phase == "analysing" else "Training"
        )
    return {"queued": "Waiting"}.get(entry.state, entry.state.capitalize())
