"""train and sweep: runs from the command line, by the same code as in a worker."""

from __future__ import annotations

import argparse
import itertools
import json
import secrets
import sys
import time
from pathlib import Path
from typing import Any

from tqdm import tqdm

from spikedash import cost, engine, experiments, training
from spikedash.experiments import sized
from spikedash.jobs import files, folders, recordings
from spikedash.jobs.memory import check_memory
from spikedash.jobs.spikes import Collector, write_spikes
from spikedash.params import KNOBS, InputError, Params, from_json
from spikedash.records import Recording, Result
from spikedash.reproduction.speed import measured
from spikedash.ui.words import size, span


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


def _selected(args: argparse.Namespace) -> dict[str, str]:
    """The choices of --select by name."""
    if args.select and not args.targets:
        raise InputError("--select says how the file of --targets is read; give --targets FILE too.")
    chosen = {}
    for text in args.select:
        key, equals, value = text.partition("=")
        if not equals:
            raise InputError(f"--select {text!r} has no '='; write --select key=value, such as min_hz=5.")
        chosen[key.strip()] = value.strip()
    return chosen


def _given(args: argparse.Namespace) -> tuple[Params, Recording | None]:
    """What to run, from preset, file, recording and single settings, each over the one before."""
    if args.preset and args.params:
        raise InputError("Give --preset or --params, not both; --set changes either.")
    values = dict(_assignment(text) for text in args.set)
    recording, hidden, selected = None, {}, _selected(args)
    if args.targets:
        from spikedash import readers

        recording = readers.read(args.targets, choices=selected)
        print("\n".join(recording.notes), file=sys.stderr)
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
        fitting = {name: value for name, value in sized(recording.rate_hz.shape[1]).items() if name not in chosen}
        values = {**values, **fitting, **hidden}
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
        folders.write_setup(out, setup)
        events = (out / "progress.jsonl").open("wb", buffering=0)
    kept = Collector()
    result = None
    with tqdm(total=total, desc=label or "training", unit="trial", file=sys.stderr, mininterval=0.2) as bar:
        for snapshot in training.train(params, recording, threads=threads, setup=setup):
            if out is not None:
                kept.take(snapshot)
            event = snapshot.loop or snapshot.test
            if event is not None:
                bar.set_postfix_str(f"correlation {event.correlation:.3f}, {event.rate_hz:.1f} Hz", refresh=False)
                bar.update()
                if events is not None:
                    events.write(files.event_line(event))
            result = snapshot.result
    if out is not None and events is not None:
        events.close()
        write_spikes(out, kept.spikes())
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
    if recording is not None and args.out is not None:
        args.out.mkdir(parents=True, exist_ok=True)
        source = {
            "file": args.targets.name,
            "select": dict(recording.choices),
            "notes": recording.notes,
            "names": recording.names,
        }
        (args.out / "recording.json").write_text(json.dumps(source, indent=1, ensure_ascii=False), "utf-8")
    check_memory(params)
    training.warm_up()
    window = None if recording is None else float(recording.time_ms[-1] - recording.time_ms[0])
    expected = cost.estimate(params, engine.set_threads(args.threads), window)
    print(f"Expected: {span(measured().seconds(expected.work))}, {size(expected.memory_bytes)}.", file=sys.stderr)
    try:
        return _summarised(params, recording, args.out, args.threads, "training"), 0
    except training.RunFailed as error:
        print(error, file=sys.stderr)
        return {"failed": str(error), "seed": params.training.seed}, 1


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
