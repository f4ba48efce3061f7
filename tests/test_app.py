"""The served application: headers, health, one sentence where it cannot start."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

import app


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    served: Any = app.create_app(app.Settings(tmp_path_factory.mktemp("app") / "data")).server
    return served.test_client()


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that somebody else listens on."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def test_it_says_that_nobody_serves_the_runs_and_that_it_is_well_when_somebody_does(tmp_path: Path) -> None:
    server: Any = app.create_app(app.Settings(tmp_path)).server
    alone = server.test_client().get("/healthz")
    assert alone.status_code == 503
    assert alone.json["reasons"] == ["No supervisor has served this store yet; runs wait."]
    beat = tmp_path / "supervisor.beat"
    beat.touch()
    well = server.test_client().get("/healthz")
    assert (well.status_code, well.json["status"], well.json["reasons"]) == (200, "ok", [])
    assert well.json["free_bytes"] > 0
    assert well.json["supervisor_s"] < 5
    late = time.time() - 60
    os.utime(beat, (late, late))
    assert "last heard of 60 s ago" in server.test_client().get("/healthz").json["reasons"][0]


def test_the_page_is_english_and_everything_comes_from_here(client: FlaskClient) -> None:
    page = client.get("/")
    assert '<html lang="en">' in page.text
    assert "://" not in page.text.replace("http://www.w3.org", "")
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert page.headers["X-Frame-Options"] == "DENY"


def test_the_scheme_is_set_before_the_first_paint(client: FlaskClient) -> None:
    head = client.get("/").text.split("</head>")[0]
    assert "/assets/theme.js" in head
    with client.get("/assets/theme.js") as script:
        assert script.status_code == 200


def test_answers_are_compressed(client: FlaskClient) -> None:
    layout = client.get("/_dash-layout", headers={"Accept-Encoding": "gzip"})
    assert layout.headers["Content-Encoding"] == "gzip"


@pytest.mark.parametrize("path", ["/", "/learn", "/learn/neuron", "/runs", "/experiments", "/sweeps"])
def test_a_page_is_there(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 200
    asked = {"output": "page.children", "outputs": {"id": "page", "property": "children"}, "changedPropIds": ["place.data"]}
    answer = client.post(
        "/_dash-update-component", json={**asked, "inputs": [{"id": "place", "property": "data", "value": path}]}
    )
    assert answer.json["response"]["page"]["children"]["props"]["tree"][1]["data-title"].endswith("SpikeDash")


@pytest.mark.parametrize(
    "path", ["/nothing", "/experiments/more", "/runs/AAAAAAAAAAAAAAAA", "/sweeps/x", "/runs/a/b", "/learn/x"]
)
def test_what_is_no_page_is_not_found(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_a_demo_waits_for_a_worker(client: FlaskClient) -> None:
    assert client.get("/stream/demo").json["demo"] is True


def start(project: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "app.py"],
        cwd=project,
        env=os.environ | settings,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_port_in_use_is_one_sentence(project: Path, tmp_path: Path, taken: int) -> None:
    done = start(project, PORT=str(taken), SPIKEDASH_DATA=str(tmp_path / "data"))
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert f"port {taken}" in done.stderr


def test_a_folder_that_cannot_be_used_is_one_sentence(project: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    done = start(project, PORT="0", SPIKEDASH_DATA=str(tmp_path / "file"))
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "file" in done.stderr


def test_half_sent_requests_do_not_hold_every_thread(project: Path, tmp_path: Path) -> None:
    """As many as there are threads, and as many again; whoever then asks is answered."""
    code = "import app; app.SILENCE_S = 1; app.main()"
    given = os.environ | {"PORT": "0", "SPIKEDASH_DATA": str(tmp_path / "data")}
    with subprocess.Popen([sys.executable, "-c", code], cwd=project, env=given, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().split()[3]
        host, port = url.removeprefix("http://").split(":")
        with contextlib.ExitStack() as stack:
            for _ in range(16):
                half = stack.enter_context(socket.create_connection((host, int(port))))
                half.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n")
            with urllib.request.urlopen(f"{url}/healthz", timeout=60) as answer:
                assert answer.status == 200
        process.terminate()
        process.wait(30)


@pytest.mark.parametrize("port", ["text", "70000", "-1"])
def test_a_wrong_port_is_one_sentence(project: Path, tmp_path: Path, port: str) -> None:
    done = start(project, PORT=port, SPIKEDASH_DATA=str(tmp_path / "data"))
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "PORT" in done.stderr


def test_a_limit_that_is_no_number_is_one_sentence(project: Path, tmp_path: Path) -> None:
    done = start(project, PORT="0", SPIKEDASH_DATA=str(tmp_path / "data"), SPIKEDASH_RUN_HOURS="forever")
    assert done.returncode == 2
    assert done.stderr == "SPIKEDASH_RUN_HOURS is 'forever'; it must be a number above 0.\n"


@pytest.mark.skipif(os.getuid() != 0, reason="only root can make a disk that nobody can write")
def test_a_disk_that_can_only_be_read_is_one_sentence(project: Path, tmp_path: Path) -> None:
    place = tmp_path / "disk"
    place.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "ro", "tmpfs", str(place)], capture_output=True, check=False).returncode:
        pytest.skip("nothing can be mounted here")
    try:
        done = start(project, PORT="0", SPIKEDASH_DATA=str(place / "data"))
    finally:
        subprocess.run(["umount", str(place)], check=True)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "Read-only" in done.stderr


def test_a_store_that_cannot_be_read_is_an_answer_with_a_sentence(tmp_path: Path) -> None:
    server: Any = app.create_app(app.Settings(tmp_path)).server
    (tmp_path / "runs.sqlite").write_bytes(b"garbage" * 1000)
    answer = server.test_client().get("/stream/AAAAAAAAAAAAAAAA")
    assert answer.status_code == 503
    assert "made anew" in answer.json["error"]
