"""The left column: every parameter of a run in four groups, and the presets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import dash_mantine_components as dmc
from dash import ALL, MATCH, ClientsideFunction, Dash, Input, Output, State, dcc, html

from spikedash import cost
from spikedash.experiments import PRESETS
from spikedash.jobs import insight_cost
from spikedash.jobs.store import Store
from spikedash.params import FAMILIES, KNOBS, InputError, Params
from spikedash.prices import FIRST, Pace
from spikedash.ui import draw, knobs, target, upload
from spikedash.ui.words import about, size

GROUPS = {
    "target": ("Target", "what every neuron shall do"),
    "network": ("Network", "who is connected to whom"),
    "training": ("Training", "how it practises"),
    "cue": ("Cue", "what starts the pattern"),
}
PLAYGROUND = "playground"
GLYPHS = Path(__file__).resolve().parents[2] / "assets" / "glyphs"

#: Rows that are no parameter of their own, and the settings under which they show.
EXTRA_ROWS: dict[str, dict[str, list[Any]]] = {
    "draw": {"target.family": ["drawn"]},
    "upload": {"target.family": ["recorded"]},
    "examples": {"target.family": ["formula"]},
    "language": {"target.family": ["formula"]},
    "aim": {"target.family": [family for family in FAMILIES if family != "recorded"]},
    "counts": {"network.weights": ["balanced"]},
    "mixed": {"network.weights": ["mixed"]},
    "silent": {"network.weights": ["silent"]},
}


def layout() -> html.Div:
    """The four groups, Target and Network open, with everything the browser must know about them."""
    start = knobs.flat(preset_params(PLAYGROUND))
    return html.Div(
        [
            dcc.Store(id="spec", data=spec()),
            dcc.Store(id="settings"),
            dcc.Store(id="verdict"),
            dmc.Accordion(
                [_group(name, start) for name in GROUPS],
                multiple=True,
                value=["target", "network"],
                order=2,
                variant="default",
                chevronPosition="right",
                id="groups",
                className="groups",
            ),
            html.Button("Show all settings", id="hide-none", className="show-all", type="button", hidden=True),
        ],
        className="controls",
    )


def preset_params(name: str) -> Params:
    """The complete parameters of a preset that needs no recording."""
    return Params().with_values(PRESETS[name].values)


def spec() -> dict[str, Any]:
    """What the browser needs: when rows show, where sliders halt, what presets hold, and where it starts."""
    rows = {name: {"when": when} for name, when in EXTRA_ROWS.items()}
    usual = knobs.flat(Params())
    presets = {name: {**usual, **preset.values} for name, preset in PRESETS.items()}
    return {"knobs": knobs.spec(), "rows": rows, "presets": presets, "start": PLAYGROUND, "recorded": suits_recordings()}


def suits_recordings() -> dict[str, Any]:
    """The preset whose settings learn recorded rates, and those of them that decide how well."""
    name = next(name for name, preset in PRESETS.items() if preset.needs_recording)
    return {"preset": name, "matter": ["network.wiring", "network.tau_s_ms", "network.noise", "cue.to"]}


def gallery() -> dict[str, Any]:
    """Thumbnail and sentence of every preset, for its place in the list (assets/presets.js)."""
    glyphs = {name: name if (GLYPHS / f"{name}.svg").exists() else "other" for name in PRESETS}
    return {name: {"glyph": glyphs[name], "about": preset.blurb} for name, preset in PRESETS.items()}


def preset_select() -> dmc.Select:
    """The presets by their titles."""
    return dmc.Select(
        id="preset",
        data=[{"value": name, "label": preset.title} for name, preset in PRESETS.items()],
        value=PLAYGROUND,
        allowDeselect=False,
        checkIconPosition="right",
        size="sm",
        className="preset",
        comboboxProps={"width": "min(94vw, 1180px)", "position": "bottom-start"},
        classNames={"option": "preset-option", "options": "preset-options"},
        withScrollArea=False,
        attributes={"options": {"tabIndex": 0}},  # the list itself scrolls, and can be reached
        renderOption={"function": "presetOption", "options": gallery()},
        **{"aria-label": "Preset"},
    )


def _group(group: str, start: Mapping[str, Any]) -> dmc.AccordionItem:
    title, about = GROUPS[group]
    names = [name for name in KNOBS if name.startswith(f"{group}.")]
    rows: list[Any] = []
    for name in names:
        if not knobs.extra(name)["advanced"]:
            rows += [_row(name, start), *_beside(name, start)]
    rare = [_row(name, start) for name in names if knobs.extra(name)["advanced"]]
    if rare:
        rows.append(html.Details([html.Summary("More"), *rare], className=f"more more-{group}"))
    heading = html.Span([html.Span(title, className="group-title"), html.Span(about, className="group-about")])
    return dmc.AccordionItem([dmc.AccordionControl(heading), dmc.AccordionPanel(rows)], value=group, className=f"group-{group}")


def _row(name: str, start: Mapping[str, Any]) -> html.Div:
    """A knob that shows at once what it shows in the end: nothing moves when the page is ready."""
    return knobs.row(name, start[name], hidden=not holds(knobs.extra(name)["when"], start))


def _beside(name: str, start: Mapping[str, Any]) -> list[html.Div]:
    """What follows a knob that needs more than itself."""
    if name == "target.family":
        return [_extra("draw", draw.layout(), start), _extra("upload", upload.layout(), start)]
    if name == "target.formula":
        return [
            _extra("examples", target.examples(), start),
            _extra("aim", target.aim(), start),
            _extra("language", target.language(), start),
        ]
    if name == "network.frac_exc":
        excitatory = round(start["network.frac_exc"] * start["network.n"])
        counts = html.Div(
            [
                html.Span(f"{excitatory:,} E", id="count-exc", className="exc"),
                html.Span(f"{start['network.n'] - excitatory:,} I", id="count-inh", className="inh"),
            ],
            className="counts",
            role="status",
        )
        return [_extra("counts", counts, start)]
    if name == "network.weights":
        mixed = "Every neuron excites some neurons and inhibits others, so there are no E and I cells to share out."
        silent = "All weights start at zero: the first spikes come from the cue, the wiring is learned from nothing."
        return [
            _extra("mixed", html.P(mixed, className="knob-note"), start),
            _extra("silent", html.P(silent, className="knob-note"), start),
        ]
    return []


def _extra(name: str, content: Any, start: Mapping[str, Any]) -> html.Div:
    hidden = not holds(EXTRA_ROWS[name], start)
    return html.Div(content, id={"type": "row", "name": name}, hidden=hidden, className=f"knob knob-{name}")


#: The state of every control, for callbacks that make Params of it.
STATES = (
    State({"type": "knob", "name": ALL}, "value"),
    State({"type": "knob", "name": ALL}, "id"),
    State({"type": "flag", "name": ALL}, "checked"),
    State({"type": "flag", "name": ALL}, "id"),
    State("drawn", "data"),
    State("recording", "data"),
)


def gather(
    values: Sequence[Any], value_ids: Sequence[Mapping[str, str]], flags: Sequence[bool], flag_ids: Sequence[Mapping[str, str]]
) -> dict[str, Any]:
    """The controls' values by dotted name."""
    named = {key["name"]: value for key, value in zip(value_ids, values, strict=True)}
    return named | {key["name"]: bool(value) for key, value in zip(flag_ids, flags, strict=True)}


