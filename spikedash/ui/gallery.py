"""The gallery of the paper's experiments: what is claimed, what was expected, what was measured here, and a button to run it."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from dash import ALL, Dash, Input, Output, State, ctx, dcc, html, no_update
from dash.development.base_component import Component
from flask import Flask, Response

from spikedash.experiments import EXPERIMENTS, Experiment
from spikedash.jobs.store import Store, StoreError, Sweep
from spikedash.params import InputError
from spikedash.prices import Pace
from spikedash.records import F64
from spikedash.reproduction.judge import applies
from spikedash.ui import plans
from spikedash.ui.knobs import in_words
from spikedash.ui.site import OFFLINE, Shown, frame, meter
from spikedash.ui.still import fold, known
from spikedash.ui.sweep_picture import thumbnail
from spikedash.ui.sweep_stream import checks, line
from spikedash.ui.words import about, band

GLYPHS = Path(__file__).resolve().parents[2] / "assets" / "glyphs"
CHAPTERS = {
    ("fig1", "fig2"): "Figures 1 and 2 · Learning a drive, a rate, and several patterns",
    ("fig3",): "Figure 3 · What can be learnt, and by which neurons",
    ("fig4",): "Figure 4 · A network under Dale's law repeats itself",
    ("fig5",): "Figure 5 · Recorded cortex",
    ("fig6", "fig7"): "Figures 6 and 7 · Where learning ends",
}


class Standing(NamedTuple):
    """What this store knows of an experiment."""

    latest: Sweep | None  # the newest sweep
    measured: Sweep | None  # the newest one with a finished cell


def page(store: Store) -> Shown:
    """All chapters."""
    lead = (
        "Every experiment of Kim & Chow (2018), to be run again here. The short form is smaller than the paper's and still shows "
        "the effect; the full form has the paper's size and more seeds."
    )
    body = [
        dcc.Store(id="gallery-tick"),
        dcc.Store(id="recording", storage_type="local"),
        html.P(OFFLINE, className="page-remark wrong", id="poll-offline", role="status", hidden=True),
        html.P(id="gallery-wrong", className="gallery-wrong", role="alert"),
        html.Div(chapters(store), id="gallery"),
    ]
    shown = frame("/experiments", "Experiments", body, lead=lead, wide=True)
    return Shown("Experiments", html.Div(shown, **{"data-poll": "/stream/sweeps", "data-shows": "list"}))


def chapters(store: Store) -> list[html.Section]:
    known = standings(store)
    found = [(title, [e for e in EXPERIMENTS.values() if e.name.startswith(figures)]) for figures, title in CHAPTERS.items()]
    found.append(("More", [e for e in EXPERIMENTS.values() if not e.name.startswith(tuple(sum(CHAPTERS, ())))]))
    return [
        html.Section(
            [
                html.H2(title, className="chapter"),
                html.Div([_card(store, e, known.get(e.name, Standing(None, None))) for e in experiments], className="gallery"),
            ]
        )
        for title, experiments in found
        if experiments
    ]


def standings(store: Store) -> dict[str, Standing]:
    """By experiment, from the newest sweeps."""
    found: dict[str, Standing] = {}
    for sweep in store.sweeps.sweeps(1000):
        if sweep.experiment in EXPERIMENTS:
            before = found.get(sweep.experiment, Standing(None, None))
            done = sweep if sweep.counts.get("done") else None
            found[sweep.experiment] = Standing(before.latest or sweep, before.measured or done)
    return found


def _card(store: Store, experiment: Experiment, standing: Standing) -> html.Article:
    name = experiment.name
    label = f"gallery-{name}"
    return html.Article(
        [
            _picture(name, standing),
            html.Div(
                [
                    html.Div([html.H3(experiment.title, id=label), html.Code(name)], className="shot-head"),
                    html.P(experiment.claim or experiment.blurb, className="shot-claim"),
                    _numbers(store, experiment, standing),
                    _running(standing),
                    _buttons(experiment, store.pace()),
                ],
                className="shot-body",
            ),
        ],
        className="card shot",
        **{"aria-labelledby": label},
    )


def _picture(name: str, standing: Standing) -> html.Div:
    if standing.measured:
        version = f"{standing.measured.id}-{standing.measured.counts.get('done', 0)}"
        image = html.Img(src=f"/thumbnail/{version}.svg", alt="", width="160", height="90")
        return html.Div(image, className="shot-picture")
    glyph = name if (GLYPHS / f"{name}.svg").exists() else "other"
    mask = html.Span(className="glyph", style={"maskImage": f"url(/assets/glyphs/{glyph}.svg)"})
    return html.Div(mask, className="shot-picture", **{"aria-hidden": "true"})


def _numbers(store: Store, experiment: Experiment, standing: Standing) -> html.Div:
    """Expected beside measured; measured are those of one sweep, with its form and seeds."""
    rows: Sequence[Mapping[str, Any]]
    if standing.measured:
        rows = checks(store, standing.measured)
        seeds = max((row["seeds"] for row in rows), default=0)
        where = html.A(
            f"{standing.measured.form} form, {seeds} seed{'' if seeds == 1 else 's'}", href=f"/sweeps/{standing.measured.id}"
        )
        said: Any = ["Measured here: ", where]
    else:
        rows = [
            {"what": check.what, "expected": band(check.expected), "mean": "–", "seeds": 0, "passed": None}
            for check in experiment.checks
            if applies(check, False)
        ] or [{"what": c.what, "expected": band(c.expected), "mean": "–", "seeds": 0, "passed": None} for c in experiment.checks]
        said = "Not run here yet."
    heads = [html.Th(word, scope="col") for word in ("What", "Expected", "Measured")]
    table = html.Table([html.Thead(html.Tr(heads)), html.Tbody([_row(row) for row in rows])], className="checks")
    return html.Div([table, html.P(said, className="shot-said")])


def _row(row: Mapping[str, Any]) -> html.Tr:
    signs = {True: ("✓", "passed", "as expected"), False: ("✗", "missed", "not as expected"), None: ("", "", "")}
    sign, kind, words = signs[row["passed"]]
    measured = [row["mean"] if row["seeds"] else "–"]
    if sign:
        measured += [" ", html.Span(sign, className=kind, role="img", **{"aria-label": words})]
    return html.Tr(
        [
            html.Th(row["what"], scope="row"),
            html.Td(row["expected"], className="num"),
            html.Td(measured, className="num"),
        ]
    )


def _running(standing: Standing) -> html.Div | None:
    """How far the newest sweep is, unless that is done."""
    if standing.latest is None or standing.latest.state == "done":
        return None
    told = line(standing.latest)
    bar = meter(told)
    head = html.Div(
        [
            html.Span(told["pill"], className=f"pill {told['tone']}"),
            html.A("Watch it", href=f"/sweeps/{standing.latest.id}"),
        ],
        className="shot-run-head",
    )
    sentence = html.Span(told["sentence"], className="sweep-sentence")
    return html.Div([head, bar, sentence], className="shot-run", **{"data-sweep": standing.latest.id})


def _buttons(experiment: Experiment, pace: Pace) -> html.Div:
    """The time of either form stands on its button, before it starts."""
    return html.Div(
        [
            _button(experiment, "short", "Run", "button primary", pace),
            _button(experiment, "full", "Full size", "button", pace),
            html.A(
                "Open setting",
                href=f"/#preset={experiment.name}",
                className="shot-open",
                **{"aria-label": f"Open the setting of {experiment.title} in the playground"},
            ),
        ],
        className="shot-buttons",
    )


def _button(experiment: Experiment, form: str, word: str, kind: str, pace: Pace) -> html.Button:
    takes = _takes(experiment, form == "full", pace)
    return html.Button(
        [word, html.Span(takes, className="shot-time")],
        id={"type": "run-experiment", "name": experiment.name, "form": form},
        type="button",
        className=kind,
        **{"aria-label": f"{word}: {experiment.title}, {form} form, {takes}"},
    )


def _takes(experiment: Experiment, full: bool, pace: Pace) -> str:
    if experiment.needs_recording:
        return "your recording"
    return about(pace.seconds(_work(experiment.name, full)))


@functools.cache
def _work(name: str, full: bool) -> F64:
    return plans.work_of(EXPERIMENTS[name], full)


def launch(store: Store, name: str, form: str, recording: Mapping[str, Any] | None) -> str:
    """Queue an experiment; returns the id of its sweep.

    Raises:
        InputError: it needs a recording, or cannot be run here.
    """
    given = str((recording or {}).get("id") or "")
    units = 0
    if EXPERIMENTS[name].needs_recording and given:
        try:
            units = store.recording(given).rate_hz.shape[1]
        except KeyError:
            raise InputError("The uploaded recording is no longer on the server; upload the file again.") from None
    return store.sweeps.launch(plans.of_experiment(EXPERIMENTS[name], form == "full", given, units))


def register(app: Dash, server: Flask, store: Store) -> None:
    """Launch experiments, show what is new, and serve the small pictures."""

    @app.callback(
        Output("gallery-tick", "data"),
        Output("gallery-wrong", "children"),
        Input({"type": "run-experiment", "name": ALL, "form": ALL}, "n_clicks"),
        State("recording", "data"),
        prevent_initial_call=True,
    )
    def run(clicks: Sequence[int | None], recording: dict[str, Any] | None) -> tuple[Any, str]:
        asked = ctx.triggered_id
        if not asked or not ctx.triggered[0]["value"]:
            return no_update, ""
        try:
            return launch(store, asked["name"], asked["form"], recording), ""
        except (InputError, StoreError) as error:
            return no_update, in_words(error)

    @app.callback(Output("gallery", "children"), Input("gallery-tick", "data"), prevent_initial_call=True)
    def refresh(tick: Any) -> Component:
        return fold(chapters(store), known(app))

    @server.get("/thumbnail/<version>.svg")
    def picture(version: str) -> Response:
        try:
            drawn = thumbnail(store, version.rpartition("-")[0])
        except KeyError:
            return Response(status=404)
        return Response(drawn, mimetype="image/svg+xml", headers={"Cache-Control": "private, max-age=3600"})
