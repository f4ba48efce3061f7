"""The Probe: questions to the trained network of a run, and what it does before and after, side by side."""

from __future__ import annotations

from typing import Any, NamedTuple

import dash_mantine_components as dmc
from dash import ALL, MATCH, ClientsideFunction, Dash, Input, Output, State, dcc, html

from spikedash.jobs.store import Run
from spikedash.params import DECLARED
from spikedash.ui import knobs
from spikedash.ui.panels import CONFIG, blank

KIN = "probe-"  # begins the types of this tab's controls, which are no settings of a run


class Preset(NamedTuple):
    """A question that is often asked first."""

    title: str
    values: dict[str, Any]  # what differs from the defaults


PRESETS = {
    "no-cue": Preset("No cue", {"probe.cue": "none"}),
    "wrong-cue": Preset("Wrong cue", {"probe.cue": "wrong"}),
    "spike": Preset("Delete one spike", {"probe.delete": True}),
    "remove": Preset("Remove 10 %", {"probe.remove": 0.1}),
    "disinhibit": Preset("Silence inhibition", {"probe.scale_inh": 0.0}),
}
#: Title of a group of controls, and their names; what stands under "More" keeps its value when a preset is chosen.
GROUPS = (
    ("Start of the trial", ("probe.pattern", "probe.cue")),
    ("Damage", ("probe.delete", "probe.delete_ms", "probe.remove", "probe.shuffle", "probe.among")),
    ("Balance and noise", ("probe.scale_exc", "probe.scale_inh", "probe.noise")),
)
MORE = ("probe.trials", "probe.seed")
STAYS = ("probe.pattern", *MORE)
#: Name, what it is, and whether it exists before a change, too.
TILES = (
    ("correlation", "Correlation", "with the target", True),
    ("rate", "Population rate", "in the pattern", True),
    ("alike", "Drive as before", "r, before with after", False),
    ("shared", "Same spikes", "same neuron, same step", False),
)


def room(run: Run) -> html.Div:
    """The tab: a sentence until the network is trained, then controls, numbers and both pictures."""
    first = {**knobs_at_rest(run)}
    spec = {
        "run": run.id,
        "start": first,
        "stays": list(STAYS),
        "presets": {name: preset.values for name, preset in PRESETS.items()},
        "knobs": {name: {"stops": _stops(run, name), "when": knobs.extra(name)["when"]} for name in first},
    }
    bench = html.Div([_controls(run, first), _answers()], id="probe-bench", className="probe-bench", hidden=True)
    note = html.P("Loading.", id="probe-note", className="tab-note", role="status")
    return html.Div([dcc.Store(id="probe-spec", data=spec), note, bench], className="probe")


def knobs_at_rest(run: Run) -> dict[str, Any]:
    """Every question that makes sense for a run, with its value while nothing is changed."""
    shown = [name for _, names in GROUPS for name in names] + list(MORE)
    senseless = set()
    if run.params.target.sets == 1:
        senseless.add("probe.pattern")
    if run.params.target.family != "recorded":
        senseless.add("probe.among")
    if run.params.network.model == "rate":
        senseless |= {"probe.delete", "probe.delete_ms"}
    values = {name: DECLARED[name].default for name in shown if name not in senseless}
    latest = _most(run, "probe.delete_ms")
    if "probe.delete_ms" in values and latest is not None:
        values["probe.delete_ms"] = min(values["probe.delete_ms"], latest)
    return values


def _most(run: Run, name: str) -> float | None:
    """The highest value that means something for a run; recordings bring their own length."""
    if name == "probe.pattern":
        return run.params.target.sets - 1
    if name == "probe.delete_ms" and run.params.target.family != "recorded":
        return run.params.target.duration_ms
    return None


def _stops(run: Run, name: str) -> list[float]:
    numeric = DECLARED[name].annotation in (int, float)
    return knobs.stops(name, _most(run, name)) if numeric else []


def _controls(run: Run, first: dict[str, Any]) -> html.Section:
    there = {name: preset for name, preset in PRESETS.items() if set(preset.values) <= set(first)}
    buttons = [
        html.Button(
            preset.title, id={"type": "probe-preset", "name": name}, className="chip", type="button", **{"aria-pressed": "false"}
        )
        for name, preset in there.items()
    ]
    groups = []
    for title, names in GROUPS:
        rows = [knobs.row(name, first[name], kin=KIN, most=_most(run, name)) for name in names if name in first]
        groups.append(html.Div([html.H3(title), *rows], className="probe-group", role="group", **{"aria-label": title}))
    more = [knobs.row(name, first[name], kin=KIN) for name in MORE]
    undo = html.Button("Undo all", id="probe-undo", className="button", type="button", disabled=True)
    return html.Section(
        [
            html.Div([html.H3("Change one thing"), undo], className="probe-top"),
            html.Div(buttons, className="chips", role="group", **{"aria-label": "Questions to begin with"}),
            html.Details(
                [
                    html.Summary("All controls"),
                    *groups,
                    html.Details([html.Summary("More"), *more], className="more"),
                ],
                id="probe-fine",
                className="probe-fine",
                open=True,
            ),
        ],
        className="card probe-controls",
        **{"aria-label": "Questions to the network"},
    )


