"""Spikes that two trials share, counted by hand with Python's own sets."""

from __future__ import annotations

import math

import numpy as np
import pytest

from spikedash.analysis import shared_spikes


def spikes(*pairs):
    return np.array([ms for ms, _ in pairs], np.float32), np.array([neuron for _, neuron in pairs], np.int32)


def test_one_spike_of_three_is_missing_and_another_is_late():
    first = spikes((-5, 1), (3, 2), (7.1, 0), (9, 2))
    second = spikes((-5, 1), (3, 2), (9.1, 2))
    share, parted = shared_spikes(first, second)
    assert share == pytest.approx(1 / 3)
    assert parted == pytest.approx(7.1)


def test_equal_trials_never_part_and_silence_shares_nothing():
    same = spikes((1, 2), (4, 0))
    assert shared_spikes(same, same).share == 1
    assert math.isnan(shared_spikes(same, same).parted_ms)
    silent = spikes()
    assert math.isnan(shared_spikes(silent, same).share)
    assert shared_spikes(same, silent) == (0.0, 1.0)


@pytest.mark.parametrize("dt", [0.05, 0.1, 1.0])
def test_many_spikes_are_told_apart_as_sets_tell_them(rng, dt):
    def draw():
        steps, who = rng.integers(-200, 800, 500), rng.integers(0, 4, 500)
        return set(zip(steps.tolist(), who.tolist(), strict=True))

    one, other = draw(), draw()
    as_arrays = [
        (np.array([dt * step for step, _ in each]).astype(np.float32), np.array([who for _, who in each], np.int32))
        for each in (sorted(one), sorted(other))
    ]
    inside = {spike for spike in one if spike[0] >= 0}
    share, parted = shared_spikes(*as_arrays)
    assert share == pytest.approx(len(inside & other) / len(inside))
    assert parted == pytest.approx(dt * min(one ^ other)[0], rel=1e-6)
