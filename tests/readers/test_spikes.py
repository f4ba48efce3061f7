"""Spike times become rates: in every way they are written, against a direct sum of Gaussians, and with every trap named."""

from __future__ import annotations

import numpy as np
import pytest

SEED = np.random.default_rng(11)
#: Five neurons of 4 to 20 Hz over 3 s, with a refractory period.
TRAINS = tuple(
    t[t < 3] for hz in (4, 8, 12, 16, 20) for t in [np.round(np.cumsum(0.002 + SEED.exponential(1 / hz - 0.002, 120)), 6)]
)


def gaussians(trains, grid_s, width_s, low, high):
    """Rates in Hz (T, units) as sums of Gaussians over what lies of them inside the recording."""
    from math import erf

    inside = [(erf((high - t) / width_s / 2**0.5) - erf((low - t) / width_s / 2**0.5)) / 2 for t in grid_s]
    return np.array(
        [
            [np.exp(-0.5 * ((one - t) / width_s) ** 2).sum() / (width_s * np.sqrt(2 * np.pi)) / share for one in trains]
            for t, share in zip(grid_s, inside, strict=True)
        ]
    )


def long_table(times, name="time_s", by=1.0):
    rows = sorted((t, k) for k, one in enumerate(times) for t in one)
    return f"neuron,{name}\n" + "".join(f"{'abcde'[k]},{t * by:.10g}\n" for t, k in rows)


def column_table(times, head=True):
    longest = max(map(len, times))
    rows = [",".join(f"{one[k]:.10g}" if k < len(one) else "" for one in times) for k in range(longest)]
    return ("a,b,c,d,e\n" if head else "") + "\n".join(rows) + "\n"


@pytest.fixture
def given(tmp_path):
    """Writes text or arrays to a file and gives its path."""

    def give(content):
        if isinstance(content, str):
            (tmp_path / "spikes.csv").write_text(content)
            return tmp_path / "spikes.csv"
        np.savez(tmp_path / "spikes.npz", **content)
        return tmp_path / "spikes.npz"

    return give


ALL = np.concatenate(TRAINS)
WHO = np.repeat(np.arange(5), [len(t) for t in TRAINS])
ORDER = np.argsort(ALL)
SAME = {
    "one spike per row": long_table(TRAINS),
    "in ms": long_table(TRAINS, "spike_time_ms", 1000),
    "unit unsaid": long_table(TRAINS, "time"),
    "ms unsaid": long_table(TRAINS, "time", 1000),
    "unsorted": "neuron,time_s\n" + "".join(reversed(long_table(TRAINS).splitlines(keepends=True)[1:])),
    "decimal commas": long_table(TRAINS).replace(",", ";").replace(".", ","),
    "BOM": "\ufeff" + long_table(TRAINS),
    "time first": "".join(",".join(reversed(row.split(","))) + "\n" for row in long_table(TRAINS).splitlines()),
    "no header": "".join(f"{k},{t:.10g}\n" for t, k in zip(ALL[ORDER], WHO[ORDER], strict=True)),
    "a column per neuron": column_table(TRAINS),
    "a column per neuron, no header": column_table(TRAINS, head=False),
    "a row per neuron": "\n".join(",".join(f"{x:.10g}" for x in t) for t in TRAINS) + "\n",
    "as sorters write": {"spike_times_s": ALL[ORDER], "spike_clusters": WHO[ORDER]},
    "ragged index": {"spike_times": ALL, "spike_times_index": np.cumsum([len(t) for t in TRAINS])},
    "an array per neuron": {f"unit_{k}": t for k, t in enumerate(TRAINS)},
}


@pytest.mark.parametrize("way", SAME)
def test_every_way_of_writing_spike_times_gives_the_same_rates(way, given, here):
    recording = here(given(SAME[way]), to_s=2.5)
    want = gaussians(TRAINS, np.arange(251) / 100, 0.05, 0, ALL.max())
    assert recording.rate_hz.shape == (251, 5)
    np.testing.assert_allclose(recording.rate_hz, want, atol=0.004 * want.max())
    np.testing.assert_allclose(recording.time_ms, 10.0 * np.arange(251))
    assert f"{len(ALL)} spikes became rates every 10 ms, smoothed with a Gaussian of 50 ms" in " ".join(recording.notes)


