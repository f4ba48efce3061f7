"""Whether a store is served and has room: what /healthz answers."""

from __future__ import annotations

import sqlite3
from typing import Any

from spikedash.jobs import heartbeat, space
from spikedash.jobs.database import StoreError
from spikedash.jobs.store import Store


def health(store: Store) -> tuple[list[str], dict[str, Any]]:
    """What is wrong, one sentence each, and the numbers behind it."""
    age, free = heartbeat.age_s(store.folder), space.free(store.folder)
    numbers: dict[str, Any] = {"supervisor_s": age if age is None else round(age, 1), "free_bytes": free}
    wrong = []
    if age is None:
        wrong.append("No supervisor has served this store yet; runs wait.")
    elif age > heartbeat.LATE_S:
        wrong.append(f"The supervisor was last heard of {age:.0f} s ago; runs wait.")
    if scarce := space.scarce(store.folder):
        wrong.append(scarce)
    try:
        with store.database.read() as db:
            rows = db.execute(
                "SELECT state, COUNT(*) AS many FROM runs WHERE state IN ('queued', 'running', 'paused') GROUP BY 1"
            )
            numbers["runs"] = {row["state"]: row["many"] for row in rows}
    except (sqlite3.Error, StoreError) as error:
        wrong.append(f"The runs cannot be read: {error}")
    return wrong, numbers
