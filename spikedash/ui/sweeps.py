"""The page of all sweeps, and the form that makes a new one."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import cache
from typing import Any

import dash_mantine_components as dmc
from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update

from spikedash.experiments import EXPERIMENTS, PRESETS
from spikedash.experiments.numbers import NUMBERS
from spikedash.jobs.store import Store, Sweep
from spikedash.params import KNOBS, InputError, Params
from spikedash.ui import knobs, plans
from spikedash.ui.controls import GROUPS
from spikedash.ui.site import OFFLINE, Shown, frame, meter
from spikedash.ui.still import fold, known
from spikedash.ui.sweep_stream import LISTED, line
from spikedash.ui.words import about, ago, beginning, within

FIRST = ("network.tau_s_ms", "5, 10, 20, 40, 80")
SEEDS = 3
SOME_SEEDS = "1, 2, 3, 4, 5"
FACTORS = (0.25, 0.5, 1, 2, 4)  # values that are proposed for a setting, as parts of its usual one


def page(store: Store) -> Shown:
    """Newest first."""
    found = store.sweeps.sweeps(LISTED)
    body = [
        html.P(OFFLINE, className="page-remark wrong", id="poll-offline", role="status", hidden=True),
        dcc.Store(id="sweeps-tick"),
        _form(opened=not found),
        html.H2("Sweeps here", className="section-title"),
        html.Div(_list(found), id="sweeps-list"),
    ]
    lead = "Vary one or two settings, train a network for every value and seed, and watch the map fill in."
    shown = frame("/sweeps", "Sweeps", body, lead=lead)
    return Shown("Sweeps", html.Div(shown, **{"data-poll": "/stream/sweeps", "data-shows": "list"}))


def _list(found: Sequence[Sweep]) -> Any:
    return html.Ul([_line(sweep) for sweep in found], className="sweep-list") if found else _empty()


def _empty() -> html.Div:
    words = "No sweep has been run here yet. Start one above, or run an experiment of the paper."
    return html.Div(
        [
            html.Span(className="icon grid-icon", **{"aria-hidden": "true"}),
            html.P(words),
            html.A("See the experiments", href="/experiments", className="button"),
        ],
        className="empty",
    )


def _line(sweep: Sweep) -> html.Li:
    told = line(sweep)
    over = " × ".join(within(axis.label) for axis in sweep.axes)
    what = beginning(sweep.measure.label) + (f" over {over}" if over else "")
    where = f"{EXPERIMENTS[sweep.experiment].name} · {sweep.form} form" if sweep.experiment in EXPERIMENTS else what
    return html.Li(
        html.A(
            [
                html.Div([html.Strong(sweep.name), html.Span(where, className="sweep-where")], className="sweep-what"),
                html.Div(
                    [
                        meter(told, f"{sweep.name}: cells done"),
                        html.Span(told["sentence"], className="sweep-sentence"),
                    ],
                    className="sweep-far",
                ),
                html.Span(told["pill"], className=f"pill {told['tone']}"),
                html.Span(ago(time.time() - sweep.created), className="sweep-age"),
            ],
            href=f"/sweeps/{sweep.id}",
            className="sweep-line",
            **{"data-sweep": sweep.id},
        )
    )


def _settings() -> list[dict[str, Any]]:
    """Every parameter that can be varied, by its group; the seed has a field of its own."""
    return [
        {
            "group": title,
            "items": [
                {"value": name, "label": knobs.extra(name)["label"]}
                for name in KNOBS
                if name.startswith(f"{group}.") and name != "training.seed" and KNOBS[name].annotation not in (bool, str)
            ],
        }
        for group, (title, _) in GROUPS.items()
    ]


def _form(*, opened: bool) -> html.Details:
    presets = [{"value": name, "label": preset.title} for name, preset in PRESETS.items() if not preset.needs_recording]
    numbers = [{"value": path, "label": number.label} for path, number in NUMBERS.items() if not path.startswith("rate_fit")]
    fields = [
        dmc.Select(id="grid-base", label="Settings of", data=presets, value="playground", allowDeselect=False),
        dmc.Select(id="grid-number", label="Measured", data=numbers, value="correlation.test_mean", allowDeselect=False),
        dmc.NumberInput(id="grid-seeds", label="Seeds", value=SEEDS, min=1, max=plans.MOST_SEEDS, allowDecimal=False),
        dmc.TextInput(id="grid-name", label="Name", placeholder="made from the settings", className="grid-name"),
        dmc.Select(id="grid-x", label="Vary", data=_settings(), value=FIRST[0], searchable=True, allowDeselect=False),
        dmc.TextInput(id="grid-x-values", label="Values", value=FIRST[1], className="grid-values", debounce=250),
        dmc.Select(id="grid-y", label="And vary", data=_settings(), searchable=True, clearable=True, placeholder="nothing else"),
        dmc.TextInput(id="grid-y-values", label="Values", disabled=True, className="grid-values", debounce=250),
    ]
    foot = [
        html.Button("Run sweep", id="grid-run", className="button primary", type="button"),
        html.Span(id="grid-cost", className="grid-cost", role="status"),
        html.Span(id="grid-wrong", className="grid-wrong", role="alert"),
    ]
    return html.Details(
        [
            html.Summary("New sweep"),
            html.Div(fields, className="grid-form"),
            html.Div(foot, className="grid-foot"),
            dcc.Store(id="grid-go"),
            dcc.Store(id="grid-proposals", data=proposals()),
        ],
        open=opened,
        className="card grid-card",
    )


INPUTS = ("grid-base", "grid-number", "grid-seeds", "grid-x", "grid-x-values", "grid-y", "grid-y-values", "grid-name")


def proposal(name: str) -> str:
    """Values that are worth a try for a setting: around the one it has, or all choices."""
    if knobs.choices(name):
        return ", ".join(choice for choice in knobs.choices(name) if choice not in ("drawn", "formula", "recorded"))
    stops, usual = knobs.stops(name), float(KNOBS[name].default or 0)
    if not stops:
        return SOME_SEEDS
    wanted = [usual * factor for factor in FACTORS] if usual else [stops[k * (len(stops) - 1) // 8] for k in range(len(FACTORS))]
    near = dict.fromkeys(min(stops, key=lambda stop: abs(stop - value)) for value in wanted)
    return ", ".join(f"{value:g}" for value in near if _possible(name, value))


@cache
def proposals() -> dict[str, str]:
    """For every setting that may be varied."""
    return {item["value"]: proposal(item["value"]) for group in _settings() for item in group["items"]}


def _possible(name: str, value: float) -> bool:
    try:
        Params().with_values({name: value})
    except InputError:
        return False
    return True


def plan_of(base: str, number: str, seeds: Any, x: str, x_values: str, y: str | None, y_values: str, name: str) -> Any:
    """The plan that the form describes.

    Raises:
        InputError: the first thing that is wrong.
    """
    scans = [plans.Scan(x, x_values or ""), *([plans.Scan(y, y_values or "")] if y else [])]
    if not isinstance(seeds, int):
        raise InputError(f"The number of seeds must be a whole number from 1 to {plans.MOST_SEEDS}.")
    return plans.grid(name or "", PRESETS[base].values, scans, seeds, number)


def register(app: Dash, store: Store) -> None:
    """Propose values, tell what a grid costs, and launch it."""

    app.clientside_callback(  # in the browser: an answer on its way would overwrite what a quick hand has typed by then
        ClientsideFunction("sweeps", "propose"),
        Output("grid-x-values", "value"),
        Input("grid-x", "value"),
        State("grid-proposals", "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("sweeps", "proposeSecond"),
        Output("grid-y-values", "value"),
        Output("grid-y-values", "disabled"),
        Input("grid-y", "value"),
        State("grid-proposals", "data"),
        prevent_initial_call=True,
    )

    @app.callback(Output("grid-cost", "children"), Output("grid-wrong", "children"), *(Input(field, "value") for field in INPUTS))
    def cost(*values: Any) -> tuple[str, str]:
        try:
            plan = plan_of(*values)
        except InputError as error:
            return "", knobs.in_words(error)
        return f"{len(plan.cells):,} runs · {about(store.pace().seconds(plans.work(plan)))}", ""

    @app.callback(
        Output("grid-go", "data"),
        Output("grid-wrong", "children", allow_duplicate=True),
        Input("grid-run", "n_clicks"),
        *(State(field, "value") for field in INPUTS),
        prevent_initial_call=True,
    )
    def launch(clicks: int | None, *values: Any) -> tuple[Any, str]:
        if not clicks:
            return no_update, ""
        try:
            return f"/sweeps/{store.sweeps.launch(plan_of(*values))}", ""
        except InputError as error:
            return no_update, knobs.in_words(error)

    @app.callback(Output("sweeps-list", "children"), Input("sweeps-tick", "data"), prevent_initial_call=True)
    def refresh(tick: Any) -> Any:
        return fold(_list(store.sweeps.sweeps(LISTED)), known(app))

    app.clientside_callback(ClientsideFunction("site", "go"), Input("grid-go", "data"), prevent_initial_call=True)
