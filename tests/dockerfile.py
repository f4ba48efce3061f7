"""Reading a Dockerfile, as far as the tests need it."""

from __future__ import annotations

import re
from pathlib import Path

Steps = list[tuple[str, str]]


def instructions(file: Path) -> Steps:
    """Keyword and argument of every instruction, in order, continued lines joined."""
    text = re.sub(r"^\s*#.*\n", "", file.read_text("utf-8"), flags=re.MULTILINE)
    lines = re.sub(r"\\\n\s*", "", text).splitlines()
    return [(line.split(None, 1)[0], line.split(None, 1)[1]) for line in lines if line.strip()]


def arguments(steps: Steps, keyword: str) -> list[str]:
    """The arguments of all instructions of one keyword."""
    return [argument for word, argument in steps if word == keyword]


def environment(steps: Steps) -> dict[str, str]:
    """What the ENV instructions set."""
    return dict(pair.split("=", 1) for argument in arguments(steps, "ENV") for pair in argument.split())
