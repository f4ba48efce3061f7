"""The process that answers questions to trained networks: `python -m spikedash.jobs.prober --store DIR --parent PID`.

It keeps the simulator compiled and the last few networks in memory, so that an answer takes as long as its trial. It owes
nobody anything: what it knows can be computed again, and a question that is still open when it starts is answered then.
When its standard input ends, so does it.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import time
import traceback

from spikedash.jobs import logs
from spikedash.jobs.parent import begin
from spikedash.jobs.questions import Questions
from spikedash.jobs.store import Store

QUICK_S = 0.008  # between two looks while somebody is asking
CALM_S = 0.05  # and when nobody has for a while
CALM_AFTER_S = 120.0
NICENESS = 1  # an answer is waited for; a run is only watched


def main() -> int:
    """Get ready and answer; 0 unless getting ready failed."""
    store_folder = begin("Answers questions to trained networks.", NICENESS)
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    questions = Questions(store_folder)
    questions.stand("starting", "The simulator gets ready; on the first start it is compiled, which takes a minute.")
    try:
        # Imported here, since it takes seconds in which the parent may already be gone.
        from spikedash import training

        training.warm_up()
    except Exception as error:
        traceback.print_exc()
        questions.stand("broken", f"The simulator cannot be started: {logs.sentence(error)}")
        return 1
    from spikedash.jobs.desk import Desk

    questions.forget()
    desk = Desk(Store(store_folder), questions)
    questions.stand("ready")
    busy_until = time.monotonic() + CALM_AFTER_S
    while not _alone(QUICK_S if time.monotonic() < busy_until else CALM_S):
        while waiting := questions.next():
            desk.serve(*waiting)
            busy_until = time.monotonic() + CALM_AFTER_S
    return 0


def _alone(seconds: float) -> bool:
    """Wait a moment; whether the supervisor is gone."""
    readable, _, _ = select.select([0], [], [], seconds)
    return bool(readable) and not os.read(0, 4096)


if __name__ == "__main__":
    sys.exit(main())
