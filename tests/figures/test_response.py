"""One trial in three parts on one time axis; the second of two figures widens its axes only where it must."""

from __future__ import annotations

import itertools

import numpy as np
import plotly.graph_objects as go
import pytest

from spikedash.figures import response
from spikedash.figures.raster import Stage

STAGE = Stage(n=10, n_exc=8, typed=True, start_ms=-200.0, cue_ms=-100.0, end_ms=500.0)
MS = np.arange(5.0, 505.0, 5.0)
WAVE = np.sin(MS / 50).astype(np.float32)
SPIKES = np.array([-150.0, 10.0, 20.0], np.float32), np.array([1, 9, 4], np.int32)
RATES = response.Rates(np.arange(-200.0, 500.0, 5.0), np.full((2, 140), 10, np.float32))


def drawn(scale=1.0, count=3, before=None, deleted=None):
    lines = tuple(response.Line(k, WAVE, scale * WAVE, f"r {scale:.2f}", before) for k in range(count))
    trial = response.Response(*SPIKES, RATES._replace(hz=RATES.hz * scale), lines, RATES if before is not None else None, deleted)
    figure = response.draw(STAGE, trial, MS, (response.usual_range([WAVE]),) * count, response.usual_top(RATES), "drive")
    go.Figure(figure)
    return figure["data"], figure["layout"]


@pytest.mark.parametrize("count", [1, 3, 5])
def test_parts_fill_the_height_without_touching(count):
    _, layout = drawn(count=count)
    domains = sorted(tuple(value["domain"]) for name, value in layout.items() if name.startswith("yaxis"))
    assert len(domains) == count + 2
    assert all(above[0] > below[1] for below, above in itertools.pairwise(domains))
    assert domains[0][0] == pytest.approx(0, abs=1e-9)
    assert domains[-1][1] == 1


def test_two_trials_share_their_axes_until_one_leaves_them():
    _, before = drawn()
    _, alike = drawn(0.9, before=WAVE)
    _, wild = drawn(100.0, before=WAVE)
    for axis in ("yaxis2", "yaxis3", "yaxis5"):
        assert alike[axis]["range"] == before[axis]["range"]
        low, high = wild[axis]["range"]
        assert low <= before[axis]["range"][0]
        assert high > before[axis]["range"][1]
    spread = np.ptp(before["yaxis3"]["range"])
    assert np.ptp(wild["yaxis3"]["range"]) < 6 * spread  # the target is still seen


def test_the_second_figure_repeats_the_first_faintly_and_rings_the_deleted_spike():
    data, _ = drawn(before=WAVE, deleted=(10.0, 9))
    names = [trace.get("name") for trace in data]
    assert names.count("before") == 3
    assert names.count("rate before") == 2
    ring = data[names.index("deleted spike")]
    assert (ring["x"], ring["y"]) == ([10.0], [9])
