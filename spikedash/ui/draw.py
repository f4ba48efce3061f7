"""Panel to draw target curves: a pad (assets/draw-pad.js) and a table (draw-table.js), one curve per group (draw.js)."""

from __future__ import annotations

from typing import Any, get_args

import dash_mantine_components as dmc
from dash import ClientsideFunction, Dash, Input, html

from spikedash.jobs.store import Store
from spikedash.params import Curve

GROUPS: tuple[str, ...] = get_args(Curve.model_fields["group"].annotation)
GROUP_WORDS = {"all": "All neurons"}
#: Ranges of the drive axis; most targets of the families lie between -1.5 and 1.5.
LIMITS = {"1.5": "±1.5", "3": "±3", "6": "±6"}
EDITS = {"undo": "Undo", "redo": "Redo", "smooth": "Smooth", "clear": "Clear"}
STARTERS = {"sine": "Sine", "ramp": "Ramp", "bump": "Bump", "steps": "Steps"}

PHASE_HELP = (
    "Every neuron gets the curve at its own random shift in time. "
    "Identical targets would make the network's inputs too alike to learn from."
)
KEYS_HELP = (
    "A later stroke overwrites. By keyboard: left and right choose the time, up and down change the drive, "
    "Shift with left or right draws on level, Ctrl+Z undoes."
)
TABLE_HELP = (
    "The curve goes straight from point to point. Enter goes down and adds a point at the end. "
    "Two columns of a spreadsheet, time and drive, can be pasted here."
)
TABLE: dict[str, Any] = {"aria-label": "Points of the curve", "aria-describedby": "draw-table-help"}
LIST: dict[str, Any] = {"aria-label": "Drawn curves"}
NOTE = {"description": "draw-note"}
OVERLAP_HELP = "Where groups overlap, excitatory and inhibitory win over the halves, and the halves over all."


def layout() -> html.Div:
    """The pad with its tools; the curves go to dcc.Store(id="drawn") as [{"group", "values", "random_phase", "times_ms"?}]."""
    return html.Div(
        [
            html.Div([_group(), _scale()], className="draw-row"),
            html.Div(id="draw-pad", className="draw-pad", tabIndex=0, role="slider", **_before_script()),
            _buttons(EDITS, "draw-", disabled=True),
            html.Div(
                [html.Span("Start from", className="draw-note"), _buttons(STARTERS, "draw-from-")],
                className="draw-start",
            ),
            html.Ul(id="draw-list", className="draw-list", **LIST),
            html.P(OVERLAP_HELP, id="draw-overlap", className="draw-note", hidden=True),
            dmc.Switch(id="draw-phase", label="Random phase", description=PHASE_HELP, checked=True, size="sm", classNames=NOTE),
            html.Details(
                [
                    html.Summary("As a table"),
                    html.P(TABLE_HELP, id="draw-table-help", className="draw-note"),
                    html.Div(id="draw-table", className="draw-table", role="group", **TABLE),
                    html.P(id="draw-table-wrong", className="draw-wrong", role="alert"),
                    html.Div([html.Span(id="draw-table-said", role="status"), *_seconds()], className="draw-note"),
                ],
                id="draw-points",
                className="draw-points",
            ),
            html.P(KEYS_HELP, id="draw-keys", className="draw-note"),
            html.Div(id="draw-said", role="status", className="unseen"),
        ],
        className="draw",
    )


def register(app: Dash, store: Store) -> None:
    """Connect the tools with the pad; everything happens in the browser, so `store` is not needed."""
    del store
    tools = [f"draw-{name}" for name in EDITS] + [f"draw-from-{name}" for name in STARTERS]
    app.clientside_callback(
        ClientsideFunction("draw", "sync"),
        Input("drawn", "data"),
        Input({"type": "knob", "name": "target.duration_ms"}, "value"),
    )
    app.clientside_callback(
        ClientsideFunction("draw", "press"), *(Input(tool, "n_clicks") for tool in tools), prevent_initial_call=True
    )
    for function, control, prop in (
        ("choose", "draw-group", "value"),
        ("phase", "draw-phase", "checked"),
        ("scale", "draw-limit", "value"),
    ):
        app.clientside_callback(ClientsideFunction("draw", function), Input(control, prop), prevent_initial_call=True)


def _group() -> dmc.Select:
    return dmc.Select(
        id="draw-group",
        data=[{"value": group, "label": GROUP_WORDS.get(group, group.capitalize())} for group in GROUPS],
        value=GROUPS[0],
        size="xs",
        allowDeselect=False,
        checkIconPosition="right",
        className="draw-group",
        **{"aria-label": "Neurons that follow this curve"},
    )


def _scale() -> dmc.SegmentedControl:
    return dmc.SegmentedControl(
        id="draw-limit",
        data=[{"value": value, "label": label} for value, label in LIMITS.items()],
        value=next(iter(LIMITS)),
        size="xs",
        className="draw-scale",
        **{"aria-label": "Range of the drive axis"},
    )


def _buttons(words: dict[str, str], prefix: str, *, disabled: bool = False) -> html.Div:
    buttons = [
        dmc.Button(word, id=f"{prefix}{name}", size="compact-xs", variant="default", disabled=disabled)
        for name, word in words.items()
    ]
    return html.Div(buttons, className="draw-buttons")


def _seconds() -> list[Any]:
    return [
        " ",
        html.Button("The times are seconds", id="draw-table-seconds", type="button", className="draw-plain", hidden=True),
    ]


def _before_script() -> dict[str, Any]:
    """What a slider must say of itself; the script keeps it up to date."""
    return {
        "aria-label": "Target curve for all neurons",
        "aria-describedby": "draw-keys",
        "aria-valuemin": "-1.5",
        "aria-valuemax": "1.5",
        "aria-valuenow": "0",
        "aria-valuetext": "0 ms, drive 0",
    }
