"""Where a run stands, as properties of the page's components: pure, so that it is tested without a browser."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from spikedash.jobs import insight_cost
from spikedash.jobs.store import FINAL, ResultView, Run
from spikedash.ui import knobs
from spikedash.ui.words import clock, decimals, ordinal

Props = dict[str, dict[str, Any]]  # component id -> property -> value

DASH = "–"


def view(run: Run | None, events: Sequence[Any], result: ResultView | None, *, demo: bool = False) -> Props:
    """Everything outside the figures that depends on the run; None is the empty page."""
    if run is None:
        return {
            **_buttons("", demo),
            **_badge("Ready", "gray", "Press Train to begin."),
            **_bar(0, "Progress"),
            **_stats(None, ()),
            **_result(None),
        }
    label, colour, sentence = describe(run, demo)
    done = share(run)
    return {
        **_buttons(run.state, demo),
        **_badge(label, colour, sentence),
        **_bar(done, f"Progress: {label}", waiting=run.phase in ("starting", "compiling") and run.state == "running"),
        **_stats(run, events),
        **_result(result),
        **_failure(run),
    }


def describe(run: Run, demo: bool) -> tuple[str, str, str]:
    """Badge text, badge colour and the sentence beside it."""
    if demo:
        _, _, sentence = describe(run, False)
        if run.state == "done":
            return "Demo", "violet", "Change anything, then press Train."
        return "Demo", "violet", f"Preparing a first network: {sentence[0].lower()}{sentence[1:]}"
    if run.state == "queued":
        place = "next in the queue" if run.position <= 1 else f"{ordinal(run.position)} in the queue"
        return "Waiting", "gray", f"Waiting for a free worker: {place}."
    if run.state == "running":
        phases = {
            "starting": ("Starting", "Building the network."),
            "compiling": ("Compiling", "Compiling the simulator, on the first run only."),
            "testing": ("Testing", "Test trials with learning off."),
            "asking": ("Asking", "Questions to the trained network."),
            "analysing": ("Analysing", "Weights, spectrum and fits of the trained network."),
        }
        label, sentence = phases.get(run.phase, ("Training", "Every loop practises the pattern once."))
        return label, "teal", sentence
    return {
        "paused": ("Paused", "yellow", "Resume to go on, or Step for one loop."),
        "done": ("Done", "teal", "Trained and tested."),
        "stopped": ("Stopped", "gray", "Stopped before the end."),
        "failed": ("Failed", "red", _first_clause(knobs.in_words(run.error)) or "The run failed."),
    }[run.state]


def _first_clause(sentence: str) -> str:
    """What went wrong, without what would be right: that stands below in full."""
    clause, rest, _ = sentence.partition(";")
    return f"{clause}." if rest else clause


def share(run: Run) -> float:
    """Part of the run's time that is over, 0 to 1."""
    return 1.0 if run.state == "done" else insight_cost.done(run.params, run.loops_done, run.tests_done)


def _buttons(state: str, demo: bool) -> Props:
    """Which buttons mean something now; the demo belongs to everybody and cannot be steered."""
    active = state in ("queued", "running", "paused") and not demo
    paused = state == "paused" and active
    return {
        "train": {"disabled": active},
        "pause": {
            "disabled": not active or state == "queued",
            "children": "Resume" if paused else "Pause",
            "className": "go resume" if paused else "go pause",
        },
        "step": {"disabled": not paused},
        "stop": {"disabled": not active},
        "reset": {"disabled": state == ""},
        "run-stop": {"hidden": not active},
    }


def _badge(label: str, colour: str, sentence: str) -> Props:
    return {"state": {"children": label, "color": colour}, "sentence": {"children": sentence}}


def _bar(done: float, label: str, *, waiting: bool = False) -> Props:
    section = {"value": 100 if waiting else round(100 * done, 1), "animated": waiting, "aria-label": label}
    return {"progress": section}


def _stats(run: Run | None, events: Sequence[Any]) -> Props:
    """The row of numbers under the bar."""
    loops = [record for record in events if hasattr(record, "loop")]
    last = events[-1] if events else None
    left = remaining(run) if run else None
    return {
        "stat-loop": {"children": f"{run.loops_done:,} of {run.params.training.loops:,}" if run else DASH},
        "stat-tests": {"children": f"{run.tests_done:,} of {run.params.training.test_trials:,}" if run else DASH},
        "stat-correlation": {"children": decimals(last.correlation, 3) if last else DASH},
        "stat-error": {"children": decimals(loops[-1].error, 3) if loops else DASH},
        "stat-rate": {"children": f"{decimals(last.rate_hz, 1)} Hz" if last else DASH},
        "stat-elapsed": {"children": clock(run.active_s) if run else DASH},
        "stat-left": {"children": clock(left) if left is not None else DASH},
    }


def remaining(run: Run) -> float | None:
    """Seconds of computing still to come at the pace so far, or None before the first loop and after the end."""
    if run.state in FINAL or run.loops_done == 0:
        return None
    done = share(run)
    return run.active_s * (1 - done) / done if done > 0 else None


def _result(result: ResultView | None) -> Props:
    """The tiles of a finished run; without one they show dashes."""
    summary = result.summary if result else {}
    correlation = summary.get("correlation") or {}
    fit = summary.get("rate_fit") or {}
    signs = summary.get("sign_changes")
    lines = {
        "result-mean": decimals(correlation.get("test_mean"), 3),
        "result-worst": decimals(correlation.get("test_min"), 3),
        "result-average": decimals(correlation.get("trial_average"), 3),
        "result-rate": f"{decimals(summary.get('rate_hz'), 1)} Hz" if summary else DASH,
    }
    small = []
    if fit:
        small.append(f"Rate fit {decimals(fit.get('median'), 2)} (median), noise ceiling {decimals(fit.get('ceiling'), 2)}")
    if signs is not None:
        small.append(f"{signs:,} weights changed sign")
    if summary.get("frozen"):
        small.append(f"{100 * summary['frozen']:.0f} % of synapses held by Dale's law")
    sha = str(summary.get("weights_sha256", ""))
    return {
        **{name: {"children": text} for name, text in lines.items()},
        "result-more": {"children": " · ".join(small)},
        "result-sha": {
            "children": f"weights {sha[:12]}" if sha else "",
            "title": f"SHA-256 of the trained weights: {sha}" if sha else "",
        },
    }


def _failure(run: Run) -> Props:
    if run.state != "failed":
        return {}
    return {
        "notice": {
            "hide": False,
            "title": "The run failed",
            "children": knobs.in_words(run.error) or "No reason was given.",
            "color": "red",
        }
    }
