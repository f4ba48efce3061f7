"""The command line as scripts see it: exit codes, one JSON object on stdout, one sentence for bad input."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest

SMALL = [
    "--set",
    "network.n=30",
    "--set",
    "training.loops=2",
    "--set",
    "training.test_trials=2",
    "--set",
    "target.duration_ms=200",
]


def run(project, *arguments, **given):
    return subprocess.run(
        [sys.executable, "-m", "spikedash", *map(str, arguments)],
        cwd=project,
        capture_output=True,
        text=True,
        timeout=170,
        **given,
    )


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A small run by the command line: its folder and its answer."""
    from tests.conftest import ROOT

    folder = tmp_path_factory.mktemp("runs") / "one"
    done = run(ROOT, "train", *SMALL, "--out", folder)
    assert done.returncode == 0, done.stderr
    return folder, json.loads(done.stdout.splitlines()[-1])


def test_train_prints_what_scripts_rely_on(finished):
    _, answer = finished
    assert {"run", "seed", "loops", "seconds", "rate_hz", "correlation", "weights_sha256"} <= set(answer)
    assert set(answer["correlation"]) == {"train_first", "train_last", "test_mean", "test_min", "test_trials", "trial_average"}
    assert answer["loops"] == answer["correlation"]["test_trials"] == 2
    assert len(answer["weights_sha256"]) == 64


def test_exports_of_a_run(finished, project, tmp_path):
    folder, answer = finished
    for form in ("npz", "csv", "json"):
        done = run(project, "export", folder, "--format", form, "--out", tmp_path / form)
        assert done.returncode == 0, done.stderr
    with np.load(tmp_path / "npz", allow_pickle=False) as arrays:
        assert arrays["weights"].shape[0] == 30
    assert len((tmp_path / "csv").read_text().splitlines()) == 1 + 2 + 2
    again = run(project, "train", "--params", tmp_path / "json")
    assert json.loads(again.stdout)["weights_sha256"] == answer["weights_sha256"]


def test_the_exported_script_gives_the_same_bits(finished, project, tmp_path):
    folder, answer = finished
    script = tmp_path / "again.py"
    assert run(project, "export", folder, "--format", "script", "--out", script).returncode == 0
    done = subprocess.run(
        [sys.executable, script], cwd=project, env={"PYTHONPATH": str(project), "PATH": ""}, capture_output=True, text=True
    )
    assert answer["weights_sha256"] in done.stdout, done.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["train", "--set", "network.n=1"], "network.n is 1; it must be a whole number from 2 to 50000"),
        (["train", "--set", "network.size=100"], "no parameter 'network.size'"),
        (["train", "--set", "network.n"], "has no '='"),
        (["train", "--preset", "fig9"], "no 'fig9'; known names are playground, fig1-drive"),
        (["train", "--preset", "fig5-cortex"], "needs recorded rates"),
        (["train", "--targets", "nowhere.csv"], "nowhere.csv"),
        (["train", "--params", "nowhere.json"], "nowhere.json cannot be read"),
        (["train", "--set", "network.n=50000", "--set", "network.p=1"], "GB of memory"),
        (["train", "--nonsense"], "--nonsense"),
        (["experiment", "fig9"], "no 'fig9'"),
        (["experiment", "fig5-cortex"], "needs recorded rates; give them with --targets FILE"),
        (["experiment", "fig1-drive", "--seeds", "0"], "--seeds is 0; it must be at least 1"),
        (["sweep", "README.md"], "README.md is no sweep"),
        (["export", "nothing", "--format", "npz"], "no run 'nothing'"),
        ([], "required"),
    ],
)
def test_bad_input_is_one_sentence_and_exit_code_2(project, arguments, words):
    done = run(project, *arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert words in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stderr.rstrip().endswith(".")


def test_a_sweep_runs_every_combination(project, tmp_path):
    spec = tmp_path / "grid.json"
    values = {"training.loops": 1, "training.test_trials": 1, "target.duration_ms": 100}
    spec.write_text(json.dumps({"set": values, "grid": {"network.n": [20, 30], "training.seed": [1, 2]}}))
    done = run(project, "sweep", spec)
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)["runs"]
    assert [(row["set"]["network.n"], row["seed"]) for row in rows] == [(20, 1), (20, 2), (30, 1), (30, 2)]
    assert len({row["weights_sha256"] for row in rows}) == 4


