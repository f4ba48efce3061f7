"""The three figures of a run, drawn from what the store holds now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from spikedash.figures import curve, raster, traces
from spikedash.figures.style import Figure
from spikedash.jobs.store import Frame, SetupView
from spikedash.params import Params

SHOWN = 4  # traces shown until a person chooses
MOST = 6


class Picture(NamedTuple):
    """Figures and what their captions need."""

    raster: Figure
    traces: Figure
    curve: Figure
    neurons: tuple[int, ...]
    caption: str  # which trial the raster shows
    begun: bool  # whether the curve has a point


def picture(
    params: Params,
    setup: SetupView | None,
    frame: Frame | None,
    events: Sequence[Any],
    *,
    theme: str,
    wanted: Sequence[int] = (),
    keep: str = "",
) -> Picture:
    """Draw what is there; without setup and frame the axes stand empty, as long and as high as they will be."""
    stage = _stage(params, setup, frame)
    neurons = choose(setup, wanted) if setup else ()
    running = frame is not None and frame.now_ms < frame.trial.end_ms - 1.5 * params.network.dt_ms
    drawn = raster.draw(
        stage,
        frame.spike_ms if frame else None,
        frame.spike_neuron if frame else None,
        theme=theme,
        now_ms=frame.now_ms if frame and running else None,
        chosen=neurons,
        keep=keep,
    )
    shown = _traces(setup, frame, neurons) if setup else []
    lines = traces.draw(stage, setup.sample_ms if setup else np.zeros(0), shown, theme=theme, keep=f"{keep}{neurons}")
    loops = [record for record in events if hasattr(record, "loop")]
    tests = [record for record in events if hasattr(record, "trial")]
    learning = curve.draw(loops, tests, params.training.loops, params.training.test_trials, theme=theme, keep=keep)
    return Picture(drawn, lines, learning, neurons, _caption(frame), bool(events))


def choose(setup: SetupView, wanted: Sequence[int]) -> tuple[int, ...]:
    """The neurons to show: the nearest ones whose drive is kept, or a few spread over both types."""
    kept = np.asarray(setup.neurons)
    if wanted:
        nearest = [int(kept[np.argmin(np.abs(kept - neuron))]) for neuron in wanted]
        return tuple(dict.fromkeys(nearest))[:MOST]
    excitatory, inhibitory = kept[kept < setup.n_exc], kept[kept >= setup.n_exc]
    if setup.typed and len(excitatory) and len(inhibitory):
        return tuple(dict.fromkeys([*_spread(excitatory, SHOWN - 1), *_spread(inhibitory, 1)]))
    return tuple(dict.fromkeys(_spread(kept, SHOWN)))


def _spread(values: Any, count: int) -> list[int]:
    return [int(values[len(values) * (2 * k + 1) // (2 * count)]) for k in range(min(count, len(values)))]


def _stage(params: Params, setup: SetupView | None, frame: Frame | None) -> raster.Stage:
    """Axes that hold for every trial: the longest rest before the cue, and the window after it."""
    network, cue = params.network, params.cue
    typed = network.weights == "balanced"
    end = float(params.target.duration_ms)
    if frame:
        end = frame.trial.end_ms
    elif setup and len(setup.sample_ms):
        end = float(setup.sample_ms[-1])
    return raster.Stage(
        n=setup.n if setup else network.n,
        n_exc=setup.n_exc if setup else round(network.n * network.frac_exc) if typed else network.n,
        typed=setup.typed if setup else typed,
        start_ms=-float(params.training.rest_max_ms + cue.duration_ms),
        cue_ms=-float(cue.duration_ms),
        end_ms=end,
    )


def _traces(setup: SetupView, frame: Frame | None, neurons: Sequence[int]) -> list[traces.Trace]:
    column = {int(neuron): k for k, neuron in enumerate(setup.neurons)}
    nothing = np.zeros(0, np.float32)
    # Loops and test trials take turns through the patterns.
    target = setup.target[frame.trial.index % len(setup.target) if frame else 0]
    return [
        traces.Trace(neuron, target[:, column[neuron]], frame.drive[:, column[neuron]] if frame else nothing)
        for neuron in neurons
    ]


def _caption(frame: Frame | None) -> str:
    if frame is None:
        return ""
    kind = "loop" if frame.trial.kind == "train" else "test trial"
    return f"{kind} {frame.trial.index + 1:,}"
