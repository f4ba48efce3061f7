"""The figures of the report, drawn from a finished experiment's table: what its declaration names, as the pages draw it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from spikedash.analysis import Spectrum
from spikedash.experiments import Value
from spikedash.figures import agreement, curve, overlay, phase_deviation, raster, spectrum, traces
from spikedash.figures.style import Figure
from spikedash.records import F64
from spikedash.reproduction.example import Example
from spikedash.reproduction.scans import scans
from spikedash.reproduction.tables import Reproduction

#: Figures that show one network and not the table.
OF_ONE = ("raster", "traces", "curve")


class Picture(NamedTuple):
    """A figure with its place in the report."""

    name: str  # of its file, without an ending
    figure: Figure
    words: str  # what it shows, one line
    width: int = 640  # px
    height: int = 340


def pictures(done: Reproduction) -> list[Picture]:
    """All pictures of an experiment; none where its table holds nothing to draw."""
    name, shown = done.experiment.name, done.experiment.figure
    if shown.name in OF_ONE:
        return [picture for example in done.examples for picture in _of_one(name, shown.name, example)]
    if shown.name in ("scan_curve", "scan_map"):
        found = list(scans(done))
        names = [name, *(f"{name}-{k}" for k in range(2, len(found) + 1))]
        half = len(found) > 1
        return [
            Picture(each, figure, words, 440 if half else 640, 330) for each, (figure, words) in zip(names, found, strict=False)
        ]
    return list(
        {"overlay": _overlay, "phase_deviation": _deviation, "spectrum": _spectrum, "agreement": _agreement}[shown.name](done)
    )


def _of_one(name: str, kind: str, example: Example) -> Iterator[Picture]:
    suffix = "".join(f"-{value}" for value in example.point.values())
    seed = ", ".join(map(str, [f"seed {example.seed}", *example.point.values()]))
    stage = raster.Stage(example.n, example.n_exc, example.typed, example.start_ms, example.cue_ms, example.end_ms)
    if kind == "curve":
        drawn = curve.draw(example.loops, example.tests, len(example.loops), len(example.tests))
        yield Picture(f"{name}{suffix}", drawn, f"Learning curve and test trials; {seed}", height=400)
        return
    neurons = tuple(int(neuron) for neuron in example.neurons)
    if kind == "raster":
        times = example.spike_ms.astype(np.float32)
        yield Picture(
            f"{name}{suffix}",
            raster.draw(stage, times, example.spike_neuron, chosen=neurons),
            f"Spikes of the last test trial; {seed}",
        )
    lines = [traces.Trace(neuron, example.target[:, k], example.drive[:, k]) for k, neuron in enumerate(neurons)]
    words = f"Activity in the same trial (solid) and targets (dashed) of {len(lines)} neurons; {seed}"
    yield Picture(f"{name}{suffix}-traces", traces.draw(stage, example.sample_ms, lines), words)


def _arrays(done: Reproduction, *names: str) -> Iterator[tuple[str, Sequence[F64]]]:
    """For every point, the first seed's row that has all of these arrays."""
    points: set[tuple[Value, ...]] = set()
    for row in done.table:
        point = tuple(row.point.values())
        if point not in points and all(row.numbers.get(name) is not None for name in names):
            points.add(point)
            yield ", ".join(map(str, [f"seed {row.seed}", *point])), [np.array(row.numbers[name], np.float64) for name in names]


def _overlay(done: Reproduction) -> Iterator[Picture]:
    for where, (ms, neurons, drive, predicted, fit) in _arrays(
        done, "shown_ms", "shown_neurons", "shown_drive", "shown_predicted", "shown_fit"
    ):
        pairs = [overlay.Pair(f"{neuron:.0f}", drive[k], predicted[k], float(fit[k])) for k, neuron in enumerate(neurons)]
        figure = overlay.draw(ms, pairs, ("simulated", "predicted"), "drive")
        point = where.partition(", ")[2]
        yield Picture(
            f"{done.experiment.name}-{point}",
            figure,
            f"Mean drive u of four neurons and the prediction W φ(u); {where}",
            height=400,
        )


def _deviation(done: Reproduction) -> Iterator[Picture]:
    kinds = ("untrained", "trained")
    rows = [row.numbers for row in done.table if all(row.numbers.get(name) for name in ("time_ms", *kinds))]
    if rows:
        times = np.array(rows[0]["time_ms"], np.float64)
        curves = [
            phase_deviation.Deviation(kind, times, np.mean([np.array(row[kind], np.float64) for row in rows], axis=0))
            for kind in kinds
        ]
        values = {**done.experiment.values, **({} if done.full else done.experiment.short)}
        probe = next(iter(done.experiment.questions.values())).probe
        figure = phase_deviation.draw(curves, float(values["target.duration_ms"]), float(probe["delete_ms"]))
        yield Picture(done.experiment.name, figure, f"Mean phase deviation after one deleted spike, over {len(rows)} seeds")


def _spectrum(done: Reproduction) -> Iterator[Picture]:
    names = [f"{when}{part}" for when in ("before", "after") for part in ("", "_real", "_imag")]
    for where, (low, real, imag, low_after, real_after, imag_after) in _arrays(done, *names):
        parts = (Spectrum(real + 1j * imag, float(low), np.nan), Spectrum(real_after + 1j * imag_after, float(low_after), np.nan))
        yield Picture(
            done.experiment.name,
            spectrum.draw(*parts),
            f"Eigenvalues over the radius that random weights fill; {where}",
            height=350,
        )


def _agreement(done: Reproduction) -> Iterator[Picture]:
    for where, (fits, ceilings) in _arrays(done, "fits", "ceilings"):
        remark = f"median fit {np.nanmedian(fits):.2f}, ceiling {np.nanmedian(ceilings):.2f}"
        figure = agreement.draw(ceilings, fits, "noise ceiling", "fit (PSTH against recording)", high=1.0, remark=remark)
        yield Picture(done.experiment.name, figure, f"One dot a recorded neuron; {where}", 460, 460)
