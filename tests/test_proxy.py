"""The example of a proxy: nginx takes its file, hands requests on as the server needs them, and slow clients hold nobody up."""

from __future__ import annotations

import contextlib
import http.server
import re
import shutil
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is not installed")


#: A head without its end, and a body.
HALF = (b"GET / HTTP/1.1\r\nHost: x\r\n", b"POST /upload HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\nab")


class Behind(NamedTuple):
    """A proxy before a server that keeps what it is sent."""

    port: int
    seen: list[tuple[str, dict[str, str], bytes]]


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def config(project: Path, folder: Path, port: int, upstream: int) -> Path:
    """The file of the repository, moved to ports and folders of this test."""
    text = (project / "deploy" / "nginx.conf").read_text("utf-8")
    text = text.replace("/tmp/", f"{folder}/").replace("listen 8080", f"listen 127.0.0.1:{port}")
    text = text.replace("spikedash:8050", f"127.0.0.1:{upstream}").replace("/dev/stdout", f"{folder}/access.log")
    path = folder / "nginx.conf"
    path.write_text(text.replace("/dev/stderr", f"{folder}/error.log"), "utf-8")
    return path


@pytest.fixture(scope="module")
def behind(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Behind]:
    seen: list[tuple[str, dict[str, str], bytes]] = []

    class Upstream(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            seen.append((self.path, dict(self.headers), body))
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        do_GET = do_POST = answer

        def log_message(self, *_: object) -> None:
            pass

    upstream = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Upstream)
    threading.Thread(target=upstream.serve_forever, daemon=True).start()
    folder, port = tmp_path_factory.mktemp("nginx"), free_port()
    path = config(project, folder, port, upstream.server_port)
    process = subprocess.Popen([str(NGINX), "-c", str(path), "-p", str(folder), "-g", "daemon off;"], stderr=subprocess.PIPE)
    end = time.monotonic() + 20
    while not answers(port):
        assert process.poll() is None, process.communicate()[1].decode()
        assert time.monotonic() < end, "nginx does not answer"
        time.sleep(0.05)
    yield Behind(port, seen)
    process.terminate()
    process.communicate(timeout=20)
    upstream.shutdown()
    upstream.server_close()
    assert "token" not in (folder / "access.log").read_text()


def answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


def ask(port: int, path: str, body: bytes | None = None, **headers: str) -> int:
    asked = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data=body, headers=headers)
    try:
        with urllib.request.urlopen(asked, timeout=20) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code


def test_nginx_takes_the_file(project: Path, tmp_path: Path) -> None:
    path = config(project, tmp_path, free_port(), free_port())
    done = subprocess.run([str(NGINX), "-t", "-c", str(path), "-p", str(tmp_path)], capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    assert "[warn]" not in done.stderr.replace('the "user" directive', "")


def test_the_name_goes_on_with_its_port_and_no_client_names_its_user(behind: Behind) -> None:
    assert ask(behind.port, "/x?token=abc", **{"X-Remote-User": "root", "Host": "lab.example.org:8443"}) == 200
    _, headers, _ = behind.seen[-1]
    assert headers["Host"] == "lab.example.org:8443"
    assert "X-Remote-User" not in headers
    assert headers["X-Forwarded-For"] == "127.0.0.1"


def test_half_sent_requests_reach_nobody_and_hold_nobody_up(behind: Behind) -> None:
    before = len(behind.seen)
    with contextlib.ExitStack() as stack:
        for k in range(40):
            slow = stack.enter_context(socket.create_connection(("127.0.0.1", behind.port)))
            slow.sendall(
                b"GET / HTTP/1.1\r\nHost: x\r\n" if k % 2 else b"POST /upload HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\nab"
            )
        began = time.monotonic()
        assert ask(behind.port, "/healthz") == 200
        assert time.monotonic() - began < 5
        assert [path for path, _, _ in behind.seen[before:]] == ["/healthz"]


def test_what_is_too_large_is_refused_before_the_server_sees_it(behind: Behind) -> None:
    before = len(behind.seen)
    with socket.create_connection(("127.0.0.1", behind.port)) as large:
        large.sendall(b"POST /upload HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000\r\n\r\n")
        large.settimeout(20)
        assert re.match(rb"HTTP/1.1 413", large.recv(200))
    assert len(behind.seen) == before


def test_a_flood_of_uploads_is_slowed_down(behind: Behind) -> None:
    statuses = [ask(behind.port, "/upload", b"x") for _ in range(40)]
    assert statuses.count(429) >= 10
    assert statuses[0] in (200, 429)
    assert ask(behind.port, "/") == 200
