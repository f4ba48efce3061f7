"""Links between the address and the page: asked for, applied, kept up to date and copied (assets/links.js)."""

from __future__ import annotations

from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html

from spikedash.experiments import PRESETS
from spikedash.jobs.store import Store
from spikedash.params import Params
from spikedash.ui import knobs
from spikedash.ui.controls import PLAYGROUND, STATES, gather
from spikedash.ui.link_text import read, write


def stores(start: str = "") -> list[Any]:
    """What the browser and the server tell each other about links.

    Args:
        start: what an address without a hash means, such as the setting of a lesson.
    """
    return [
        dcc.Store(id="link-asked"),
        dcc.Store(id="link-read"),
        dcc.Store(id="link-now"),
        dcc.Store(id="link-start", data=start),
        dcc.Store(id="link-booted"),
        html.Div(id="link-said", role="status", className="unseen"),
    ]


def register(app: Dash, store: Store) -> None:
    """Read links on the server, apply them in the browser, and keep the address up to date."""
    # The output changes nothing: Dash calls nobody without one when a page comes.
    app.clientside_callback(ClientsideFunction("links", "boot"), Output("link-booted", "data"), Input("link-start", "data"))
    app.clientside_callback(ClientsideFunction("links", "apply"), Input("link-read", "data"), prevent_initial_call=True)
    app.clientside_callback(ClientsideFunction("links", "address"), Input("link-now", "data"), prevent_initial_call=True)
    app.clientside_callback(ClientsideFunction("links", "bare"), Input("hide-none", "n_clicks"), prevent_initial_call=True)
    app.clientside_callback(ClientsideFunction("links", "copy"), Input("copy-link", "n_clicks"), prevent_initial_call=True)

    @app.callback(Output("link-read", "data"), Input("link-asked", "data"), prevent_initial_call=True)
    def understand(asked: dict[str, Any] | None) -> dict[str, Any]:
        given = asked or {}
        link = read(str(given.get("text") or ""), store)
        always = read(str(given.get("start") or "")).hide
        return {**link._asdict(), "hide": sorted({*link.hide, *always}), "turn": given.get("turn")}

    @app.callback(
        Output("link-now", "data"), Input("settings", "data"), State("preset", "value"), *STATES, prevent_initial_call=True
    )
    def now(settings: dict[str, Any] | None, preset: str | None, *states: Any) -> dict[str, Any]:
        values, value_ids, flags, flag_ids, drawn, recording = states
        current = gather(values, value_ids, flags, flag_ids)
        name = preset if preset and preset in PRESETS else PLAYGROUND
        usual = {**knobs.flat(Params()), **PRESETS[name].values}
        key = str((recording or {}).get("id") or "")
        text = write(name, current, drawn or [], key)
        own = current.get("target.family") in ("drawn", "recorded")
        of_preset = not own and all(usual[knob] == value for knob, value in current.items() if knob in usual)
        short = f"preset={name}" if of_preset else text
        return {"full": text, "short": short, "turn": (settings or {}).get("turn")}
