"""The newest runs in a card on the playground, and how busy the workers are; assets/recent.js fills it."""

from __future__ import annotations

from dash import html

SHOWN = 6


def layout(runs: int) -> html.Section:
    """The card before its first answer, with room for as many runs as there are, so that nothing moves when they come."""
    head = [
        html.H2("Runs"),
        html.Span(id="recent-queue", className="caption", role="status"),
        html.Span(className="gap"),
        html.A("All runs", href="/runs", className="recent-all"),
    ]
    line = [html.Span(), html.Span("\u00a0"), html.Span("\u00a0", className="recent-about")]
    room = [html.Li(html.Span(line, className="recent-run"))] * min(runs, SHOWN)
    return html.Section(
        [html.Div(head, className="panel-head"), html.Ul(room, id="recent-list", className="recent-list")],
        id="recent",
        className="card recent",
        hidden=not runs,
        **{"aria-label": "Newest runs", "data-runs": "recent"},
    )