@pytest.mark.parametrize(("smooth", "step"), [(20, 5), (50, 25), (200, 10), (10, 50)])
def test_width_and_step_are_those_that_were_chosen(smooth, step, given, here):
    recording = here(given(SAME["one spike per row"]), smooth_ms=smooth, bin_ms=step, from_s=0.5, to_s=2.5)
    grid = 0.5 + np.arange(len(recording.time_ms)) * step / 1000
    want = gaussians(TRAINS, grid, smooth / 1000, 0, ALL.max())
    np.testing.assert_allclose(recording.rate_hz, want, atol=0.006 * want.max())
    assert len(grid) == 2000 // step + 1


def test_without_smoothing_bins_count_spikes(given, here):
    recording = here(given(SAME["one spike per row"]), smooth_ms=0, bin_ms=100, from_s=0.5, to_s=1.5)
    edges = 0.45 + 0.1 * np.arange(12)
    want = np.stack([np.histogram(t, edges)[0] / 0.1 for t in TRAINS], axis=1)
    np.testing.assert_allclose(recording.rate_hz, want, atol=1e-9)


def trials(many=40, seconds=0.8, seed=2):
    """Inhomogeneous Poisson trials of three neurons whose rates are known, relative to each trial's start."""
    rng = np.random.default_rng(seed)
    rates = [lambda t: 30 + 20 * np.sin(2 * np.pi * t / 0.8), lambda t: 40 * t, lambda t: 10 + 0 * t]
    kept = []
    for rate in rates:
        for trial in range(many):
            t = np.sort(rng.uniform(0, seconds, rng.poisson(60 * seconds)))
            kept.append((trial, t[rng.uniform(0, 60, len(t)) < rate(t)]))
    return rates, [kept[k * many : (k + 1) * many] for k in range(3)]


def test_a_psth_over_trials_is_the_mean_rate_of_the_neuron(given, here):
    rates, kept = trials(many=400)
    rows = [f"{k},{trial + 1},{t:.6f}\n" for k, one in enumerate(kept) for trial, times in one for t in times]
    recording = here(given("unit,trial,time_s\n" + "".join(rows)), smooth_ms=30)
    grid = recording.time_ms / 1000
    assert recording.time_ms[-1] == pytest.approx(800, abs=10)
    want = np.stack([rate(grid) for rate in rates], axis=1)
    # 400 trials under 30 ms: the standard error is below 1.2 Hz inside, and twice that at the ends.
    assert np.abs(recording.rate_hz - want).max() < 5
    assert np.abs(recording.rate_hz - want).mean() < 1
    assert "Averaged over 400 trials; time 0 is time 0." in recording.notes


def test_trials_in_a_continuous_recording_are_cut_at_their_starts(given, here):
    rates, kept = trials(many=200)
    starts = 10 + 1.5 * np.arange(200)
    times = [np.concatenate([starts[trial] + t for trial, t in one]) for one in kept]
    whole = {"spike_times_s": np.concatenate(times), "spike_clusters": np.repeat([4, 9, 11], [len(t) for t in times])}
    recording = here(given({**whole, "trial_start": starts, "trial_stop": starts + 0.8}), smooth_ms=30, from_s=0.1, to_s=0.7)
    grid = 0.1 + recording.time_ms / 1000
    want = np.stack([rate(grid) for rate in rates], axis=1)
    assert np.abs(recording.rate_hz - want)[3:-3].mean() < 1.2
    assert recording.names == ("4", "9", "11")
    assert "Averaged over 200 trials; time 0 is start." in recording.notes


def test_trial_numbers_beside_running_times_are_left_out(given, here):
    rows = "".join(f"0,{int(t // 1)},{t:.4f}\n" for t in TRAINS[4])
    notes = here(given("neuron,trial,time_s\n" + rows)).notes
    assert any(note.startswith("The trial numbers are left out, because the times go on") for note in notes)


def test_a_long_recording_starts_with_its_first_ten_seconds_and_says_so(given, here):
    rng = np.random.default_rng(3)
    times = np.cumsum(0.003 + rng.exponential(0.1, 800))
    recording = here(given({"spike_times_s": times, "spike_clusters": np.zeros(800, int)}))
    assert recording.time_ms[-1] == 10_000
    assert "The pattern goes from 0 to 10 s, a guess." in recording.notes


