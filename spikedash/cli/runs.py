"""train, experiment and sweep: runs from the command line, by the same code as in a worker."""

from __future__ import annotations

import argparse
import itertools
import json
import math
import secrets
import sys
import time
from pathlib import Path
from typing import Any

from tqdm import tqdm

from spikedash import experiments, training
from spikedash.experiments import Experiment, Row
from spikedash.jobs import files, folders, recordings
from spikedash.jobs.memory import check_memory
from spikedash.params import KNOBS, InputError, Params, from_json
from spikedash.records import Recording, Result
from spikedash.reproduction.numbers import flat

SEEDS, FULL_SEEDS = 3, 5
INPUTS_OF_LARGE = 300  # k of a network that is sized by its recording


def _read_text(path: Path, what: str) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise InputError(f"{what} {path} cannot be read: {reason}.") from None


def _assignment(text: str) -> tuple[str, Any]:
    """ "network.n=500" as a name and a plain value."""
    name, equals, value = text.partition("=")
    if not equals:
        raise InputError(f"--set {text!r} has no '='; write --set group.name=value.")
    try:
        return name.strip(), json.loads(value)
    except ValueError:
        return name.strip(), value


def _sized(recording: Recording, chosen: set[str]) -> dict[str, Any]:
    """A network large enough for a recording, where its size was not chosen: two auxiliary neurons for each recorded one."""
    n = max(1000, 3 * recording.rate_hz.shape[1])
    sized = {"network.n": n, "network.p": min(0.3, INPUTS_OF_LARGE / n)}
    return {name: value for name, value in sized.items() if name not in chosen}


def _given(args: argparse.Namespace) -> tuple[Params, Recording | None]:
    """What to run, from preset, file, recording and single settings, each over the one before."""
    if args.preset and args.params:
        raise InputError("Give --preset or --params, not both; --set changes either.")
    values = dict(_assignment(text) for text in args.set)
    recording, hidden = None, {}
    if args.targets:
        from spikedash import readers

        recording = readers.read(args.targets)
        hidden = {"target.family": "recorded", "target.recording": recordings.content_id(recording)}
    name = args.preset or ("fig5-cortex" if args.targets else "playground")
    preset = experiments.find(name)
    if preset.needs_recording and not args.targets:
        raise InputError(f"The preset {name} needs recorded rates; give them with --targets FILE.")
    if args.params:
        start, chosen = from_json(_read_text(args.params, "The parameter file")), set(KNOBS)
    else:
        start, chosen = Params(), set(values)
        if not preset.needs_recording:
            chosen |= set(preset.values)
        values = {**preset.values, **values}
    if recording is not None:
        values = {**values, **_sized(recording, chosen), **hidden}
    return start.with_values(values), recording


def run(
    params: Params, recording: Recording | None, *, out: Path | None = None, threads: int | None = None, label: str = ""
) -> Result:
    """Train with a progress bar on stderr; with `out`, leave the run in that folder."""
    check_memory(params)
    total = params.training.loops + params.training.test_trials
    setup = training.prepare(params, recording)
    events = None
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        (out / "params.json").write_text(params.model_dump_json(indent=1), "utf-8")
        folders.write_setup(out, setup, params.network.dt_ms)
        events = (out / "progress.jsonl").open("wb", buffering=0)
    result = None
    with tqdm(total=total, desc=label or "training", unit="trial", file=sys.stderr, mininterval=0.2) as bar:
        for snapshot in training.train(params, recording, threads=threads, setup=setup):
            event = snapshot.loop or snapshot.test
            if event is not None:
                bar.set_postfix_str(f"correlation {event.correlation:.3f}, {event.rate_hz:.1f} Hz", refresh=False)
                bar.update()
                if events is not None:
                    events.write(files.event_line(event))
            result = snapshot.result
    if events is not None:
        events.close()
    assert result is not None, "the last snapshot carries the result"
    return result


