"""Show code: the script and the command line that do what the page would do now, to the same bits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dash_mantine_components as dmc
from dash import ClientsideFunction, Dash, Input, Output, State, html, no_update

from spikedash.experiments import PRESETS
from spikedash.jobs.store import Store
from spikedash.params import InputError
from spikedash.script import Select, command, script
from spikedash.ui import knobs
from spikedash.ui.controls import STATES, gather, params_of

FORMS = {
    "script": ("Python", "Save it as again.py, and run it where SpikeDash is: python again.py"),
    "command": ("Command line", "Paste it into a terminal where SpikeDash is. It prints the figures of the run as JSON."),
}


def layout() -> dmc.Modal:
    """The dialog, empty until it is opened."""
    heads = dmc.TabsList(
        [dmc.TabsTab(title, value=form) for form, (title, _) in FORMS.items()], **{"aria-label": "Forms of the code"}
    )
    rooms = [dmc.TabsPanel(_room(form, about), value=form) for form, (_, about) in FORMS.items()]
    return dmc.Modal(
        [
            html.P(
                "What Train would compute now. Both forms give the same weights as the page, bit for bit.", className="code-lead"
            ),
            html.P(id="code-wrong", className="code-wrong", role="alert"),
            dmc.Tabs([heads, *rooms], id="code-form", value="script"),
        ],
        id="code-dialog",
        opened=False,
        title="Code of this setting",
        size="xl",
        closeButtonProps={"aria-label": "Close"},
        transitionProps={"duration": 0},
    )


def _room(form: str, about: str) -> html.Div:
    copy = html.Button("Copy", id=f"copy-{form}", className="button code-copy", type="button")
    text = html.Pre(html.Code(id=f"code-{form}"), className="code-text", tabIndex=0, **{"aria-label": FORMS[form][0]})
    return html.Div([html.Div([html.P(about, className="code-about"), copy], className="code-head"), text], className="code-room")


def texts(
    store: Store, values: Mapping[str, Any], preset: str | None, drawn: Any, recording: Mapping[str, Any] | None
) -> list[str]:
    """Script and command line of the page's settings.

    Raises:
        InputError: they cannot be trained.
    """
    params = params_of(values, drawn, recording)
    file = "recording.csv"
    select: Select = ()
    if params.target.family == "recorded":
        file = str((recording or {}).get("name") or file)
        try:
            select = store.recording(params.target.recording).choices
        except KeyError:
            raise InputError("The uploaded recording is no longer on the server; upload the file again.") from None
    name = PRESETS[preset].title if preset and preset in PRESETS else "a run"
    return [script(params, name, file, select), command(params, file, select)]


def register(app: Dash, store: Store) -> None:
    """Write the code when it is asked for; copy it in the browser."""

    @app.callback(
        Output("code-dialog", "opened"),
        Output("code-script", "children"),
        Output("code-command", "children"),
        Output("code-wrong", "children"),
        Input("show-code", "n_clicks"),
        State("preset", "value"),
        *STATES,
        prevent_initial_call=True,
    )
    def show(clicks: int | None, preset: str | None, *states: Any) -> tuple[Any, ...]:
        if not clicks:
            return (no_update,) * 4
        values, value_ids, flags, flag_ids, drawn, recording = states
        try:
            return True, *texts(store, gather(values, value_ids, flags, flag_ids), preset, drawn, recording), ""
        except InputError as error:
            return True, "", "", knobs.in_words(error)

    for form in FORMS:
        app.clientside_callback(
            ClientsideFunction("copying", "copy"),
            Output(f"copy-{form}", "children"),
            Input(f"copy-{form}", "n_clicks"),
            State(f"code-{form}", "children"),
            prevent_initial_call=True,
        )
