"""The page of one sweep: how far it is, its map or curve as it fills in, what was expected, and a link to every run."""

from __future__ import annotations

import contextlib
from typing import Any, Literal

import dash_mantine_components as dmc
from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, dcc, html

from spikedash.experiments import EXPERIMENTS
from spikedash.jobs.store import Store, Sweep
from spikedash.ui.panels import CONFIG, blank
from spikedash.ui.site import OFFLINE, Shown, frame, meter
from spikedash.ui.sweep_picture import arrange
from spikedash.ui.sweep_stream import line, mark
from spikedash.ui.words import beginning, within

COMMANDS: dict[str, Literal["stop", "resume", "retry"]] = {
    "sweep-stop": "stop",
    "sweep-resume": "resume",
    "sweep-retry": "retry",
}


def exists(store: Store, sweep_id: str) -> bool:
    try:
        store.sweeps.sweep(sweep_id)
    except KeyError:
        return False
    return True


def page(store: Store, sweep_id: str) -> Shown:
    """A sweep by its id."""
    sweep = store.sweeps.sweep(sweep_id)
    told = line(sweep)
    body = [
        dcc.Store(id="sweep", data=sweep.id),
        _progress(told),
        html.P(OFFLINE, className="page-remark wrong", id="poll-offline", role="status", hidden=True),
        html.Div([*_figure(sweep), *_checks(sweep)], className="sweep-grid"),
        _runs(sweep),
        _question(sweep),
        dcc.Store(id="sweep-gone"),
    ]
    crumbs = html.Nav(html.A("Sweeps", href="/sweeps"), className="crumbs", **{"aria-label": "Above this page"})
    shown = frame(
        "/sweeps",
        sweep.name,
        body,
        lead=_lead(sweep),
        above=crumbs,
        aside=_steering(told, store.sweeps.changes(sweep.id)),
        wide=True,
    )
    return Shown(sweep.name, html.Div(shown, **{"data-poll": f"/stream/sweep/{sweep.id}", "data-shows": "sweep"}))


def _lead(sweep: Sweep) -> str:
    if sweep.experiment in EXPERIMENTS:
        experiment = EXPERIMENTS[sweep.experiment]
        form = "the paper's size" if sweep.form == "full" else "the short form, smaller than the paper's"
        return f"{experiment.claim or experiment.blurb} Run at {form}."
    varied = " and ".join(within(axis.label) for axis in sweep.axes)
    return f"One network for every value of {varied}, and every seed."


def _steering(told: dict[str, Any], own: bool) -> list[Any]:
    running = not told["final"] and told["state"] != "stopping"
    state = html.Span(told["pill"], id="sweep-state", className=f"pill {told['tone']}", role="status")
    buttons = [
        html.Button("Stop", id="sweep-stop", className="button", type="button", hidden=not running),
        html.Button(
            "Retry failed", id="sweep-retry", className="button", type="button", hidden=not (told["final"] and told["failed"])
        ),
        html.Button("Continue", id="sweep-resume", className="button primary", type="button", hidden=told["state"] != "stopped"),
        html.Button("Delete", id="sweep-delete", className="button", type="button", **{"aria-haspopup": "dialog"}),
    ]
    # What is everybody's has them too, out of sight: the script of the page shows and hides them.
    return [state, html.Div(buttons, style={"display": "contents" if own else "none"})]


def _question(sweep: Sweep) -> dmc.Modal:
    """Deleting cannot be undone, so it is asked for twice."""
    many = sum(sweep.counts.values()) - sweep.counts.get("deleted", 0)
    return dmc.Modal(
        [
            html.P(
                f"What was measured goes for good. Its {many:,} runs can stay, each at its own address.",
                className="ask-words",
            ),
            html.Div(
                [
                    html.Button("Cancel", id="delete-no", className="button", type="button"),
                    html.Span(className="gap"),
                    html.Button("Delete, keep runs", id="delete-keep", className="button", type="button"),
                    html.Button("Delete with runs", id="delete-all", className="button wrong", type="button"),
                ],
                className="actions",
            ),
        ],
        id="delete-ask",
        title=f"Delete “{sweep.name}”?",
        centered=True,
        closeButtonProps={"aria-label": "Close"},
        transitionProps={"duration": 80},
    )


def _progress(told: dict[str, Any]) -> html.Div:
    bar = meter(told, bar={"id": "sweep-bar"}, around={"id": "sweep-meter"})
    return html.Div([bar, html.P(told["sentence"], id="sweep-sentence", className="sweep-sentence")], className="sweep-progress")


