"""The whole page: header, controls on the left, transport and panels in the middle."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html
from flask_caching import Cache

from spikedash.jobs.store import Store
from spikedash.ui import controls, draw, panels, transport, upload

TITLE = "SpikeDash"
THEME: dict[str, Any] = {
    "primaryColor": "teal",
    "primaryShade": {"light": 9, "dark": 9},
    "defaultRadius": "md",
    "fontFamily": "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif",
    "fontFamilyMonospace": "ui-monospace, SFMono-Regular, Menlo, Consolas, 'Liberation Mono', monospace",
    "headings": {"fontWeight": "600"},
    "respectReducedMotion": True,
    "cursorType": "pointer",
}

#: theme.js runs before the first paint, so that a dark page never flashes white.
INDEX = """<!DOCTYPE html>
<html lang="en">
  <head>
    {%metas%}
    <meta name="description" content="Train recurrent networks of spiking neurons, live in the browser.">
    <title>{%title%}</title>
    <link rel="icon" type="image/svg+xml" href="/assets/logo.svg">
    <script src="/assets/theme.js"></script>
    {%css%}
  </head>
  <body>
    {%app_entry%}
    <footer>
      {%config%}
      {%scripts%}
      {%renderer%}
    </footer>
  </body>
</html>
"""


def layout() -> dmc.MantineProvider:
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
                    [html.H1("Playground", className="unseen"), transport.layout(), transport.sentences(), panels.layout()],
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
    skip = html.A("Skip to the network", href="#main", className="skip")
    bubble = html.Div(id="help", className="help", role="tooltip", hidden=True)
    return dmc.MantineProvider([skip, shell, bubble, *stores], theme=THEME, defaultColorScheme="auto")


def _header() -> html.Div:
    brand = html.Div(
        [html.Span(className="logo", role="img", **{"aria-label": "SpikeDash"}), html.Span("SpikeDash", className="wordmark")],
        className="brand",
    )
    restore = html.Button(
        [html.Span(className="icon restore-icon"), html.Span("Changed · restore", className="restore-text")],
        id="restore",
        className="restore",
        type="button",
        disabled=True,
        title="Put every setting back to the preset",
    )
    scheme = dmc.ColorSchemeToggle(
        id="scheme",
        lightIcon=html.Span(className="icon sun"),
        darkIcon=html.Span(className="icon moon"),
        variant="subtle",
        color="gray",
        size="lg",
        **{"aria-label": "Light or dark page"},
    )
    burger = dmc.Burger(
        id="burger", opened=False, hiddenFrom="md", size="sm", **{"aria-label": "Settings", "aria-controls": "controls"}
    )
    return html.Div(
        [burger, brand, html.Div([controls.preset_select(), restore], className="presets"), html.Span(className="gap"), scheme],
        className="bar-top",
    )


def _navbar(opened: bool) -> dict[str, Any]:
    return {"width": 340, "breakpoint": "md", "collapsed": {"mobile": not opened}}


def register(app: Dash, store: Store, cache: Cache) -> None:
    """Hang every part's callbacks on the app."""
    controls.register(app)
    transport.register(app, store)
    panels.register(app)
    draw.register(app, store)
    upload.register(app, store, cache)
    app.clientside_callback(
        ClientsideFunction("controls", "fold"), Output("shell", "navbar"), Input("burger", "opened"), State("shell", "navbar")
    )
