"""How a refusal must look, whatever file caused it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from spikedash.params import InputError
from spikedash.readers import read
from spikedash.readers.child import parse
from spikedash.readers.choices import parse as choose
from spikedash.readers.content import kind_of
from spikedash.readers.limits import Refused
from spikedash.records import Recording


def is_one_sentence(message: str) -> bool:
    """One line that ends with its only period and shows nothing of the program; what it quotes may be anything."""
    body = re.sub("“.*?”", "“”", message.partition(": ")[2])
    return (
        message.isprintable()
        and body.endswith(".")
        and not re.search(r"[.!?] ", body)
        and not re.search(r"Traceback|Error\b|line \d+, in |spikedash|/tmp|\.py\b", body)
        and len(message) < 300
    )


def _refused(reader: Callable[..., Recording], path: Path, name: str | None, **choices: object) -> str:
    with pytest.raises(InputError) as caught:
        reader(path, name=name, **choices)
    message = str(caught.value)
    assert is_one_sentence(message), message
    return message


@pytest.fixture
def refusal() -> Callable[..., str]:
    """read(path) must be refused; returns the sentence."""
    return lambda path, name=None: _refused(read, path, name)


def read_here(path: Path, name: str | None = None, **choices: object) -> Recording:
    """As `read`, in this process, which takes a millisecond; for files that are merely wrong."""
    called = name or path.name
    try:
        return parse(kind_of(path, called), path, choose(choices)).recording
    except Refused as why:
        raise InputError(f"{called}: {why}") from None


@pytest.fixture
def one_sentence() -> Callable[[str], bool]:
    return is_one_sentence


@pytest.fixture
def here() -> Callable[..., Recording]:
    return read_here


@pytest.fixture
def refusal_here() -> Callable[..., str]:
    """read_here(path) must be refused; returns the sentence."""
    return lambda path, name=None, **choices: _refused(read_here, path, name, **choices)
