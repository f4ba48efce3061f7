"""What every test may ask for."""

from __future__ import annotations

from pathlib import Path

import pytest

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