def test_a_recording_is_read_as_selected_and_its_script_does_so_again(project, tmp_path):
    rng = np.random.default_rng(2)
    rows = sorted((t, k) for k, hz in enumerate((3, 12, 20)) for t in np.cumsum(0.002 + rng.exponential(1 / hz, 40 * hz)))
    (tmp_path / "spikes.csv").write_text("neuron,time_s\n" + "".join(f"{k},{t:.5f}\n" for t, k in rows if t < 3))
    selected = ["--select", "min_hz=8", "to_s=0.5", "smooth_ms=20"]
    small = [*SMALL[:-2], "--set", "network.p=0.5"]
    done = run(project, "train", "--targets", tmp_path / "spikes.csv", *selected, *small, "--out", tmp_path / "run")
    assert done.returncode == 0, done.stderr
    assert "2 of 3 neurons kept: mean rate of 8 Hz or more." in done.stderr
    kept = json.loads((tmp_path / "run" / "recording.json").read_text())
    assert {"holds": "spikes", "unit": "s", "min_hz": "8", "to_s": "0.5", "smooth_ms": "20"}.items() <= kept["select"].items()
    script = tmp_path / "again.py"
    assert run(project, "export", tmp_path / "run", "--format", "script", "--out", script).returncode == 0
    again = subprocess.run(
        [sys.executable, script], cwd=tmp_path, env={"PYTHONPATH": str(project), "PATH": ""}, capture_output=True, text=True
    )
    assert json.loads(done.stdout)["weights_sha256"] in again.stdout, again.stderr


@pytest.mark.parametrize(
    ("select", "words"),
    [
        (["min_hz"], "--select 'min_hz' has no '='"),
        (["colour=red"], "there is no choice colour; known ones are holds, unit"),
        (["min_hz=5000"], "min_hz is 5000; it must be a number from 0 to 1000 Hz"),
        (["neurons=x"], "there is no neuron x"),
    ],
)
def test_a_wrong_selection_is_one_sentence(project, tmp_path, select, words):
    (tmp_path / "rates.csv").write_text("time_ms,a\n0,1\n100,2\n")
    done = run(project, "train", "--targets", tmp_path / "rates.csv", "--select", *select)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
    assert done.stderr.count("\n") == 1


def test_the_help_names_every_choice(project):
    from spikedash.readers import CHOICES

    told = run(project, "train", "--help").stdout
    assert all(f"  {key} " in told and choice.help in told for key, choice in CHOICES.items())


def test_an_experiment_leaves_its_table_and_can_be_judged_again(project, tmp_path):
    done = run(project, "experiment", "fig3-lif", "--seeds", "1", "--out", tmp_path)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert (answer["name"], answer["passed"], answer["form"], answer["seeds"]) == ("fig3-lif", True, "short", 1)
    assert {"what", "expected", "measured", "worst", "by_seed", "passed", "why"} == set(answer["checks"][0])
    assert (tmp_path / "fig3-lif-1" / "params.json").exists()
    again = run(project, "experiment", "fig3-lif", "--tables", tmp_path, "--report", tmp_path / "report.md")
    assert json.loads(again.stdout) == answer
    text = (tmp_path / "report.md").read_text("utf-8")
    assert "## fig3-lif" in text
    assert ("report/fig3-lif-traces.svg" in text) == (tmp_path / "report" / "fig3-lif-traces.svg").exists()
    assert "fig3-lif-traces.svg" in text or "No figures were drawn" in text
    # What is there already is not computed again, however the command is repeated.
    more = run(project, "experiment", "fig3-lif", "--seeds", "1", "--out", tmp_path)
    assert "1 of 1 networks are in" in more.stderr
    assert json.loads(more.stdout) == answer


def test_a_table_that_is_none_is_refused(project, tmp_path):
    (tmp_path / "fig3-lif.json").write_text("{}")
    done = run(project, "experiment", "fig3-lif", "--tables", tmp_path)
    assert done.returncode == 2
    assert "is no table of a finished experiment" in done.stderr
