"""The raster puts excitatory and inhibitory spikes where they belong."""

from __future__ import annotations

import base64
import re
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from spikedash.figures import binning, raster

STAGE = raster.Stage(n=10, n_exc=8, typed=True, start_ms=-200.0, cue_ms=-100.0, end_ms=500.0)


def unpack(spec: dict[str, str]) -> np.ndarray[Any, Any]:
    flat = np.frombuffer(base64.b64decode(spec["bdata"]), spec["dtype"])
    return flat.reshape([int(part) for part in spec["shape"].split(",")])


SPIKES = np.array([0, 50, 50], np.float32), np.array([0, 7, 9], np.int32)


def drawn(stage: raster.Stage, **more: Any) -> dict[str, Any]:
    return raster.draw(stage, *SPIKES, **more)


def binned(stage: raster.Stage, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The figure of a run with too many spikes to draw one by one."""
    monkeypatch.setattr(raster, "MOST_TICKS", 0)
    return drawn(stage)["data"][0]


def paths(figure: dict[str, Any]) -> list[dict[str, Any]]:
    return [shape for shape in figure["layout"]["shapes"] if shape["type"] == "path"]


def strokes(shape: dict[str, Any]) -> list[tuple[float, float]]:
    """Time and middle of every stroke of a path."""
    found = re.findall(r"M([\d.e+-]+),([\d.e+-]+)V([\d.e+-]+)", shape["path"])
    assert "".join(f"M{t},{low}V{high}" for t, low, high in found) == shape["path"]
    return [(float(t), (float(low) + float(high)) / 2) for t, low, high in found]


def test_every_spike_is_a_stroke_of_its_type() -> None:
    excitatory, inhibitory = paths(drawn(STAGE))
    assert strokes(excitatory) == [(0, 0), (50, 7)]
    assert strokes(inhibitory) == [(50, 9)]
    assert excitatory["line"]["color"] != inhibitory["line"]["color"]


def test_mixed_neurons_have_one_colour() -> None:
    (all_of_them,) = paths(drawn(STAGE._replace(typed=False, n_exc=10)))
    assert len(strokes(all_of_them)) == 3


def test_late_spikes_keep_their_tenth_of_a_millisecond() -> None:
    times = np.array([9876.5], np.float32)
    (only,) = paths(raster.draw(STAGE._replace(end_ms=10_000.0), times, np.array([3], np.int32)))
    assert strokes(only) == [(9876.5, 3)]


def test_a_trial_does_not_change_its_looks_while_it_fills() -> None:
    large = STAGE._replace(n=1000, n_exc=800)
    assert paths(drawn(large)) == []
    kinds = {raster.draw(large, *[part[:k] for part in SPIKES])["data"][0]["dx"] for k in (0, 1, 3)}
    assert len(kinds) == 1


def test_a_row_can_be_clicked_anywhere() -> None:
    strip = drawn(STAGE)["data"][0]
    assert unpack(strip["z"]).shape == (10, 1)
    assert strip["y0"] == 0
    assert strip["dy"] == 1
    assert strip["x0"] - strip["dx"] / 2 == STAGE.start_ms
    assert strip["x0"] + strip["dx"] / 2 == STAGE.end_ms


def test_binned_types_have_opposite_signs_and_silence_is_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    z = unpack(binned(STAGE, monkeypatch)["z"])
    assert (z[:8] >= 0).all()
    assert (z[8:] <= 0).all()
    assert np.count_nonzero(z) == 3
    bin_ms = binning.grid(STAGE.start_ms, STAGE.end_ms, STAGE.n).bin_ms
    assert z[0, int(200 / bin_ms)] == 127
    assert z[9, int(250 / bin_ms)] == -127


def test_binned_mixed_neurons_have_one_sign(monkeypatch: pytest.MonkeyPatch) -> None:
    z = unpack(binned(STAGE._replace(typed=False, n_exc=10), monkeypatch)["z"])
    assert (z >= 0).all()
    assert np.count_nonzero(z) == 3


def test_cells_lie_where_the_axes_say(monkeypatch: pytest.MonkeyPatch) -> None:
    trace = binned(STAGE, monkeypatch)
    column = int(np.nonzero(unpack(trace["z"])[0])[0][0])
    assert abs(trace["x0"] + column * trace["dx"]) <= trace["dx"] / 2 + 1e-9  # the spike at 0 ms
    assert trace["y0"] + 9 * trace["dy"] == 9


def test_cue_and_window_are_shaded() -> None:
    bands = [shape for shape in drawn(STAGE)["layout"]["shapes"] if shape["type"] == "rect"]
    assert sorted((band["x0"], band["x1"]) for band in bands) == [(-100.0, 0), (0, 500.0)]


def test_a_running_trial_shows_how_far_it_has_come() -> None:
    lines = [shape for shape in drawn(STAGE, now_ms=120.0)["layout"]["shapes"] if shape["type"] == "line"]
    assert any(line.get("x0") == 120.0 for line in lines)


def test_colours_follow_the_scheme() -> None:
    light, dark = drawn(STAGE, theme="light"), drawn(STAGE, theme="dark")
    assert paths(light)[0]["line"]["color"] != paths(dark)[0]["line"]["color"]
    assert paths(light)[0]["path"] == paths(dark)[0]["path"]


def test_plotly_accepts_the_figure() -> None:
    go.Figure(drawn(STAGE, chosen=(1, 2), now_ms=3.0))
    go.Figure(raster.draw(STAGE, None, None))
    go.Figure(raster.draw(STAGE._replace(n=50_000), *SPIKES))
