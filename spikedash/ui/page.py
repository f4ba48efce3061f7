"""The playground: header, controls on the left, transport and panels in the middle."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html
from flask_caching import Cache

from spikedash.jobs.store import Store
from spikedash.ui import controls, draw, panels, preview, recent, target, transport, upload
from spikedash.ui.header import header


def layout() -> html.Div:
    """The page before anything has run."""
    shell = dmc.AppShell(
        [
            dmc.AppShellHeader(_header(), className="head"),
            dmc.AppShellNavbar(
                [dmc.ScrollArea(controls.layout(), type="auto", scrollbarSize=8, className="controls-scroll")],
                id="controls",
                **{"aria-label": "Settings"},
            ),
            dmc.AppShellMain(
                html.Div(
                    [
                        html.H1("Playground", className="unseen"),
                        transport.layout(),
                        transport.sentences(),
                        panels.layout(),
                        recent.layout(),
                    ],
                    className="centre",
                ),
                id="main",
                tabIndex=-1,
            ),
        ],
        id="shell",
        header={"height": 56},
        navbar=_navbar(False),
        padding=0,
        transitionDuration=150,
    )
    stores = [*transport.stores(), dcc.Store(id="drawn", storage_type="local"), dcc.Store(id="recording", storage_type="local")]
    return html.Div([shell, *stores])


def _header() -> html.Div:
    restore = html.Button(
        [html.Span(className="icon restore-icon"), html.Span("Changed · restore", className="restore-text")],
        id="restore",
        className="restore",
        type="button",
        disabled=True,
        title="Put every setting back to the preset",
    )
    burger = dmc.Burger(
        id="burger", opened=False, hiddenFrom="md", size="sm", **{"aria-label": "Settings", "aria-controls": "controls"}
    )
    return header("/", burger, html.Div([controls.preset_select(), restore], className="presets"))


def _navbar(opened: bool) -> dict[str, Any]:
    return {"width": 340, "breakpoint": "md", "collapsed": {"mobile": not opened}}


def register(app: Dash, store: Store, cache: Cache) -> None:
    """Hang every part's callbacks on the app."""
    controls.register(app, store)
    transport.register(app, store)
    panels.register(app)
    draw.register(app, store)
    target.register(app)
    preview.register(app)
    upload.register(app, store, cache)
    app.clientside_callback(
        ClientsideFunction("controls", "fold"), Output("shell", "navbar"), Input("burger", "opened"), State("shell", "navbar")
    )
