"""The route that the Probe asks: the same question again until its answer is there, ready to be shown."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from typing import Any

from flask import Flask, Response, request
from flask_caching import Cache

from spikedash.jobs.questions import PAGE, Answer, Question, Questions, key, own_page
from spikedash.jobs.store import FINAL, Run, Store
from spikedash.params import InputError, Probe, probe_from
from spikedash.ui import probe_picture, probe_words
from spikedash.ui.knobs import in_words
from spikedash.ui.run_stream import Whose, nobody

MOST_ASKED = 10_000  # bytes of a question


def register(server: Flask, store: Store, cache: Cache, whose: Whose = nobody) -> None:
    """Serve POST /probe/<run>: what the network does, or 202 while nobody knows yet; 404 for an unknown run.

    It takes {"page", "question", "theme", "neurons", "have"}, all but the first two optional. Asking again is free of effect.

    Args:
        whose: who asks, so that nobody asks in the place of others, or so much that others cannot.
    """
    questions = Questions(store.folder)

    @server.post("/probe/<name>")
    def ask(name: str) -> Response:
        try:
            run = store.run(name)
        except KeyError:
            return _said(404, "gone", "This run was deleted.")
        asked = _asked()
        if asked is None:
            return _said(400, "refused", "A question is a small JSON object with a page and a question.")
        if run.state != "done" or run.strange:
            return _said(200, "waiting" if run.state not in FINAL else "refused", _untrained(run))
        try:
            after = probe_from(asked.get("question") or {})
            return _answer(store, questions, cache, run, after, asked, whose() or "")
        except InputError as error:
            return _said(200, "refused", in_words(error))
        except OSError:
            return _said(200, "refused", "The question could not be kept: the disk of the server is full or cannot be written.")


def _asked() -> dict[str, Any] | None:
    """What the request says, or None where that is no question."""
    if not 0 < (request.content_length or 0) <= MOST_ASKED:
        return None
    try:
        asked = request.get_json(silent=True)
    except RecursionError:  # brackets in brackets in brackets
        return None
    return asked if isinstance(asked, dict) and PAGE.fullmatch(str(asked.get("page"))) else None


def _untrained(run: Run) -> str:
    if run.strange:
        return "This run was made by another version of SpikeDash, whose network cannot be built here; train it again to ask it."
    if run.state == "failed":
        return "This run failed, so there is no trained network to ask."
    if run.state == "stopped":
        return "This run was stopped before its end, so there is no trained network to ask."
    return "The network can be asked as soon as its training is over."


def before(after: Probe) -> Probe:
    """The same trials without any change."""
    return Probe(pattern=after.pattern, trials=after.trials, seed=after.seed)


def _answer(
    store: Store, questions: Questions, cache: Cache, run: Run, after: Probe, asked: Mapping[str, Any], person: str
) -> Response:
    probes = (before(after), after)
    keys = [key(run.id, run.attempt, probe) for probe in probes]
    theme = "dark" if asked.get("theme") == "dark" else "light"
    wanted = _neurons(asked.get("neurons"))
    have = str(asked.get("have"))[:80]
    place = f"probe:{keys}:{theme}:{wanted}:{have}"
    body = cache.get(place)
    if body is None:
        pair = [questions.answer(each) for each in keys]
        if pair[0] is None or pair[1] is None:
            return _waiting(questions, *own_page(str(asked["page"]), person), Question(run.id, run.attempt, probes))
        body = gzip.compress(_render(store, run, after, pair[0], pair[1], theme, wanted, have), 1)
        cache.set(place, body)
    headers = {"Cache-Control": "no-store", "Content-Encoding": "gzip"}
    return Response(body, mimetype="application/json", headers=headers)


def _waiting(questions: Questions, page: str, of: str, question: Question) -> Response:
    place = questions.ask(page, question, of)
    standing = questions.standing()
    if standing.state == "broken":
        return _said(200, "refused", standing.sentence)
    if standing.state == "starting":
        return _said(202, "waiting", standing.sentence or "The process that answers gets ready.")
    return _said(202, "waiting", f"{place} people are asking." if place > 1 else "")


def _neurons(given: Any) -> tuple[int, ...]:
    listed = given if isinstance(given, list) else []
    return tuple(int(each) for each in listed[: probe_picture.MOST] if str(each).isdecimal() and len(str(each)) < 10)


def _said(status: int, state: str, sentence: str) -> Response:
    return Response(
        json.dumps({"state": state, "sentence": sentence}),
        status,
        mimetype="application/json",
        headers={"Cache-Control": "no-store"},
    )


def _render(
    store: Store, run: Run, after: Probe, old: Answer, new: Answer, theme: str, wanted: tuple[int, ...], have: str
) -> bytes:
    setup = store.setup(run.id)
    if setup is None:
        raise InputError("The targets of this run cannot be read; train it again.")
    pictures = probe_picture.draw(run, setup, after, old, new, theme=theme, wanted=wanted)
    figures = {"after": pictures.after} | ({} if pictures.name == have else {"before": pictures.before})
    content = {
        "state": "answered",
        "figures": figures,
        "have": pictures.name,
        "neurons": pictures.neurons,
        "props": probe_words.told(run, after, old, new),
        "seconds": round(new.seconds, 3),
    }
    return json.dumps(content, allow_nan=False, separators=(",", ":")).encode()
