"""MATLAB and HDF5 files: the same recording from every version, and nothing read that is not numbers, text or cells of these."""

from __future__ import annotations

import h5py
import numpy as np
import pytest
from scipy.io import savemat

TIME_S = np.arange(0.0, 0.5, 0.05)
RATES = np.random.default_rng(3).gamma(2.0, 5.0, (10, 3))
TRAINS = [np.sort(np.random.default_rng(k).uniform(0, 2, 30 + k)) for k in range(3)]


def cell(*items):
    box = np.empty(len(items), dtype=object)
    box[:] = items
    return box


def save73(path, **variables):
    """As MATLAB writes -v7.3: a page of words, then HDF5 with turned arrays, cells as references into #refs#."""
    with h5py.File(path, "w", userblock_size=512) as file:
        for name, value in variables.items():
            _put73(file, name, value)
    with path.open("r+b") as file:
        file.write(b"MATLAB 7.3 MAT-file, Platform: GLNXA64, Created on: Mon Jan  1 00:00:00 2024 HDF5 schema 1.00 .".ljust(124))
        file.write(b"\0\2IM")


def _put73(file, name, value):
    if isinstance(value, np.ndarray) and value.dtype == object:
        refs = file.require_group("#refs#")
        for k, item in enumerate(value):
            _put73(refs, f"{name}{k}", item)
        made = file.create_dataset(
            name, data=np.array([[refs[f"{name}{k}"].ref for k in range(len(value))]], dtype=h5py.ref_dtype)
        )
        made.attrs["MATLAB_class"] = np.bytes_("cell")
    elif isinstance(value, str):
        made = file.create_dataset(name, data=np.array([[ord(c)] for c in value], np.uint16))
        made.attrs["MATLAB_class"] = np.bytes_("char")
    else:
        made = file.create_dataset(name, data=np.atleast_2d(value).T, **({"compression": "gzip"} if np.size(value) > 20 else {}))
        made.attrs["MATLAB_class"] = np.bytes_("double")


def save5(path, **variables):
    savemat(path, variables)


def save7(path, **variables):
    savemat(path, variables, do_compression=True)


SAVE = {"version 5": save5, "version 7, compressed": save7, "version 7.3": save73}


@pytest.fixture(params=SAVE)
def saved(request, tmp_path):
    """Saves variables as one version of MATLAB does."""

    def save(**variables):
        SAVE[request.param](tmp_path / "recording.mat", **variables)
        return tmp_path / "recording.mat"

    return save


def test_rates_with_names_are_the_same_in_every_version(saved, here):
    recording = here(saved(rate_hz=RATES, time_s=TIME_S, names=cell("a1", "b", "c")))
    np.testing.assert_array_equal(recording.rate_hz, RATES)
    np.testing.assert_array_equal(recording.time_ms, np.arange(0, 500, 50))
    assert recording.names == ("a1", "b", "c")


def test_turned_rates_are_turned_back(saved, here):
    recording = here(saved(firing=RATES.T, t_ms=1000 * TIME_S, depth=np.arange(4.0)))
    np.testing.assert_array_equal(recording.rate_hz, RATES)
    assert "The array firing holds one neuron per row and was turned." in recording.notes


def test_a_cell_array_is_a_list_of_spike_times_per_neuron(saved, here):
    recording = here(saved(spike_times=cell(*TRAINS)), from_s=0, to_s=1.8, smooth_ms=0, bin_ms=100)
    edges = -0.05 + 0.1 * np.arange(20)
    want = np.stack([np.histogram(t, edges)[0] / 0.1 for t in TRAINS], axis=1)
    np.testing.assert_allclose(recording.rate_hz[1:], want[1:], atol=1e-9)
    np.testing.assert_allclose(recording.rate_hz[0], 2 * want[0], atol=1e-9)  # half of the first bin lies before the start
    assert recording.choices[0] == ("holds", "spikes")


def test_a_cell_array_of_neurons_and_trials_is_a_psth(tmp_path, here):
    rng = np.random.default_rng(0)
    boxes = np.empty((2, 300), dtype=object)
    for k in range(2):
        for trial in range(300):
            boxes[k, trial] = np.sort(rng.uniform(0, 1, rng.poisson(20 * (k + 1))))
    savemat(tmp_path / "x.mat", {"spikes": boxes})
    recording = here(tmp_path / "x.mat")
    np.testing.assert_allclose(recording.rate_hz.mean(axis=0), [20, 40], rtol=0.03)
    assert "Averaged over 300 trials; time 0 is time 0." in recording.notes


def test_long_lists_are_told_apart_by_cluster(saved, here):
    times, who = np.concatenate(TRAINS), np.repeat([3.0, 5.0, 8.0], [len(t) for t in TRAINS])
    recording = here(saved(spike_times=times, spike_clusters=who), to_s=1.5)
    assert recording.names == ("3", "5", "8")


def test_plain_hdf5_is_not_turned(tmp_path, here):
    with h5py.File(tmp_path / "x.h5", "w") as file:
        file["session/rate_hz"] = RATES
        file["session/time_s"] = TIME_S
        file["session/names"] = ["a", "b", "c"]
        file["session/again"] = h5py.SoftLink("/session/time_s")
    recording = here(tmp_path / "x.h5", time="time_s")
    np.testing.assert_array_equal(recording.rate_hz, RATES)
    assert recording.names == ("a", "b", "c")


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"data": {"rate_hz": RATES}}, "the file holds only data (struct); save rates or spike times as plain numeric"),
        ({"rate_hz": RATES * 1j, "time_s": TIME_S}, "rate_hz holds complex128 values"),
        ({"rate_hz": RATES}, "there is no array time_s or time_ms"),
        ({"note": "hello"}, "the file holds no variables of numbers"),
        ({"spikes": cell("a", TRAINS[0])}, "the file holds no variables of numbers"),
        (
            {"rate_hz": np.where(RATES[2, 1] == RATES, np.nan, RATES), "time_s": TIME_S},
            "rate_hz at time point 3, neuron 2 is nan",
        ),
        ({"rate_hz": np.ones((2, 3, 4)), "time_s": TIME_S}, "rate_hz has 3 dimensions; average over trials"),
    ],
)
def test_what_is_wrong_with_variables_is_one_sentence(variables, words, tmp_path, refusal_here):
    savemat(tmp_path / "x.mat", variables)
    assert words in refusal_here(tmp_path / "x.mat")
