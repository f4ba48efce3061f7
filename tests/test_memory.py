"""A run's memory as the system counts it: what is told before it starts, and little more than its arrays."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from spikedash import cost

# Resident memory of a process of its own, whose high-water mark is set back when everything is compiled and imported.
CHILD = """
import json, sys
from pathlib import Path
import numpy as np
from spikedash import training
from spikedash.params import Params

def status(name):
    (line,) = (line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(name))
    return 1024 * int(line.split()[1])

def buffers(thing, depth=0):
    if isinstance(thing, np.ndarray):
        while isinstance(thing.base, np.ndarray):
            thing = thing.base
        return {id(thing): thing.nbytes}
    parts = thing if isinstance(thing, (list, tuple)) else getattr(thing, "__dict__", {}).values()
    return {key: size for part in parts for key, size in buffers(part, depth + 1).items()} if depth < 5 else {}

params = Params.model_validate_json(sys.argv[1])
training.warm_up()
Path("/proc/self/clear_refs").write_text("5")
before, held = status("VmRSS"), 0
session = training.begin(params)
for snapshot in session:
    if snapshot.trial.kind == "train" or snapshot.result:
        sizes = buffers([session, snapshot])
        if session.running:  # room for more spikes than ever come, of which the system gives what is used
            for room in session.running.probe[1:3]:
                del sizes[id(room)]
        held = max(held, sum(sizes.values()))
print(json.dumps({"held": held, "peak": status("VmHWM") - before}))
"""
LARGE = {"training__loops": 2, "training__test_trials": 2, "target__duration_ms": 400}
RUNS = {
    "own inputs": {"network__n": 500, "network__p": 0.5},
    "groups": {"network__n": 8000, "network__p": 0.03, "network__wiring": "shared", "network__group": 100},
    "groups with signs, a random walk": {
        "network__n": 8000,
        "network__p": 0.03,
        "network__wiring": "shared",
        "network__group": 100,
        "network__dale": True,
        "target__family": "ou",
        "target__duration_ms": 1000,
    },
    "everybody": {"network__n": 2000, "network__wiring": "all", "network__weights": "mixed"},
    "rates of three patterns": {
        "network__n": 10_000,
        "network__p": 0.03,
        "network__wiring": "shared",
        "network__group": 100,
        "training__rule": "rate",
        "target__sets": 3,
    },
}


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="needs the memory figures of Linux")
@pytest.mark.parametrize("name", RUNS)
def test_a_run_takes_what_was_told_and_little_more_than_its_arrays(small, name):
    params = small(**LARGE | RUNS[name])
    environment = {**os.environ, "MALLOC_MMAP_THRESHOLD_": str(2**21)}  # as workers have it
    answer = subprocess.run(
        [sys.executable, "-c", CHILD, params.model_dump_json()], env=environment, capture_output=True, text=True, check=True
    )
    seen = json.loads(answer.stdout)
    assert seen["peak"] <= 1.2 * seen["held"]
    assert cost.memory(params) == pytest.approx(seen["peak"], rel=0.2)
