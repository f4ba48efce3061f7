"""Fields that say how an uploaded file is read; empty ones show what the reader guessed (assets/reading.js sends them)."""

from __future__ import annotations

import math
from typing import Any

import dash_mantine_components as dmc
from dash import ClientsideFunction, Dash, Input, Output, State, html

from spikedash.readers import CHOICES, Choice

#: In the order of the page; the others are under "More".
FIRST = ("min_hz", "smooth_ms", "from_s", "to_s", "holds", "unit", "sampling_hz", "align", "trials", "neurons")
MORE = ("first", "bin_ms", "rows", "time", "array")
#: Fields with what the file offers.
OFFERED = ("align", "trials", "time", "array")
WIDE = ("neurons", "array")


def layout() -> html.Details:
    """The fields, hidden until a file was chosen."""
    return html.Details(
        [
            html.Summary("How the file is read", className="reading-title"),
            html.P(id="reading-hint", className="upload-note"),
            html.Fieldset(
                [
                    html.Div([_row(key) for key in FIRST], className="reading-grid"),
                    html.Details(
                        [
                            html.Summary("More", className="reading-more"),
                            html.Div([_row(key) for key in MORE], className="reading-grid"),
                        ]
                    ),
                ],
                id="reading-fields",
                className="reading-fields",
                **{"aria-label": "How the file is read"},
            ),
            html.P(id="reading-said", className="reading-said", role="status"),
            html.P(id="reading-wrong", className="upload-error", role="alert"),
        ],
        id="reading",
        className="reading",
        open=True,
        hidden=True,
    )


def register(app: Dash) -> None:
    """Send changed fields with the file again, and show what was guessed; all of it in the browser."""
    keys = [*FIRST, *MORE]
    app.clientside_callback(
        ClientsideFunction("reading", "changed"), *(Input(_id(key), "value") for key in keys), prevent_initial_call=True
    )
    app.clientside_callback(
        ClientsideFunction("reading", "show"),
        *(Output(_id(key), "placeholder") for key in keys),
        *(Output(_id(key), "data") for key in OFFERED),
        *(Output(f"reading-row-{key}", "hidden") for key in keys),
        Output("reading", "hidden"),
        Output("reading-fields", "disabled"),
        Output("reading-hint", "children"),
        Input("recording", "data"),
        Input("reading-file", "data"),
        State(_id("unit"), "value"),
    )


def spec() -> dict[str, Any]:
    """What the browser must know of the choices."""
    keys = [*FIRST, *MORE]
    words = {key: dict(choice.words) for key, choice in CHOICES.items() if choice.words}
    return {"keys": keys, "offered": list(OFFERED), "words": words}


def _id(key: str) -> str:
    return f"reading-{key}"


def _row(key: str) -> html.Div:
    choice = CHOICES[key]
    unit = [" ", html.Span(choice.unit, className="knob-unit")] if choice.unit else []
    help: dict[str, Any] = {"data-help": choice.help}
    label = html.Label([choice.label, *unit], htmlFor=_id(key), className="knob-label", **help)
    wide = " reading-wide" if key in WIDE else ""
    return html.Div([label, _field(key, choice)], id=f"reading-row-{key}", className=f"reading-row{wide}")


def _field(key: str, choice: Choice) -> Any:
    common: dict[str, Any] = {
        "id": _id(key),
        "size": "xs",
        "className": "reading-field",
        "description": choice.help,
        "descriptionProps": {"className": "unseen"},
    }
    if choice.words:
        data = [{"value": value, "label": label} for value, label in choice.words]
        return dmc.Select(data=data, value=None, clearable=True, checkIconPosition="right", **common)
    if key in OFFERED:
        return dmc.Autocomplete(data=[], value="", debounce=600, **common)
    if math.isnan(choice.low):
        return dmc.TextInput(value="", debounce=True, **common)
    return dmc.NumberInput(
        value="",
        min=choice.low,
        max=choice.high,
        allowDecimal=not choice.whole,
        clampBehavior="none",
        hideControls=True,
        debounce=True,
        **common,
    )
