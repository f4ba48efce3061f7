"""What is done to a site, and what must be true of it all the time and afterwards."""

from __future__ import annotations

import contextlib
import json
import os
import random
import subprocess
import sys
import time
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import psutil
from chaos.launcher import KINDS
from chaos.site import ROOT, Site, until

from spikedash.jobs import checkpoints, files
from spikedash.jobs.store import FINAL, Store, StoreError

NOTICE_S = 5.0  # until a dead worker's run waits again or goes on
GONE_S = 15.0  # until nothing is left of a killed server


class Storm:
    """Kills and spoils at random, and keeps the books."""

    def __init__(self, site: Site, seed: int) -> None:
        self.site = site
        self.store = Store(site.data)
        self.chance = random.Random(seed)
        self.acknowledged: dict[str, int] = {}  # run -> kind
        self.killed: Counter[str] = Counter()
        self.survived: Counter[str] = Counter()
        self.noticed_s: list[float] = []
        self.complaints: list[str] = []
        self.deeds: list[str] = []

    # Launching

    def launch(self, count: int, *, kill_after: int | None = None) -> None:
        """Launch runs from a process of their own, which is killed after some of them where that is asked for."""
        command = [sys.executable, "-m", "chaos.launcher", str(self.site.data), str(count), str(len(self.acknowledged))]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT / "tests", env=environment()) as process:
            assert process.stdout is not None
            for line in process.stdout:
                if line.startswith("full"):
                    continue
                kind, run = line.split()
                self.acknowledged[run] = int(kind)
                if kill_after is not None and len(self.acknowledged) >= kill_after:
                    process.kill()
                    self.killed["launcher"] += 1
                    kill_after = None
        if self.killed["launcher"]:
            self.survived["launcher"] = self.killed["launcher"]

    # Killing

    def kill(self, what: str) -> None:
        """Kill one process of a kind, or all, and wait until the site has got over it."""
        self.deeds.append(what)
        with contextlib.suppress(psutil.NoSuchProcess):
            getattr(self, f"_kill_{what}")()

    def _count(self, what: str, survived: bool) -> None:
        self.killed[what] += 1
        self.survived[what] += survived

    def _kill_worker(self) -> None:
        working = self.site.working()
        if not working:
            return self._kill_idle()
        worker, run = self.chance.choice(working)
        before = self.store.run(run)
        if self.chance.random() < 0.3 and (found := checkpoints.found(self.store.run_folder(run))):
            spoil(found[0].path, self.chance)
            self.killed["checkpoint (a bit flipped)"] += 1
            self.survived["checkpoint (a bit flipped)"] += 1
        worker.kill()
        try:
            self.noticed_s.append(until(lambda: self._moved(run, before), NOTICE_S, f"the end of the worker of {run} is noticed"))
        except TimeoutError as error:
            self.complaints.append(str(error))
            return self._count("worker", False)
        return self._count("worker", True)

    def _moved(self, run: str, before: Any) -> bool:
        now = self.store.run(run)
        return now.state != "running" or now.attempt > before.attempt

    def _kill_idle(self) -> None:
        if workers := self.site.processes()["worker"]:
            self.chance.choice(workers).kill()
            self._count("idle worker", True)

    def _kill_supervisor(self) -> None:
        there = self.site.processes()
        for supervisor in there["supervisor"][:1]:
            supervisor.kill()
            self._over("supervisor", [supervisor, *there["worker"]])

    def _kill_web(self) -> None:
        there = self.site.processes()
        for web in there["web"][:1]:
            web.kill()
            self._over("web", [web, *there["supervisor"], *there["worker"]])

    def _kill_arbiter(self) -> None:
        """The whole server; what a service manager starts again."""
        there = self.site.processes()
        assert self.site.server is not None
        self.site.server.kill()
        self.site.server.wait()
        self._over("arbiter", [process for kind in there.values() for process in kind], start=True)

    def _kill_everything(self) -> None:
        """As when the power goes."""
        there = self.site.processes()
        self.site.kill_all()
        assert self.site.server is not None
        self.site.server.wait()
        self._over("everything", [process for kind in there.values() for process in kind], start=True)

    def _over(self, what: str, gone: list[psutil.Process], *, start: bool = False) -> None:
        """None of these may outlive it, and the site serves again."""
        survived = True
        try:
            until(lambda: not any(alive(process) for process in gone), GONE_S, f"nothing outlives a killed {what}")
        except TimeoutError as error:
            left = [process.pid for process in gone if alive(process)]
            self.complaints.append(f"{error} {left}")
            survived = False
        try:
            if start:
                self.site.start()
            until(lambda: self.site.status() == 200, 60, f"the site is well after a killed {what}")
        except TimeoutError as error:
            self.complaints.append(str(error))
            survived = False
        self._count(what, survived)

    # Spoiling

    def fill_disk(self, seconds: float) -> None:
        """Leave no byte on the disk for a while."""
        self.deeds.append("full disk")
        ballast = self.site.data.parent / "ballast"
        with ballast.open("ab", buffering=0) as file:
            for size in (1 << 20, 1 << 12, 1):
                with contextlib.suppress(OSError):
                    while file.write(bytes(size)):
                        pass
        said = self.site.status()
        time.sleep(seconds)
        if said != 503:
            self.complaints.append(f"/healthz said {said} on a full disk")
        before = self.ended()
        ballast.unlink()
        try:
            until(lambda: self.site.status() == 200, 30, "the site is well after a full disk")
            if len(before) < len(self.acknowledged):
                until(lambda: len(self.ended()) > len(before), 90, "runs go on after a full disk")
        except TimeoutError as error:
            self.complaints.append(str(error))
            return self._count("disk", False)
        return self._count("disk", True)

    def break_database(self) -> None:
        """Overwrite the database with garbage while everything runs."""
        self.deeds.append("damaged database")
        (self.site.data / "runs.sqlite").write_bytes(self.chance.randbytes(20_000))
        try:
            until(lambda: list(self.site.data.glob("runs.sqlite.damaged-*")), 90, "a damaged database is kept aside")
            until(lambda: self.site.status() == 200, 60, "the site is well after a damaged database")
            missing = [run for run in self.acknowledged if not self._known(run)]
            if missing:
                raise TimeoutError(f"{len(missing)} runs are not in the database that was made anew")
        except TimeoutError as error:
            self.complaints.append(str(error))
            return self._count("database", False)
        return self._count("database", True)

    # Judging

    def _known(self, run: str) -> bool:
        try:
            return bool(self.store.run(run))
        except (KeyError, StoreError):
            return False

    def ended(self) -> set[str]:
        with contextlib.suppress(StoreError):
            return {run.id for run in self.store.runs(5000) if run.state in FINAL and run.id in self.acknowledged}
        return set()

    def drain(self, seconds: float) -> None:
        """Let everything that waits be computed."""
        try:
            until(lambda: len(self.ended()) == len(self.acknowledged), seconds, "every run ends")
        except TimeoutError as error:
            self.complaints.append(f"{error} ({len(self.ended())} of {len(self.acknowledged)})")

    def losses(self) -> dict[str, list[str]]:
        """Runs that are gone, failed, or ended with other bits than an undisturbed run."""
        from spikedash import training

        expected = []
        for params in KINDS:
            *_, last = training.train(params, threads=1)
            expected.append(last.result.weights_sha256)
        found: dict[str, list[str]] = {"gone": [], "not done": [], "other bits": [], "events doubled or missing": []}
        for run_id, kind in self.acknowledged.items():
            if not self._known(run_id):
                found["gone"].append(run_id)
                continue
            run, result = self.store.run(run_id), self.store.result(run_id)
            if run.state not in FINAL:  # late, which is a complaint of its own, but not lost
                continue
            if run.state != "done" or result is None:
                found["not done"].append(f"{run_id} {run.state} {run.error}")
            elif result.summary["weights_sha256"] != expected[kind]:
                found["other bits"].append(run_id)
            numbers = [event[0] for event in self.store.events(run_id)[0]]
            training_ = run.params.training
            if run.state == "done" and numbers != [*range(training_.loops), *range(training_.test_trials)]:
                found["events doubled or missing"].append(run_id)
        return {name: runs for name, runs in found.items() if runs}

    def torn(self) -> list[str]:
        """Published files that cannot be read whole."""
        bad = []
        # Unlike Path.rglob, os.walk passes over what is cleared away meanwhile.
        for path in sorted(Path(folder, name) for folder, _, names in os.walk(self.site.data / "runs") for name in names):
            try:
                if path.suffix == ".npz":
                    files.read_arrays(path)
                elif path.suffix == ".json":
                    json.loads(path.read_bytes())
            except FileNotFoundError:
                continue
            except (*files.DAMAGED, zipfile.BadZipFile) as error:
                bad.append(f"{path.name}: {error}")
        return bad

    def memory_mb(self) -> dict[str, list[int]]:
        """Resident memory of every process of the site."""
        return {
            kind: [round(process.memory_info().rss / 2**20) for process in there] for kind, there in self.site.processes().items()
        }


def spoil(path: Path, chance: random.Random) -> None:
    """Flip one bit in the middle half of a file."""
    with contextlib.suppress(OSError):
        content = bytearray(path.read_bytes())
        content[chance.randrange(len(content) // 4, 3 * len(content) // 4)] ^= 1 << chance.randrange(8)
        path.write_bytes(content)


def alive(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def environment() -> dict[str, str]:
    import os

    return os.environ | {"PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"}
