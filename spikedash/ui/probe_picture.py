"""Both pictures of the Probe, drawn from two answers."""

from __future__ import annotations

import hashlib
import math
from typing import NamedTuple

import numpy as np

from spikedash.figures import response
from spikedash.figures.raster import Stage
from spikedash.figures.style import Figure
from spikedash.jobs.questions import Answer
from spikedash.jobs.store import Run, SetupView
from spikedash.params import Probe
from spikedash.ui.picture import choose
from spikedash.ui.words import decimals

SHOWN = 3
MOST = 5  # neurons


class Pictures(NamedTuple):
    before: Figure
    after: Figure
    neurons: tuple[int, ...]
    name: str  # of the first figure, the same for the same content


def draw(
    run: Run, setup: SetupView, after: Probe, old: Answer, new: Answer, *, theme: str, wanted: tuple[int, ...] = ()
) -> Pictures:
    """The network without and with the change, on the same axes."""
    chosen = choose(setup, wanted)
    neurons = chosen[:MOST] if wanted else _few(chosen)
    stage = Stage(
        setup.n,
        setup.n_exc,
        setup.typed,
        -float(run.params.training.rest_max_ms + run.params.cue.duration_ms),
        old.cue_ms,
        old.end_ms,
    )
    columns = np.searchsorted(setup.neurons, np.array(neurons, int))
    target = setup.target[after.pattern][:, columns]
    ranges = tuple(response.usual_range([target[:, k], old.activity[:, c]]) for k, c in enumerate(columns))
    rates = response.Rates(old.bin_ms, old.binned_hz)
    top, deleted = response.usual_top(rates), deleted_spike(after, old)
    unit = "drive" if run.params.training.rule == "drive" else "rate (spikes per τ)"
    keep = f"{run.id}{neurons}{after.pattern}"
    figures = []
    for answer, compared in ((old, None), (new, old)):
        lines = tuple(
            response.Line(
                neuron,
                target[:, k],
                answer.activity[:, c],
                _fit(answer, old, neuron),
                compared.activity[:, c] if compared else None,
            )
            for k, (neuron, c) in enumerate(zip(neurons, columns, strict=True))
        )
        mine = response.Response(
            answer.spike_ms,
            answer.spike_neuron,
            response.Rates(answer.bin_ms, answer.binned_hz),
            lines,
            rates if compared else None,
            deleted,
        )
        figures.append(response.draw(stage, mine, setup.sample_ms, ranges, top, unit, theme=theme, keep=keep))
    about = f"{run.id}:{run.attempt}:{after.pattern}:{after.trials}:{after.seed}:{theme}:{neurons}:{deleted}"
    return Pictures(figures[0], figures[1], neurons, hashlib.sha256(about.encode()).hexdigest()[:16])


def _fit(answer: Answer, old: Answer, neuron: int) -> str:
    """How well a neuron meets its target; one that only the change keeps from it was removed."""
    r = float(answer.per_neuron[neuron])
    if math.isfinite(r):
        return f"r {decimals(r, 2)}"
    return "removed" if math.isfinite(old.per_neuron[neuron]) and not answer.wrong else "–"


def _few(chosen: tuple[int, ...]) -> tuple[int, ...]:
    """As many neurons as fit, the last one with them, which is inhibitory where there are such."""
    return chosen if len(chosen) <= SHOWN else (*chosen[: SHOWN - 1], chosen[-1])


def deleted_spike(after: Probe, old: Answer) -> tuple[float, int] | None:
    """Time (ms) and neuron of the spike that is left out, where nothing else is changed: the first one from its time on."""
    only = Probe(pattern=after.pattern, trials=after.trials, seed=after.seed, delete=True, delete_ms=after.delete_ms)
    late = np.flatnonzero(old.spike_ms >= after.delete_ms)
    if after != only or not late.size:
        return None
    return float(old.spike_ms[late[0]]), int(old.spike_neuron[late[0]])
