"""Launches runs one after the other and says so: `python -m chaos.launcher FOLDER COUNT`; whoever reads may kill it at any time.

Every line is the number of a kind of run, and the id that the store has acknowledged.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from spikedash.jobs.database import DiskFull
from spikedash.jobs.store import Store, StoreError
from spikedash.params import Params

LOOPS = (40, 60, 90)  # a second or so each
KINDS = tuple(
    Params().with_values(
        {"network.n": 100, "network.noise": 1, "training.loops": loops, "training.test_trials": 5, "target.duration_ms": 300}
    )
    for loops in LOOPS
)


def launch(folder: Path, count: int, first: int) -> None:
    store = Store(folder)
    for number in range(first, first + count):
        while True:
            try:
                run = store.launch(KINDS[number % len(KINDS)], name=f"chaos {number}")
            except DiskFull:
                print("full", flush=True)
                time.sleep(1)
            except StoreError:
                time.sleep(0.2)
            else:
                print(number % len(KINDS), run, flush=True)
                break


if __name__ == "__main__":
    launch(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
