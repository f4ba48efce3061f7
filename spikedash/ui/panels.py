"""The centre: raster, target against activity, learning curve, and the result."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html

#: Every button but zoom out, reset and the picture is taken from the modebar: each one is a tab stop.
CONFIG: dict[str, Any] = {
    "displaylogo": False,
    "showSendToCloud": False,
    "responsive": True,
    "modeBarButtonsToRemove": ["zoom2d", "pan2d", "select2d", "lasso2d", "zoomIn2d", "zoomOut2d", "autoScale2d"],
    "toImageButtonOptions": {"format": "svg", "filename": "spikedash"},
}
TILES = (
    ("result-mean", "Test correlation", "mean of the test trials"),
    ("result-worst", "Worst trial", "the lowest of them"),
    ("result-average", "Trial average", "of the mean activity"),
    ("result-rate", "Population rate", "over the test trials"),
)


def layout() -> html.Div:
    """Time on the left (raster above traces, one axis), learning on the right."""
    return html.Div(
        [
            html.Div([_raster(), _traces()], className="column"),
            html.Div([_curve(), _result()], className="column"),
        ],
        className="panels",
    )


def _raster() -> html.Section:
    keys = html.Span(
        [html.Span("Excitatory", className="key exc"), html.Span("Inhibitory", className="key inh")],
        className="keys",
        id="raster-keys",
    )
    replay = html.Button("Replay", id="replay", className="replay", type="button", hidden=True)
    head = [html.H2("Spikes"), html.Span(id="raster-caption", className="caption"), replay, html.Span(className="gap"), keys]
    return _panel(
        "raster", "Spikes of every neuron", head, "A raster of all spikes over time; click a row to show that neuron below."
    )


def _traces() -> html.Section:
    picker = dmc.TagsInput(
        id="neurons",
        value=[],
        maxTags=6,
        size="xs",
        splitChars=[",", " "],
        placeholder="add",
        className="picker",
        **{"aria-label": "Neurons shown, by number"},
    )
    keys = html.Span(
        [html.Span("target", className="key dashed"), html.Span("activity", className="key solid")], className="keys"
    )
    head = [
        html.H2("Target and activity"),
        html.Span(id="traces-caption", className="caption unseen"),
        keys,
        html.Span(className="gap"),
        picker,
    ]
    return _panel(
        "traces", "Target and activity of chosen neurons", head, "Synaptic drive of the chosen neurons against their targets."
    )


def _curve() -> html.Section:
    return _panel(
        "curve", "Learning curve", [html.H2("Learning")], "Correlation, error and population rate over the training loops."
    )


def _result() -> html.Section:
    tiles = [
        html.Div([html.Dt(title), html.Dd("–", id=key), html.Dd(about, className="tile-about")]) for key, title, about in TILES
    ]
    return html.Section(
        [
            html.Div(
                [html.H2("Result"), html.Span(className="gap"), html.Span(id="result-sha", className="result-sha")],
                className="panel-head",
            ),
            html.Dl(tiles, className="tiles"),
            html.P(id="result-more", className="result-more"),
        ],
        className="card result",
        **{"aria-label": "Result"},
    )


def _panel(name: str, label: str, head: list[Any], about: str) -> html.Section:
    """A card with a title row and a graph that fills the rest."""
    over = [
        html.Div(id=f"{name}-veil", className="veil", hidden=True),
        html.Div(html.Span(id=f"{name}-waiting"), id=f"{name}-room", className="waiting", hidden=True),
    ]
    graph = dcc.Graph(id=name, config=CONFIG, responsive=True, className="graph", figure=blank(), clear_on_unhover=True)
    return html.Section(
        [
            html.Div(head, className="panel-head"),
            html.P(about, className="unseen"),
            html.Div([graph, *over], className=f"stage {name}-stage"),
        ],
        className=f"card panel {name}-panel",
        **{"aria-label": label},
    )


def blank() -> dict[str, Any]:
    """Nothing at all, until the first answer of the stream: no axes that would jump."""
    clear = "rgba(0,0,0,0)"
    nothing = {"visible": False, "range": [0, 1], "showgrid": False, "zeroline": False}
    return {
        "data": [],
        "layout": {
            "paper_bgcolor": clear,
            "plot_bgcolor": clear,
            "xaxis": nothing,
            "yaxis": nothing,
            "margin": {"l": 0, "r": 0, "t": 0, "b": 0},
        },
    }


def register(app: Dash) -> None:
    """Choose neurons by clicking a row or by typing numbers; replay the latest trial."""
    app.clientside_callback(
        ClientsideFunction("stream", "pick"),
        Output("neurons", "value"),
        Input("raster", "clickData"),
        State("neurons", "value"),
        prevent_initial_call=True,
    )
    app.clientside_callback(ClientsideFunction("stream", "show"), Input("neurons", "value"), prevent_initial_call=True)
    app.clientside_callback(ClientsideFunction("replay", "toggle"), Input("replay", "n_clicks"), prevent_initial_call=True)
