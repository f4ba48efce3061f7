"""A short form of `make chaos`: a real server, a few kills, a full disk, a damaged database, and nothing lost."""

from __future__ import annotations

import pytest
from chaos.__main__ import run


@pytest.mark.slow
def test_nothing_is_lost_in_a_short_storm() -> None:
    report = run(seconds=22, count=10, runs=3, seed=3, pause_s=(0.2, 1.0))
    assert report["lost"] == {}
    assert report["torn files"] == []
    assert report["complaints"] == []
    assert report["processes left"] == 0
    assert report["survived"] == report["tried"]
    assert sum(report["tried"].values()) >= 3
    assert report["calm, all browsers"]["errors"] == {}
    assert set(report["calm, all browsers"]["statuses"]) <= {"200", "204"}