def params_of(settings: Mapping[str, Any], drawn: Sequence[Any] | None, recording: Mapping[str, Any] | None) -> Params:
    """Validated parameters of the page's settings; knobs that do not show keep their defaults.

    Raises:
        InputError: the first thing that is wrong, in one sentence.
    """
    values = {name: value for name, value in settings.items() if name in KNOBS and holds(knobs.extra(name)["when"], settings)}
    if settings.get("target.family") == "drawn":
        values["target.curves"] = list(drawn or ())
    if settings.get("target.family") == "recorded":
        values["target.recording"] = (recording or {}).get("id", "")
    return Params().with_values(values)


def holds(when: Mapping[str, Sequence[Any]], settings: Mapping[str, Any]) -> bool:
    """Whether a parameter means anything under the other settings."""
    return all(settings.get(other) in allowed for other, allowed in when.items())


def register(app: Dash, store: Store) -> None:
    """Keep sliders and numbers in step, show what matters, say what it costs and what is wrong."""
    app.clientside_callback(
        ClientsideFunction("controls", "sync"),
        Output({"type": "slider", "name": MATCH}, "value"),
        Output({"type": "knob", "name": MATCH}, "value"),
        Input({"type": "slider", "name": MATCH}, "value"),
        Input({"type": "knob", "name": MATCH}, "value"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("controls", "changed"),
        Output("restore", "disabled"),
        Input({"type": "knob", "name": ALL}, "value"),
        Input({"type": "flag", "name": ALL}, "checked"),
        Input("drawn", "data"),
        Input("recording", "data"),
        State("preset", "value"),
    )
    app.clientside_callback(
        ClientsideFunction("controls", "choose"),
        Input("preset", "value"),
        Input("restore", "n_clicks"),
        prevent_initial_call=True,
    )

    app.clientside_callback(ClientsideFunction("controls", "judged"), Input("verdict", "data"), prevent_initial_call=True)

    @app.callback(
        Output("verdict", "data"),
        Input("settings", "data"),
        State("drawn", "data"),
        State("recording", "data"),
        prevent_initial_call=True,
    )
    def judge(settings: dict[str, Any] | None, drawn: list[Any] | None, recording: dict[str, Any] | None) -> dict[str, str]:
        try:
            text, wrong, place = estimate(params_of(settings or {}, drawn, recording), recording, store.pace()), "", ""
        except InputError as error:
            text, wrong, place = "", knobs.in_words(error), str(error).split(" ")[0]
        if place == "target.family":
            place = ""  # nothing is drawn or uploaded yet: the pad invites to, and Train says so
        return {"estimate": text, "wrong": wrong, "place": place}


def estimate(params: Params, recording: Mapping[str, Any] | None, pace: Pace = FIRST) -> str:
    """Memory and time of a run in words, on a machine of this pace."""
    facts = (recording or {}).get("describe") or {}
    recorded = params.target.family == "recorded" and facts.get("duration_ms")
    window = float(recorded) if recorded else None
    return f"{about(pace.seconds(insight_cost.run_work(params, window_ms=window)))} · {size(cost.memory(params, window))}"
