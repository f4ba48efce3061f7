"""What every test may ask for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from spikedash.params import Params

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def project() -> Path:
    """The folder with app.py in it."""
    return ROOT


@pytest.fixture(scope="session")
def recorded_data() -> Path:
    """The folder with the recorded rates, which lies beside the project and is not part of it."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("no recorded rates here: ../shared/data does not exist beside the project")
    return folder


SMALL = {
    "network.n": 12,
    "network.p": 0.5,
    "network.weights": "mixed",
    "network.sigma": 4,
    "target.duration_ms": 200,
    "training.rest_min_ms": 20,
    "training.rest_max_ms": 60,
    "training.loops": 2,
    "training.test_trials": 2,
    "training.update_ms": 5,
}


@pytest.fixture
def small() -> Callable[..., Params]:
    """Params of a network of a dozen neurons, with changes by keyword (network__n=20)."""

    def make(**changes: Any) -> Params:
        return Params().with_values({**SMALL, **{name.replace("__", "."): value for name, value in changes.items()}})

    return make


@pytest.fixture
def last_result() -> Callable[..., Any]:
    """Train to the end and hand back the result."""

    def run(params: Params, **given: Any) -> Any:
        from spikedash import training

        result = None
        for snapshot in training.train(params, **given):
            result = snapshot.result
        return result

    return run


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(7)
