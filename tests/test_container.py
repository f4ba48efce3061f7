"""The steps of the Dockerfile as commands: copy, compile, serve, ask for health, stop."""

from __future__ import annotations

import ast
import json
import os
import shlex
import shutil
import socket
import subprocess
import sys
import time
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
def container(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Container:
    steps = instructions(project / "Dockerfile")
    app, data = copied(project, steps, tmp_path_factory.mktemp("app")), tmp_path_factory.mktemp("data")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    def here(command: list[str]) -> list[str]:
        """The same command with this interpreter and a free port of this machine."""
        words = [word.replace("0.0.0.0:8050", f"127.0.0.1:{port}").replace(":8050/", f":{port}/") for word in command[1:]]
        return [str(Path(sys.executable).with_name(command[0])), *words]

    (warm_up,) = (argument for argument in arguments(steps, "RUN") if "warm_up" in argument)
    (serve,) = arguments(steps, "CMD")
    (healthcheck,) = arguments(steps, "HEALTHCHECK")
    env = {name: value.replace("/data", str(data)) for name, value in environment(steps).items()}
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


def test_what_the_server_starts_from_exists(project):
    (command,) = arguments(instructions(project / "Dockerfile"), "CMD")
    module, _, name = json.loads(command)[-1].partition(":")
    tree = ast.parse((project / f"{module}.py").read_text("utf-8"))
    assert name.removesuffix("()") in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


@pytest.mark.slow
@pytest.mark.timeout(COMPILE_S + 120)
def test_the_kernels_are_compiled_into_the_volume(compiled):
    assert list((compiled.data / "numba").rglob("*.nbi"))


@pytest.mark.slow
@pytest.mark.timeout(COMPILE_S + 120)
def test_the_image_serves_writes_only_to_its_volume_and_stops_in_time(compiled, server):
    children = psutil.Process(server.pid).children(recursive=True)
    assert any("supervisor" in " ".join(child.cmdline()) for child in children)
    server.terminate()
    assert server.wait(timeout=STOP_S) == 0
    _, alive = psutil.wait_procs(children, timeout=STOP_S)
    assert alive == []
    assert set(compiled.app.rglob("*")) == compiled.program
