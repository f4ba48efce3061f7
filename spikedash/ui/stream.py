"""The one route that the page polls: everything newer than its cursor, ready to be shown."""

from __future__ import annotations

import gzip
import json
import time
from typing import Any

from flask import Flask, Response, request
from flask_caching import Cache

from spikedash.jobs.store import FINAL, Run, Store
from spikedash.params import Params
from spikedash.ui import knobs
from spikedash.ui.demo import Demo
from spikedash.ui.packed import answer
from spikedash.ui.picture import Picture, picture
from spikedash.ui.progress import view
from spikedash.ui.shown import Pictures

#: Names that are no run: the empty page, and the run that plays for a newcomer.
EMPTY, DEMO = "empty", "demo"
#: How long a page waits before it looks again, ms; behind others in the queue there is less to miss.
PACE_MS, BEHIND_MS = 400, 1000
#: The first spikes of a small network are there so soon that drawing axes without them would only hold them up.
YOUNG_S, SOON_MS = 0.4, 40
BARE = {"showticklabels": False, "ticks": ""}


def register(server: Flask, store: Store, cache: Cache, demo: Demo, start: Params) -> None:
    """Serve /stream/<run>: 204 where nothing is newer than `after`, 404 for an unknown run, else gzipped JSON.

    Args:
        start: parameters of the empty page's axes.
    """
    pictures = Pictures(cache)

    @server.get("/stream/<name>")
    def stream(name: str) -> Response:
        theme = "dark" if request.args.get("theme") == "dark" else "light"
        after = request.args.get("after", -1, type=int)
        wanted = _neurons(request.args.get("neurons", ""))
        if name == EMPTY:
            return answer(gzip.compress(_empty(start, theme), 1))
        try:
            run = demo.run() if name == DEMO else store.run(name)
        except KeyError:
            return Response('{"error": "unknown run"}', 404, mimetype="application/json")
        if run.version <= after:
            return Response(status=204, headers={"Cache-Control": "no-store"})
        if _young(run):
            return answer(gzip.compress(_words(run, name == DEMO), 1))
        known = request.args.get("picture", "") == _stamp(run, theme, wanted)
        room = f"{run.id}:{run.attempt}:{theme}:{wanted}:{name == DEMO}:{known}"
        return answer(
            pictures.of(room, run, after, lambda: gzip.compress(_render(store, run, theme, wanted, name == DEMO, known), 1))
        )


def _neurons(text: str) -> tuple[int, ...]:
    """Indices from a comma-separated list; anything else is left out."""
    return tuple(int(part) for part in text.split(",")[:8] if part.isdecimal() and len(part) < 10)


def _empty(start: Params, theme: str) -> bytes:
    # How many neurons, of which type, for how long and how often, is decided when Train is pressed.
    drawn = picture(start.with_values({"network.weights": "mixed"}), None, None, [], theme=theme, keep=EMPTY)
    for figure in (drawn.raster, drawn.traces):
        for name in ("xaxis", "yaxis"):
            figure["layout"][name] |= BARE
    for name in ("xaxis", "xaxis2"):
        drawn.curve["layout"][name] |= BARE
    stage = drawn.raster["layout"]
    stage["annotations"] = [words for words in stage["annotations"] if words["yref"] == "paper"]  # cue and pattern, no counts
    return _json(
        {
            "version": 0,
            "picture": "",
            "state": EMPTY,
            "final": True,
            "pace_ms": PACE_MS,
            "caption": "",
            "neurons": [],
            "props": view(None, (), None) | _shown(drawn) | _keys(start),
            **_figures(drawn),
        }
    )


def _stamp(run: Run, theme: str, wanted: tuple[int, ...]) -> str:
    """What the figures hang on; the words may change without them, as for all who wait when somebody leaves the queue."""
    return f"{run.id}.{run.attempt}.{run.published}.{theme}.{','.join(map(str, wanted))}"


def _young(run: Run) -> bool:
    """Whether a run has just been launched, and its first picture is likely to come with the next answer."""
    soon = run.state == "running" or (run.state == "queued" and run.position <= 1)
    return soon and not run.published and 0 <= time.time() - run.created < YOUNG_S


def _words(run: Run, demo: bool) -> bytes:
    """How a young run stands; the figures stay as they are, and the next answer is a whole one however little happens."""
    unseen = {"version": -1, "pace_ms": SOON_MS, "picture": "", "caption": "", "neurons": None}
    return _json(_standing(run, demo) | unseen | {"props": view(run, (), None, demo=demo)})


def _standing(run: Run, demo: bool) -> dict[str, Any]:
    return {
        "state": run.state,
        "final": run.state in FINAL,
        "pace_ms": BEHIND_MS if run.position > 1 else PACE_MS,
        "run": run.id,
        "demo": demo,
        "settings": None if run.strange else knobs.flat(run.params),
        "drawn": [curve.model_dump() for curve in run.params.target.curves],
        "recording": run.params.target.recording,
    }


def _render(store: Store, run: Run, theme: str, wanted: tuple[int, ...], demo: bool, known: bool) -> bytes:
    """Everything the page shows of a run; the figures not where they are known."""
    stamp = _stamp(run, theme, wanted)
    events = store.story(run.id)
    drawn = picture(run.params, store.setup(run.id), store.frame(run.id), events, theme=theme, wanted=wanted, keep=run.id)
    result = store.result(run.id) if run.state in ("done", "stopped") else None
    return _json(
        {
            "version": run.version,
            "picture": stamp,
            **_standing(run, demo),
            "caption": drawn.caption,
            "neurons": drawn.neurons,
            "props": view(run, events, result, demo=demo) | _shown(drawn, run.state in FINAL) | _keys(run.params),
            **({} if known else _figures(drawn)),
        }
    )


def _keys(params: Params) -> dict[str, Any]:
    """The colours of E and I mean something where neurons are of one sign."""
    return {"raster-keys": {"hidden": params.network.weights != "balanced"}}


def _figures(drawn: Picture) -> dict[str, Any]:
    return {"figures": {"raster": drawn.raster, "traces": drawn.traces, "curve": drawn.curve}}


def _shown(drawn: Picture, over: bool = False) -> dict[str, Any]:
    """What stands beside and over the figures; a run that is over has nothing to come."""
    waiting = {
        "raster": (
            "The run ended before its first spike." if over else "Every spike of the network will be a stroke here.",
            not drawn.caption,
        ),
        "traces": ("No trial was run." if over else "What chosen neurons shall do, and what they do.", not drawn.neurons),
        "curve": ("No loop was finished." if over else "One point for every loop.", not drawn.begun),
    }
    return {
        "raster-caption": {"children": drawn.caption},
        "traces-caption": {"children": drawn.caption},
        "run-files": {"className": "menu-list" if drawn.caption else "menu-list bare"},
        **{f"{name}-waiting": {"children": text} for name, (text, _) in waiting.items()},
        **{f"{name}-room": {"hidden": not empty} for name, (_, empty) in waiting.items()},
    }


def _json(content: dict[str, Any]) -> bytes:
    return json.dumps(content, allow_nan=False, separators=(",", ":")).encode()