def _summarised(params: Params, recording: Recording | None, out: Path | None, threads: int | None, label: str) -> dict[str, Any]:
    """One run and its summary, kept in `out` if given."""
    started = time.perf_counter()
    result = run(params, recording, out=out, threads=threads, label=label)
    name = out.name if out else secrets.token_hex(6)
    summary = training.summary(result, params, name, time.perf_counter() - started)
    if out is not None:
        folders.write_result(out, result, summary)
    return summary


def train(args: argparse.Namespace) -> tuple[dict[str, Any], int]:
    """One run."""
    params, recording = _given(args)
    training.warm_up()
    try:
        return _summarised(params, recording, args.out, args.threads, "training"), 0
    except training.RunFailed as error:
        print(error, file=sys.stderr)
        return {"failed": str(error), "seed": params.training.seed}, 1


def _check(experiment: Experiment, seeds: int, out: Path | None) -> dict[str, Any]:
    """An experiment over several seeds: the mean must lie in the band, and the worst seed is told."""
    summaries = []
    for seed in range(1, seeds + 1):
        params = Params().with_values({**experiment.values, "training.seed": seed})
        folder = out / f"{experiment.name}-{seed}" if out else None
        summaries.append(_summarised(params, None, folder, None, f"{experiment.name}, seed {seed}"))
    checks = []
    for check in experiment.checks:
        values = [check.measure([Row({}, summary["seed"], flat(summary))]) for summary in summaries]
        mean = sum(values) / len(values)
        worst = max(values, key=lambda v, c=check: max(c.low - v, v - c.high))  # type: ignore[misc]
        checks.append(
            {
                "what": check.what,
                "expected": check.expected,
                "measured": mean if math.isfinite(mean) else None,
                "worst": worst if math.isfinite(worst) else None,
                "passed": check.passes(mean),
                "why": check.why,
            }
        )
    return {"name": experiment.name, "passed": all(c["passed"] for c in checks), "seeds": seeds, "checks": checks}


def experiment(args: argparse.Namespace) -> tuple[dict[str, Any], int]:
    """One experiment, all of them, or their list."""
    if args.list or not args.name:
        return {"experiments": {name: e.blurb for name, e in experiments.PRESETS.items()}}, 0
    seeds = args.seeds if args.seeds is not None else FULL_SEEDS if args.full else SEEDS
    if seeds < 1:
        raise InputError(f"--seeds is {seeds}; it must be at least 1.")
    if args.name != "all":
        chosen = [experiments.find(args.name, experiments.EXPERIMENTS)]
    else:
        chosen = list(experiments.EXPERIMENTS.values())
    training.warm_up()
    try:
        done = [_check(one, seeds, args.out) for one in chosen]
    except training.RunFailed as error:
        print(error, file=sys.stderr)
        return {"name": args.name, "passed": False, "failed": str(error)}, 1
    passed = all(one["passed"] for one in done)
    return (done[0] if args.name != "all" else {"name": "all", "passed": passed, "experiments": done}), 0 if passed else 1


def sweep(args: argparse.Namespace) -> tuple[dict[str, Any], int]:
    """Every combination of a grid: {"preset": name, "set": {name: value}, "grid": {name: [values]}}."""
    if args.runner == "dask":
        raise InputError("The dask runner is not part of this version; leave --runner out to run here.")
    try:
        spec = json.loads(_read_text(args.spec, "The sweep file"))
        grid = {name: list(values) for name, values in spec["grid"].items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        raise InputError(
            f'{args.spec} is no sweep; write {{"preset": "fig1-drive", "grid": {{"training.seed": [1, 2, 3]}}}}.'
        ) from None
    preset = experiments.find(spec.get("preset", "playground"))
    settings = [dict(zip(grid, values, strict=True)) for values in itertools.product(*grid.values())]
    # All of them are checked before the first one runs.
    runs = [Params().with_values({**preset.values, **spec.get("set", {}), **values}) for values in settings]
    training.warm_up()
    rows, failed = [], 0
    for number, (values, params) in enumerate(zip(settings, runs, strict=True), 1):
        try:
            rows.append({"set": values, **_summarised(params, None, None, None, f"run {number} of {len(runs)}")})
        except training.RunFailed as error:
            rows.append({"set": values, "failed": str(error)})
            failed = 1
    return {"runs": rows}, failed