def _figure(sweep: Sweep) -> list[Any]:
    how = arrange(sweep)
    graph = dcc.Graph(id="sweep-figure", config=CONFIG, responsive=True, className="graph", figure=blank())
    if how is None:
        head = [html.H2("Spikes"), html.Span("last trial of the first run that is done", className="caption")]
        return [_panel(head, graph, "spikes", "Spikes of the first run that is done")]
    measure = sweep.measure
    over = f"over {within(how.x.label)}"
    pickers = [
        html.Div(
            [
                html.Span(axis.label),
                dmc.SegmentedControl(
                    id={"type": "sweep-choice", "axis": k},
                    data=[{"label": f"{value} {axis.unit}".strip(), "value": str(j)} for j, value in enumerate(axis.values)],
                    value="0",
                    size="xs",
                    **{"aria-label": axis.label},
                ),
            ],
            className="sweep-pick",
        )
        for k, axis in enumerate(how.rest)
    ]
    head = [
        html.H2(beginning(measure.label)),
        html.Span(over if how.y is None else "", className="caption"),
        html.Span(className="gap"),
        *pickers,
    ]
    kind = "map" if how.y is not None else "curve"
    return [_panel(head, graph, kind, f"{measure.label}, as far as it is measured")]


def _panel(head: list[Any], graph: dcc.Graph, kind: str, label: str) -> html.Section:
    return html.Section(
        [html.Div(head, className="panel-head"), html.Div(graph, className="stage sweep-stage")],
        className=f"card panel sweep-panel {kind}",
        **{"aria-label": label},
    )


def _checks(sweep: Sweep) -> list[Any]:
    if sweep.experiment not in EXPERIMENTS:
        return []
    heads = [html.Th(word, scope="col") for word in ("What", "Expected", "Measured", "Worst seed")]
    table = html.Table([html.Thead(html.Tr(heads)), html.Tbody(id="sweep-checks")], className="checks")
    return [
        html.Section(
            [html.Div(html.H2("Expected and measured"), className="panel-head"), html.Div(table, className="checks-room")],
            className="card panel-auto",
            **{"aria-label": "Expected and measured"},
        )
    ]


def _runs(sweep: Sweep) -> html.Section:
    keys = [html.Span(word, className=f"cell-key {mark(word)}") for word in ("waiting", "running", "done", "stopped", "failed")]
    return html.Section(
        [
            html.Div(
                [html.H2("Runs"), html.Span(className="gap"), html.Span(keys, className="cell-keys")], className="panel-head"
            ),
            html.P("One square a run, one row a seed; every square leads to its run.", className="caption cells-about"),
            html.Div(id="sweep-cells", className="cells"),
            html.Ul(id="sweep-errors", className="cell-errors", hidden=True),
        ],
        className="card panel-auto",
        **{"aria-label": "Runs of this sweep"},
    )


def register(app: Dash, store: Store) -> None:
    """Stop and continue; what is asked is durable before the page hears of it."""

    @app.callback(
        Output("sweep-state", "title"),
        Input("sweep-stop", "n_clicks"),
        Input("sweep-resume", "n_clicks"),
        Input("sweep-retry", "n_clicks"),
        State("sweep", "data"),
        prevent_initial_call=True,
    )
    def steer(stop: int | None, resume: int | None, retry: int | None, sweep_id: str) -> str:
        if ctx.triggered[0]["value"]:
            try:
                store.sweeps.command(sweep_id, COMMANDS[str(ctx.triggered_id)])
            except KeyError:
                return "This sweep was deleted."
        return ""

    @app.callback(
        Output("delete-ask", "opened"),
        Output("sweep-gone", "data"),
        Input("sweep-delete", "n_clicks"),
        Input("delete-no", "n_clicks"),
        Input("delete-keep", "n_clicks"),
        Input("delete-all", "n_clicks"),
        State("sweep", "data"),
        prevent_initial_call=True,
    )
    def delete(ask: int | None, no: int | None, keep: int | None, everything: int | None, sweep_id: str) -> tuple[bool, str]:
        asked = str(ctx.triggered_id)
        if not ctx.triggered[0]["value"] or asked in ("sweep-delete", "delete-no"):
            return bool(ctx.triggered[0]["value"]) and asked == "sweep-delete", ""
        with contextlib.suppress(KeyError):  # another tab was faster
            store.delete_sweep(sweep_id, runs=asked == "delete-all")
        return False, "/sweeps"

    app.clientside_callback(ClientsideFunction("site", "go"), Input("sweep-gone", "data"), prevent_initial_call=True)
    app.clientside_callback(
        ClientsideFunction("sweeps", "nudge"),
        Input("sweep-stop", "n_clicks"),
        Input("sweep-resume", "n_clicks"),
        Input("sweep-retry", "n_clicks"),
        Input("sweep-state", "title"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("sweeps", "choose"), Input({"type": "sweep-choice", "axis": ALL}, "value"), prevent_initial_call=True
    )
