"""Pause, resume, step and stop in every state."""

from __future__ import annotations

import pytest

from spikedash.jobs.commands import Standing, after

QUEUED, COMPILING = Standing("queued", "", "run", 0), Standing("running", "compiling", "run", 0)
RUNNING, RESTING = Standing("running", "training", "run", 0), Standing("paused", "training", "pause", 0)
SHELVED = Standing("paused", "", "pause", 0)  # paused, and its worker is gone
PAUSING, STEPPING = RUNNING._replace(wish="pause"), RUNNING._replace(wish="step", goal=4)
STOPPED = Standing("stopped", "", "stop", 0)

TABLE = [  # standing, then after pause, resume, step and stop, when 7 loops are done; None: nothing changes
    (QUEUED, SHELVED, None, None, STOPPED),
    (COMPILING, SHELVED, None, None, STOPPED),
    (RUNNING, PAUSING, None, None, RUNNING._replace(wish="stop")),
    (PAUSING, None, RUNNING, PAUSING._replace(wish="step", goal=8), RUNNING._replace(wish="stop")),
    (STEPPING, STEPPING._replace(wish="pause"), None, None, STEPPING._replace(wish="stop")),
    (RESTING, None, RESTING._replace(wish="run"), RESTING._replace(wish="step", goal=8), RESTING._replace(wish="stop")),
    (SHELVED, None, QUEUED, QUEUED._replace(wish="step", goal=8), STOPPED),
    (RUNNING._replace(wish="stop"), None, None, None, None),
    (Standing("done", "", "run", 0), None, None, None, None),
    (Standing("failed", "", "run", 0), None, None, None, None),
    (STOPPED, None, None, None, None),
]
CASES = [(row[0], command, row[k]) for row in TABLE for k, command in enumerate(("pause", "resume", "step", "stop"), 1)]


@pytest.mark.parametrize(("now", "command", "wanted"), CASES)
def test_a_command_does_what_the_table_says(now, command, wanted):
    assert after(command, now, 7) == (wanted or now)


@pytest.mark.parametrize(("now", "command", "wanted"), CASES)
def test_a_command_given_twice_does_the_same_as_once(now, command, wanted):
    once = after(command, now, 7)
    assert after(command, once, 7) == once
