"""In the Target group beside its knobs: what some neurons shall do, examples of formulas, and what can be written in one."""

from __future__ import annotations

import dash_mantine_components as dmc
from dash import ClientsideFunction, Dash, Input, dcc, html

from spikedash.params.formula_text import FUNCTIONS, NAMES

#: All of them are learnt by the network of the playground.
EXAMPLES = {
    "wave": ("Wave", "sin(2*pi*t/500 + phase)"),
    "chirp": ("Chirp", "sin(2*pi*(1 + 2*t/T)*t/(800 + 600*uniform) + phase)"),
    "sequence": ("Sequence", "2*exp(-((t - T*i/n)/80)**2) - 0.5"),
    "square": ("Square", "sign(sin(2*pi*t/400 + phase))"),
    "types": ("E slow, I fast", "sin(2*pi*t/(200 + 300*exc) + phase)"),
}


def aim() -> html.Div:
    """Rows of curves with a caption (ui/preview.py fills them)."""
    return html.Div(
        [
            dcc.Store(id="aim"),
            html.Div(id="aim-picture", className="aim-picture", role="img", **{"aria-label": "Targets"}),
            html.P(id="aim-note", className="aim-note", role="status"),
        ],
        className="aim",
    )


def examples() -> html.Div:
    """Buttons that write a formula into the field."""
    buttons = [
        dmc.Button(label, id=f"formula-{key}", size="compact-xs", variant="default", **{"data-formula": text})
        for key, (label, text) in EXAMPLES.items()
    ]
    return html.Div(
        [html.Span("Start from", className="draw-note"), html.Div(buttons, className="draw-buttons")], className="draw-start"
    )


def language() -> html.Details:
    """What can be written, folded."""
    words = [*NAMES.items(), *((f"{name}(…)", function.words) for name, function in FUNCTIONS.items())]
    return html.Details(
        [
            html.Summary("What can be written"),
            html.P("Numbers with a point, + - * / % ** ( ), comparisons such as t < 300, which are 1 or 0, and these words:"),
            html.Dl([part for name, what in words for part in (html.Dt(name), html.Dd(what))], className="formula-words"),
        ],
        className="formula-help",
    )


def register(app: Dash) -> None:
    """An example goes into the field, in the browser."""
    app.clientside_callback(
        ClientsideFunction("preview", "use"),
        *(Input(f"formula-{key}", "n_clicks") for key in EXAMPLES),
        prevent_initial_call=True,
    )
