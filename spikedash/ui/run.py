"""The page of one run: how it stands, what it showed, what its network is like, and its settings."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update

from spikedash.jobs.store import Run, Store
from spikedash.params import KNOBS
from spikedash.ui import knobs, panels, probe, run_head, run_tabs, transport
from spikedash.ui.controls import GROUPS, holds
from spikedash.ui.site import Shown, frame
from spikedash.ui.still import fold, known

TABS = {
    "network": "Network",
    "theory": "Theory",
    "probe": "Probe",
    "recording": "Recording",
    "settings": "Settings",
}


def exists(store: Store, run_id: str) -> bool:
    try:
        store.run(run_id)
    except KeyError:
        return False
    return True


def page(store: Store, run_id: str) -> Shown:
    """A run by its id."""
    run = store.run(run_id)
    mine = store.changes(run_id)
    body = [
        dcc.Store(id="watch", data=run.id),
        dcc.Store(id="run-ready"),
        html.Section(
            [html.Div(transport.standing(), className="transport-top"), *transport.progress()],
            className="card transport",
            **{"aria-label": "Progress"},
        ),
        transport.sentences(),
        *_older(run),
        panels.layout(),
        _tabs(run),
        *run_head.extras(run),
    ]
    shown = frame(
        "/sweeps" if store.sweeps.of_run(run.id) else "/runs",
        run_head.heading(run, mine),
        body,
        lead=run_head.lead(run),
        above=_crumbs(store, run),
        aside=run_head.actions(run, mine),
        wide=True,
    )
    return Shown(run_head.called(run), html.Div(shown, className="run-page"))


def _older(run: Run) -> list[html.P]:
    """A sentence where the settings are those of another version."""
    if not run.strange:
        return []
    names = ", ".join(run.strange[:8]) + (" and more" if len(run.strange) > 8 else "")
    words = (
        f"This run was made by another version of SpikeDash. What it left is shown; these of its settings are not known here "
        f"and stand at their usual values: {names}."
    )
    return [html.P(words, className="page-remark", role="note")]


def _crumbs(store: Store, run: Run) -> html.Nav:
    sweep = store.sweeps.of_run(run.id)
    links = (
        [html.A("Sweeps", href="/sweeps"), " / ", html.A(sweep[1], href=f"/sweeps/{sweep[0]}")]
        if sweep
        else [html.A("Runs", href="/runs")]
    )
    return html.Nav(links, className="crumbs", **{"aria-label": "Above this page"})


def _tabs(run: Run) -> dmc.Tabs:
    names = [name for name in TABS if name != "recording" or run.params.target.family == "recorded"]
    heads = dmc.TabsList([dmc.TabsTab(TABS[name], value=name) for name in names], **{"aria-label": "About this run"})
    rooms = [dmc.TabsPanel(html.Div(_room(name, run), id=f"room-{name}", className="tab-room"), value=name) for name in names]
    # A run without a trained network still has settings.
    first = "settings" if run.state in ("stopped", "failed") else "network"
    return dmc.Tabs([heads, *rooms], id="run-tabs", value=first, className="run-tabs")


def _room(name: str, run: Run) -> Any:
    if name == "probe":
        return probe.room(run)
    return settings(run) if name == "settings" else html.P("Loading.", className="tab-note loading")


def settings(run: Run) -> html.Div:
    """Every setting that matters for this run; those that differ from the usual ones stand out."""
    values = knobs.flat(run.params)
    usual = {name: knob.default for name, knob in KNOBS.items()}
    groups = []
    for group, (title, _) in GROUPS.items():
        rows = [
            html.Div(
                [
                    html.Dt(knobs.extra(name)["label"]),
                    html.Dd(_said(name, value), className="own" if value != usual[name] else ""),
                ]
            )
            for name, value in values.items()
            if name.startswith(f"{group}.") and holds(knobs.extra(name)["when"], values)
        ]
        groups.append(html.Section([html.H3(title), html.Dl(rows)], className="card settings-group"))
    return html.Div(groups, className="settings-grid")


def _said(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return (knobs.word(name, value) if knobs.choices(name) else value) or "–"
    unit = knobs.extra(name)["unit"]
    number = f"{value:,}" if isinstance(value, int) and abs(value) < 1e8 else f"{value:,g}"
    return f"{number} {unit}".strip()


def register(app: Dash, store: Store) -> None:
    """Follow the run, stop it, and draw a tab when it is looked at."""
    # The output changes nothing: Dash calls nobody without one when a page comes.
    app.clientside_callback(ClientsideFunction("stream", "watch"), Output("run-ready", "data"), Input("watch", "data"))

    @app.callback(Output("run-stop", "title"), Input("run-stop", "n_clicks"), State("watch", "data"), prevent_initial_call=True)
    def stop(clicks: int | None, run_id: str) -> str:
        if clicks:
            transport.command(store, run_id, "stop")
        return ""

    @app.callback(
        Output("room-network", "children"),
        Output("room-theory", "children"),
        Input("run-tabs", "value"),
        Input("run-ready", "data"),
        prevent_initial_call=True,
    )
    def show(tab: str, ready: dict[str, Any] | None) -> tuple[Any, Any]:
        if not ready or not ready.get("run") or tab not in ("network", "theory"):
            return no_update, no_update
        drawn = fold(run_tabs.draw(store, ready["run"], tab, ready.get("theme", "light")), known(app))
        return (drawn, no_update) if tab == "network" else (no_update, drawn)

    @app.callback(
        Output("room-recording", "children"),
        Input("run-tabs", "value"),
        Input("run-ready", "data"),
        prevent_initial_call=True,
    )
    def show_recording(tab: str, ready: dict[str, Any] | None) -> Any:
        if not ready or not ready.get("run") or tab != "recording":
            return no_update
        return fold(run_tabs.draw(store, ready["run"], tab, ready.get("theme", "light")), known(app))

    @app.callback(Output("psth", "figure"), Input("psth-neurons", "value"), State("run-ready", "data"), prevent_initial_call=True)
    def choose(wanted: list[str] | None, ready: dict[str, Any] | None) -> Any:
        if not ready or not ready.get("run"):
            return no_update
        try:
            return run_tabs.psth(store, ready["run"], wanted or [], ready.get("theme", "light"))
        except KeyError:  # deleted meanwhile
            return no_update