def _answers() -> html.Div:
    said = html.Div(
        [
            html.P(id="probe-said", className="probe-said", role="status"),
            html.P(id="probe-time", className="probe-time"),
        ],
        className="probe-saying",
    )
    picker = dmc.TagsInput(
        id="probe-neurons",
        value=[],
        maxTags=5,
        size="xs",
        splitChars=[",", " "],
        placeholder="add",
        className="picker",
        **{"aria-label": "Neurons shown, by number"},
    )
    keys = html.Span(
        [
            html.Span("target", className="key dashed"),
            html.Span("activity", className="key solid"),
            html.Span("before the change", className="key faint"),
        ],
        className="keys",
    )
    return html.Div(
        [
            said,
            html.Dl([_tile(*tile) for tile in TILES], className="probe-tiles"),
            html.Div([keys, html.Span(className="gap"), picker], className="probe-keys"),
            html.Div([_side("before", "Before"), _side("after", "After")], className="probe-sides"),
        ],
        id="probe-answers",
        className="probe-answers",
    )


def _tile(name: str, title: str, about: str, both: bool) -> html.Div:
    numbers: list[Any] = []
    if both:
        numbers = [html.Span("–", id=f"probe-{name}-before", className="was"), html.Span("→", className="arrow")]
    numbers += [html.Span("–", id=f"probe-{name}-after", className="now")]
    more = [html.Span("", id=f"probe-{name}-change", className="change"), html.Span("", id=f"probe-{name}-more")]
    return html.Div(
        [
            html.Dt([title, html.Span(about, className="tile-about")]),
            html.Dd(numbers),
            html.Dd(more, className="tile-more"),
        ],
        id=f"probe-tile-{name}",
        className="card probe-tile",
    )


def _side(name: str, title: str) -> html.Section:
    graph = dcc.Graph(
        id=f"probe-{name}", config=CONFIG, responsive=True, className="graph", figure=blank(), clear_on_unhover=True
    )
    told = "Spikes, population rate and the drive of a few neurons against their targets; click a row to show that neuron."
    return html.Section(
        [
            html.Div(
                [html.H3(title), html.Span(id=f"probe-{name}-caption", className="caption")], className="panel-head probe-head"
            ),
            html.P(told, className="unseen"),
            html.Div(graph, className="stage probe-stage"),
        ],
        className="card probe-side",
        **{"aria-label": f"{title} the change"},
    )


def register(app: Dash) -> None:
    """Keep sliders and numbers in step, and ask whenever a control moves while the tab is looked at."""
    app.clientside_callback(
        ClientsideFunction("probe", "sync"),
        Output({"type": "probe-slider", "name": MATCH}, "value"),
        Output({"type": "probe-knob", "name": MATCH}, "value"),
        Input({"type": "probe-slider", "name": MATCH}, "value"),
        Input({"type": "probe-knob", "name": MATCH}, "value"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("probe", "changed"),
        Output({"type": "probe-row", "name": ALL}, "hidden"),
        Output({"type": "probe-preset", "name": ALL}, "aria-pressed"),
        Output("probe-undo", "disabled"),
        Input({"type": "probe-knob", "name": ALL}, "value"),
        Input({"type": "probe-flag", "name": ALL}, "checked"),
        Input("run-tabs", "value"),
        State({"type": "probe-preset", "name": ALL}, "id"),
    )
    app.clientside_callback(
        ClientsideFunction("probe", "preset"), Input({"type": "probe-preset", "name": ALL}, "n_clicks"), prevent_initial_call=True
    )
    app.clientside_callback(ClientsideFunction("probe", "undo"), Input("probe-undo", "n_clicks"), prevent_initial_call=True)
    for side in ("before", "after"):
        app.clientside_callback(
            ClientsideFunction("stream", "pick"),
            Output("probe-neurons", "value", allow_duplicate=True),
            Input(f"probe-{side}", "clickData"),
            State("probe-neurons", "value"),
            prevent_initial_call=True,
        )
    app.clientside_callback(ClientsideFunction("probe", "show"), Input("probe-neurons", "value"), prevent_initial_call=True)
