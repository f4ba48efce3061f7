"""The tabs above the panels: the run as it goes, and what is known of its network once it is done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import dash_mantine_components as dmc
from dash import Dash, Input, Output, State, ctx, dcc, html, no_update

from spikedash.jobs.store import Store
from spikedash.ui import panels, recent, run_tabs
from spikedash.ui.still import fold, known

LIVE = "live"
Room = Callable[[Store, str, str], Any]  # store, id of the run that is shown, theme -> what the tab shows

#: Tabs beside the live one, drawn when they are looked at.
ROOMS: dict[str, tuple[str, Room]] = {
    "network": ("Network", lambda store, run, theme: run_tabs.draw(store, run, "network", theme)),
    "theory": ("Theory", lambda store, run, theme: run_tabs.draw(store, run, "theory", theme)),
}
EMPTY = "Train a network; what is known of it is drawn here when it is done."
LOADING = "Loading."


def layout(runs: int) -> html.Div:
    """The row of tabs, the panels, and below them the newest of so many runs."""
    heads = [dmc.TabsTab("Live", value=LIVE), *(dmc.TabsTab(title, value=name) for name, (title, _) in ROOMS.items())]
    more = html.A("Run page", id="run-page", href="/", className="run-page-link", hidden=True)
    # The Probe is a tab of the run's page, which assets/probe.js leads to as soon as there is a network to ask.
    door = html.A("Probe", id="door-probe", href="/", className="door")
    probe = html.Nav(door, id="doors", className="doors", hidden=True, **{"aria-label": "More about this network"})
    row = html.Div([dmc.TabsList(heads, **{"aria-label": "Views of the run"}), probe, more], className="centre-row")
    rooms = [dmc.TabsPanel(html.Div(_note(EMPTY), id=f"centre-{name}", className="tab-room"), value=name) for name in ROOMS]
    tabs = dmc.Tabs(
        [row, dmc.TabsPanel(panels.layout(), value=LIVE, className="live"), *rooms],
        id="centre-tabs",
        value=LIVE,
        keepMounted=True,
        className="centre-tabs",
    )
    return html.Div(
        [tabs, dcc.Store(id="shown-run"), html.Div(recent.layout(runs), id="runs-place", className="runs-place")],
        className="centre-rest",
    )


def _note(text: str) -> html.P:
    return html.P(text, className="tab-note")


def register(app: Dash, store: Store) -> None:
    """Draw a tab when it is looked at, and again when its run has changed."""

    @app.callback(
        *(Output(f"centre-{name}", "children") for name in ROOMS),
        Output("run-page", "href"),
        Output("run-page", "hidden"),
        Input("centre-tabs", "value"),
        Input("shown-run", "data"),
        prevent_initial_call=True,
    )
    def show(tab: str, shown: dict[str, Any] | None) -> list[Any]:
        run = str((shown or {}).get("run") or "")
        changed = ctx.triggered_id == "shown-run"
        drawn: list[Any] = []
        for name, (_, draw) in ROOMS.items():
            if not run:
                drawn.append(_note(EMPTY))
            elif name == tab:
                drawn.append(fold(draw(store, run, (shown or {}).get("theme", "light")), known(app)))
            else:
                drawn.append(_note(LOADING) if changed else no_update)
        return [*drawn, f"/runs/{run}", not run]

    app.clientside_callback(
        "function (clicks, now) { return clicks && now !== 'live' ? 'live' : window.dash_clientside.no_update; }",
        Output("centre-tabs", "value"),
        Input("train", "n_clicks"),
        State("centre-tabs", "value"),
        prevent_initial_call=True,
    )
