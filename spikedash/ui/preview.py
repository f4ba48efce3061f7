"""A small picture of what some neurons shall do, before anything runs (assets/preview.js draws it)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from dash import ClientsideFunction, Dash, Input, Output, State

from spikedash import preview
from spikedash.params import InputError, Params
from spikedash.ui import controls, knobs

INNATE = (
    "Every neuron learns to repeat what it does by itself: its own drive, recorded from the untrained network "
    "when the run starts."
)
EMPTY = "Nothing is drawn yet."


def register(app: Dash) -> None:
    """Make the curves anew when a setting or a drawn curve has changed."""

    @app.callback(
        Output("aim", "data"),
        Input("settings", "data"),
        State("drawn", "data"),
        State("recording", "data"),
        prevent_initial_call=True,
    )
    def look(settings: dict[str, Any] | None, drawn: list[Any] | None, recording: dict[str, Any] | None) -> dict[str, Any]:
        return told(settings or {}, drawn, recording)

    app.clientside_callback(ClientsideFunction("preview", "wait"), Input("settings", "data"), prevent_initial_call=True)
    app.clientside_callback(ClientsideFunction("preview", "show"), Output("aim-note", "children"), Input("aim", "data"))


def told(settings: Mapping[str, Any], drawn: Sequence[Any] | None, recording: Mapping[str, Any] | None) -> dict[str, Any]:
    """Curves for the page, or a sentence in their place."""
    family = settings.get("target.family")
    if family == "innate":
        return {"note": INNATE}
    if family == "recorded" or (family == "drawn" and not drawn):
        return {"note": EMPTY if family == "drawn" else ""}
    try:
        params = controls.params_of(settings, drawn, recording)
    except InputError:
        return {"wrong": ""}  # the control that is wrong says so
    try:
        found = preview.preview(params)
    except InputError as error:
        return {"wrong": knobs.in_words(error)}
    return {} if found is None else _curves(found, params)


def _curves(found: preview.Preview, params: Params) -> dict[str, Any]:
    typed = params.network.weights == "balanced"
    kinds = ["E" if excitatory else "I" for excitatory in found.excitatory] if typed else [""] * len(found.neurons)
    note = ""
    if not found.exact:
        note = "Examples of the kind; every neuron draws its own."
    if params.target.sets > 1:
        note = f"Pattern 1 of {params.target.sets}. {note}".strip()
    return {
        "duration": params.target.duration_ms,
        "unit": found.unit,
        "kinds": kinds,
        "neurons": [str(number) for number in found.neurons] if found.exact else [""] * len(found.neurons),
        "curves": [[float(f"{value:.4g}") for value in curve] for curve in found.curves.T],
        "most": float(f"{max(1e-9, float(np.abs(found.curves).max())):.3g}"),
        "note": note,
    }
