"""Round numbers beside stacked panels."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from spikedash.figures.style import round_step


def multiples(step, low, high):
    """Counted one by one."""
    return sum(low <= k * step <= high for k in range(-2000, 2001))


@given(st.floats(-100, 100), st.floats(0.05, 200))
def test_two_to_five_round_numbers_lie_beside_any_curve(low, span):
    curve = np.array([low, low + span])
    step = round_step([curve])
    assert f"{step:.0e}"[0] in "125"
    room = 0.05 * span
    if abs(low) < 1000 * step:  # where the naive count reaches
        assert 2 <= multiples(step, low - room * 1.001, low + span + room * 1.001) <= 5


def test_a_flat_curve_and_none_at_all_have_a_step_too():
    assert round_step([np.zeros(3)]) == 1
    assert round_step([np.array([np.nan, np.nan])]) == 1
    assert round_step([np.zeros(0)]) == 1


def test_sine_waves_of_usual_amplitudes_have_zero_and_both_sides():
    for amplitude, step in ((1.4, 1), (0.9, 0.5), (2.3, 2), (0.35, 0.2)):
        assert round_step([amplitude * np.sin(np.linspace(0, 7, 200))]) == step
