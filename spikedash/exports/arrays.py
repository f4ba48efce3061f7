"""NPZ without pickles: one file with everything, whose spikes pynapple loads; and pynapple's objects one by one in a ZIP.

Names of the arrays in the one file, besides those that pynapple reads (t, index, keys, start, end, type):
kind and correlation (n,) of every neuron; unit (n,) names, where a recording gave some;
trial_kind, trial_number, trial_pattern, trial_cue and trial_onset (t,), times in s like t, start and end;
sample_ms (samples,), neurons (q,) whose drive is kept, target and activity (sets, samples, q), psth_hz (sets, samples, n),
cue (sets, n); loops (loops, 7) and tests (tests, 4), whose columns are loops_columns and tests_columns;
weights (groups, k, M): [g, m, i] leads from neuron pre[g, m] to neuron g M + i (n pads pre); params, JSON.
"""

from __future__ import annotations

import io
import zipfile
from typing import Any

import numpy as np
import numpy.typing as npt

from spikedash.exports.session import Session, session
from spikedash.exports.source import Source
from spikedash.jobs.views import SetupView
from spikedash.records import F64, LoopRecord, TestRecord

Arrays = dict[str, npt.NDArray[Any]]


def npz(source: Source) -> bytes:
    """Everything that is kept of a run. InputError before its first trial."""
    setup, result = source.setup(), source.result()
    laid = session(source.spikes(), source.params.target.sets)
    loops, tests = source.events()
    content = _group(laid, setup.n) | neurons(source, setup, None if result is None else result.per_neuron)
    content |= {
        "trial_kind": np.array(laid.kind),
        "trial_number": laid.number,
        "trial_pattern": laid.pattern,
        "trial_cue": laid.cue,
        "trial_onset": laid.onset,
        "sample_ms": setup.sample_ms,
        "neurons": setup.neurons,
        "target": setup.target,
        "psth_hz": psth_hz(laid, setup),
        "cue": setup.stim,
        "loops": np.array(loops, np.float64).reshape(len(loops), len(LoopRecord._fields)),
        "loops_columns": np.array(LoopRecord._fields),
        "tests": np.array(tests, np.float64).reshape(len(tests), len(TestRecord._fields)),
        "tests_columns": np.array(TestRecord._fields),
        "params": np.array([source.params.model_dump_json()]),
    }
    if result is not None and result.weights is not None and result.pre is not None:
        content |= {"activity": result.mean_drive, "weights": result.weights, "pre": result.pre}
    return _saved(content)


def pynapple(source: Source) -> bytes:
    """A ZIP of NPZ files, each of which nap.load_file reads: spikes, trials, and target, activity and rates of every pattern."""
    setup, result = source.setup(), source.result()
    laid = session(source.spikes(), source.params.target.sets)
    about = neurons(source, setup, None if result is None else result.per_neuron)
    trials = {"kind": np.array(laid.kind), "number": laid.number, "pattern": laid.pattern, "cue": laid.cue, "onset": laid.onset}
    found: dict[str, Arrays] = {
        "spikes": _group(laid, setup.n) | about,
        "trials": {"type": np.array(["IntervalSet"]), "start": laid.start, "end": laid.stop, **trials},
    }
    rates = psth_hz(laid, setup)
    for pattern in range(len(setup.target)):
        found[f"target_{pattern}"] = _frame(setup, setup.target[pattern], setup.neurons)
        found[f"rate_hz_{pattern}"] = _frame(setup, rates[pattern], np.arange(setup.n))
        if result is not None:
            found[f"activity_{pattern}"] = _frame(setup, result.mean_drive[pattern], result.neurons)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, content in found.items():
            archive.writestr(f"{name}.npz", _saved(content))
    return out.getvalue()


def neurons(source: Source, setup: SetupView, per_neuron: F64 | None) -> Arrays:
    """What is known of every neuron."""
    kinds = np.where(np.arange(setup.n) < setup.n_exc, "E", "I") if setup.typed else np.full(setup.n, "mixed")
    about: Arrays = {"kind": kinds}
    if per_neuron is not None and len(per_neuron) == setup.n:
        about["correlation"] = per_neuron
    if source.units:
        about["unit"] = np.array([*source.units[: setup.n], *[""] * max(0, setup.n - len(source.units))])
    return about


def psth_hz(laid: Session, setup: SetupView) -> F64:
    """Spikes of every neuron in every sample of the window, averaged over the trials of each pattern: (sets, samples, n)."""
    samples, sets = len(setup.sample_ms), len(setup.target)
    width = (setup.sample_ms[1] - setup.sample_ms[0]) / 1000 if samples > 1 else 1.0
    trial = np.searchsorted(laid.start, laid.spike, side="right") - 1
    # Half a microsecond of room: sums of times in s are not exact, and the spikes of a step lie on its edge.
    sample = np.floor((laid.spike - laid.onset[trial]) / width + 5e-7).astype(np.int64)
    inside = (sample >= 0) & (sample < samples)
    place = (laid.pattern[trial[inside]].astype(np.int64) * samples + sample[inside]) * setup.n + laid.neuron[inside]
    counts = np.bincount(place, minlength=sets * samples * setup.n).reshape(sets, samples, setup.n)
    many = np.bincount(laid.pattern, minlength=sets)[:sets]
    rates: F64 = counts / (np.maximum(many, 1)[:, None, None] * width)
    return rates


def _group(laid: Session, n: int) -> Arrays:
    """The spikes as pynapple keeps a TsGroup; between trials nobody looked."""
    return {
        "type": np.array(["TsGroup"]),
        "t": laid.spike,
        "index": laid.neuron.astype(np.int64),
        "keys": np.arange(n),
        "start": laid.start,
        "end": laid.stop,
    }


def _frame(setup: SetupView, values: npt.NDArray[Any], columns: npt.NDArray[Any]) -> Arrays:
    """A pattern's window as pynapple keeps a TsdFrame, in s from its start."""
    t = setup.sample_ms / 1000
    ends = {"start": t[:1], "end": t[-1:]}
    return {"type": np.array(["TsdFrame"]), "t": t, "d": np.asarray(values, np.float64), "columns": columns, **ends}


def _saved(content: Arrays) -> bytes:
    out = io.BytesIO()
    np.savez_compressed(out, allow_pickle=False, **content)
    return out.getvalue()
