"""The settings of fig5-cortex on a part of a recording, in a network small enough for a test."""

from __future__ import annotations

import pytest

from spikedash import readers, training
from spikedash.experiments import Outcome
from spikedash.experiments.fig5_cortex import EXPERIMENT, measure
from spikedash.params import Params
from spikedash.records import Recording

SMALL = {"network.n": 160, "training.test_trials": 60, "training.seed": 1, "target.recording": "0" * 64}


@pytest.fixture(scope="module")
def recording(recorded_data) -> Recording:
    """The first second of every eighth neuron."""
    whole = readers.read(recorded_data / "alm_lick_left_227.csv")
    return whole._replace(rate_hz=whole.rate_hz[:51, ::8], time_ms=whole.time_ms[:51], names=whole.names[::8])


def outcome(recording: Recording, **changes: object) -> Outcome:
    params = Params().with_values({**EXPERIMENT.values, **SMALL, **{k.replace("__", "."): v for k, v in changes.items()}})
    *_, last = training.train(params, recording)
    assert last.result is not None
    return Outcome(params, last.result, {}, {})


def test_the_fit_is_at_the_noise_ceiling(recording):
    found = outcome(recording)
    numbers = measure(found)
    assert numbers["of_ceiling"] > 0.93
    assert numbers["fits"].shape == numbers["ceilings"].shape == (29,)
    assert found.result.correlation.test_mean > 0.85


def test_a_cue_to_recorded_neurons_keeps_the_fit_below_the_ceiling(recording):
    """What the trials allow is not reached by a PSTH whose first 100 ms are another thing's."""
    assert measure(outcome(recording, cue__to="all"))["of_ceiling"] < 0.93
