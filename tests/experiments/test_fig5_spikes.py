"""From spike times of neurons that nobody recorded, in a file with trials, to a network that fires like them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pynwb
import pytest
from scipy.ndimage import gaussian_filter1d

from spikedash import readers, training
from spikedash.experiments import Outcome, sized
from spikedash.experiments.fig5_cortex import EXPERIMENT, measure
from spikedash.params import Params

UNITS, TRIALS, SMOOTH_MS = 20, 120, 40
MS = np.arange(-500, 1500)  # around the go cue of a trial


def true_rates(rng: np.random.Generator) -> np.ndarray:
    """Rates in Hz (times of MS, units): a baseline and two bumps a neuron."""
    centre, width = rng.uniform(-200, 1200, (2, UNITS)), rng.uniform(80, 250, (2, UNITS))
    height = rng.uniform(5, 40, (2, UNITS))
    bumps = height * np.exp(-0.5 * ((MS[:, None, None] - centre) / width) ** 2)
    return rng.uniform(2, 8, UNITS) + bumps.sum(1)


def session(rates: np.ndarray, rng: np.random.Generator, file: Path) -> None:
    """An NWB file of trials of 2 s at uneven times; the go cue falls somewhere in the first half of each."""
    go = np.cumsum(rng.uniform(2.2, 3.5, TRIALS))
    expected = np.cumsum(rates, 0) / 1000  # spikes of a trial until then
    trains: list[list[float]] = [[] for _ in range(UNITS)]
    for cue in go:
        for unit in range(UNITS):
            # Time rescaling: steps of a unit Poisson process, put back through the expected count.
            steps = np.cumsum(rng.exponential(1, int(2 * expected[-1, unit]) + 50))
            inside = steps[steps < expected[-1, unit]]
            trains[unit] += (cue + np.interp(inside, expected[:, unit], MS + 1) / 1000).tolist()
    nwb = pynwb.NWBFile("made up", "poisson", datetime(2020, 1, 1, tzinfo=UTC))
    nwb.add_trial_column("go_time", "when the go cue sounds")
    for cue in go:
        nwb.add_trial(start_time=cue - 0.5, stop_time=cue + 1.5, go_time=cue)
    for train in trains:
        nwb.add_unit(spike_times=np.sort(train))
    with pynwb.NWBHDF5IO(file, "w") as io:
        io.write(nwb)


@pytest.mark.slow
def test_spikes_in_a_file_become_rates_and_a_network_that_has_them(tmp_path: Path) -> None:
    rng = np.random.default_rng(2024)
    rates = true_rates(rng)
    session(rates, rng, tmp_path / "session.nwb")
    choices = {"align": "go_time", "from_s": 0, "to_s": 1, "smooth_ms": SMOOTH_MS, "bin_ms": 10}
    recording = readers.read(tmp_path / "session.nwb", choices=choices)
    asked = gaussian_filter1d(rates, SMOOTH_MS, axis=0)[np.searchsorted(MS, recording.time_ms - recording.time_ms[0])]
    # A Gaussian of standard deviation s over m trials leaves a variance of rate/(2 s √π m).
    noise = np.sqrt(asked / (2 * SMOOTH_MS / 1000 * np.sqrt(np.pi) * TRIALS))
    assert np.sqrt(np.square((recording.rate_hz - asked) / noise).mean()) == pytest.approx(1, abs=0.15)

    fitting = {**sized(UNITS), "network.n": 150, "network.p": 0.3}
    values = {**EXPERIMENT.values, **fitting, "training.test_trials": 100, "target.recording": "0" * 64}
    params = Params().with_values(values)
    *_, last = training.train(params, recording)
    assert last.result is not None
    numbers = measure(Outcome(params, last.result, {}, {}))
    assert numbers["of_ceiling"] > 0.93
    assert np.median(numbers["fits"]) > 0.85
