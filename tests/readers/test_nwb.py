"""NWB and pynapple files as those libraries themselves write them."""

from __future__ import annotations

import warnings
from datetime import UTC, datetime

import h5py
import numpy as np
import pytest

pytestmark = pytest.mark.filterwarnings("default")  # the libraries warn about their own futures

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import pynapple as nap
    import pynwb

RNG = np.random.default_rng(4)
STARTS = 5 + 2.0 * np.arange(60)
SIDES = np.where(np.arange(60) % 2, "left", "right")
#: A neuron that fires at 40 Hz in the second after the go cue of left trials, one at 15 Hz always, and one that is silent.
GO = STARTS + RNG.uniform(0.2, 0.4, 60)
LEFT = [np.sort(go + RNG.uniform(0, 1, RNG.poisson(40))) for go in GO[SIDES == "left"]]
TRAINS = [np.concatenate(LEFT), np.sort(RNG.uniform(0, 130, 15 * 130)), np.zeros(0)]


@pytest.fixture
def written(tmp_path):
    """An NWB file made by pynwb."""

    def write(*, units=True, trials=True, rates=False, change=None):
        file = pynwb.NWBFile("a session", "id", datetime(2024, 1, 1, tzinfo=UTC))
        if units:
            file.add_unit_column("unit_name", "name")
            for name, train in zip(("go", "steady", "silent"), TRAINS, strict=True):
                file.add_unit(spike_times=train, unit_name=name)
        if trials:
            file.add_trial_column("go_time", "go cue")
            file.add_trial_column("side", "instructed side")
            for start, go, side in zip(STARTS, GO, SIDES, strict=True):
                file.add_trial(start_time=start, stop_time=start + 1.6, go_time=go, side=str(side))
        if rates:
            module = file.create_processing_module("ecephys", "rates")
            data = RNG.gamma(2, 5, (100, 4))
            module.add(pynwb.TimeSeries(name="firing_rates", data=data, unit="Hz", rate=50.0, starting_time=1.0))
        path = tmp_path / "session.nwb"
        with pynwb.NWBHDF5IO(str(path), "w") as out:
            out.write(file)
        if change:
            with h5py.File(path, "a") as opened:
                change(opened)
        return path

    return write


def test_units_and_trials_become_psths(written, here):
    recording = here(written(), align="go_time", trials="side=left", from_s=0.1, to_s=0.9)
    assert recording.names == ("go", "steady", "silent")
    np.testing.assert_allclose(recording.rate_hz.mean(axis=0), [40, 15, 0], rtol=0.15)
    assert "Averaged over 30 trials of 60; time 0 is go_time." in recording.notes
    assert "1 neuron never fires." in recording.notes


def test_the_default_is_every_trial_from_its_start_to_its_end(written, here):
    recording = here(written())
    assert recording.time_ms[-1] == pytest.approx(1600)
    assert "Averaged over 60 trials; time 0 is start." in recording.notes


def test_without_trials_the_recording_itself_is_the_pattern(written, here):
    recording = here(written(trials=False), from_s=20, to_s=25)
    times = TRAINS[1]
    want = ((times > 20) & (times < 25)).sum() / 5
    assert recording.rate_hz[:, 1].mean() == pytest.approx(want, rel=0.05)


def test_a_series_of_rates_is_read(written, here):
    recording = here(written(units=False, rates=True))
    assert recording.rate_hz.shape == (100, 4)
    np.testing.assert_allclose(recording.time_ms, 20.0 * np.arange(100))
    assert here(written(rates=True), holds="rates").rate_hz.shape == (100, 4)


@pytest.mark.parametrize(
    ("how", "choices", "words"),
    [
        ({"units": False}, {}, "has no units table with spike times and no series of rates in Hz"),
        ({}, {"holds": "rates"}, "has spike times but no series of rates in Hz"),
        ({}, {"align": "lick"}, "the trials have no moment lick; there are start, stop, go_time"),
        ({}, {"trials": "side=up"}, "no trial has side=up; there are left, right"),
        ({}, {"trials": "left"}, "write column=value with one of the columns side"),
        ({"change": lambda f: f["units/spike_times"].__setitem__(3, np.nan)}, {}, "spike 4 of neuron 1 is nan"),
        (
            {"change": lambda f: f["units/spike_times"].__setitem__(..., 30000 * f["units/spike_times"][()])},
            {},
            "the spikes of one neuron",
        ),
        (
            {"change": lambda f: f["units/spike_times_index"].__setitem__(0, 60000)},
            {},
            "the index of units/spike_times does not fit",
        ),
        ({"change": lambda f: f.__delitem__("units/spike_times_index")}, {}, "without their index"),
    ],
)
def test_what_is_wrong_is_one_sentence(how, choices, words, written, refusal_here):
    assert words in refusal_here(written(**how), **choices)


def test_a_tsgroup_of_pynapple_is_read_with_its_keys(tmp_path, here):
    group = nap.TsGroup({3: nap.Ts(TRAINS[1]), 8: nap.Ts(np.sort(RNG.uniform(0, 130, 900)))}, metadata={"area": ["x", "y"]})
    group.save(str(tmp_path / "spikes.npz"))
    recording = here(tmp_path / "spikes.npz", from_s=10, to_s=15)
    assert recording.names == ("3", "8")
    count = group.count(0.01, ep=nap.IntervalSet(9.005, 16.005)).smooth(0.05, windowsize=0.41)
    want = np.asarray(count.values)[99:600] / 0.01
    np.testing.assert_allclose(recording.rate_hz, want, atol=0.03 * want.max())


def test_epochs_of_pynapple_are_trials(tmp_path, here):
    epochs = nap.IntervalSet(STARTS, STARTS + 1.6)
    nap.TsGroup({1: nap.Ts(TRAINS[1])}, time_support=epochs).save(str(tmp_path / "x.npz"))
    recording = here(tmp_path / "x.npz")
    assert "Averaged over 60 trials; time 0 is start." in recording.notes
    assert recording.rate_hz.mean() == pytest.approx(15, rel=0.1)


@pytest.mark.parametrize("columns", [["a", "b", "c"], None])
def test_a_tsdframe_of_pynapple_is_read(columns, tmp_path, here):
    rates = RNG.gamma(2, 5, (100, 3))
    nap.TsdFrame(t=2 + np.arange(100) / 50, d=rates, columns=columns).save(str(tmp_path / "x.npz"))
    recording = here(tmp_path / "x.npz")
    np.testing.assert_array_equal(recording.rate_hz, rates)
    np.testing.assert_allclose(recording.time_ms, 20.0 * np.arange(100))


def test_a_tsd_and_a_ts_of_pynapple_are_one_neuron(tmp_path, here):
    nap.Tsd(t=np.arange(100) / 50, d=RNG.gamma(2, 5, 100)).save(str(tmp_path / "x.npz"))
    assert here(tmp_path / "x.npz").rate_hz.shape == (100, 1)
    nap.Ts(TRAINS[1]).save(str(tmp_path / "y.npz"))
    assert here(tmp_path / "y.npz", to_s=5).rate_hz.mean() == pytest.approx((TRAINS[1] < 5).sum() / 5, rel=0.1)
