"""Which neurons and which time are taken, how rates are smoothed, and how a choice is written."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter1d

from spikedash.params import InputError
from spikedash.readers import CHOICES, read
from spikedash.readers.choices import Choices, parse
from spikedash.readers.selecting import named

TIME_S = np.arange(0, 2.001, 0.02)
RATES = np.random.default_rng(3).gamma(2, 5, (101, 6)) * [0.1, 0.5, 1, 1, 2, 3]
NAMES = ("a", "b", "3", "d e", "a", "f")


@pytest.fixture
def file(tmp_path):
    np.savez(tmp_path / "rates.npz", rate_hz=RATES, time_s=TIME_S, names=np.array(NAMES))
    return tmp_path / "rates.npz"


@pytest.mark.parametrize(
    ("text", "kept"),
    [("a", [0, 4]), ("2", [1]), ("3", [2]), ("1-3", [0, 1, 2]), ("d e, 6", [3, 5]), ("f;2\n1", [0, 1, 5]), ("5–9", [4, 5])],
)
def test_neurons_are_found_by_name_and_then_by_place(text, kept):
    assert named(text, NAMES).tolist() == kept


def test_numbers_mean_ids_where_all_names_are_ids():
    assert named("7-20, 3", ("3", "7", "11", "42")).tolist() == [0, 1, 2]


@pytest.mark.parametrize("text", ["g", "9", "7-8", "0", "-1", ",", "1-", "٣"])
def test_a_neuron_that_is_not_there_is_named(text, file, refusal_here):
    assert "neuron" in refusal_here(file, neurons=text)


def test_a_threshold_keeps_the_neurons_at_or_above_it(file, here):
    kept = here(file, min_hz=10)
    assert kept.rate_hz.shape[1] == int((RATES.mean(axis=0) >= 10).sum())
    assert kept.notes[1] == f"{kept.rate_hz.shape[1]} of 6 neurons kept: mean rate of 10 Hz or more."
    assert here(file, min_hz=2, first=2).names == ("b", "3")


def test_nothing_above_the_threshold_is_refused(file, refusal_here):
    assert "no neuron has a mean rate of 900 Hz or more; the highest is" in refusal_here(file, min_hz=900)


def test_a_range_is_cut_out_before_the_threshold_counts(file, here):
    cut = here(file, from_s=0.5, to_s=1.0)
    np.testing.assert_array_equal(cut.rate_hz, RATES[25:51])
    np.testing.assert_array_equal(cut.time_ms, np.arange(0, 501, 20))
    assert any("from 0.5 s on" in note for note in cut.notes)


@pytest.mark.parametrize(("low", "high"), [(3, 4), (0.5, 0.51), (-5, -1)])
def test_a_range_without_data_says_where_there_are_some(low, high, file, refusal_here):
    assert "the file goes from 0 to 2 s" in refusal_here(file, from_s=low, to_s=high)


def test_rates_are_smoothed_and_told_at_the_chosen_step(file, here):
    smooth = here(file, smooth_ms=60, bin_ms=40)
    want = gaussian_filter1d(RATES, 3, axis=0, mode="constant") / gaussian_filter1d(np.ones(101), 3, mode="constant")[:, None]
    np.testing.assert_allclose(smooth.rate_hz, want[::2], atol=1e-9)
    assert "Rates told every 40 ms, smoothed with a Gaussian of 60 ms." in smooth.notes


def test_what_lies_around_the_range_is_smoothed_into_it(file, here):
    whole = here(file, smooth_ms=60).rate_hz
    np.testing.assert_allclose(here(file, smooth_ms=60, from_s=0.5, to_s=1.0).rate_hz, whole[25:51], atol=1e-9)


def test_uneven_times_are_evened_by_a_step(tmp_path, here):
    uneven = np.sort(np.random.default_rng(1).uniform(0, 1, 50))
    np.savez(tmp_path / "x.npz", rate_hz=np.column_stack([50 * uneven, 60 - 50 * uneven]), time_s=uneven)
    even = here(tmp_path / "x.npz", bin_ms=20)
    np.testing.assert_allclose(np.diff(even.time_ms), 20)
    np.testing.assert_allclose(even.rate_hz.sum(axis=1), 60)


def test_the_time_column_can_be_chosen(tmp_path, here, refusal_here):
    (tmp_path / "x.csv").write_text("a,clock,b\n1,0,4\n9,0.3,5\n2,0.5,6\n")
    recording = here(tmp_path / "x.csv", time="clock", unit="s")
    assert recording.names == ("a", "b")
    assert here(tmp_path / "x.csv", time="2", unit="s").rate_hz.tolist() == recording.rate_hz.tolist()
    assert "there is no column watch; give the name of a column or a number from 1 to 3" in refusal_here(
        tmp_path / "x.csv", time="watch"
    )


def test_rows_that_are_neurons_are_turned(tmp_path, here, refusal_here):
    (tmp_path / "x.csv").write_text("time_ms,0,50,100\nu1,1,2,3\nu2,4,5,6\n")
    recording = here(tmp_path / "x.csv", rows="neurons")
    assert recording.rate_hz.tolist() == [[1, 4], [2, 5], [3, 6]]
    assert recording.names == ("u1", "u2")
    (tmp_path / "x.csv").write_text("time_ms,0,50,100\nu1,1,2,3\nu2,4,-5,6\n")
    assert "row 3, column 3 (u2) is -5" in refusal_here(tmp_path / "x.csv", rows="neurons")


def test_a_chosen_unit_overrules_the_files(tmp_path, here):
    (tmp_path / "x.csv").write_text("time_s,a\n0,1\n500,2\n")
    assert here(tmp_path / "x.csv", unit="ms").time_ms.tolist() == [0, 500]
    assert here(tmp_path / "x.csv", unit="samples", sampling_hz=1000).time_ms.tolist() == [0, 500]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"color": "red"}, "there is no choice color; known ones are holds, unit,"),
        ({"min_hz": "five"}, "min_hz is five; it must be a number from 0 to 1000 Hz"),
        ({"min_hz": "nan"}, "min_hz is nan"),
        ({"first": 2.5}, "first is 2.5; it must be a whole number from 1 to 5000"),
        ({"from_s": 2, "to_s": 1}, "to_s is 1 and from_s 2; the end must come after the start"),
        ({"smooth_ms": -1}, "smooth_ms is -1"),
    ],
)
def test_a_choice_that_cannot_be_is_refused_with_its_rule(given, words, file):
    with pytest.raises(InputError) as caught:
        read(file, choices=given)
    assert words in str(caught.value)


def test_choices_are_written_and_read_back():
    assert set(CHOICES) == set(Choices._fields)
    chosen = parse({"min_hz": "5", "first": "12", "neurons": " 1-3 ", "from_s": "", "unit": None, "bin_ms": 0.1 + 0.2})
    assert chosen == Choices(min_hz=5.0, first=12, neurons="1-3", bin_ms=0.1 + 0.2)
    assert parse(dict(chosen.pairs())) == chosen


def test_five_hz_leave_726_of_the_recorded_population(recorded_data):
    recording = read(recorded_data / "alm_lick_left.npz", choices={"min_hz": 5})
    assert recording.rate_hz.shape == (101, 726)
    assert recording.notes[1] == "726 of 1,824 neurons kept: mean rate of 5 Hz or more."
    with np.load(recorded_data / "alm_lick_left.npz", allow_pickle=False) as file:
        rate_hz = file["rate_hz"].astype(float)
    np.testing.assert_array_equal(recording.rate_hz, rate_hz[:, rate_hz.mean(axis=0) >= 5])
