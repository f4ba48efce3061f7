"""experiment: train its networks, ask its questions, judge what was measured; also writes the report."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tqdm import tqdm

from spikedash import experiments, training
from spikedash.experiments import Cell, Experiment, Row, asked_points, cells, seed_count
from spikedash.jobs import folders, recordings
from spikedash.jobs.memory import check_memory
from spikedash.params import InputError, Params
from spikedash.records import Recording
from spikedash.reproduction import estimate, report, tables
from spikedash.reproduction.run import Asking, Measured, run_cell
from spikedash.reproduction.tables import Reproduction

REPORT = Path("docs/reproduction.md")
TOLD_S = 120.0  # a run longer than this says so before it starts


def experiment(args: argparse.Namespace) -> tuple[dict[str, Any], int]:
    """One experiment, all of them, or their list."""
    if args.list or not args.name:
        return {"experiments": {name: e.blurb for name, e in experiments.PRESETS.items()}}, 0
    if args.seeds is not None and args.seeds < 1:
        raise InputError(f"--seeds is {args.seeds}; it must be at least 1.")
    chosen = _chosen(args)
    if args.tables:
        done = [_stored(args.tables, one) for one in chosen if (args.tables / f"{one.name}.json").exists()]
    else:
        done = list(_run(chosen, args))
    where = args.report or (REPORT if args.name == "all" and args.full and REPORT.parent.is_dir() else None)
    if where is not None:
        where.write_text(report.document(done, _command(args), _machine()), "utf-8")
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


def _stored(folder: Path, one: Experiment) -> Reproduction:
    try:
        return tables.from_tree(one, json.loads((folder / f"{one.name}.json").read_text("utf-8")))
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError(f"{folder / one.name}.json is no table of a finished experiment.") from None


def _run(chosen: list[Experiment], args: argparse.Namespace) -> Iterator[Reproduction]:
    """One after the other, each kept in --out as soon as it is done."""
    recording = None
    if args.targets:
        from spikedash import readers

        recording = readers.read(args.targets)
    expected = sum(estimate.seconds(one, args.full, args.seeds, recording if one.needs_recording else None) for one in chosen)
    if expected > TOLD_S or args.full:
        print(f"About {report.span(expected)} on this kind of machine.", file=sys.stderr)
    training.warm_up()
    for one in chosen:
        seeds = args.seeds or seed_count(one, args.full)
        table = tuple(_rows(one, args.full, seeds, recording if one.needs_recording else None, args.out))
        done = Reproduction(one, args.full, table)
        if args.out:
            args.out.mkdir(parents=True, exist_ok=True)
            (args.out / f"{one.name}.json").write_text(json.dumps(tables.to_tree(done)), "utf-8")
        yield done


def _rows(one: Experiment, full: bool, seeds: int, recording: Recording | None, out: Path | None) -> Iterator[Row]:
    """The table, cell by cell and seed by seed, with a progress bar on stderr."""
    grid = cells(one, full, 0 if recording is None else recording.rate_hz.shape[1])
    with tqdm(total=float(len(grid) * seeds), desc=one.name, unit="network", file=sys.stderr, bar_format=BAR) as bar:
        for cell in grid:
            for seed in range(1, seeds + 1):
                where = ", ".join(f"{name} {value}" for name, value in cell.point.items())
                bar.set_postfix_str(f"{where + ', ' if where else ''}seed {seed}", refresh=False)
                yield from _network(one, cell, seed, full, recording, out, bar)


BAR = "{desc}: {percentage:3.0f}%|{bar}| {elapsed}<{remaining}{postfix}"


def _network(
    one: Experiment, cell: Cell, seed: int, full: bool, recording: Recording | None, out: Path | None, bar: Any
) -> Iterator[Row]:
    """Train one network of the table and measure it; a network that diverges leaves a row that says so."""
    more = {} if recording is None else {"target.recording": recordings.content_id(recording)}
    params = cell.params(seed, more)
    check_memory(params)
    trials = params.training.loops + params.training.test_trials
    questions = len(one.questions) + len(asked_points(one, full))
    share, started, measured, before = 1 / (trials + questions), time.perf_counter(), None, bar.n
    try:
        for event in run_cell(one, params, recording, point=cell.point, full=full):
            if isinstance(event, Measured):
                measured = event
            elif isinstance(event, Asking) or event.loop or event.test:
                bar.update(share)
    except training.RunFailed as error:
        yield Row(cell.point, seed, {}, time.perf_counter() - started, str(error))
        bar.update(before + 1 - bar.n)
        return
    assert measured is not None, "a cell ends with what was measured"
    bar.update(before + 1 - bar.n)
    seconds = time.perf_counter() - started
    if out is not None:
        _keep(out / "-".join([one.name, *map(str, cell.point.values()), str(seed)]), params, measured, seconds)
    for number, row in enumerate(measured.rows):
        yield row._replace(seconds=seconds if number == 0 else 0.0)


def _keep(folder: Path, params: Params, measured: Measured, seconds: float) -> None:
    """Leave a run in a folder, as train --out does."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "params.json").write_text(params.model_dump_json(indent=1), "utf-8")
    folders.write_setup(folder, measured.result.setup, params.network.dt_ms)
    folders.write_result(folder, measured.result, {**measured.summary, "run": folder.name, "seconds": round(seconds, 3)})


def _command(args: argparse.Namespace) -> str:
    """The command as somebody would repeat it."""
    seeds = f" --seeds {args.seeds}" if args.seeds else ""
    return f"python -m spikedash experiment {args.name}{' --full' if args.full else ''}{seeds}"


def _machine() -> str:
    return f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
