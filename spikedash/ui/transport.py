"""Train, pause, step, stop, reset: the bar of buttons, what they do, and the one place for a sentence."""

from __future__ import annotations

from typing import Any, Literal

import dash_mantine_components as dmc
from dash import ClientsideFunction, Dash, Input, Output, State, ctx, html, no_update

from spikedash.experiments import PRESETS
from spikedash.jobs.store import Store, StoreError
from spikedash.params import InputError
from spikedash.ui import controls, knobs

Notice = dict[str, Any]

STATS = (
    ("stat-loop", "Loop"),
    ("stat-tests", "Test trial"),
    ("stat-correlation", "Correlation"),
    ("stat-error", "Error"),
    ("stat-rate", [html.Span("Population ", className="wide"), "rate"]),
    ("stat-elapsed", "Elapsed"),
    ("stat-left", "Time left"),
)


def layout() -> html.Section:
    """Buttons, state, progress and numbers in one bar; sentences below it."""
    buttons = html.Div(
        [
            html.Div(
                [_button("train", "Train", variant="filled"), html.Span(id="estimate", className="estimate")], className="launch"
            ),
            html.Div(
                [
                    _button("pause", "Pause", disabled=True),
                    _button("step", "Step", disabled=True),
                    _button("stop", "Stop", disabled=True),
                    _button("reset", "Reset", disabled=True, variant="subtle"),
                ],
                className="steer",
                role="group",
                **{"aria-label": "Control the run"},
            ),
        ],
        className="buttons",
    )
    return html.Section(
        [html.Div([buttons, standing()], className="transport-top"), *progress()],
        className="card transport",
        **{"aria-label": "Training"},
    )


def standing() -> html.Div:
    """The state of the run in a word, and a sentence about it."""
    return html.Div(
        [
            dmc.Badge("Ready", id="state", variant="light", color="gray", size="lg", radius="sm"),
            html.Span(id="sentence", className="sentence"),
        ],
        className="standing",
        role="status",
    )


def progress() -> list[Any]:
    """The bar, and the row of numbers under it."""
    bar = dmc.ProgressRoot(
        dmc.ProgressSection(id="progress", value=0, **{"aria-label": "Progress"}), size=6, radius="xl", className="bar"
    )
    return [bar, html.Dl([html.Div([html.Dt(name), html.Dd("–", id=key)]) for key, name in STATS], className="stats")]


def sentences() -> html.Div:
    """The one place where the page says that something is wrong."""
    notice = dmc.Alert(
        id="notice", hide=True, withCloseButton=True, closeButtonLabel="Close", color="red", title="", className="notice"
    )
    return html.Div([offline(), notice], className="sentences")


def offline() -> dmc.Alert:
    """Says that the server does not answer, while it does not."""
    return dmc.Alert(
        "The server does not answer; trying again.",
        id="offline",
        hide=True,
        color="yellow",
        title="Connection lost",
        className="notice",
    )


def _button(name: str, text: str, *, disabled: bool = False, variant: str = "default") -> dmc.Button:
    return dmc.Button(text, id=name, disabled=disabled, variant=variant, size="sm", className=f"go {name}")


def register(app: Dash, store: Store) -> None:
    """Launch and steer runs; every action is durable in the store before the page hears of it."""

    @app.callback(
        Output("run", "data"),
        Output("notice", "hide"),
        Output("notice", "title"),
        Output("notice", "children"),
        Output("notice", "color"),
        Input("train", "n_clicks"),
        State("preset", "value"),
        *controls.STATES,
        running=[(Output("train", "loading"), True, False)],
        prevent_initial_call=True,
    )
    def train(clicks: int | None, preset: str | None, *states: Any) -> tuple[Any, bool, str, str, str]:
        if not clicks:
            return no_update, True, "", "", "red"
        values, value_ids, flags, flag_ids, drawn, recording = states
        try:
            run_id = launch(store, preset, controls.gather(values, value_ids, flags, flag_ids), drawn, recording)
        except InputError as error:
            return no_update, False, "This setting cannot be trained", knobs.in_words(error), "red"
        except StoreError as error:
            return no_update, False, "The run could not be stored", str(error), "red"
        return run_id, True, "", "", "red"

    @app.callback(
        Input("pause", "n_clicks"),
        Input("step", "n_clicks"),
        Input("stop", "n_clicks"),
        Input("reset", "n_clicks"),
        State("run", "data"),
        prevent_initial_call=True,
    )
    def steer(pause: int | None, step: int | None, stop: int | None, reset: int | None, run_id: str | None) -> None:
        if run_id and ctx.triggered[0]["value"]:
            command(store, run_id, str(ctx.triggered_id))

    app.clientside_callback(
        ClientsideFunction("stream", "nudge"),
        Input("train", "n_clicks"),
        Input("pause", "n_clicks"),
        Input("step", "n_clicks"),
        Input("stop", "n_clicks"),
        prevent_initial_call=True,
    )
    app.clientside_callback(ClientsideFunction("stream", "reset"), Input("reset", "n_clicks"), prevent_initial_call=True)
    app.clientside_callback(ClientsideFunction("stream", "follow"), Input("run", "data"))


def launch(
    store: Store, preset: str | None, settings: dict[str, Any], drawn: list[Any] | None, recording: dict[str, Any] | None
) -> str:
    """Validate and queue a run; returns its id.

    Raises:
        InputError: the first thing that is wrong.
    """
    params = controls.params_of(settings, drawn, recording)
    if params.target.recording:
        try:
            store.recording(params.target.recording)
        except KeyError:
            raise InputError("The uploaded recording is no longer on the server; upload the file again.") from None
    title = PRESETS[preset].title if preset and preset in PRESETS else ""
    return store.launch(params, name=title, recording=params.target.recording)


def command(store: Store, run_id: str, button: str) -> None:
    """Do what a button means for a run in its present state; unknown runs are left to the stream, which says so."""
    try:
        paused = store.run(run_id).state == "paused"
        verbs: dict[str, Literal["pause", "resume", "step", "stop"]] = {
            "pause": "resume" if paused else "pause",
            "step": "step",
            "stop": "stop",
            "reset": "stop",
        }
        store.command(run_id, verbs[button])
    except KeyError:
        return
