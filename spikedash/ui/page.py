"""The playground: header, controls on the left, transport and panels in the middle."""

from __future__ import annotations

from typing import Any, NamedTuple

import dash_mantine_components as dmc
from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html
from flask_caching import Cache

from spikedash.jobs.store import Store
from spikedash.ui import centre, code, controls, draw, links, panels, preview, target, transport, upload
from spikedash.ui.header import header, menu_tools, tools

CONTROLS_PX, LESSON_PX = 340, 400


class Lesson(NamedTuple):
    """What a page of a lesson has beside a playground."""

    text: Any
    link: str  # its prepared setting


def layout(runs: int = 0, lesson: Lesson | None = None) -> html.Div:
    """The page before anything has run.

    Args:
        runs: how many the person has who asks.
        lesson: stands above the settings, which are nobody's own there: nothing of them is kept.
    """
    kept: dict[str, Any] = {"storage_type": "memory"} if lesson else {"storage_type": "local"}
    title = html.H1("Playground", className="unseen")
    shell = dmc.AppShell(
        [
            dmc.AppShellHeader(_header(lesson), className="head"),
            dmc.AppShellNavbar(
                [
                    dmc.ScrollArea(
                        [lesson.text, controls.layout(), menu_tools()] if lesson else [menu_tools(), controls.layout()],
                        type="auto",
                        scrollbarSize=8,
                        className="controls-scroll",
                    )
                ],
                id="controls",
                **{"aria-label": "Lesson and settings" if lesson else "Settings"},
            ),
            dmc.AppShellMain(
                html.Div(
                    [*([] if lesson else [title]), transport.layout(), transport.sentences(), centre.layout(runs)],
                    className="centre",
                ),
                id="main",
                tabIndex=-1,
            ),
        ],
        id="shell",
        header={"height": 56},
        navbar=_navbar(False, LESSON_PX if lesson else CONTROLS_PX),
        padding=0,
        transitionDuration=150,
    )
    stores = [
        # The current run: an id of one's own, "" for the empty page, None for a newcomer, who sees the demo.
        dcc.Store(id="run", data="", **kept) if lesson else dcc.Store(id="run", **kept),
        dcc.Store(id="drawn", **kept),
        dcc.Store(id="recording", **kept),
        *links.stores(lesson.link if lesson else ""),
    ]
    return html.Div([shell, *stores, code.layout()], className="play lesson" if lesson else "play")


def _header(lesson: Lesson | None) -> html.Div:
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
    presets = html.Div([controls.preset_select(), restore], className="presets")
    return header("/learn" if lesson else "/", burger, presets, tools())


def _navbar(opened: bool, width: int) -> dict[str, Any]:
    return {"width": width, "breakpoint": "md", "collapsed": {"mobile": not opened}}


def register(app: Dash, store: Store, cache: Cache) -> None:
    """Hang every part's callbacks on the app."""
    controls.register(app, store)
    transport.register(app, store)
    panels.register(app)
    centre.register(app, store)
    links.register(app, store)
    code.register(app, store)
    draw.register(app, store)
    target.register(app)
    preview.register(app)
    upload.register(app, store, cache)
    app.clientside_callback(
        ClientsideFunction("controls", "fold"), Output("shell", "navbar"), Input("burger", "opened"), State("shell", "navbar")
    )
