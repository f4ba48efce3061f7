"""The networks of experiments, one after the other; what --out holds already is not computed again."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from tqdm import tqdm

from spikedash import training
from spikedash.experiments import Cell, Experiment, Row, asked_points, cells, seed_count
from spikedash.jobs import files, folders, recordings
from spikedash.jobs.memory import check_memory
from spikedash.params import InputError, Params
from spikedash.records import Recording, Snapshot
from spikedash.reproduction import estimate, kept, report, speed, tables
from spikedash.reproduction.example import LastTrial
from spikedash.reproduction.kept import Network
from spikedash.reproduction.pictures import OF_ONE
from spikedash.reproduction.run import Asking, Measured, run_cell
from spikedash.reproduction.tables import Reproduction

TOLD_S = 120.0  # a run longer than this says so before it starts
BAR = "{desc}: {percentage:3.0f}%|{bar}| {elapsed}<{remaining}{postfix}"


class Job(NamedTuple):
    """One network to train and measure."""

    experiment: Experiment
    full: bool
    cell: Cell
    params: Params
    recording: Recording | None
    key: str

    @property
    def words(self) -> str:
        where = [f"{name} {value}" for name, value in self.cell.point.items()]
        return ", ".join([*where, f"seed {self.params.training.seed}"])


def run(chosen: list[Experiment], args: argparse.Namespace) -> Iterator[Reproduction]:
    """One experiment after the other; with --out, every network is kept as soon as it is measured."""
    recording = None
    if args.targets:
        from spikedash import readers

        recording = readers.read(args.targets)
    planned = [list(_jobs(one, args.full, args.seeds, recording if one.needs_recording else None)) for one in chosen]
    there = [_there(args.out, one) for one in chosen]
    left = [job for jobs, known in zip(planned, there, strict=True) for job in jobs if job.key not in known]
    done_already = sum(map(len, planned)) - len(left)
    if done_already:
        print(f"{done_already} of {sum(map(len, planned))} networks are in {args.out} already.", file=sys.stderr)
    if left:
        training.warm_up()
        work = [estimate.network_work(job.experiment, job.cell, job.full, job.recording) for job in left]
        expected = speed.measured().seconds(np.sum(work, axis=0))
        if expected > TOLD_S or args.full:
            print(f"About {report.span(expected)} on this machine.", file=sys.stderr)
    for one, jobs, known in zip(chosen, planned, there, strict=True):
        yield _experiment(one, jobs, known, args.out)


def _jobs(one: Experiment, full: bool, seeds: int | None, recording: Recording | None) -> Iterator[Job]:
    more = {} if recording is None else {"target.recording": recordings.content_id(recording)}
    for cell in cells(one, full, 0 if recording is None else recording.rate_hz.shape[1]):
        for seed in range(1, (seeds or seed_count(one, full)) + 1):
            params = cell.params(seed, more)
            yield Job(one, full, cell, params, recording, kept.key(one, params, full))


def _there(out: Path | None, one: Experiment) -> dict[str, Network]:
    """Networks that an earlier run left in its table."""
    if out is None or not (out / f"{one.name}.json").exists():
        return {}
    try:
        return kept.networks(tables.read(out, one))
    except InputError:
        return {}


def _experiment(one: Experiment, jobs: list[Job], known: dict[str, Network], out: Path | None) -> Reproduction:
    """The table, cell by cell and seed by seed, with a progress bar on stderr."""
    found: list[Network] = []
    full = jobs[0].full
    with tqdm(total=float(len(jobs)), desc=one.name, unit="network", file=sys.stderr, bar_format=BAR) as bar:
        for job in jobs:
            bar.set_postfix_str(job.words, refresh=False)
            before = bar.n
            found.append(known.get(job.key) or _network(job, out, bar))
            bar.update(before + 1 - bar.n)
            if out is not None and job.key not in known:
                _write(out, kept.table(one, full, [*found, *_later(jobs, known, len(found))]))
    done = kept.table(one, full, found)
    if out is not None:
        _write(out, done)
    return done


def _later(jobs: list[Job], known: dict[str, Network], since: int) -> Iterator[Network]:
    """Networks that are there already and whose turn has not come: a stop now must not lose them."""
    return (known[job.key] for job in jobs[since:] if job.key in known)


def _write(out: Path, done: Reproduction) -> None:
    out.mkdir(parents=True, exist_ok=True)
    files.write_bytes(out / f"{done.experiment.name}.json", json.dumps(tables.to_tree(done), allow_nan=False).encode())


def _network(job: Job, out: Path | None, bar: Any) -> Network:
    """Train one network of the table and measure it; a network that diverges leaves a row that says so."""
    one, params = job.experiment, job.params
    check_memory(params)
    trials = params.training.loops + params.training.test_trials
    share = 1 / (trials + len(one.questions) + len(asked_points(one, job.full)))
    started, end, measured, last = time.perf_counter(), bar.n + 1, None, LastTrial()
    try:
        for event in run_cell(one, params, job.recording, point=job.cell.point, full=job.full):
            if isinstance(event, Measured):
                measured = event
                continue
            if isinstance(event, Snapshot):
                last.add(event)
            if isinstance(event, Asking) or event.loop or event.test:
                bar.update(min(share, end - bar.n))  # parts of a network must not add up to more than one
    except training.RunFailed as error:
        return Network(job.key, (Row(job.cell.point, params.training.seed, {}, time.perf_counter() - started, str(error)),))
    assert measured is not None, "a cell ends with what was measured"
    seconds = time.perf_counter() - started
    if out is not None:
        _keep(
            out / "-".join([one.name, *map(str, job.cell.point.values()), str(params.training.seed)]), params, measured, seconds
        )
    rows = tuple(row._replace(seconds=seconds if number == 0 else 0.0) for number, row in enumerate(measured.rows))
    shows = one.figure.name in OF_ONE and params.training.seed == 1
    return Network(job.key, rows, last.example(job.key, params, measured.result, job.cell.point) if shows else None)


def _keep(folder: Path, params: Params, measured: Measured, seconds: float) -> None:
    """Leave a run in a folder, as train --out does."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "params.json").write_text(params.model_dump_json(indent=1), "utf-8")
    folders.write_setup(folder, measured.result.setup)
    folders.write_result(folder, measured.result, {**measured.summary, "run": folder.name, "seconds": round(seconds, 3)})
