"""The kernels without the compiler: the same numbers, and every line of them run."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import numpy as np
import pytest

pytestmark = pytest.mark.slow

#: Lines that only the compiler or other platforms reach: instructions for LLVM, several threads.
COMPILED_ONLY = {"vectors.py", "lines.py", "inverse.py", "team.py"}


def runs(project, tmp_path, off):
    """Numbers of every run of plain.py, and the share of lines of each engine file that ran."""
    settings = {
        **os.environ,
        "NUMBA_DISABLE_JIT": off,
        "COVERAGE_FILE": str(tmp_path / f"coverage{off}"),
        "PYTHONPATH": str(project),
    }
    settings["NUMBA_CACHE_DIR"] = os.environ.get("NUMBA_CACHE_DIR", "") if off == "0" else str(tmp_path)
    script = ["tests/engine/plain.py"]
    measured = [sys.executable, "-m", "coverage", "run", "--source=spikedash/engine", *script]
    command = measured if off == "1" else [sys.executable, *script]
    out = subprocess.run(command, cwd=project, env=settings, capture_output=True, text=True, timeout=600)
    assert out.returncode == 0, out.stderr
    numbers = [np.array(line.split(), float) for line in out.stdout.splitlines()]
    if off == "0":
        return numbers, {}
    report = [sys.executable, "-m", "coverage", "json", "-o", str(tmp_path / "coverage.json"), "-q"]
    subprocess.run(report, cwd=project, env=settings, check=True)
    files = json.loads((tmp_path / "coverage.json").read_text())["files"]
    return numbers, {name.rsplit("/", 1)[1]: found["missing_lines"] for name, found in files.items()}


def test_without_the_compiler_the_numbers_are_the_same_and_every_line_runs(project, tmp_path):
    compiled, _ = runs(project, tmp_path, "0")
    plain, missing = runs(project, tmp_path, "1")
    assert len(compiled) == len(plain) == 27
    for one, other in zip(compiled, plain, strict=True):
        np.testing.assert_allclose(other, one, atol=2e-3, rtol=2e-3)
    left = {name: lines for name, lines in missing.items() if lines and name not in COMPILED_ONLY}
    assert not left, json.dumps(left)
