"""A site to do harm to: the server as `make run` starts it, watched and started again as a service manager would."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parents[2]
DISK_MB = 512


def until(condition: Callable[[], Any], seconds: float, what: str) -> float:
    """Wait for something; returns the seconds that took."""
    began = time.monotonic()
    while not condition():
        if time.monotonic() - began > seconds:
            raise TimeoutError(f"{what}: not so after {seconds:g} s")
        time.sleep(0.02)
    return time.monotonic() - began


class Site:
    """The server on a data folder, on a port of its own."""

    def __init__(self, data: Path) -> None:
        self.data = data
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.server: subprocess.Popen[bytes] | None = None
        self.ever: set[psutil.Process] = set()  # every process that was seen below it

    def start(self) -> None:
        environment = {"PORT": str(self.port), "SPIKEDASH_DATA": str(self.data), "SPIKEDASH_CHECKPOINT_S": "1"}
        with (self.data.parent / "server.log").open("ab") as log:
            self.server = subprocess.Popen(
                [sys.executable, "app.py"], cwd=ROOT, env=os.environ | environment, stdout=log, stderr=log, start_new_session=True
            )
        until(lambda: self.status() is not None, 90, "a server that answers")

    def status(self) -> int | None:
        """What /healthz says; None where nobody answers."""
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=5) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return None

    def stop(self) -> float:
        """In good order, as `docker stop` does; returns the seconds until no process was left."""
        assert self.server is not None
        self.processes()
        began = time.monotonic()
        self.server.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.server.wait(20)
        try:
            until(lambda: not self.leftovers(), 30, "an end of all processes")
        except TimeoutError as error:
            left = [(process.pid, process.ppid(), process.status(), process.cmdline()[-4:]) for process in self.leftovers()]
            raise TimeoutError(f"{error}: {left}") from None
        return time.monotonic() - began

    def kill_all(self) -> None:
        for process in self.processes().values():
            for each in process:
                with contextlib.suppress(psutil.NoSuchProcess):
                    each.kill()

    def processes(self) -> dict[str, list[psutil.Process]]:
        """The processes of the site by what they do: arbiter, web, supervisor, worker."""
        found: dict[str, list[psutil.Process]] = {"arbiter": [], "web": [], "supervisor": [], "worker": []}
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                words = process.cmdline()
                if str(self.data) in words:
                    kind = next((kind for kind in ("supervisor", "worker") if f"spikedash.jobs.{kind}" in words), None)
                elif "app.py" in words and process.environ().get("SPIKEDASH_DATA") == str(self.data):
                    kind = "arbiter" if self.server and process.pid == self.server.pid else "web"
                else:
                    kind = None
                if kind and process.status() != psutil.STATUS_ZOMBIE:
                    found[kind].append(process)
                    self.ever.add(process)
        return found

    def leftovers(self) -> list[psutil.Process]:
        """Processes of the site that still live."""
        return [process for process in self.ever if process.is_running() and process.status() != psutil.STATUS_ZOMBIE]

    def working(self) -> list[tuple[psutil.Process, str]]:
        """Workers that have a run, and which."""
        found = []
        for worker in self.processes()["worker"]:
            with contextlib.suppress(psutil.Error):
                paths = [Path(file.path) for file in worker.open_files()]
                runs = {path.relative_to(self.data / "runs").parts[0] for path in paths if "runs" in path.parts}
                found += [(worker, run) for run in runs]
        return found


@contextlib.contextmanager
def disk() -> Iterator[tuple[Path, bool]]:
    """A folder, on a small disk of its own where that can be had; and whether it can."""
    with tempfile.TemporaryDirectory() as name:
        place = Path(name) / "disk"
        place.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "tmpfs", str(place)]
        small = subprocess.run(mount, capture_output=True, check=False).returncode == 0
        try:
            yield place, small
        finally:
            if small:
                subprocess.run(["umount", "--lazy", str(place)], check=False)