def test_what_was_chosen_and_guessed_reads_the_file_again_alike(given, here):
    path = given(SAME["ms unsaid"])
    first = here(path, smooth_ms=30, min_hz=5)
    assert {"holds": "spikes", "unit": "ms", "smooth_ms": "30", "min_hz": "5", "from_s": "0"}.items() <= dict(
        first.choices
    ).items()
    again = here(path, **dict(first.choices))
    np.testing.assert_array_equal(again.rate_hz, first.rate_hz)
    assert again.choices == first.choices


SAMPLES = {"spike_times": np.rint(ALL[ORDER] * 30000).astype(int), "spike_clusters": WHO[ORDER]}
WRONG = {
    "sample numbers": (SAMPLES, {}, "whole numbers that look like sample numbers, not times"),
    "sample numbers called s": (
        {"spike_times_s": SAMPLES["spike_times"], "spike_clusters": WHO[ORDER]},
        {},
        "so these are likely sample numbers or milliseconds",
    ),
    "ms called s": (long_table(TRAINS, "time_s", 1000), {}, "so these are likely milliseconds; choose the unit"),
    "s called ms": (long_table(TRAINS, "time_ms"), {}, "closer than any neuron fires; choose the unit"),
    "samples without rate": (SAMPLES, {"unit": "samples"}, "sample numbers need sampling_hz"),
    "inf": ({"spike_times_s": np.where(ORDER == 3, np.inf, ALL), "spike_clusters": WHO}, {}, "is inf; every spike time must be"),
    "nothing": ({"spike_times_s": np.zeros(0), "spike_clusters": np.zeros(0)}, {}, "holds no spike times"),
    "neurons that are no numbers": (
        {"spike_times_s": ALL, "spike_clusters": WHO + 0.5},
        {},
        "must number each spike's neuron by whole numbers",
    ),
    "ragged": (long_table(TRAINS) + "a\n", {}, "has 1 cell where row 1 has 2"),
    "text for a time": (long_table(TRAINS) + "a,soon\n", {}, "is “soon”; every cell below the header must hold a number"),
    "trial ends before it starts": (
        {"spike_times_s": ALL, "spike_clusters": WHO, "trial_start": np.array([0.0, 1]), "trial_stop": np.array([1.0, 0.5])},
        {},
        "trial 2 ends at or before its start",
    ),
    "starts without stops": (
        {"spike_times_s": ALL, "spike_clusters": WHO, "trial_start": np.array([0.0, 1]), "trial_stop": np.array([1.0])},
        {},
        "trial_start holds 2 trials and trial_stop 1; both must hold every trial",
    ),
    "index beyond the end": ({"spike_times": ALL, "spike_times_index": np.array([5, 10**6])}, {}, "does not fit its"),
    "outside the recording": (long_table(TRAINS), {"from_s": 20, "to_s": 22}, "nothing was recorded at 20 s; choose a range"),
    "too long": (long_table(TRAINS), {"to_s": 60}, "lasts 60 s, but a pattern lasts 0.1 to 10 s"),
    "no such unit": (long_table(TRAINS), {"unit": "h"}, "unit is h; it must be one of s, ms, us, samples"),
    "rates wanted": (column_table(TRAINS), {"holds": "rates"}, "is empty; every cell must hold a number"),
    "spikes wanted": ("time_ms,a\n0,5\n50,3\n100,4\n", {"holds": "spikes"}, "no columns of spike times are found"),
    "faster than any neuron": (
        long_table([np.arange(0, 2, 0.0005), *TRAINS[1:]]),
        {},
        "would fire at 1,337 Hz, more than the 1000 Hz of any neuron",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_with_spike_times_is_one_sentence(case, given, refusal_here):
    content, choices, words = WRONG[case]
    assert words in refusal_here(given(content), **choices)


def test_sample_numbers_are_read_with_their_rate(given, here):
    recording = here(given(SAMPLES), unit="samples", sampling_hz=30000, to_s=2.5)
    want = here(given(SAME["as sorters write"]), to_s=2.5)
    np.testing.assert_allclose(recording.rate_hz, want.rate_hz, atol=0.3)


def test_a_neuron_without_spikes_is_kept_and_named(given, here):
    recording = here(given({"spike_times": ALL, "spike_times_index": np.cumsum([*(len(t) for t in TRAINS), 0])}), to_s=2.5)
    assert recording.rate_hz.shape[1] == 6
    assert "1 neuron never fires." in recording.notes
    assert here(given(SAME["as sorters write"]), to_s=2.5, min_hz=0.1).rate_hz.shape[1] == 5
