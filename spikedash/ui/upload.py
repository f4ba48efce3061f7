"""Panel to upload recorded rates, with a preview of what was understood before anything runs (assets/upload.js sends)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, dcc, html
from flask import Response
from flask_caching import Cache

from spikedash import readers
from spikedash.figures import recording as picture
from spikedash.jobs.store import Store
from spikedash.readers.limits import plain
from spikedash.ui import reading, receive

#: Checked in the browser before anything is sent; the reader decides.
ENDINGS = (".csv", ".tsv", ".txt", ".dat", ".npz", ".mat", ".nwb", ".h5", ".hdf5")
GONE = "This recording is no longer on the server; upload the file again."
ABOUT = (
    "Rates in Hz over time, or spike times with or without trials, as CSV, NPZ (pynapple too), MATLAB or NWB. "
    "The recorded neurons learn these rates; the other neurons of the network support them."
)

SHAPE = "Each neuron from its lowest to its highest rate, sorted by the time of the peak; below, the mean of all."


def layout() -> html.Div:
    """Area to drop or choose a file; dcc.Store(id="recording") gets the answer of receive.py and the "given" choices."""
    return html.Div(
        [
            _area(),
            _progress(),
            html.P(id="upload-error", className="upload-error", role="alert"),
            _card(),
            reading.layout(),
            html.P(ABOUT, id="upload-about", className="upload-note"),
            dcc.Store(id="upload-ready"),
            dcc.Store(id="reading-file"),
            html.Div(id="reading-spec", hidden=True, **{"data-spec": json.dumps(reading.spec())}),
        ],
        className="upload",
    )


def register(app: Dash, store: Store, cache: Cache | None = None) -> None:
    """Add the routes POST /upload and GET /recording/<id>.svg, and show the preview of dcc.Store(id="recording").

    Args:
        cache: bytes in, bytes out; keeps what can be computed again from the stored recording.
    """
    receive.register(app.server, store)
    reading.register(app)
    # The output changes nothing: Dash calls nobody without one when a page comes.
    app.clientside_callback(ClientsideFunction("upload", "attach"), Output("upload-ready", "data"), Input("upload-ready", "id"))
    app.clientside_callback(
        ClientsideFunction("fit", "judge"),
        Output("upload-fit", "hidden"),
        Output("upload-fit-why", "children"),
        Output("upload-fit-do", "children"),
        Output("upload-fit-do", "hidden"),
        Output("upload-fit-said", "children"),
        Input("recording", "data"),
        Input("settings", "data"),
    )
    app.clientside_callback(ClientsideFunction("fit", "use"), Input("upload-fit-do", "n_clicks"), prevent_initial_call=True)

    @app.server.get("/recording/<key>.svg")
    def recording_picture(key: str) -> Response:
        try:
            store.check_recording(key)  # what is kept does not know whose it is
            body = _kept(cache, f"recording:{key}:svg", lambda: picture.draw(store.recording(key)))
        except KeyError:
            return Response("unknown recording", 404, mimetype="text/plain")
        headers = {
            "Cache-Control": "private, max-age=31536000, immutable",  # the id is a hash of the content
            "Content-Security-Policy": "default-src 'none'; img-src data:; style-src 'unsafe-inline'",
        }
        return Response(body, mimetype="image/svg+xml", headers=headers)

    @app.callback(
        Output("upload-card", "hidden"),
        Output("upload-name", "children"),
        Output("upload-preview", "children"),
        Input("recording", "data"),
    )
    def preview(data: dict[str, Any] | None) -> tuple[bool, str, list[Any]]:
        if not data or not data.get("id"):
            return True, "", []
        key, name = str(data["id"]), plain(str(data.get("name") or "Recording"))
        if "describe" not in data or "notes" not in data:  # the settings of a run came back, which know only the id
            try:
                store.check_recording(key)
                data = json.loads(_kept(cache, f"recording:{key}:words", lambda: _known(store, key)))
            except KeyError:
                return False, name, [html.P(GONE, className="upload-error")]
        return False, name, understood(key, data)


def _known(store: Store, key: str) -> bytes:
    recording = store.recording(key)
    return json.dumps({"describe": readers.describe(recording), "notes": recording.notes}).encode()


def understood(key: str, known: Mapping[str, Any]) -> list[Any]:
    """Numbers, picture and notes of a recording; notes that are guesses say so."""
    facts = known["describe"]
    units, duration_ms = int(facts["units"]), float(facts["duration_ms"])
    whole = int((known.get("menu") or {}).get("units") or units)
    numbers = (
        (f"{units:,}", f"of {whole:,} neurons" if whole > units else "neurons" if units != 1 else "neuron"),
        (f"{duration_ms / 1000:,.3g} s", "long"),
        (f"{facts['mean_hz']:,.3g} Hz", "mean rate"),
    )
    shape = html.Div(
        className="upload-picture",
        role="img",
        style={"--upload-shape": f"url(/recording/{key}.svg)"},
        **_called(f"Rates of {units:,} neurons over {duration_ms:,.0f} ms"),
    )
    return [
        html.Dl([html.Div([html.Dt(word), html.Dd(number)]) for number, word in numbers], className="upload-numbers"),
        html.P(SHAPE, className="upload-axis"),
        shape,
        html.Div([html.Span("0"), html.Span(f"{duration_ms:,.0f} ms")], className="upload-axis"),
        html.Ul([_note(note) for note in known["notes"]], className="upload-notes"),
    ]


def _note(note: str) -> html.Li:
    guess = [html.Span("guess", className="upload-guess"), " "] if "guess" in note.lower() else []
    return html.Li([*guess, note])


def _area() -> html.Button:
    words = [html.Span("Choose a recording", className="upload-what"), html.Span(" or drop it here")]
    script: dict[str, Any] = {
        "data-most": readers.MAX_BYTES,
        "data-endings": " ".join(ENDINGS),
        "aria-describedby": "upload-about",
    }
    return html.Button(words, id="upload-area", className="upload-area", type="button", **script)


def _progress() -> html.Div:
    cancel = html.Button("Cancel", id="upload-cancel", type="button", className="upload-plain")
    head = html.Div([html.Span(id="upload-said", role="status"), cancel], className="upload-head")
    return html.Div(
        [head, html.Progress(id="upload-bar", max="1", **_called("Upload"))],
        id="upload-busy",
        className="upload-busy",
        hidden=True,
    )


def _card() -> html.Section:
    remove = html.Button("×", id="upload-remove", type="button", className="upload-plain", **_called("Remove the recording"))
    fit = [
        html.P(id="upload-fit-why"),
        html.Button(id="upload-fit-do", type="button", className="upload-do"),
        html.P(id="upload-fit-said", role="status"),
    ]
    return html.Section(
        [
            html.Div([html.H3(id="upload-name"), remove], className="upload-head"),
            html.Div(id="upload-preview", className="upload-preview"),
            html.Div(fit, id="upload-fit", className="upload-fit", hidden=True),
        ],
        id="upload-card",
        className="upload-card",
        hidden=True,
        **_called("What was understood of the file"),
    )


def _called(name: str) -> dict[str, Any]:
    """The name that a screen reader says."""
    return {"aria-label": name}


def _kept(cache: Cache | None, key: str, make: Callable[[], bytes]) -> bytes:
    """`make()`, or what it gave before."""
    body: bytes | None = cache.get(key) if cache else None
    if body is None:
        body = make()
        if cache:
            cache.set(key, body)
    return body
