"""Text tables: what people export is understood and told back; what is wrong is named with its row and column."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from spikedash.params import InputError
from spikedash.readers import read, table
from spikedash.readers.limits import MAX_POINTS, MAX_UNITS


@pytest.fixture
def written(tmp_path):
    """Writes text or bytes to a file and gives its path."""

    def write(content: str | bytes, name: str = "rates.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


PLAIN = "time_ms,a,b\n0,1.5,2\n50,3,4.25\n100,5,6\n"
RATES = [[1.5, 2.0], [3.0, 4.25], [5.0, 6.0]]

# The same numbers as many programs write them.
SAME = {
    "plain": PLAIN,
    "CRLF": PLAIN.replace("\n", "\r\n"),
    "old Mac CR": PLAIN.replace("\n", "\r"),
    "no line end": PLAIN.rstrip(),
    "BOM": b"\xef\xbb\xbf" + PLAIN.encode(),
    "UTF-16": PLAIN.encode("utf-16"),
    "UTF-16 big-endian": b"\xfe\xff" + PLAIN.encode("utf-16-be"),
    "tabs": PLAIN.replace(",", "\t"),
    "semicolons": PLAIN.replace(",", ";"),
    "bars": PLAIN.replace(",", "|"),
    "spaces in columns": "  time_ms   a      b\n  0     1.5    2\n 50     3   4.25\n 100    5      6  \n",
    "comma and space": PLAIN.replace(",", ", "),
    "decimal commas": PLAIN.replace(",", ";").replace(".", ","),
    "decimal commas in quotes": 'time_ms,a,b\n0,"1,5","2,0"\n50,"3,0","4,25"\n100,5,6\n',
    "decimal commas in quotes and no point": 'time_ms,a,b\n"0","1,5","2"\n"50,0","3","4,25"\n"100","5","6"\n',
    "quoted fields": '"time_ms","a","b"\n"0","1.5","2"\n"50","3","4.25"\n"100","5","6"\n',
    "blank rows": PLAIN.replace("\n", "\n\n") + "\n,,\n",
    "empty last column": PLAIN.replace("\n", ",\n"),
    "empty last columns below the header": "time_ms,a,b\n0,1.5,2,,\n50,3,4.25,,\n100,5,6,,\n",
    "commented header": "# made today\n# " + PLAIN,
    "comment above the header": "# made today, by hand\n" + PLAIN,
    "seconds": "time_s,a,b\n0,1.5,2\n0.05,3,4.25\n0.1,5,6\n",
    "microseconds": "time (us),a,b\n0,1.5,2\n50000,3,4.25\n100000,5,6\n",
    "time in brackets": PLAIN.replace("time_ms", "Time [ms]"),
    "time last": "a,b,t_ms\n1.5,2,0\n3,4.25,50\n5,6,100\n",
    "time starts elsewhere": PLAIN.replace("\n0,", "\n-50,").replace("\n50,", "\n0,").replace("\n100,", "\n50,"),
    "exponents and signs": "time_ms,a,b\n0,+15e-1,2\n5e1,3,4.25E0\n1e2,5,6\n",
    "row numbers of pandas": ",time_ms,a,b\n0,0,1.5,2\n1,50,3,4.25\n2,100,5,6\n",
}


@pytest.mark.parametrize("way", SAME)
def test_every_way_of_writing_gives_the_same_recording(way, written, here):
    recording = here(written(SAME[way]))
    np.testing.assert_array_equal(recording.rate_hz, RATES)
    np.testing.assert_array_equal(recording.time_ms, [0, 50, 100])
    assert recording.names == ("a", "b")
    assert recording.notes[0] == "2 neurons, 3 time points every 50 ms, 100 ms long."


# What is told back: (text, note that must be there)
TOLD = {
    "unit from the name": (PLAIN, "Column time_ms read as time in milliseconds."),
    "start": (SAME["time starts elsewhere"], "Column time_ms read as time in milliseconds; its start at -50 ms becomes 0."),
    "ms guessed": (
        PLAIN.replace("time_ms", "t"),
        "Column t read as time in milliseconds, a guess from its size (the name time_ms would make it sure).",
    ),
    "s guessed": (
        SAME["seconds"].replace("time_s", "time"),
        "Column time read as time in seconds, a guess from its size (the name time_s would make it sure).",
    ),
    "no header": ("0,1,2\n50,3,4\n100,5,6\n", "There is no header, so the neurons are numbered."),
    "time guessed": ("0,1,2\n50,3,4\n100,5,6\n", "Column 1 read as time because it rises evenly, a guess."),
    "time guessed below a name": (PLAIN.replace("time_ms", "x"), "Column 1 (x) read as time because it rises evenly, a guess."),
    "semicolons": (SAME["semicolons"], "Columns are separated by semicolons."),
    "decimal commas": (SAME["decimal commas"], "Commas read as decimal marks."),
    "row numbers": (SAME["row numbers of pandas"], "Column 1 only counts the rows and was left out."),
    "Hz": (PLAIN, "Values read as Hz; the file does not name a unit."),
    "Hz named": (PLAIN.replace("a,b", "a_hz,b (Hz)"), "Values read as Hz, as the file says."),
    "small": ("time_s,a\n0,0.01\n1,0.02\n", "Values read as Hz, though none reaches 1 Hz (the largest is 0.02); check the unit."),
    "uneven": (
        PLAIN.replace("50,", "30,"),
        "2 neurons, 3 time points 30 to 70 ms apart (uneven, so rates between them are interpolated), 100 ms long.",
    ),
    "silent": ("time_s,a,b\n0,0,5\n1,0,5\n", "1 neuron never fires."),
    "just below 0": ("time_s,a\n0,-1e-12\n1,5\n", "1 value a hair below 0 counts as 0."),
    "same names": ("time_s,a,a\n0,1,5\n1,2,5\n", "The name a stands for 2 neurons."),
    "one neuron": ("time_s,a\n0,1\n1.25,5\n", "1 neuron, 2 time points every 1250 ms, 1.25 s long."),
}


@pytest.mark.parametrize("case", TOLD)
def test_what_was_understood_is_told_in_one_sentence_each(case, written, here):
    text, note = TOLD[case]
    notes = here(written(text)).notes
    assert note in notes
    assert all(n.isprintable() and n.endswith(".") and ". " not in n for n in notes)


# What is wrong: (text, words that the sentence must hold)
WRONG = {
    "NaN": (PLAIN.replace("4.25", "nan"), "row 3, column 3 (b) is nan; every rate must be a finite number"),
    "inf": (PLAIN.replace("4.25", "-inf"), "row 3, column 3 (b) is -inf"),
    "overflow": (PLAIN.replace("4.25", "1e999"), "row 3, column 3 (b) is inf"),
    "empty cell": (PLAIN.replace("4.25", ""), "row 3, column 3 (b) is empty; every cell must hold a number"),
    "empty cell inside": (PLAIN.replace("1.5", " "), "row 2, column 2 (a) is empty"),
    "text": (PLAIN.replace("4.25", "n/a"), "row 3, column 3 (b) is “n/a”; every cell below the header must hold a number"),
    "text after blank rows": (PLAIN.replace("\n50", "\n\n\n50").replace("4.25", "x"), "row 5, column 3 (b)"),
    "text after a comment": ("# by hand\n" + PLAIN.replace("4.25", "x"), "row 4, column 3 (b)"),
    "text in the first row": ("0,1,2\n50,3,x\n", "row 2, column 3 is “x”"),
    "underscore": (PLAIN.replace("4.25", "1_0"), "row 3, column 3 (b) is “1_0”"),
    "units row": (PLAIN.replace("a,b\n", "a,b\nms,Hz,Hz\n"), "row 2, column 1 (time_ms) is “ms”"),
    "date": (PLAIN.replace("\n0,", "\n2024-01-01,"), "row 2, column 1 (time_ms) is “2024-01-01”"),
    "formula": (PLAIN.replace("4.25", "=1+1"), "row 3, column 3 (b) is “=1+1”"),
    "negative": (PLAIN.replace("4.25", "-4.25"), "row 3, column 3 (b) is -4.25; a rate in Hz cannot be below 0"),
    "short row": (PLAIN.replace("3,4.25", "3"), "row 3 has 2 cells where row 1 has 3"),
    "long row": (PLAIN.replace("4.25", "4,25"), "row 3 has 4 cells where row 1 has 3; every row must have as many; with decimal"),
    "decimal commas between commas": ("time_s,a\n0,0,1,5\n0,1,2,5\n", "row 2 has 4 cells where row 1 has 2"),
    "thousands": ("time_s;a\n0;1,234\n1;2,345\n", "row 2, column 2 (a) has a comma that could mean a decimal or thousands"),
    "two decimal marks": (
        "time_s;a\n0;1,5\n1;2.5\n",
        "row 2, column 2 (a) has a comma and row 3, column 2 (a) a point; use one decimal mark",
    ),
    "repeated time": (PLAIN.replace("\n50", "\n0"), "row 3 repeats the time 0; times must increase"),
    "unsorted": (PLAIN.replace("\n50", "\n150"), "row 4 has the time 100 after 150; times must increase"),
    "time is NaN": (PLAIN.replace("\n50", "\nnan"), "row 3 has the time nan; every time must be a finite number"),
    "one row": ("time_ms,a\n0,1\n", "there is 1 time point; at least 2 are needed"),
    "header only": ("time_ms,a\n", "there are 0 time points; at least 2 are needed"),
    "one column": ("time_ms\n0\n50\n100\n", "there is only one column; needed are a time column and a column of rates"),
    "time only": ("time_ms,\n0,\n50,\n100,\n", "there is a time but no neuron; add one column of rates in Hz per neuron"),
    "blank": ("\n\n , ,\n", "there are no cells with anything in them"),
    "two times": (PLAIN.replace("a,b", "time_s,b"), "columns 1 (time_ms) and 2 (time_s) both look like time; leave one"),
    "no time": ("a,b\n3,1\n1,2\n5,3\n", "no column is called time_ms or time_s, and column 1 (a) does not rise evenly"),
    "sample numbers": ("0,1,2\n1,3,4\n2,5,6\n", "column 1 counts rows instead of giving times; choose the unit sample numbers"),
    "seconds called ms": (
        "time_ms,a\n0,1\n1,2\n2,3\n",
        "spans 2 ms, but a pattern lasts 0.1 to 10 s; if these are seconds",
    ),
    "ms called seconds": (
        "time_s,a\n0,1\n500,2\n",
        "the range to be learned or, if these are milliseconds, call it time_ms",
    ),
    "no unit fits": ("t,a\n0,1\n50,2\n", "spans 50, too long in seconds and too short in milliseconds"),
    "too long": ("time_s,a\n0,1\n11,2\n", "spans 11 s, but a pattern lasts 0.1 to 10 s; choose the range to be learned."),
    "too short": ("time_s,a\n0,1\n0.05,2\n", "spans 0.05 s, but a pattern lasts 0.1 to 10 s; give a longer recording"),
    "no step": ("time_s,a\n0,1\n1e-15,2\n1,3\n", "has times closer than a nanosecond; use wider time bins"),
    "all zero": ("time_s,a\n0,0\n1,0\n", "no value is above 0"),
    "all negative": ("time_s,a\n0,-5\n1,-6\n", "no value is above 0"),
    "not Hz": (PLAIN.replace("4.25", "5000"), "row 3, column 3 (b) is 5,000, above 1000 Hz, which no neuron fires"),
    "transposed": ("neuron,0,50,100\nu1,1,2,3\nu2,4,5,6\n", "text “u1” under a row of numbers; put time down the rows"),
    "too many columns": (",".join(["time_s", *["a"] * (MAX_UNITS + 1)]) + "\n", "5,002 columns, above the limit of 5,000"),
    "too many rows": ("time_s,a\n" + "1,1\n" * (MAX_POINTS + 1), "more than 100,000 time points; use wider time bins"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_named_with_its_place(case, written, refusal_here):
    text, words = WRONG[case]
    assert words in refusal_here(written(text))


def test_too_many_values_are_refused_before_they_are_kept(written, refusal_here, monkeypatch):
    monkeypatch.setattr(table, "MAX_VALUES", 10)
    assert "more than 10 values" in refusal_here(written("time_s,a,b\n" + "0,1,2\n" * 6 + "here the reader has stopped already"))


def test_names_are_kept_as_people_wrote_them_without_what_cannot_be_seen(written, here):
    header = '"time_ms","größe 神経","=1+1","a, b"," x\u202e\ty ","","' + "n" * 200 + '"'
    recording = here(written(header + "\n" + "0,1,1,1,1,1,1\n100,1,1,1,1,1,1\n"))
    assert recording.names[:5] == ("größe 神経", "=1+1", "a, b", "x y", "neuron 5")
    assert recording.names[5].startswith("nnn")
    assert len(recording.names[5]) == 80


def test_neurons_called_s_and_t_are_no_time(written, here):
    assert here(written("time,r,s,t\n0,1,2,3\n1,4,5,6\n")).names == ("r", "s", "t")


def test_what_numpy_writes_is_read(tmp_path, here):
    rng = np.random.default_rng(5)
    written = np.column_stack([np.arange(0, 500, 20.0), rng.gamma(2, 5, (25, 4))])
    for delimiter in (",", " ", "\t"):
        np.savetxt(tmp_path / "rates.txt", written, delimiter=delimiter, header=delimiter.join(["time_ms", *"wxyz"]))
        recording = here(tmp_path / "rates.txt")
        np.testing.assert_array_equal(recording.rate_hz, written[:, 1:])
        assert recording.names == tuple("wxyz")


numbers = st.floats(0, 1000, allow_subnormal=False)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rates=st.integers(1, 6).flatmap(lambda n: st.lists(st.lists(numbers, min_size=n, max_size=n), min_size=2, max_size=12)),
    step=st.sampled_from([10, 20, 33, 250]),
    delimiter=st.sampled_from(",;\t|"),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    decimal=st.sampled_from(".,"),
    time=st.sampled_from(["time_ms", "time_s", ""]),
)
def test_any_rates_in_any_dialect_come_back_as_they_were(
    rates, step, delimiter, end, encoding, quoting, decimal, time, tmp_path, here
):
    rates[0][0] = 0.5  # a comma in it is surely a decimal one, and some neuron fires
    assume(step * (len(rates) - 1) >= 100)
    times = [step * k + 0.0 for k in range(len(rates))]
    rows = [[t / 1000 if time == "time_s" else t, *row] for t, row in zip(times, rates, strict=True)]
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator=end, quoting=quoting)
    if time:
        writer.writerow([time, *(f"u{k}" for k in range(len(rates[0])))])
    writer.writerows([repr(x).replace(".", decimal) for x in row] for row in rows)
    path = tmp_path / "rates.csv"
    path.write_bytes(text.getvalue().encode(encoding))
    recording = here(path)
    np.testing.assert_array_equal(recording.rate_hz, rates)
    np.testing.assert_array_equal(recording.time_ms, times)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(more=st.text("0019.,;|\t \n\r\"'-+e_#%NaninfTimems=()\x1f\u00a0é\0", max_size=60))
def test_whatever_is_written_is_read_or_refused_in_one_sentence(more, written, here, one_sentence):
    try:
        recording = here(written("time_ms,a\n0,1\n" + more))
    except InputError as refused:
        message = str(refused)
    else:
        message = "rates.csv: fine."
        assert np.isfinite(recording.rate_hz).all()
        assert recording.rate_hz.shape == (len(recording.time_ms), len(recording.names))
    assert one_sentence(message), message


def test_the_recorded_rates_are_read(recorded_data):
    recording = read(recorded_data / "alm_lick_left_227.csv")
    rows = np.loadtxt(recorded_data / "alm_lick_left_227.csv", delimiter=",", skiprows=1)
    np.testing.assert_array_equal(recording.rate_hz, rows[:, 1:])
    np.testing.assert_array_equal(recording.time_ms, rows[:, 0])
    assert recording.notes == (
        "227 neurons, 101 time points every 20 ms, 2.0 s long.",
        "Column time_ms read as time in milliseconds.",
        "Values read as Hz, as the file says.",
    )


@pytest.mark.parametrize(
    ("content", "note"),
    [
        ("sample,a,b\n0,1,2\n1,3,4\n2,5,6\n", "Column sample read as time in samples of 10 Hz."),
        ("a,b\n9,2\n3,4\n5,6\n", "The number of the row read as time in samples of 10 Hz."),
        ("9,2\n3,4\n5,6\n", "The number of the row read as time in samples of 10 Hz."),
    ],
)
def test_rows_can_be_samples_with_or_without_their_numbers(written, here, content, note):
    path = written(content)
    read_as = {"unit": "samples", "sampling_hz": 10}
    if not content.startswith("9"):
        read_as["holds"] = "rates"
    got = here(path, **read_as)
    np.testing.assert_allclose(got.time_ms, [0, 100, 200])
    assert got.rate_hz.shape == (3, 2)
    assert note in got.notes


def test_whole_numbers_that_count_on_are_told_to_be_perhaps_samples(written, here):
    rows = "".join(f"{k},{k % 7}\n" for k in range(200))
    assert any("if it counts samples, choose that unit" in note for note in here(written("time,a\n" + rows)).notes)
    stated = here(written("time_ms,a\n" + rows, "stated.csv"))
    assert not any("samples" in note for note in stated.notes)


def test_what_excel_saves_on_a_german_windows_is_read(written, here):
    text = PLAIN.replace(",", ";").replace(".", ",").replace("a;", "Größe;")
    got = here(written(text.encode("cp1252")))
    assert got.names == ("Größe", "b")
    np.testing.assert_array_equal(got.rate_hz, RATES)
