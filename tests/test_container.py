"""The steps of the Dockerfile as commands, without rights and on a read-only program: copy, compile, serve, ask, stop."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import psutil
import pytest
from dockerfile import arguments, environment, instructions

#: Seconds that compose.yaml gives the container to stop.
STOP_S = 20
#: Compiling every kernel from nothing takes half a minute of an idle core, and more beside other tests.
COMPILE_S = 600


def powerless() -> list[str]:
    """What to put before a command so that it runs as the image's user, who may write nothing that is not their own.

    Where the interpreter lies in a folder of root, the user keeps its number and loses every capability, so that the bits of
    files count for it as for anybody.
    """
    setpriv = shutil.which("setpriv")
    if os.getuid() or setpriv is None:
        return []
    stripped = [setpriv, "--bounding-set", "-all", "--inh-caps", "-all", "--no-new-privs"]
    other = [*stripped, "--reuid", "10001", "--regid", "10001", "--clear-groups"]
    again = "import subprocess, sys; subprocess.run([sys.executable, '-c', ''], check=True)"  # by now without any right
    works = subprocess.run([*other, sys.executable, "-c", again], cwd="/", capture_output=True).returncode == 0
    return other if works else stripped


class Container(NamedTuple):
    """What the image would hold, in temporary folders: the program at `app`, the volume at `data`."""

    app: Path
    data: Path
    program: set[Path]  # what COPY brought
    env: dict[str, str]
    warm_up: list[str]
    serve: list[str]
    healthcheck: list[str]

    def healthy(self) -> bool:
        try:
            return subprocess.run(self.healthcheck, env=self.env, capture_output=True, timeout=10).returncode == 0
        except subprocess.TimeoutExpired:
            return False


def copied(project: Path, steps: list[tuple[str, str]], to: Path) -> Path:
    """The folder `to` after all COPY instructions."""
    for argument in arguments(steps, "COPY"):
        source, target = argument.split()
        if (project / source).is_dir():
            shutil.copytree(project / source, to / target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(project / source, to / target)
    return to


@pytest.fixture(scope="module")
def container(project: Path) -> Iterator[Container]:
    steps = instructions(project / "Dockerfile")
    # Not below pytest's own folder, which is closed to other users.
    with tempfile.TemporaryDirectory(prefix="spikedash-image-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield built(project, steps, folder)
        for path in (folder / "app", *(folder / "app").rglob("*")):
            path.chmod(0o755)


def built(project: Path, steps: list[tuple[str, str]], folder: Path) -> Container:
    """The program, which nobody can write, and an empty volume, which only the user can."""
    for name in ("app", "data", "tmp"):
        (folder / name).mkdir()
    app, data = copied(project, steps, folder / "app"), folder / "data"
    for path in (app, *app.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    before = powerless()
    if "--reuid" in before:
        for path in (data, folder / "tmp"):
            os.chown(path, 10001, 10001)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    def here(command: list[str]) -> list[str]:
        """The same command with this interpreter and a free port of this machine."""
        words = [word.replace(":8050/", f":{port}/") for word in command[1:]]
        return [*before, str(Path(sys.executable).with_name(command[0])), *words]

    (warm_up,) = (argument for argument in arguments(steps, "RUN") if "warm_up" in argument)
    (serve,) = arguments(steps, "CMD")
    (healthcheck,) = arguments(steps, "HEALTHCHECK")
    env = {name: value.replace("/data", str(data)) for name, value in environment(steps).items()}
    env |= {"PORT": str(port), "SPIKEDASH_TOKEN": "auto", "TMPDIR": str(folder / "tmp")}  # of compose.yaml
    return Container(
        app=app,
        data=data,
        program=set(app.rglob("*")),
        env={**env, "HOME": str(data), "PATH": os.environ["PATH"]},
        warm_up=here(shlex.split(warm_up)),
        serve=here(json.loads(serve)),
        healthcheck=here(json.loads(healthcheck.partition("CMD")[2])),
    )


@pytest.fixture(scope="module")
def compiled(container: Container) -> Container:
    subprocess.run(container.warm_up, cwd=container.app, env=container.env, check=True, timeout=COMPILE_S)
    return container


@pytest.fixture
def server(compiled: Container) -> Iterator[subprocess.Popen[bytes]]:
    """The process of the image's CMD, once its healthcheck passes."""
    assert not compiled.healthy(), "the healthcheck passes although nothing is served"
    log = compiled.data.with_name("server.log")
    with log.open("w") as output:
        process = subprocess.Popen(compiled.serve, cwd=compiled.app, env=compiled.env, stdout=output, stderr=output)
    deadline = time.monotonic() + 60
    while not compiled.healthy():
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            pytest.fail(f"the server of the image does not become healthy: {log.read_text()}")
        time.sleep(0.2)
    yield process
    process.kill()
    process.wait()


def test_the_image_does_not_start_where_strangers_could_come_in(container):
    closed = {name: value for name, value in container.env.items() if name != "SPIKEDASH_TOKEN"}
    done = subprocess.run(container.serve, cwd=container.app, env=closed, capture_output=True, text=True, timeout=120)
    assert done.returncode == 2
    assert "without a token" in done.stderr
    assert done.stderr.count("\n") == 1


def said(process: psutil.Process) -> str:
    """The command of a process, "" once it is gone."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return " ".join(process.cmdline())
    return ""


@pytest.mark.slow
@pytest.mark.timeout(COMPILE_S + 120)
def test_the_kernels_are_compiled_into_the_volume(compiled):
    assert list((compiled.data / "numba").rglob("*.nbi"))


@pytest.mark.slow
@pytest.mark.timeout(COMPILE_S + 120)
def test_the_image_serves_writes_only_to_its_volume_and_stops_in_time(compiled, server):
    deadline = time.monotonic() + 60  # the page is served before the supervisor is there
    children: list[psutil.Process] = []
    while not any("spikedash.jobs.supervisor" in said(child) for child in children):
        assert time.monotonic() < deadline, "no supervisor"
        time.sleep(0.2)
        children = psutil.Process(server.pid).children(recursive=True)
    log = compiled.data.with_name("server.log").read_text()
    link = re.search(r"http://\S+/\?token=\S+", log)
    assert link, log
    with pytest.raises(urllib.error.HTTPError, match="401"):
        urllib.request.urlopen(link[0].partition("?")[0], timeout=30)
    with urllib.request.build_opener(urllib.request.HTTPCookieProcessor()).open(link[0], timeout=30) as page:
        assert b"SpikeDash" in page.read()
    server.terminate()
    assert server.wait(timeout=STOP_S) == 0
    _, alive = psutil.wait_procs(children, timeout=STOP_S)
    assert alive == []
    assert set(compiled.app.rglob("*")) == compiled.program
