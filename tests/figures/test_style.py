"""Round numbers beside stacked panels."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spikedash.figures.style import palette, panes, scale


@given(st.floats(-100, 100), st.floats(0.05, 200))
def test_two_to_five_round_numbers_lie_beside_any_curve(low, span):
    shown = scale([np.array([low, low + span])])
    numbers, (first, last) = np.array(shown["tickvals"]), shown["range"]
    assert 2 <= numbers.size <= 5
    step = numbers[1] - numbers[0]
    digits = np.round(step / 10 ** np.floor(np.log10(step) + 1e-9), 6)
    assert digits in (1, 2, 5)
    np.testing.assert_allclose(np.diff(numbers), step)
    np.testing.assert_allclose(numbers / step, np.round(numbers / step), atol=1e-6)
    assert first <= low < low + span <= last
    assert last - first <= 1.45 * span + step / 2 * (1 + 1e-9)  # not much is left empty


@pytest.mark.parametrize("curve", [np.zeros(3), np.full(2, np.nan), np.zeros(0)])
def test_a_flat_curve_and_none_at_all_have_numbers_too(curve):
    shown = scale([curve])
    assert shown["tickvals"] == [-1, 0, 1]
    assert shown["range"] == [-1.5, 1.5]


def test_sine_waves_of_usual_amplitudes_have_zero_and_both_sides():
    for amplitude, step in ((1.4, 1), (0.9, 0.5), (2.3, 2), (0.35, 0.2)):
        assert scale([amplitude * np.sin(np.linspace(0, 7, 200))])["tickvals"] == [-step, 0, step]


def test_a_wavering_activity_leaves_the_scale_alone():
    rng = np.random.default_rng(0)
    target = 1.2 * np.sin(np.linspace(0, 7, 200))
    shown = [scale([target, target + 0.1 * rng.standard_normal(200)]) for _ in range(50)]
    assert sum(one != another for one, another in itertools.pairwise(shown)) <= 5


def test_an_activity_far_from_its_target_is_seen_whole_with_numbers_of_its_own():
    far = 9 * np.cos(np.linspace(0, 7, 200))
    shown = scale([np.sin(np.linspace(0, 7, 200)), far])
    assert shown["range"][0] <= far.min() < far.max() <= shown["range"][1]
    assert max(shown["tickvals"]) >= 5


@pytest.mark.parametrize(("count", "words"), [(3, None), (4, ["−1", "", "1"]), (6, ["−1", "", "1"])])
def test_many_panels_name_the_ends_of_their_scale_and_keep_every_line(count, words):
    figure = {}
    panes(figure, palette("light"), [(1.4 * np.sin(np.linspace(0, 7, 200)),)] * count)
    axes = [value for name, value in figure.items() if name.startswith("yaxis")]
    assert len(axes) == count
    assert all(each["tickvals"] == [-1, 0, 1] and each.get("ticktext") == words for each in axes)


def test_two_numbers_beside_a_small_panel_are_both_named():
    figure = {}
    panes(figure, palette("light"), [(np.array([1000.0, 2400.0]),)] * 4)
    assert figure["yaxis"]["ticktext"][0] == "1,000"
    assert "" not in figure["yaxis"]["ticktext"] or len(figure["yaxis"]["tickvals"]) > 2
