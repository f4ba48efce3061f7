"""NPZ files: which array is what, which way round, and what is told back."""

from __future__ import annotations

import io

import numpy as np
import pytest

from spikedash.readers import describe, read

TIME_S = np.arange(0.0, 0.5, 0.05)
RATES = np.random.default_rng(3).gamma(2.0, 5.0, (10, 3))
HERE = np.arange(30).reshape(10, 3) == 13  # one place: row 5, column 2


@pytest.fixture
def saved(tmp_path):
    """Saves arrays as numpy does and gives the file's path."""

    def save(**arrays):
        np.savez(tmp_path / "rates.npz", **arrays)
        return tmp_path / "rates.npz"

    return save


# The same rates as many people save them, and the note that tells of a guess.
SAME = {
    "named": ({"rate_hz": RATES, "time_s": TIME_S}, "The array time_s read as time in seconds."),
    "milliseconds": ({"rates": RATES, "time_ms": 1000 * TIME_S}, "The array time_ms read as time in milliseconds."),
    "whole numbers": ({"rates": RATES, "t_ms": np.arange(0, 500, 50, dtype=np.int16)}, "read as time in milliseconds."),
    "unit unsaid": ({"rate": RATES, "t": TIME_S}, "a guess from its size"),
    "names unsaid": ({"x": RATES, "bins": TIME_S}, "The array bins read as time because it rises evenly, a guess."),
    "one neuron per row": ({"rate_hz": RATES.T, "time_s": TIME_S}, "The array rate_hz holds one neuron per row and was turned."),
    "Fortran order": ({"rate_hz": np.asfortranarray(RATES), "time_s": TIME_S}, "10 time points every 50 ms"),
    "big-endian": ({"rate_hz": RATES.astype(">f8"), "time_s": TIME_S.astype(">f8")}, "10 time points every 50 ms"),
    "more arrays": (
        {"rate_hz": RATES, "time_s": TIME_S, "depth": np.arange(3), "session": np.array("a")},
        "Left out: depth, session.",
    ),
    "capitals": ({"Rate_Hz": RATES, "Time_S": TIME_S}, "Values read as Hz, as the file says."),
}


@pytest.mark.parametrize("way", SAME)
def test_every_way_of_saving_gives_the_same_recording(way, saved, here):
    arrays, note = SAME[way]
    recording = here(saved(**arrays))
    np.testing.assert_array_equal(recording.rate_hz, RATES)
    np.testing.assert_array_equal(recording.time_ms, np.arange(0, 500, 50))
    assert recording.rate_hz.flags.c_contiguous
    assert recording.names == ("neuron 1", "neuron 2", "neuron 3")
    assert note in " ".join(recording.notes)


def test_names_of_neurons_are_taken_from_text_or_numbers(saved, here):
    for names in (np.array(["a", "=b", "ñ"]), np.array([b"a", b"=b", "ñ".encode()]), np.array([7, 8, 9])):
        recording = here(saved(rate_hz=RATES, time_s=TIME_S, names=names))
        assert recording.names in (("a", "=b", "ñ"), ("7", "8", "9"))
        assert not any("Left out" in note for note in recording.notes)


def test_one_neuron_may_be_flat(saved, here):
    assert here(saved(rate_hz=RATES[:, 0], time_s=TIME_S)).rate_hz.shape == (10, 1)


def test_a_square_is_read_by_rows_and_says_so(saved, here):
    square = np.arange(100.0).reshape(10, 10)
    recording = here(saved(rate_hz=square, time_s=TIME_S))
    np.testing.assert_array_equal(recording.rate_hz, square)
    assert "The array rate_hz is square; its rows are taken as time points, a guess." in recording.notes


def test_times_in_single_precision_give_whole_milliseconds(saved, here):
    time = here(saved(rate_hz=RATES, time_s=(TIME_S + 0.02).astype(np.float32))).time_ms
    np.testing.assert_array_equal(time, np.arange(0, 500, 50))


