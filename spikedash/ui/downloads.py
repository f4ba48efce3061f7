"""A run, or the list of runs, as a file that the browser saves."""

from __future__ import annotations

import re
import threading

from flask import Flask, Response, request

from spikedash import exports
from spikedash.jobs.catalogue import Catalogue, Entry, known_ids
from spikedash.jobs.store import Store
from spikedash.params import InputError
from spikedash.ui.run_stream import Whose, nobody

#: Form, what it is called, and what is in it.
FORMS = (
    ("npz", "NPZ", "spikes, targets, activity, weights; for NumPy and pynapple"),
    ("pynapple", "pynapple (ZIP)", "spikes, trials, targets and rates, one object a file"),
    ("nwb", "NWB", "units, trials and time series"),
    ("csv", "CSV", "the learning curve"),
    ("json", "JSON", "the settings, for train --params"),
    ("script", "Script", "Python that gives the same bits again"),
)
MOST_LISTED = 20_000
PAGE = 500
#: Every export holds all of a run in memory, and each that waits one of the eight threads.
AT_ONCE, PATIENCE_S = 2, 5


def register(server: Flask, store: Store, catalogue: Catalogue, whose: Whose = nobody) -> None:
    """Serve /export/<run>/<form> and /export/runs.csv as attachments; 404 for what is not there, 409 for what is not yet."""
    seats = threading.BoundedSemaphore(AT_ONCE)

    @server.get("/export/<run_id>/<form>")
    def run(run_id: str, form: str) -> Response:
        found = catalogue.entries(whose(), known_ids(run_id))
        if not found or form not in exports.ENDINGS:
            return _said("There is no such run.", 404)
        if not seats.acquire(timeout=PATIENCE_S):
            return _said("Other runs are being exported just now; try again in a minute.", 503)
        try:
            content = exports.made(exports.of_store(store, run_id), form)
        except KeyError:
            return _said("There is no such run.", 404)
        except InputError as error:
            return _said(str(error), 409)
        finally:
            seats.release()
        return _attached(content, f"{_named(found[0])}.{exports.ENDINGS[form]}", exports.MIME[form])

    @server.get("/export/runs.csv")
    def runs() -> Response:
        from spikedash.exports import tables

        asked = request.args.get("runs")
        entries = _all(catalogue, whose()) if asked is None else catalogue.entries(whose(), known_ids(asked))
        return _attached(tables.catalogue(entries).encode(), "spikedash-runs.csv", exports.MIME["csv"])


def _all(catalogue: Catalogue, owner: str | None) -> list[Entry]:
    """Every run that is no cell of a sweep, newest first."""
    found: list[Entry] = []
    while len(found) < MOST_LISTED:
        page = catalogue.page(owner, before=found[-1].seq if found else None, limit=PAGE)
        found += page
        if len(page) < PAGE:
            break
    return found


def _named(entry: Entry) -> str:
    """A name for a file: letters of the title, and the id that tells it apart."""
    words = re.sub(r"[^A-Za-z0-9]+", "-", entry.title).strip("-").lower()[:40]
    return f"{words}-{entry.id}" if words else entry.id


def _attached(content: bytes, filename: str, mime: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{filename}"', "Cache-Control": "no-store"}
    return Response(content, mimetype=mime.partition(";")[0], headers=headers)


def _said(words: str, status: int) -> Response:
    return Response(words, status, mimetype="text/plain")
