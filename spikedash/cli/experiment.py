"""experiment: train its networks, ask its questions, judge what was measured; also writes the report."""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from spikedash import experiments
from spikedash.cli import measuring
from spikedash.experiments import Experiment
from spikedash.params import InputError
from spikedash.reproduction import report, tables
from spikedash.reproduction.pictures import pictures
from spikedash.reproduction.render import NoBrowser, render
from spikedash.reproduction.tables import Reproduction

REPORT = Path("docs/reproduction.md")


def experiment(args: argparse.Namespace) -> tuple[dict[str, Any], int]:
    """One experiment, all of them, or their list."""
    if args.list or not args.name:
        return {"experiments": {name: e.blurb for name, e in experiments.PRESETS.items()}}, 0
    if args.seeds is not None and args.seeds < 1:
        raise InputError(f"--seeds is {args.seeds}; it must be at least 1.")
    chosen = _chosen(args)
    if args.tables:
        done = [tables.read(args.tables, one) for one in chosen if (args.tables / f"{one.name}.json").exists()]
    else:
        done = list(measuring.run(chosen, args))
    where = args.report or (REPORT if args.name == "all" and args.full and REPORT.parent.is_dir() else None)
    if where is not None:
        _write(where, done, args)
    answers = [tables.answer_of(one) for one in done]
    passed = all(answer["passed"] for answer in answers)
    return (answers[0] if args.name != "all" else {"name": "all", "passed": passed, "experiments": answers}), 0 if passed else 1


def _chosen(args: argparse.Namespace) -> list[Experiment]:
    if args.name != "all":
        one = experiments.find(args.name, experiments.EXPERIMENTS)
        if one.needs_recording and not args.targets and not args.tables:
            raise InputError(f"The experiment {one.name} needs recorded rates; give them with --targets FILE.")
        return [one]
    return [one for one in experiments.EXPERIMENTS.values() if args.targets or args.tables or not one.needs_recording]


def _write(where: Path, done: Sequence[Reproduction], args: argparse.Namespace) -> None:
    """The document, and its pictures in a folder of the same name beside it; without a browser it says so and has none."""
    shown, remark = {one.experiment.name: pictures(one) for one in done}, ""
    try:
        files = render([one for found in shown.values() for one in found], where.with_suffix(""))
    except NoBrowser as error:
        shown, files = {}, {}
        remark = f"No figures were drawn: {error}."
        print(remark, file=sys.stderr)
    placed = {name: [(f"{where.stem}/{files[one.name]}", one) for one in found] for name, found in shown.items()}
    where.write_text(report.document(done, _command(args), _machine(), placed, remark), "utf-8")


def _command(args: argparse.Namespace) -> str:
    """The command as somebody would repeat it."""
    seeds = f" --seeds {args.seeds}" if args.seeds else ""
    return f"python -m spikedash experiment {args.name}{' --full' if args.full else ''}{seeds}"


def _machine() -> str:
    return f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
