"""What leaves the program is read by the tools it is made for, and holds the run's own numbers."""

from __future__ import annotations

import io
import json
import shutil
import warnings
import zipfile

import numpy as np
import pandas as pd
import pytest

from spikedash import training
from spikedash.cli.runs import run as run_to_folder
from spikedash.exports import made, of_folder, of_store
from spikedash.exports.tables import catalogue as listed
from spikedash.exports.tables import plain, written
from spikedash.jobs import files, folders
from spikedash.jobs.catalogue import Catalogue
from spikedash.jobs.spikes import Collector
from spikedash.jobs.store import Store
from spikedash.params import InputError, Params, from_json
from spikedash.records import Recording
from tests.conftest import SMALL

pynapple = pytest.importorskip("pynapple")

TWO = {**SMALL, "network.n": 50, "target.sets": 2, "training.test_trials": 5}


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    """Folder of a run with two patterns, and every spike of its test trials straight from the training."""
    folder = tmp_path_factory.mktemp("exports") / "two"
    params = Params().with_values(TWO)
    result = run_to_folder(params, None, out=folder)
    folders.write_result(folder, result, training.summary(result, params, "two", 1.0))
    spikes: dict[int, list[tuple[float, int]]] = {}
    trials = {}
    for snapshot in training.train(params):
        if snapshot.trial.kind == "test":
            trials[snapshot.trial.index] = snapshot.trial
            new = zip(snapshot.spike_ms.tolist(), snapshot.spike_neuron.tolist(), strict=True)
            spikes.setdefault(snapshot.trial.index, []).extend(new)
    return folder, result, spikes, trials


def laid_out(trials):
    """When each trial begins if they follow each other with a second between them."""
    starts, now = {}, 0.0
    for index in sorted(trials):
        starts[index] = now
        now += (trials[index].end_ms - trials[index].start_ms) / 1000 + 1.0
    return starts


def trains(spikes, trials, n):
    """Spike times of every neuron in s, by a loop over all spikes."""
    starts = laid_out(trials)
    found = [[] for _ in range(n)]
    for index, events in spikes.items():
        for ms, neuron in events:
            found[neuron].append(starts[index] + (ms - trials[index].start_ms) / 1000)
    return [np.sort(times) for times in found]


def test_pynapple_loads_the_spikes_out_of_the_one_file(two, tmp_path):
    folder, result, spikes, trials = two
    (tmp_path / "two.npz").write_bytes(made(of_folder(folder), "npz"))
    group = pynapple.load_file(str(tmp_path / "two.npz"))
    assert type(group).__name__ == "TsGroup"
    for neuron, times in enumerate(trains(spikes, trials, 50)):
        np.testing.assert_allclose(group[neuron].index, times, atol=1e-6)
    np.testing.assert_allclose(group.time_support.start, sorted(laid_out(trials).values()), atol=1e-6)
    with np.load(tmp_path / "two.npz", allow_pickle=False) as arrays:
        np.testing.assert_array_equal(arrays["weights"], result.weights)
        np.testing.assert_allclose(arrays["activity"], result.mean_drive)
        assert arrays["trial_pattern"].tolist() == [0, 1, 0, 1, 0]
        assert from_json(str(arrays["params"][0])) == Params().with_values(TWO)
        loops = pd.DataFrame(arrays["loops"], columns=arrays["loops_columns"])
    assert loops["correlation"].tolist() == pytest.approx([loop.correlation for loop in result.loops])


