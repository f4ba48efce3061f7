"""The head of a run's page: what it is called, where it comes from, and what can be done with it."""

from __future__ import annotations

import time
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update

from spikedash.jobs.catalogue import MOST_TITLE, Catalogue
from spikedash.jobs.store import FINAL, Run
from spikedash.ui.downloads import FORMS
from spikedash.ui.run_stream import Whose, nobody
from spikedash.ui.runs import question
from spikedash.ui.words import ago

NEEDS_TRIAL = ("npz", "pynapple", "nwb")


def called(run: Run) -> str:
    """What people call a run."""
    return run.title or run.name or "Run"


def heading(run: Run, mine: bool) -> list[Any]:
    """Its name, and for its owner a pencil that changes it (assets/run-head.js)."""
    pencil = html.Button(
        id="run-rename",
        className="pencil",
        type="button",
        title="Rename",
        **{"aria-label": "Rename this run", "data-most": MOST_TITLE},
    )
    return [html.Span(called(run), id="run-title"), *([pencil] if mine else [])]


def lead(run: Run) -> str:
    """The settings that tell runs apart, in a line."""
    network, training = run.params.network, run.params.training
    kinds = ""
    if network.weights == "balanced":
        excitatory = round(network.n * network.frac_exc)
        kinds = f" ({excitatory:,} E, {network.n - excitatory:,} I)"
    seeds = f"seed {training.seed}" + (f", target seed {run.params.target.seed}" if run.params.target.seed else "")
    preset = f"{run.name} · " if run.title and run.name and run.title != run.name else ""
    return f"{preset}{network.n:,} neurons{kinds} · {seeds} · launched {ago(time.time() - run.created)}"


def actions(run: Run, mine: bool) -> list[Any]:
    """Stop it, open its settings, link to it, take it away, delete it; what changes it is its owner's."""
    files = [
        html.Li(
            html.A(
                [html.Span(name, className="file-name"), html.Span(about, className="file-about")],
                href=f"/export/{run.id}/{form}",
                download="",
            ),
            **({"className": "needs-trial"} if form in NEEDS_TRIAL else {}),
        )
        for form, name, about in FORMS
    ]
    download = html.Details(
        [html.Summary("Download", className="button"), html.Ul(files, id="run-files", className="menu-list")], className="menu"
    )
    delete = html.Button("Delete", id="run-delete", className="button", type="button", **{"aria-haspopup": "dialog"})
    stop = html.Button("Stop", id="run-stop", className="button", type="button", hidden=True)
    return [
        *([stop] if mine else []),
        *([] if run.strange else [html.A("Open in playground", href=f"/#run={run.id}", className="button primary")]),
        html.Button("Copy link", id="run-link", className="button", type="button"),
        download,
        *([delete] if mine else []),
        html.Span(id="run-told", className="unseen", role="status"),
    ]


def extras(run: Run) -> list[Any]:
    """What the head needs and nobody sees."""
    words = "Its curves, its network and its spikes go for good."
    still = "" if run.state in FINAL else " It is not finished and will be stopped."
    return [question("run", f"Delete “{called(run)}”?", words + still), dcc.Store(id="run-ask"), dcc.Store(id="run-gone")]


def register(app: Dash, catalogue: Catalogue, whose: Whose = nobody) -> None:
    """Rename and delete; the store has it before the page hears of it."""

    @app.callback(
        Output("run-title", "children"),
        Output("run-gone", "data"),
        Input("run-ask", "data"),
        State("watch", "data"),
        prevent_initial_call=True,
    )
    def act(asked: dict[str, Any] | None, run_id: str) -> tuple[Any, Any]:
        if not isinstance(asked, dict):
            return no_update, no_update
        if asked.get("what") == "delete":
            catalogue.delete(whose(), [str(run_id)])  # another tab may have been faster
            return no_update, "/runs"
        try:
            catalogue.rename(whose(), str(run_id), str(asked.get("title") or ""))
        except KeyError:
            return no_update, "/runs"
        return next((entry.title for entry in catalogue.entries(whose(), [run_id])), "Run"), no_update

    app.clientside_callback(ClientsideFunction("site", "go"), Input("run-gone", "data"), prevent_initial_call=True)
    app.clientside_callback(
        ClientsideFunction("runHead", "sure"),
        Input("run-yes", "n_clicks"),
        Input("run-no", "n_clicks"),
        prevent_initial_call=True,
    )
