"""Whose runs, sweeps and recordings are.

A store that is asked by a person shows what is theirs and what is everybody's, and changes only what is theirs; whatever is
somebody else's is not there. Workers and the command line are nobody in particular, and everything belongs to them. Queries
say so in SQL: who asks is their first parameter.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

#: Who asks, at the moment of the call; a random text, or EVERYBODY.
Person = Callable[[], str]

#: Owner of what all see and nobody changes: the demo, and what was made before there were owners or for one person.
EVERYBODY = ""
MOST_WAITING_EACH = 500


def waiting(db: sqlite3.Connection, person: str) -> int:
    """How many runs of somebody wait."""
    (many,) = db.execute("SELECT COUNT(*) FROM runs WHERE owner = ? AND state = 'queued'", (person,)).fetchone()
    return int(many)