def test_pynapple_loads_every_object_of_the_zip(two, tmp_path):
    folder, result, spikes, _ = two
    with zipfile.ZipFile(io.BytesIO(made(of_folder(folder), "pynapple"))) as archive:
        archive.extractall(tmp_path)
    loaded = {path.stem: pynapple.load_file(str(path)) for path in tmp_path.glob("*.npz")}
    assert {name: type(item).__name__ for name, item in loaded.items()} == {
        "spikes": "TsGroup",
        "trials": "IntervalSet",
        **{f"{name}_{pattern}": "TsdFrame" for name in ("target", "activity", "rate_hz") for pattern in (0, 1)},
    }
    np.testing.assert_allclose(loaded["activity_1"].values, result.mean_drive[1], rtol=1e-6)
    # Rates of pattern 1 by counting: spikes in the first 5 ms of its window, over both of its trials.
    many = sum(1 for index in (1, 3) for ms, neuron in spikes[index] if 0 <= ms < 5 and neuron == 7)
    assert loaded["rate_hz_1"].values[0, 7] == pytest.approx(many / (2 * 0.005))
    everything = sum(1 for index in (0, 2, 4) for ms, _ in spikes[index] if ms >= 0)
    assert loaded["rate_hz_0"].values.sum() * 0.005 * 3 == pytest.approx(everything)


def test_pynwb_reads_the_same_spikes_trials_and_curves(two, tmp_path):
    from pynwb import NWBHDF5IO

    folder, result, spikes, trials = two
    path = tmp_path / "two.nwb"
    path.write_bytes(made(of_folder(folder), "nwb"))
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="No cached namespaces")
        with NWBHDF5IO(str(path), "r") as reader:
            file = reader.read()
            for neuron, times in enumerate(trains(spikes, trials, 50)):
                np.testing.assert_allclose(file.units["spike_times"][neuron], times, atol=1e-6)
            assert file.units["obs_intervals"][3].shape == (5, 2)
            table = file.trials.to_dataframe()
            starts = laid_out(trials)
            assert table["kind"].tolist() == ["test"] * 5
            assert table["pattern"].tolist() == [0, 1, 0, 1, 0]
            onsets = [starts[k] - trials[k].start_ms / 1000 for k in range(5)]
            np.testing.assert_allclose(table["pattern_start_time"], onsets, atol=1e-9)
            np.testing.assert_allclose(table["pattern_start_time"] - table["cue_start_time"], 0.1, atol=1e-9)
            series = file.processing["misc"].data_interfaces
            parts = [name for name in series if name.startswith("activity_pattern_1")]
            joined = np.concatenate([series[name].data[:] for name in sorted(parts, key=lambda name: int(name.split("_")[4]))], 1)
            np.testing.assert_allclose(joined, result.mean_drive[1], rtol=1e-6)
            assert series[parts[0]].starting_time == pytest.approx(onsets[1])
            assert series[parts[0]].rate == pytest.approx(200.0)
            assert from_json(file.notes) == Params().with_values(TWO)


