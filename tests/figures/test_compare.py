"""Learning curves over each other: every line, the band of repetitions, test trials beside them."""

from __future__ import annotations

import base64

import numpy as np
import pytest

from spikedash.figures.compare import SHADES, Curve, draw, shade
from spikedash.jobs.catalogue import COLOURS

NOTHING = np.zeros(0)


def values(packed):
    return np.frombuffer(base64.b64decode(packed["bdata"]), np.dtype(packed["dtype"]))


def luminance(colour):
    channels = np.array([int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)])
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ (0.2126, 0.7152, 0.0722))


@pytest.mark.parametrize(("theme", "card"), [("light", "#ffffff"), ("dark", "#171c23")])
def test_every_colour_stands_out_on_both_pages(theme, card):
    assert set(SHADES) == set(COLOURS)
    for name in SHADES:
        bright, dim = sorted((luminance(shade(name, theme)), luminance(card)), reverse=True)
        assert (bright + 0.05) / (dim + 0.05) >= 3, name


def test_a_run_is_a_line_and_its_tests_are_points():
    figure = draw(
        [Curve("a", "one", "blue", np.array([0.1, 0.5]), None, np.array([0.7, np.nan]))], "Correlation", correlation=True
    )
    line, tests = figure["data"]
    np.testing.assert_allclose(values(line["y"]), [0.1, 0.5], rtol=1e-6)
    assert values(line["x"]).tolist() == [1, 2]
    assert (line["meta"], tests["meta"], tests["xaxis"]) == ("a", "a", "x2")
    assert values(tests["y"]).tolist() == pytest.approx([0.7])
    assert figure["layout"]["yaxis"]["range"] == [0.0, 1.02]


def test_a_group_is_a_line_in_a_band_of_one_deviation():
    mean, sd = np.array([0.5, 0.6, 0.7]), np.array([0.1, 0.2, np.nan])
    band, line = draw([Curve("g", "3 seeds", "green", mean, sd, NOTHING)], "Correlation")["data"]
    np.testing.assert_allclose(values(band["y"]), [0.6, 0.8, 0.4, 0.4], rtol=1e-6)
    assert values(band["x"]).tolist() == [1, 2, 2, 1]
    assert line["mode"] == "lines+markers"


def test_curves_differ_by_more_than_their_colour():
    curves = [Curve(str(k), str(k), colour, np.zeros(3), None, NOTHING) for k, colour in enumerate(COLOURS[:5])]
    looks = {(trace["line"]["dash"], trace["marker"]["symbol"]) for trace in draw(curves, "Error")["data"]}
    assert len(looks) == 5


def test_negative_correlations_have_room_and_nothing_is_still_a_figure():
    low = draw([Curve("a", "a", "blue", np.array([-0.3, 0.2]), None, NOTHING)], "r", correlation=True)
    assert low["layout"]["yaxis"]["range"][0] == -0.5
    assert draw([], "Correlation", correlation=True)["data"] == []
    empty = draw([Curve("a", "a", "blue", NOTHING, None, NOTHING)], "Error")
    assert empty["data"][0]["y"] == [None]


def test_words_of_people_are_no_markup():
    figure = draw([Curve("a", "<b>%{x}", "blue", np.zeros(1), None, NOTHING)], "Error")
    assert "<b>" not in figure["data"][0]["hovertemplate"]
    assert "%{x}: %{y" in figure["data"][0]["hovertemplate"]
