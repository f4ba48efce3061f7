"""Whose turn it is: one person's five hundred runs do not keep another's waiting.

The next run is one of the person who has the fewest running, and among those of the person who was served longest ago. Within
a person's work, runs go before the cells of sweeps, and older ones before newer ones.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import NamedTuple

#: A paused run keeps its worker for a minute; more of one person's would keep the workers from everybody else.
MOST_RESTING_EACH = 6

TURNS = """
WITH people AS (
    SELECT owner FROM runs WHERE state = 'queued'
    UNION SELECT owner FROM sweeps
    WHERE wish = 'run' AND EXISTS (SELECT 1 FROM cells WHERE cells.sweep = sweeps.seq AND cells.run IS NULL)
)
SELECT owner,
    (SELECT COUNT(*) FROM runs WHERE runs.owner = people.owner AND state = 'queued') AS queued,
    (SELECT COUNT(*) FROM runs WHERE runs.owner = people.owner AND state = 'running') AS running,
    (SELECT COUNT(*) FROM runs WHERE runs.owner = people.owner AND state = 'paused' AND phase != '') AS resting,
    (SELECT MAX(started) FROM runs WHERE runs.owner = people.owner) AS served,
    (SELECT MIN(seq) FROM runs WHERE runs.owner = people.owner AND state = 'queued') AS first
FROM people ORDER BY running, served, first IS NULL, first
"""


class Turn(NamedTuple):
    """Somebody who waits for a worker."""

    owner: str
    queued: int  # runs; the cells of sweeps are not counted
    running: int
    resting: int  # paused, with a worker


def order(db: sqlite3.Connection) -> list[Turn]:
    """Everybody who waits, next first."""
    return [Turn(*row[: len(Turn._fields)]) for row in db.execute(TURNS)]


def due(turns: Sequence[Turn], most_running: int = 0) -> list[str]:
    """Those who may be served now, next first.

    Args:
        most_running: runs of one person that compute at the same time, 0 for any number.
    """
    fair = [turn for turn in turns if turn.resting < MOST_RESTING_EACH]
    return [turn.owner for turn in fair if not most_running or turn.running < most_running]


def position(db: sqlite3.Connection, turns: Sequence[Turn], owner: str, seq: int) -> int:
    """How manieth a waiting run is, if nothing changes: 1 is next. Everybody's k-th run comes before anybody's next one."""
    (nth,) = db.execute("SELECT COUNT(*) FROM runs WHERE owner = ? AND state = 'queued' AND seq <= ?", (owner, seq)).fetchone()
    mine = next((turn for turn in turns if turn.owner == owner), None)
    if mine is None:  # taken off the queue between two looks
        return int(nth)
    ahead = 0
    for place, turn in enumerate(turns):
        if turn.owner != owner:
            sooner = place < turns.index(mine)
            ahead += min(turn.queued, max(0, mine.running + nth - turn.running - (0 if sooner else 1)))
    return int(nth) + ahead
