"""The header of every page: name, navigation, and light or dark."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import html

#: Path, name and icon of the pages that the navigation leads to.
PLACES = (
    ("/", "Playground", "play"),
    ("/learn", "Learn", "book"),
    ("/runs", "Runs", "list"),
    ("/experiments", "Experiments", "flask"),
    ("/sweeps", "Sweeps", "grid"),
)
#: Id, name and what it does, of the buttons at the right end of the playground's bar.
TOOLS = (
    ("copy-link", "Copy link", "Copy a link to these settings"),
    ("show-code", "Code", "Show the script and the command line of these settings"),
    ("start-tour", "Tour", "Show what is where, in five steps"),
)


def header(current: str, before: Any = None, extras: Any = None, tools: Any = None) -> html.Div:
    """The bar, with the place it stands in marked.

    Args:
        current: a path of PLACES.
        before: stands left of the name.
        extras: stand beside the navigation.
        tools: stand at the right end.
    """
    logo = html.Span(className="logo", role="img", **{"aria-label": "SpikeDash"})
    brand = html.A([logo, html.Span("SpikeDash", className="wordmark")], href="/", className="brand")
    scheme = dmc.ColorSchemeToggle(
        id="scheme",
        lightIcon=html.Span(className="icon sun"),
        darkIcon=html.Span(className="icon moon"),
        variant="subtle",
        color="gray",
        size="lg",
        **{"aria-label": "Light or dark page"},
    )
    parts = [before, brand, _navigation(current), extras, html.Span(className="gap"), tools, scheme]
    return html.Div([part for part in parts if part is not None], className="bar-top")


def tools() -> html.Div:
    """Copy link, show code, tour."""
    buttons = [
        html.Button(
            [html.Span(className=f"icon {name}-icon"), html.Span(word, className="tool-word")],
            id=name,
            className="tool",
            type="button",
            title=about,
        )
        for name, word, about in TOOLS
    ]
    return html.Div(buttons, className="tools")


def menu_tools() -> html.Div:
    """Code and tour again, for the menu of a phone, whose bar has no room for them; assets/tools.js presses the real ones."""
    buttons = [
        html.Button(word, className="button", type="button", title=about, **{"data-press": name})
        for name, word, about in TOOLS
        if name != "copy-link"
    ]
    return html.Div(buttons, className="menu-tools")


def _navigation(current: str) -> html.Nav:
    links = [
        html.A(
            [html.Span(className=f"icon {icon}-icon"), html.Span(name)],
            href=path,
            className="place",
            **({"aria-current": "page"} if path == current else {}),
        )
        for path, name, icon in PLACES
    ]
    return html.Nav(links, className="places", **{"aria-label": "Pages"})