WRONG = {
    "no time": ({"rate_hz": RATES}, "there is no array time_s or time_ms; add the time of each row of the rates"),
    "sample numbers": ({"rate_hz": RATES, "k": np.arange(10)}, "there is no array time_s or time_ms"),
    "no rates": (
        {"time_s": TIME_S},
        "there is no array rate_hz, and not exactly one array with two dimensions, but time_s (10,",
    ),
    "two candidates": ({"a": RATES, "b": RATES, "time_s": TIME_S}, "not exactly one array with two dimensions, but a (10, 3), b"),
    "two times": ({"rate_hz": RATES, "time_s": TIME_S, "time_ms": TIME_S}, "the arrays time_s and time_ms both look like time"),
    "lengths differ": ({"rate_hz": RATES, "time_s": TIME_S[:7]}, "rate_hz has the shape 10 × 3 and time_s has 7 times"),
    "trials": ({"rate_hz": np.ones((4, 10, 3)), "time_s": TIME_S}, "rate_hz has 3 dimensions; average over trials"),
    "complex": ({"rate_hz": RATES * 1j, "time_s": TIME_S}, "rate_hz holds complex128 values; rates must be plain real numbers"),
    "text": ({"rate_hz": RATES.astype(str), "time_s": TIME_S}, "rates must be plain real numbers"),
    "records": ({"rate_hz": np.zeros((10, 3), [("a", "f8")]), "time_s": TIME_S}, "rates must be plain real numbers"),
    "no neurons": ({"rate_hz": RATES[:, :0], "time_s": TIME_S}, "there is a time but no neuron"),
    "one point": ({"rate_hz": RATES[:1], "time_s": TIME_S[:1]}, "there is 1 time point; at least 2 are needed"),
    "no points": ({"rate_hz": RATES[:0], "time_s": TIME_S[:0]}, "there is no array time_s or time_ms"),
    "NaN": (
        {"rate_hz": np.where(HERE, np.nan, RATES), "time_s": TIME_S},
        "rate_hz at time point 5, neuron 2 is nan",
    ),
    "negative": (
        {"rate_hz": np.where(HERE, -1.0, RATES), "time_s": TIME_S},
        "rate_hz at time point 5, neuron 2 is -1; a rate in Hz",
    ),
    "not Hz": ({"rate_hz": RATES * 1e6, "time_s": TIME_S}, "above 1000 Hz, which no neuron fires"),
    "unsorted": ({"rate_hz": RATES, "time_s": TIME_S[::-1]}, "time point 2 of time_s has the time 0.4 after 0.45; times must"),
    "time is inf": (
        {"rate_hz": RATES, "time_s": np.where(TIME_S == 0, np.inf, TIME_S)},
        "time point 1 of time_s has the time",
    ),
    "ms called seconds": ({"rate_hz": RATES, "time_s": 1000 * TIME_S}, "if these are milliseconds, call it time_ms"),
    "too many neurons": ({"rate_hz": np.ones((10, 5001), "i1"), "time_s": TIME_S}, "5,001 neurons, above the limit of 5,000"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_named_with_its_array(case, saved, refusal_here):
    arrays, words = WRONG[case]
    assert words in refusal_here(saved(**arrays))


def test_named_neurons_are_named_in_refusals(saved, refusal_here):
    message = refusal_here(saved(rate_hz=np.where(HERE, -1.0, RATES), time_s=TIME_S, names=np.array(["a", "b", "c"])))
    assert "rate_hz at time point 5, neuron 2 (b) is -1" in message


def test_the_names_of_arrays_cannot_break_the_sentence(saved, refusal_here):
    odd = "x\n\u202e" + "y" * 100
    assert "yyy" in refusal_here(saved(**{odd: RATES, "time_s": TIME_S[:4]}))


def test_the_recorded_population_is_read(recorded_data):
    recording = read(recorded_data / "alm_lick_left.npz")
    with np.load(io.BytesIO((recorded_data / "alm_lick_left.npz").read_bytes()), allow_pickle=False) as file:
        np.testing.assert_array_equal(recording.rate_hz, file["rate_hz"].astype(np.float64))
    np.testing.assert_array_equal(recording.time_ms, np.arange(0, 2001, 20))
    assert recording.notes[0] == "1,824 neurons, 101 time points every 20 ms, 2.0 s long."
    about = describe(recording)
    assert (about["units"], about["points"], about["duration_ms"], about["bin_ms"]) == (1824, 101, 2000, 20)
