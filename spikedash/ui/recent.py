"""The newest runs in a card on the playground, and how busy the workers are; assets/recent.js fills it."""

from __future__ import annotations

from dash import html


def layout() -> html.Section:
    """The card before its first answer; it stays hidden until there is a run."""
    head = [
        html.H2("Runs"),
        html.Span(id="recent-queue", className="caption", role="status"),
        html.Span(className="gap"),
        html.A("All runs", href="/runs", className="recent-all"),
    ]
    return html.Section(
        [html.Div(head, className="panel-head"), html.Ul(id="recent-list", className="recent-list")],
        id="recent",
        className="card recent",
        hidden=True,
        **{"aria-label": "Newest runs", "data-runs": "recent"},
    )
