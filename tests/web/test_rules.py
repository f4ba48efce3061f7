"""What the environment may say about who comes, and one sentence where it makes no sense or opens the door to strangers."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from spikedash.params import InputError
from spikedash.web import secret
from spikedash.web.rules import Rules, from_environment, known_host, ready

TOKEN = "0123456789abcdef"


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "127.8.9.1"])
def test_this_machine_needs_no_token(host: str) -> None:
    assert from_environment({}, host).token == ""


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "lab.example.org", ""])
def test_another_address_is_refused_without_a_token_or_an_override(host: str) -> None:
    with pytest.raises(InputError, match=r"without a token.*SPIKEDASH_TOKEN=auto.*SPIKEDASH_OPEN=1"):
        from_environment({}, host)
    for given in (
        {"SPIKEDASH_TOKEN": TOKEN},
        {"SPIKEDASH_TOKEN": "auto"},
        {"SPIKEDASH_OPEN": "1"},
        {"SPIKEDASH_USER_HEADER": "X-User", "SPIKEDASH_PROXIES": "10.0.0.1"},
    ):
        assert from_environment(given, host).host == host


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"SPIKEDASH_TOKEN": "short"}, "at least 16"),
        ({"SPIKEDASH_TOKEN": "sixteen and more letters"}, "letters, digits"),
        ({"SPIKEDASH_USER_HEADER": "X-User"}, "belong together"),
        ({"SPIKEDASH_PROXIES": "10.0.0.1"}, "belong together"),
        ({"SPIKEDASH_USER_HEADER": "X User", "SPIKEDASH_PROXIES": "10.0.0.1"}, "name of a header"),
        ({"SPIKEDASH_PROXIES": "10.0.0.x"}, "SPIKEDASH_PROXIES"),
        ({"SPIKEDASH_HOSTS": "http://lab"}, "SPIKEDASH_HOSTS"),
        ({"SPIKEDASH_OPEN": "yes"}, "SPIKEDASH_OPEN"),
        ({"SPIKEDASH_PEOPLE": "two"}, "SPIKEDASH_PEOPLE"),
    ],
)
def test_what_makes_no_sense_is_named(given: dict[str, str], words: str) -> None:
    with pytest.raises(InputError, match=words):
        from_environment(given, "127.0.0.1")


@pytest.mark.parametrize(
    ("host", "hosts", "name", "known"),
    [
        ("127.0.0.1", (), "localhost", True),
        ("127.0.0.1", (), "127.0.0.1", True),
        ("127.0.0.1", (), "::1", True),
        ("127.0.0.1", (), "192.0.2.1", False),
        ("127.0.0.1", (), "evil.example", False),
        ("127.0.0.1", ("lab.example.org",), "LAB.example.org.", True),
        ("127.0.0.1", ("lab.example.org",), "x.lab.example.org", False),
        ("0.0.0.0", (), "192.0.2.1", True),
        ("0.0.0.0", (), "evil.example", False),
        ("192.0.2.1", (), "192.0.2.1", True),
        ("192.0.2.1", (), "192.0.2.2", False),
        ("127.0.0.1", (), "", False),
    ],
)
def test_no_foreign_name_can_be_pointed_here(host: str, hosts: tuple[str, ...], name: str, known: bool) -> None:
    assert known_host(Rules(host=host, hosts=hosts), name) is known


def test_a_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: subprocess_key(tmp_path), range(4)))
    assert keys == {secret.key(tmp_path)}
    assert len(secret.key(tmp_path)) == 32
    assert stat.S_IMODE((tmp_path / "secret.key").stat().st_mode) == 0o600
    assert os.listdir(tmp_path) == ["secret.key"]


def subprocess_key(folder: Path) -> bytes:
    code = "import sys, pathlib; from spikedash.web import secret; sys.stdout.buffer.write(secret.key(pathlib.Path(sys.argv[1])))"
    root = Path(secret.__file__).parents[2]
    return subprocess.run([sys.executable, "-c", code, str(folder)], cwd=root, capture_output=True, check=True).stdout


def test_a_key_that_others_can_read_is_closed_again(tmp_path: Path) -> None:
    secret.key(tmp_path)
    (tmp_path / "secret.key").chmod(0o644)
    secret.key(tmp_path)
    assert stat.S_IMODE((tmp_path / "secret.key").stat().st_mode) == 0o600


def test_a_damaged_key_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_bytes(b"short")
    with pytest.raises(InputError, match=r"damaged; delete it"):
        secret.key(tmp_path)


def test_a_made_token_stays_over_restarts(tmp_path: Path) -> None:
    first, second = (ready(Rules(token="auto"), tmp_path) for _ in range(2))
    assert first == second
    assert len(first.token) == 32
    assert first.made
    assert ready(Rules(token=TOKEN), tmp_path).made is False


def test_the_server_refuses_to_be_open_by_accident(project: Path, tmp_path: Path) -> None:
    given = os.environ | {"SPIKEDASH_HOST": "0.0.0.0", "PORT": "0", "SPIKEDASH_DATA": str(tmp_path / "data")}
    done = subprocess.run([sys.executable, "app.py"], cwd=project, env=given, capture_output=True, text=True, timeout=120)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "without a token" in done.stderr
