"""Which page an address shows. A page is built only when it is visited.

Dash's own pages keep their register in a global of the process; two apps with a store each could not live beside each other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import dash_mantine_components as dmc
from dash import ClientsideFunction, Dash, Input, Output, dcc, html
from dash.development.base_component import Component
from flask import Flask, Response, request

from spikedash.ui.header import header
from spikedash.ui.still import fold, known

NAME = "SpikeDash"
OFFLINE = "The server does not answer. This page goes on as soon as it does; nothing that ran is lost."
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


class Shown(NamedTuple):
    """A page as it is asked for."""

    title: str  # of the window, before the name of the site
    body: Any


class Page(NamedTuple):
    """What stands below the first part of a path; both are given the rest of it."""

    exists: Callable[[str], bool]
    show: Callable[[str], Shown]


Pages = dict[str, Page]


def layout() -> dmc.MantineProvider:
    """The address, and an empty place for the page that belongs to it."""
    skip = html.A("Skip to the content", href="#main", className="skip")
    address = dcc.Location(id="url", refresh="callback-nav")
    bubble = html.Div(id="help", className="help", role="tooltip", hidden=True)
    return dmc.MantineProvider(
        [address, dcc.Store(id="place"), skip, html.Div(id="page", className="page-place"), bubble],
        theme=THEME,
        defaultColorScheme="auto",
    )


def frame(
    current: str, heading: Any, body: Any, *, lead: Any = None, above: Any = None, aside: Any = None, wide: bool = False
) -> html.Div:
    """A page below the common header: its heading, what it says about itself, what can be done, and the rest.

    Args:
        current: the place in the navigation.
        above: stands over the heading.
    """
    over = [above] if above is not None else []
    top = html.Div(
        [
            html.Div([*over, html.H1(heading), *([html.P(lead, className="lead")] if lead else [])], className="page-say"),
            *([html.Div(aside, className="page-do")] if aside else []),
        ],
        className="page-head",
    )
    inside = html.Div([top, *(body if isinstance(body, list) else [body])], className="page-body wide" if wide else "page-body")
    return html.Div(
        [html.Header(header(current), className="head page-bar"), html.Main(inside, id="main", tabIndex=-1)], className="page"
    )


def meter(
    line: Mapping[str, Any],
    label: str = "Cells done",
    bar: Mapping[str, str] | None = None,
    around: Mapping[str, str] | None = None,
) -> html.Div:
    """How much of a sweep is over, and how much of that has failed (sweep_stream.line).

    Args:
        bar, around: more attributes of its two parts.
    """
    over = f"{100 * line['share']:.0f}"
    told = {"aria-label": label, "aria-valuemin": "0", "aria-valuemax": "100", "aria-valuenow": over}
    look = {"width": f"{100 * line['share']:.1f}%", "--failed": f"{100 * line['wrong']:.1f}%"}
    return html.Div(html.Span(style=look, **(bar or {})), className="meter", role="progressbar", **told, **(around or {}))


def missing() -> Shown:
    """An address that leads nowhere."""
    card = html.Div(
        [
            html.Div(className="lost-trace", **{"aria-hidden": "true"}),
            html.H1("There is no such page"),
            html.P("The address may be mistyped, or what it named was deleted."),
            html.Div(
                [
                    html.A("Open the playground", href="/", className="button primary"),
                    html.A("See the experiments", href="/experiments", className="button"),
                ],
                className="actions",
            ),
        ],
        className="lost",
    )
    bar = html.Header(header(""), className="head page-bar")
    return Shown("Not found", html.Div([bar, html.Main(card, id="main", tabIndex=-1)], className="page"))


def find(pages: Pages, path: str) -> tuple[Page, str] | None:
    """The page of a path and what follows its first part; None where there is none."""
    first, _, rest = path.strip("/").partition("/")
    return (pages[first], rest) if first in pages and pages[first].exists(rest) else None


def register(app: Dash, server: Flask, pages: Pages) -> None:
    """Follow the address; unknown ones answer 404 and say so."""

    @app.callback(Output("page", "children"), Input("place", "data"), prevent_initial_call=True)
    def show(path: str | None) -> Component:
        found = find(pages, path or "/")
        shown = found[0].show(found[1]) if found else missing()
        title = f"{shown.title} · {NAME}" if shown.title else NAME
        return fold(html.Div(shown.body, className="page-shown", **{"data-title": title}), known(app))

    @server.after_request
    def honest(response: Response) -> Response:
        if request.endpoint == "/<path:path>" and response.status_code == 200 and find(pages, request.path) is None:
            response.status_code = 404
        return response

    app.clientside_callback(ClientsideFunction("site", "leave"), Output("place", "data"), Input("url", "pathname"))
    app.clientside_callback(ClientsideFunction("site", "arrive"), Input("page", "children"))
