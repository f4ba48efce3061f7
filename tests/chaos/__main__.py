"""`make chaos`: five minutes of harm to a real site; prints what was tried, what was lost, and how fast it answered.

`python -m chaos [--seconds 300] [--browsers 200] [--runs 50] [--seed 1]`; exit code 1 if anything was lost.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import time
from typing import Any

from chaos.site import ROOT, Site, disk
from chaos.storm import Storm, environment

VICTIMS = ("worker", "worker", "worker", "supervisor", "web", "arbiter", "everything")
CALM_SHARE = 0.35  # of the time, in which nothing is killed and the answers are timed


def browsers(site: Site, seconds: float, count: int, runs: list[str]) -> subprocess.Popen[str]:
    """Start the browsers, in a process of their own."""
    command = [sys.executable, "-m", "chaos.browsers", site.url, str(seconds), str(count)]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT / "tests", env=environment()
    )
    assert process.stdin is not None
    process.stdin.write("\n".join(runs))
    process.stdin.close()
    return process


def answers(process: subprocess.Popen[str]) -> dict[str, Any]:
    with process:
        assert process.stdout is not None
        lines = process.stdout.read().splitlines()
    return dict(json.loads(lines[-1])) if lines else {}


def rage(storm: Storm, seconds: float, small_disk: bool, pause_s: tuple[float, float]) -> None:
    """Kill something every few seconds; once fill the disk, once damage the database."""
    chance, end = random.Random(storm.chance.random()), time.monotonic() + seconds
    special = [deed for deed in (("disk" if small_disk else ""), "database") if deed]
    at = [time.monotonic() + seconds * (k + 1) / (len(special) + 1) for k in range(len(special))]
    turn = 0
    while time.monotonic() < end:
        time.sleep(chance.uniform(*pause_s))
        if at and time.monotonic() > at[0]:
            at.pop(0)
            storm.fill_disk(min(10, seconds / 10)) if special.pop(0) == "disk" else storm.break_database()
            continue
        # Everybody has a turn, in an order of chance.
        victims = VICTIMS if turn % len(VICTIMS) else chance.sample(VICTIMS, len(VICTIMS))
        storm.kill(victims[turn % len(VICTIMS)])
        turn += 1
        if turn % 3 == 0 and len(storm.ended()) == len(storm.acknowledged):
            storm.launch(3)  # so that there is something to lose


def run(seconds: float, count: int, runs: int, seed: int, pause_s: tuple[float, float] = (1.0, 5.0)) -> dict[str, Any]:
    """The whole of it; returns what was found."""
    report: dict[str, Any] = {"seconds": seconds, "seed": seed}
    with disk() as (place, small):
        site = Site(place / "data")
        try:
            site.start()
            storm = Storm(site, seed)
            storm.launch(runs // 2, kill_after=runs // 4)
            storm.launch(runs - len(storm.acknowledged))
            ids = list(storm.acknowledged)
            calm = CALM_SHARE * seconds
            report["calm, all browsers"] = answers(browsers(site, calm, count, ids))
            report["memory after the load, MB"] = storm.memory_mb()
            busy = seconds - calm
            watching = browsers(site, busy, max(1, count // 10), ids)
            rage(storm, busy, small, pause_s)
            report["storm, a tenth of the browsers"] = answers(watching)
            storm.launch(3)
            storm.drain(max(180.0, seconds))
            report["stopped in good order, s"] = round(site.stop(), 1)
            report["tried"] = dict(storm.killed)
            report["survived"] = dict(storm.survived)
            report["dead workers noticed, s (slowest)"] = round(max(storm.noticed_s, default=0.0), 2)
            report["runs"] = len(storm.acknowledged)
            report["lost"] = storm.losses()
            report["torn files"] = storm.torn()
            report["complaints"] = storm.complaints
            report["small disk"] = small
            report["processes left"] = len(site.leftovers())
        finally:
            site.kill_all()
            if site.server:
                site.server.wait()
    return report


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--browsers", type=int, default=200)
    parser.add_argument("--runs", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    report = run(given.seconds, given.browsers, given.runs, given.seed)
    for name, value in report.items():
        print(f"{name:36}{json.dumps(value) if isinstance(value, dict | list) else value}")
    sound = not (report["lost"] or report["torn files"] or report["complaints"] or report["processes left"])
    tried, survived = (sum(report[name].values()) for name in ("tried", "survived"))
    lost = sum(map(len, report["lost"].values()))
    print(f"\nsurvived {survived} of {tried}; runs lost: {lost} of {report['runs']}; torn files: {len(report['torn files'])}")
    return 0 if sound else 1


if __name__ == "__main__":
    sys.exit(main())
