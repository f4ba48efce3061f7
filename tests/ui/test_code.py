"""The code that the page shows gives the same weights as the page, bit for bit."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time

import numpy as np
import pytest

from spikedash.experiments import PRESETS
from spikedash.jobs.store import FINAL, Store
from spikedash.jobs.supervisor import start
from spikedash.params import Params
from spikedash.records import Recording
from spikedash.script import command, script, settings
from spikedash.ui import code, knobs

SMALL = {"network.n": 40, "training.loops": 2, "training.test_trials": 1, "target.duration_ms": 200}
CURVES = [{"group": "all", "values": [0.125, -0.5, 1 / 3, 0.75], "random_phase": True}]
PAGES = {
    "dale": ("playground", {**SMALL, "network.dale": True, "network.frac_exc": 0.7, "training.seed": 5}, None),
    "fig1-rate": ("fig1-rate", {**knobs.flat(Params().with_values(PRESETS["fig1-rate"].values)), **SMALL}, None),
    "drawn": ("playground", {**SMALL, "target.family": "drawn", "network.wiring": "all", "network.bias": -0.1}, CURVES),
}


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """A store with workers, as the page has it."""
    folder = tmp_path_factory.mktemp("code")
    supervisor = start(folder)
    yield Store(folder)
    supervisor.stop()


def of_the_page(store, values, drawn):
    """The weights of the run that Train launches."""
    from spikedash.ui.transport import launch

    run = launch(store, "playground", {**knobs.flat(Params()), **values}, drawn, None)
    while store.run(run).state not in FINAL:
        time.sleep(0.05)
    return store.result(run).summary["weights_sha256"]


def run(command, folder, project):
    environment = {"PYTHONPATH": str(project), "PATH": f"{os.path.dirname(sys.executable)}:{os.environ['PATH']}"}
    done = subprocess.run(command, cwd=folder, env=os.environ | environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.timeout(240)
@pytest.mark.parametrize("name", PAGES)
def test_page_script_and_command_line_give_the_same_weights(served, project, tmp_path, name):
    preset, values, drawn = PAGES[name]
    as_script, as_command = code.texts(served, {**knobs.flat(Params()), **values}, preset, drawn, None)
    (tmp_path / "again.py").write_text(as_script, "utf-8")
    told = run([sys.executable, "again.py"], tmp_path, project)
    answer = json.loads(run(["bash", "-c", as_command], tmp_path, project).splitlines()[-1])
    weights = of_the_page(served, values, drawn)
    assert told.splitlines()[-1] == f"weights_sha256 {weights}"
    assert answer["weights_sha256"] == weights


@pytest.mark.parametrize("name", [name for name, preset in PRESETS.items() if not preset.needs_recording])
def test_a_preset_needs_no_setting_on_the_command_line(name):
    words = command(Params().with_values(PRESETS[name].values)).removeprefix("python -m spikedash train").split()
    assert "--set" not in words
    if words:  # some experiments start from the same setting
        assert PRESETS[words[1]].values == PRESETS[name].values


def test_what_is_shown_equals_the_parameters_whatever_the_usual_values_are():
    params = Params().with_values({**SMALL, "network.sigma": 3})  # sigma has no effect here, and is kept all the same
    assert Params().with_values(settings(params)) == params
    assert "training.seed" in settings(params)


def test_a_recording_is_named_with_how_it_was_read(served):
    recording = Recording(np.ones((5, 3)), np.arange(5) * 100.0, ("a", "b", "c"), (), (("smooth_ms", "20"),))
    given = {"id": served.save_recording(recording, "my rates.csv"), "name": "my rates.csv"}
    values = {**knobs.flat(Params()), **PRESETS["fig5-cortex"].values}
    as_script, as_command = code.texts(served, values, "fig5-cortex", None, given)
    assert "read(Path('my rates.csv'), choices={'smooth_ms': '20'})" in as_script
    assert "--targets 'my rates.csv' --select smooth_ms=20" in as_command
    assert "target.recording" not in as_command
    compile(as_script, "again.py", "exec")


def test_a_name_cannot_break_out_of_the_script():
    compile(script(Params(), '"""\nimport os\n"""'), "again.py", "exec")
    assert "\nimport os" not in script(Params(), '"""\nimport os\n"""')