def test_the_inspector_finds_nothing_critical(two, tmp_path):
    inspector = pytest.importorskip("nwbinspector")
    path = tmp_path / "two.nwb"
    path.write_bytes(made(of_folder(two[0]), "nwb"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = list(inspector.inspect_nwbfile(nwbfile_path=str(path)))
    grave = [note for note in found if note.importance.name in ("ERROR", "PYNWB_VALIDATION", "CRITICAL")]
    assert not grave, grave
    assert found, "the inspector always has suggestions for a simulation; none means that it did not look"


def test_the_learning_curve_is_read_back_by_pandas(two):
    folder, result, _, _ = two
    table = pd.read_csv(io.StringIO(made(of_folder(folder), "csv").decode()))
    loops, tests = table[table.kind == "train"], table[table.kind == "test"]
    assert loops["correlation"].tolist() == pytest.approx([loop.correlation for loop in result.loops])
    assert tests["other"].tolist() == pytest.approx([test.other for test in result.tests])
    assert tests["pattern"].tolist() == [0, 1, 0, 1, 0]
    assert loops["other"].isna().all()


def test_names_of_recorded_neurons_go_along(tmp_path):
    rates = np.random.default_rng(1).uniform(0, 30, (40, 3))
    recording = Recording(rates, np.arange(40) * 5.0, ("=a", "b", "é"), ())
    store = Store(tmp_path / "store")
    key = store.save_recording(recording, "rates.csv")
    params = Params().with_values({**SMALL, "target.family": "recorded", "target.recording": key})
    run_id = store.launch(params)
    folder = store.run_folder(run_id) / "1"
    result = run_to_folder(params, recording, out=folder)
    folders.write_result(folder, result, training.summary(result, params, run_id, 1.0))
    with store.database.write() as db:
        db.execute("UPDATE runs SET attempt = 1, state = 'done'")
    source = of_store(store, run_id)
    with np.load(io.BytesIO(made(source, "npz")), allow_pickle=False) as arrays:
        assert arrays["unit"][:4].tolist() == ["=a", "b", "é", ""]
    assert made(source, "nwb")[:4] == b"\x89HDF"


def test_a_stopped_run_gives_its_latest_trial_and_one_that_never_began_a_sentence(two, tmp_path):
    folder = tmp_path / "stopped"
    shutil.copytree(two[0], folder)
    for name in ("spikes.npz", "result.npz", "summary.json"):
        (folder / name).unlink()
    with pytest.raises(InputError, match="has no spikes yet; csv and json can be exported"):
        made(of_folder(folder), "nwb")
    files.write_arrays(
        folder / "frame.npz",
        {
            "trial": np.array([0, 1]),
            "times": np.array([-150.0, -100.0, 200.0, 50.0]),
            "spike_ms": np.array([-20.0, 30.0], np.float32),
            "spike_neuron": np.array([4, 2], np.int32),
            "neurons": np.arange(50, dtype=np.int32),
            "drive": np.zeros((10, 50), np.float32),
        },
    )
    with np.load(io.BytesIO(made(of_folder(folder), "npz")), allow_pickle=False) as arrays:
        assert arrays["trial_kind"].tolist() == ["train"]
        np.testing.assert_allclose(arrays["t"], [0.13, 0.18], atol=1e-9)
        np.testing.assert_allclose(arrays["end"], [0.2])
        assert "weights" not in arrays
    (folder / "setup.npz").unlink()
    with pytest.raises(InputError, match="has not begun yet"):
        made(of_folder(folder), "npz")


@pytest.mark.parametrize("word", ["=1+1", "+x", "-x", "@x", "\tx", "\rx"])
def test_no_cell_is_a_formula(word):
    assert plain(word) == f"'{word}"
    assert written(["a"], [[word]]).splitlines()[1].lstrip('"').startswith("'")


def test_the_list_of_runs_is_a_table(tmp_path):
    store = Store(tmp_path)
    catalogue = Catalogue(store)
    ids = [store.launch(Params(), name="Sine, waves"), store.launch(Params().with_values({"training.seed": 9}))]
    catalogue.rename("", ids[1], "=cmd()")
    table = pd.read_csv(io.StringIO(listed(catalogue.page(""))))
    assert table["run"].tolist() == ids[::-1]
    assert table["title"].tolist() == ["'=cmd()", "Sine, waves"]
    assert table["seed"].tolist() == [9, 1]
    assert table["best_correlation"].isna().all()
    assert json.loads(made(of_store(store, ids[0]), "json")) == Params().model_dump(mode="json")


def test_spikes_that_were_collected_go_on_after_a_checkpoint_in_the_middle_of_a_trial(two):
    params = Params().with_values({**TWO, "training.loops": 0})
    whole, part = Collector(), Collector()
    for number, snapshot in enumerate(training.train(params)):
        halves = [
            snapshot._replace(test=None),
            snapshot._replace(spike_ms=snapshot.spike_ms[:0], spike_neuron=snapshot.spike_neuron[:0]),
        ]
        whole.take(snapshot)
        part.take(halves[0])
        if number == 2:
            arrays = part.checkpoint()
            part = Collector()
            part.resume(arrays)
        part.take(halves[1])
    for first, second in zip(whole.spikes(), part.spikes(), strict=True):
        np.testing.assert_array_equal(first, second)
    assert len(whole.spikes().trials) == 5
