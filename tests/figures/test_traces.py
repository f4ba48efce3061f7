"""Target and activity: one panel a neuron, on the raster's time axis."""

from __future__ import annotations

import base64
import itertools

import numpy as np
import plotly.graph_objects as go
import pytest

from spikedash.figures import raster, traces

STAGE = raster.Stage(n=10, n_exc=8, typed=True, start_ms=-200.0, cue_ms=-100.0, end_ms=500.0)
MS = np.arange(5.0, 505.0, 5.0)


def one(neuron: int, samples: int = 100) -> traces.Trace:
    return traces.Trace(neuron, np.sin(MS / 50).astype(np.float32), np.cos(MS[:samples] / 50).astype(np.float32))


@pytest.mark.parametrize("count", [0, 1, 4, 6])
def test_panels_fill_the_height_without_touching(count: int) -> None:
    figure = traces.draw(STAGE, MS, [one(k) for k in range(count)])
    go.Figure(figure)
    domains = sorted(
        value["domain"] for name, value in figure["layout"].items() if name.startswith("yaxis") and "domain" in value
    )
    assert len(domains) == count
    assert all(above[0] > below[1] for below, above in itertools.pairwise(domains))
    if count:
        assert domains[0][0] == pytest.approx(0, abs=1e-9)
        assert domains[-1][1] == 1


def test_values_survive_the_packing() -> None:
    figure = traces.draw(STAGE, MS, [one(3)])
    target = figure["data"][1]
    np.testing.assert_array_equal(
        np.frombuffer(base64.b64decode(target["y"]["bdata"]), "<f4"), np.sin(MS / 50).astype(np.float32)
    )
    np.testing.assert_array_equal(np.frombuffer(base64.b64decode(target["x"]["bdata"]), "<f4"), MS.astype(np.float32))


def test_a_running_trial_draws_only_what_happened() -> None:
    activity = traces.draw(STAGE, MS, [one(3, samples=40)])["data"][0]
    x, y = (np.frombuffer(base64.b64decode(activity[axis]["bdata"]), "<f4") for axis in "xy")
    assert len(x) == len(y) == 40
    assert x[-1] == MS[39]


def test_type_decides_the_colour() -> None:
    excitatory, inhibitory = (traces.draw(STAGE, MS, [one(neuron)])["data"][0]["line"]["color"] for neuron in (7, 8))
    assert excitatory != inhibitory
