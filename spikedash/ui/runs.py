"""The page of all own runs: a table, learning curves over each other, and what can be done with a run."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update

from spikedash.figures.compare import SHADES
from spikedash.jobs.catalogue import COLOURS, Catalogue
from spikedash.params import InputError
from spikedash.ui import run_table
from spikedash.ui.panels import CONFIG, blank
from spikedash.ui.run_stream import Whose, nobody
from spikedash.ui.site import OFFLINE, Shown, frame

KEYS = "Space selects · Enter opens · F2 renames · C colours · Delete deletes"


def page() -> Shown:
    """The page before its first answer."""
    body = [
        dcc.Store(id="runs-ask"),
        dcc.Store(id="runs-said"),
        dcc.Store(id="runs-grid-ready"),
        dcc.Store(id="runs-grid-spec", data=run_table.grid().to_plotly_json()),
        html.P(OFFLINE, className="page-remark wrong", id="runs-offline", role="status", hidden=True),
        html.P(className="page-remark wrong", id="runs-wrong", role="alert", hidden=True),
        _empty(),
        html.Div([_compare(), _table()], className="runs-room", id="runs-room"),
        _palette(),
        question("runs"),
    ]
    export = html.A("Export table (CSV)", href="/export/runs.csv", id="runs-csv", className="button", download="")
    shown = frame("/runs", "Runs", body, aside=[_queue(), export], wide=True)
    return Shown("Runs", html.Div(shown, className="runs-page", **{"data-runs": "page"}))


def _queue() -> html.Div:
    pill = html.Span("…", className="pill open", id="queue-state")
    return html.Div([pill, html.Span(id="queue-sentence", className="caption")], className="queue", role="status")


def _empty() -> html.Div:
    return html.Div(
        [
            html.Span(className="icon list-icon", **{"aria-hidden": "true"}),
            html.H2("No runs yet"),
            html.P("Every network that you train is kept here, with its learning curve and its settings."),
            html.A("Train the first one", href="/", className="button primary"),
        ],
        className="empty",
        id="runs-empty",
        hidden=True,
    )


def _compare() -> html.Section:
    pick = dmc.SegmentedControl(
        id="compare-measure",
        data=[
            {"label": label, "value": name}
            for name, label in (("correlation", "Correlation"), ("error", "Error"), ("change", "‖ΔW‖"), ("rate", "Rate"))
        ],
        value="correlation",
        size="xs",
        **{"aria-label": "What the curves show"},
    )
    graph = dcc.Graph(id="compare", config=CONFIG, responsive=True, className="graph", figure=blank(), clear_on_unhover=True)
    waiting = html.Div(html.Span("The learning curves of your runs will be here."), className="waiting", id="compare-waiting")
    return html.Section(
        [
            html.Div(
                [
                    html.H2("Learning curves"),
                    html.Span(id="compare-caption", className="caption"),
                    html.Span(className="gap"),
                    pick,
                ],
                className="panel-head",
            ),
            html.Div([graph, waiting], className="stage compare-stage"),
            html.Ul(id="compare-keys", className="compare-keys", **{"aria-label": "Curves shown"}),
        ],
        className="card compare-card",
        **{"aria-label": "Learning curves of chosen runs"},
    )


def _table() -> html.Section:
    tools = html.Div(
        [
            dmc.TextInput(
                id="runs-find", placeholder="Filter runs", size="xs", className="find", **{"aria-label": "Filter runs"}
            ),
            dmc.Switch(id="runs-group", label="Group by seed", size="sm", checked=False),
            dmc.Switch(id="runs-cells", label="Show cells of sweeps", size="sm", checked=False),
            html.Span(className="gap"),
            html.Span(id="runs-count", className="caption", role="status"),
            html.Button("Load older runs", id="runs-older", className="button small", type="button", hidden=True),
        ],
        className="runs-tools",
    )
    acts = html.Div(
        [
            html.Span(id="runs-chosen", className="chosen"),
            html.Button("Colour", id="act-colour", className="button small", type="button", **{"aria-haspopup": "true"}),
            html.Button("Rename", id="act-rename", className="button small", type="button"),
            html.A("Open in playground", id="act-clone", className="button small", href="/"),
            html.A("Export (CSV)", id="act-csv", className="button small", href="/export/runs.csv", download=""),
            html.Button("Delete", id="act-delete", className="button small", type="button", **{"aria-haspopup": "dialog"}),
            html.Span(className="gap"),
            html.Button("Clear selection", id="act-clear", className="button small quiet", type="button"),
        ],
        className="runs-acts",
        id="runs-acts",
        role="group",
        hidden=True,
        **{"aria-label": "Selected runs"},
    )
    return html.Section(
        [
            tools,
            acts,
            html.Div(html.P("Loading.", className="tab-note"), id="runs-grid-room", className="runs-grid-room"),
            html.P(KEYS, className="caption runs-keys"),
        ],
        className="card runs-card",
        **{"aria-label": "All runs"},
    )


def _palette() -> html.Div:
    """Colours to choose from; one click paints and closes."""
    dots = [
        html.Button(
            html.Span(className="unseen", children=colour.capitalize()),
            type="button",
            className="dot",
            title=colour.capitalize(),
            style={"--light": SHADES[colour][0], "--dark": SHADES[colour][1]},
            **{"data-colour": colour},
        )
        for colour in COLOURS
    ]
    auto = html.Button("Automatic", type="button", className="dot-auto", **{"data-colour": ""})
    return html.Div([*dots, auto], id="runs-palette", className="palette", role="dialog", hidden=True, **{"aria-label": "Colour"})


def question(name: str, title: str = "Delete?", words: str = "") -> dmc.Modal:
    """Deleting cannot be undone, so it is asked for twice."""
    answers = [
        html.Button("Cancel", id=f"{name}-no", className="button", type="button"),
        html.Span(className="gap"),
        html.Button("Delete", id=f"{name}-yes", className="button wrong", type="button"),
    ]
    return dmc.Modal(
        [html.P(words, id=f"{name}-words", className="ask-words"), html.Div(answers, className="actions")],
        id=f"{name}-question",
        title=title,
        centered=True,
        closeButtonProps={"aria-label": "Close"},
        transitionProps={"duration": 80},
    )


def register(app: Dash, catalogue: Catalogue, whose: Whose = nobody) -> None:
    """Rename, colour and delete; the store has it before the page hears of it."""

    @app.callback(Output("runs-said", "data"), Input("runs-ask", "data"), prevent_initial_call=True)
    def act(asked: dict[str, Any] | None) -> Any:
        if not isinstance(asked, dict):
            return no_update
        return {"at": asked.get("at"), **do(catalogue, whose(), asked)}

    app.clientside_callback(
        ClientsideFunction("runs", "build"),
        Output("runs-grid-room", "children"),
        Input("runs-grid-ready", "data"),
        State("runs-grid-spec", "data"),
        prevent_initial_call=True,
    )
    for name, *inputs in (
        ("said", Input("runs-said", "data")),
        ("measure", Input("compare-measure", "value")),
        ("group", Input("runs-group", "checked")),
        ("cells", Input("runs-cells", "checked")),
        ("find", Input("runs-find", "value")),
        ("sure", Input("runs-yes", "n_clicks"), Input("runs-no", "n_clicks")),
        ("hover", Input("compare", "hoverData")),
    ):
        app.clientside_callback(ClientsideFunction("runs", name), *inputs, prevent_initial_call=True)


def do(catalogue: Catalogue, owner: str | None, asked: dict[str, Any]) -> dict[str, Any]:
    """One thing that a person asked for, and what came of it."""
    named = asked.get("ids")
    ids = [run_id for run_id in named if isinstance(run_id, str)] if isinstance(named, list) else []
    try:
        if asked.get("what") == "rename" and ids:
            return {"title": catalogue.rename(owner, ids[0], str(asked.get("title") or ""))}
        if asked.get("what") == "paint":
            catalogue.paint(owner, ids, str(asked.get("colour") or ""))
        if asked.get("what") == "delete":
            return {"deleted": catalogue.delete(owner, ids)}
    except KeyError:
        return {"wrong": "This run is no longer here."}
    except InputError as error:
        return {"wrong": str(error)}
    return {}
