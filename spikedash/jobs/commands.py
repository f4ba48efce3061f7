"""What pause, resume, step and stop mean in every state; pure."""

from __future__ import annotations

from typing import NamedTuple

from spikedash.jobs.views import FINAL, Command

#: Phases in which no worker has begun the run, so that nobody needs to be asked.
UNATTENDED = ("", "compiling")


class Standing(NamedTuple):
    """Where a run stands, and what is wanted of it."""

    state: str
    phase: str
    wish: str
    goal: int


def after(command: Command, now: Standing, events: int) -> Standing:
    """How a run stands after a command; unchanged where the command means nothing.

    A run without a worker obeys at once. A worker finds the new wish at its next look, and changes the state itself.

    Args:
        events: loops and tests done so far.
    """
    if now.state in FINAL or now.wish == "stop":
        return now
    attended = now.phase not in UNATTENDED
    resting = now.state == "paused" or now.wish == "pause"
    if command == "stop":
        return now._replace(wish="stop") if attended else Standing("stopped", "", "stop", 0)
    if command == "pause":
        return now._replace(wish="pause") if attended else Standing("paused", "", "pause", 0)
    if not resting:
        return now
    wish, goal = ("run", 0) if command == "resume" else ("step", events + 1)
    return now._replace(wish=wish, goal=goal) if attended else Standing("queued", "", wish, goal)
