"""What the tabs of a run's page show: arrays that its worker kept, drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_mantine_components as dmc
import numpy as np
from dash import dcc, html

from spikedash.analysis import Errors, Spectrum, WeightHistogram, distribution, pearson, population_map
from spikedash.figures import agreement, error_curves, overlay, phase_deviation, population, spectrum, weights
from spikedash.figures import distribution as bars
from spikedash.figures.style import Figure
from spikedash.jobs.store import FINAL, Run, SetupView, Store
from spikedash.records import F64
from spikedash.ui import knobs
from spikedash.ui.panels import CONFIG
from spikedash.ui.words import decimals

Arrays = Mapping[str, Any]
MOST = 6  # neurons whose PSTHs are shown at once
BINS = 30


def draw(store: Store, run_id: str, tab: str, theme: str) -> Any:
    """The content of a tab, or a sentence that says why there is none."""
    try:
        run, kept, setup, result = store.run(run_id), store.insight(run_id), store.setup(run_id), store.result(run_id)
    except KeyError:
        return _note("This run was deleted.")
    if run.state not in FINAL:
        return _note("The network is looked at when its training is over.")
    if run.state != "done" or result is None or setup is None:
        return _note("This run did not come to its end, so there is no trained network to look at.")
    if kept is None:
        return _note("This run was made before runs kept what is drawn here; train it again to see it.")
    if tab == "network":
        return html.Div(_network(run, kept, setup, result.per_neuron, theme), className="tab-grid")
    if tab == "theory":
        return html.Div(_theory(run, kept, setup, result, theme), className="tab-grid")
    return html.Div(_recording(store, run, kept, setup.sample_ms, theme), className="tab-grid")


def _note(text: str) -> html.P:
    return html.P(text, className="tab-note")


def _card(title: str, about: str, content: Any, *, wide: bool = False, tall: bool = False, third: bool = False) -> html.Section:
    return html.Section(
        [html.H3(title), html.P(about, className="tab-about"), content],
        className=f"card tab-card{' wide' if wide else ''}{' tall' if tall else ''}{' third' if third else ''}",
        **{"aria-label": title},
    )


def _graph(figure: Figure, **more: Any) -> html.Div:
    return html.Div(
        dcc.Graph(figure=figure, config=CONFIG, responsive=True, className="graph", **more), className="stage tab-stage"
    )


def _network(run: Run, kept: Arrays, setup: SetupView, per_neuron: F64, theme: str) -> list[Any]:
    cards = []
    if "edges" in kept:
        kinds = [
            WeightHistogram(str(kind), *parts)
            for kind, *parts in zip(kept["kinds"], kept["edges"], kept["before"], kept["after"], strict=True)
        ]
        about = "Plastic synapses by the kind of their presynaptic neuron."
        cards.append(_card("Weights before and after", about, _graph(weights.draw(kinds, theme=theme))))
    if "eigen_before" in kept:
        (radius_before, row_before), (radius_after, row_after) = kept["eigen_about"]
        before = Spectrum(kept["eigen_before"], float(radius_before), float(row_before))
        after = Spectrum(kept["eigen_after"], float(radius_after), float(row_after))
        about = "Eigenvalues of W, over the radius that random weights of the same spread would have."
        cards.append(_card("Spectrum", about, _graph(spectrum.draw(before, after, theme=theme))))
    else:
        words = f"The spectrum is computed for networks of up to 1,000 neurons; this one has {setup.n:,}."
        cards.append(_card("Spectrum", "Eigenvalues of W.", _note(words)))
    known = per_neuron[np.isfinite(per_neuron)]
    if known.size:
        low = min(0.0, float(np.floor(10 * known.min()) / 10))
        about = "Pearson's r of the trial average with the target, for every neuron that learns."
        parts = _parts(per_neuron, setup, low, 1.0)
        cards.append(
            _card("Correlation of every neuron", about, _graph(bars.draw(parts, "correlation", theme=theme)), third=True)
        )
    if "rate_hz" in kept:
        high = float(np.ceil(np.nanmax(kept["rate_hz"]) / 5) * 5) or 5.0
        about = "Mean over the test trials, in the target window."
        rates = bars.draw(_parts(kept["rate_hz"], setup, 0.0, high), "rate", "Hz", theme=theme)
        cards.append(_card("Firing rates", about, _graph(rates), third=True))
        about = "Coefficient of variation of the intervals between spikes: 0 for a clock, 1 for a Poisson process."
        if np.isfinite(kept["cv"]).any():
            cv = bars.draw(_parts(kept["cv"], setup, 0.0, 2.0), "CV", theme=theme)
            cards.append(_card("Irregularity", about, _graph(cv), third=True))
    return cards


def _parts(values: F64, setup: SetupView, low: float, high: float) -> list[bars.Bins]:
    """One distribution, or one for each type."""
    split = [("E", values[: setup.n_exc]), ("I", values[setup.n_exc :])] if setup.typed else [("all neurons", values)]
    return [
        bars.Bins(name, *distribution(part, low, high, BINS), float(np.nanmedian(part)))
        for name, part in split
        if np.isfinite(part).any()
    ]


def _theory(run: Run, kept: Arrays, setup: SetupView, result: Any, theme: str) -> list[Any]:
    if "predicted" not in kept:
        words = (
            "The quasi-static picture is drawn for networks of theta or LIF neurons that learn their drive and were tested; "
            "this run is another kind."
        )
        return [
            _card("Quasi-static theory", "Drives and rates as averages predict them.", _note(words)),
            _deviation(run, kept, theme),
        ]
    shown, fits = kept["shown"], kept["drive_fit"][kept["shown"]]
    three = _three(fits)
    column = {int(neuron): k for k, neuron in enumerate(result.neurons)}
    drive = [
        overlay.Pair(f"{shown[k]}", result.mean_drive[0][:, column[int(shown[k])]], kept["predicted"][:, k], float(fits[k]))
        for k in three
    ]
    rate_fit = kept["rate_fit"][shown]
    by_rate = _three(rate_fit)
    rates = [overlay.Pair(f"{shown[k]}", kept["psth_hz"][:, k], kept["phi_hz"][:, k], float(rate_fit[k])) for k in by_rate]
    medians = (float(np.nanmedian(kept["drive_fit"])), _median(kept["rate_fit"]))
    about = f"Best, middle and worst of {len(shown)} neurons; median r over the network {decimals(medians[0], 2)}."
    names = ("simulated u", "W φ(u), filtered by the synapse")
    cards = [
        _card("Quasi-static drive", about, _graph(overlay.draw(setup.sample_ms, drive, names, "drive", theme=theme)), tall=True),
        _card(
            "Quasi-static rate",
            f"The same for rates; median r {decimals(medians[1], 2)}.",
            _graph(overlay.draw(setup.sample_ms, rates, ("PSTH", "φ(u)"), "rate (Hz)", theme=theme)),
            tall=True,
        ),
    ]
    tracking, sampling = (_rms(kept[name]) for name in ("tracking", "sampling"))
    if "times" in kept:
        expected = Errors(*kept["expected"])
        measured = error_curves.Measured(run.params.network.tau_s_ms, tracking, sampling)
        about = "Slow synapses cannot follow the target, fast ones carry too few spikes; dots are this network."
        cards.append(
            _card("Tracking and sampling error", about, _graph(error_curves.draw(kept["times"], expected, measured, theme=theme)))
        )
    rank, participation, enough = kept["axes"]
    tiles = [
        ("Tracking error", decimals(tracking, 2), "share of the target's SD"),
        ("Sampling error", decimals(sampling, 2), "share of the target's SD"),
        ("Rank", f"{int(rank):,}", "independent rates in the target"),
        ("Participation", decimals(float(participation), 1), "directions that matter"),
        ("Axes for 95 %", f"{int(enough):,}", "of the variance of the rates"),
    ]
    numbers = html.Dl(
        [html.Div([html.Dt(a), html.Dd(b), html.Dd(c, className="tile-about")]) for a, b, c in tiles], className="tiles"
    )
    about = "Weights combine the rates of other neurons; the more directions these span, the more can be learnt."
    return [*cards, _deviation(run, kept, theme), _card("Errors and heterogeneity", about, numbers, wide=True)]


def _deviation(run: Run, kept: Arrays, theme: str) -> html.Section:
    """How far phases part after one deleted spike, or why that is not known."""
    title = "One spike deleted"
    if "deviation" in kept:
        deleted_ms, window_ms, pairs = (float(value) for value in kept["deviation_about"])
        curves = [
            phase_deviation.Deviation(name, kept["deviation_ms"], value)
            for name, value in zip(("trained", "before training"), kept["deviation"], strict=True)
        ]
        many = f"{pairs:.0f} pairs" if pairs > 1 else "one pair"
        about = f"Mean phase difference of two trials that differ by one spike, over {many}: a stable network comes back."
        return _card(title, about, _graph(phase_deviation.draw(curves, window_ms, deleted_ms, theme=theme)))
    if run.params.network.model != "theta":
        words = f"Only theta neurons have a phase; those of this run are {knobs.word('network.model', run.params.network.model)}."
    else:
        words = "It is computed with networks of up to 1,000 neurons and patterns of up to 10 s; this run is larger or older."
    return _card(title, "How far the phases of two trials part that differ by one spike.", _note(words))


def _three(fits: F64) -> list[int]:
    """Columns of the best, the middle and the worst known fit."""
    order = [int(k) for k in np.argsort(-fits) if np.isfinite(fits[k])]
    return list(dict.fromkeys([order[0], order[len(order) // 2], order[-1]])) if order else []


def _median(values: F64) -> float:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if known.size else float("nan")


def _rms(values: F64) -> float:
    known = values[np.isfinite(values)]
    return float(np.sqrt(np.square(known).mean())) if known.size else float("nan")


def _recording(store: Store, run: Run, kept: Arrays, sample_ms: F64, theme: str) -> list[Any]:
    if "recorded_hz" not in kept:
        return [_note("The fit to the recording needs at least two test trials.")]
    names = names_of(store, run, kept["recorded_hz"].shape[1])
    first = [names[k] for k in _three(kept["fit"])]
    picker = dmc.MultiSelect(
        id="psth-neurons",
        data=names,
        value=first,
        maxValues=MOST,
        searchable=True,
        size="xs",
        className="tab-picker",
        **{"aria-label": "Neurons shown, by name"},
    )
    curves = html.Div([picker, _graph(_psth(kept, names, first, sample_ms, theme), id="psth")], className="tab-pick")
    maps = population.draw(population_map(kept["recorded_hz"], kept["fitted_hz"]), sample_ms, theme=theme)
    low = min(0.0, float(np.floor(2 * np.nanmin(kept["fit"])) / 2)) if np.isfinite(kept["fit"]).any() else 0.0
    remark = f"median r {decimals(_median(kept['fit']), 3)}, ceiling {decimals(_median(kept['ceiling']), 3)}"
    scatter = agreement.draw(
        kept["ceiling"], kept["fit"], "noise ceiling", "fit (r)", low=low, high=1.0, names=names, remark=remark, theme=theme
    )
    return [
        _card(
            "PSTH against recording", "The same smoothing on both sides; best, middle and worst to begin with.", curves, tall=True
        ),
        _card(
            "Fit of every neuron",
            "What the noise of this many trials allows, against what is reached.",
            _graph(scatter),
            tall=True,
        ),
        _card(
            "Population", "Every neuron in the same order on both sides, scaled to its recorded range.", _graph(maps), wide=True
        ),
    ]


def names_of(store: Store, run: Run, count: int) -> list[str]:
    """Names of the recorded neurons, made different where two are alike."""
    try:
        given = store.recording(run.params.target.recording).names[:count]
    except KeyError:
        given = ()
    short = [name.removesuffix("_hz") for name in given]
    return short if len(set(short)) == count else [str(k) for k in range(count)]


def psth(store: Store, run_id: str, wanted: Sequence[str], theme: str) -> Figure:
    """Chosen neurons' PSTHs against their recorded rates; KeyError where there is no such run, or nothing to draw."""
    run, kept, setup = store.run(run_id), store.insight(run_id), store.setup(run_id)
    if kept is None or setup is None or "recorded_hz" not in kept:
        raise KeyError(run_id)
    return _psth(kept, names_of(store, run, kept["recorded_hz"].shape[1]), wanted, setup.sample_ms, theme)


def _psth(kept: Arrays, names: Sequence[str], wanted: Sequence[str], sample_ms: F64, theme: str) -> Figure:
    columns = [names.index(name) for name in wanted[:MOST] if name in names]
    fits = pearson(kept["fitted_hz"], kept["recorded_hz"])
    pairs = [overlay.Pair(names[k], kept["fitted_hz"][:, k], kept["recorded_hz"][:, k], float(fits[k])) for k in columns]
    return overlay.draw(sample_ms, pairs, ("network (PSTH)", "recording"), "rate (Hz)", theme=theme)
