"""Names and units of time, the limits, and the few numbers that describe a recording."""

from __future__ import annotations

import json

import numpy as np
import pytest

from spikedash.params import bounds
from spikedash.readers import describe
from spikedash.readers.limits import MAX_MS, MIN_MS
from spikedash.readers.timebase import time_name
from spikedash.records import Recording

UNITS = {
    **dict.fromkeys(("time_ms", "Time (ms)", "time [ms]", "t_ms", "tms", "TIME.MS", "time in milliseconds"), "ms"),
    **dict.fromkeys(("time_s", "time(s)", "Time / s", "t_s", "time_sec", "time seconds", "t (s)"), "s"),
    **dict.fromkeys(("time_us", "time (µs)", "t_us"), "µs"),
    **dict.fromkeys(("time", "Times", "timestamp", "time stamps", "t", "ts"), None),
}


@pytest.mark.parametrize("name", UNITS)
def test_a_name_that_speaks_of_time_tells_its_unit(name):
    said = time_name(name)
    assert said is not None
    assert said.unit == UNITS[name]


@pytest.mark.parametrize("name", ["", " ", "a", "unit_1", "times_a", "tm", "sst", "neuron_t", "timer", "rate_hz", "_", "()"])
def test_other_names_do_not_speak_of_time(name):
    assert time_name(name) is None


def test_a_neuron_could_be_called_s_but_not_time_s():
    assert [time_name(name).sure for name in ("t", "s", "ms", "ts", "t_s", "time", "time_s")] == [False] * 4 + [True] * 3


def test_a_recording_lasts_as_long_as_a_pattern_may():
    assert bounds("target.duration_ms") == (MIN_MS, MAX_MS)


def test_a_recording_is_described_in_a_few_numbers():
    names = tuple("abcdefg")
    about = describe(Recording(np.array([[0.0] * 6 + [70.0], [7.0] * 6 + [0.0]]), np.array([0.0, 250.0]), names, ()))
    assert about == {
        "units": 7,
        "points": 2,
        "duration_ms": 250.0,
        "bin_ms": 250.0,
        "mean_hz": 8.0,  # 112 / 14
        "median_hz": 3.5,  # of six times 3.5 and once 35
        "max_hz": 70.0,
        "names": ("a", "b", "c", "d", "e"),
    }
    assert json.dumps(about)
