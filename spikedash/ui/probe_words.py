"""What changed, in numbers and in one sentence."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from spikedash.analysis import mean_or_nan, pearson, shared_spikes
from spikedash.jobs.questions import Answer
from spikedash.jobs.store import Run
from spikedash.params import Probe
from spikedash.ui.words import decimals

Props = dict[str, dict[str, Any]]
LIKE = 0.0005  # correlations that differ by less are shown as the same
SMALL = 0.02  # a correlation that moves by less is no loss and no gain: so much any other trial moves


def told(run: Run, after: Probe, old: Answer, new: Answer) -> Props:
    """Properties of the tiles, the captions and the sentence."""
    r = [mean_or_nan(each.correlation[:, after.pattern]) for each in (old, new)]
    hz = [mean_or_nan(each.rate_hz) for each in (old, new)]
    alike = _alike(old, new)
    shared = shared_spikes((old.spike_ms, old.spike_neuron), (new.spike_ms, new.spike_neuron))
    trials = f"mean of {after.trials} trials" if after.trials > 1 else ""
    props = _both("correlation", r, 3, "", _with_others(after, old, new) or trials)
    props |= _both("rate", hz, 1, " Hz", trials)
    props |= _one("alike", decimals(alike, 3), alike, f"first trial of {after.trials}" if after.trials > 1 else "")
    percent = f"{100 * shared.share:.0f} %" if math.isfinite(shared.share) else "–"
    parted = "" if math.isnan(shared.parted_ms) else f"differs from {decimals(shared.parted_ms, 0)} ms on"
    props |= _one("shared", percent, shared.share, parted)
    trial = "trial 1" if after.trials > 1 else ""
    cue = {"own": "", "wrong": "wrong cue", "none": "no cue"}[after.cue]
    props["probe-before-caption"] = {"children": " · ".join(filter(None, ["as trained", trial]))}
    props["probe-after-caption"] = {"children": " · ".join(filter(None, [changes(after) and (cue or "changed"), trial]))}
    props["probe-said"] = {"children": sentence(after, r, hz, new)}
    return props


def changes(after: Probe) -> str:
    """What differs from the network as it was trained, in words; "" for nothing."""
    named = {"own": "", "wrong": "wrong cue", "none": "no cue"}[after.cue]
    among = " from recorded to recorded neurons" if after.among == "recorded" else ""
    parts = [
        named,
        f"one spike deleted after {after.delete_ms:g} ms" if after.delete else "",
        f"{100 * after.remove:.3g} % of the neurons removed" if after.remove else "",
        f"{100 * after.shuffle:.3g} % of the synapses{among} shuffled" if after.shuffle else "",
        _scaled("excitation", after.scale_exc),
        _scaled("inhibition", after.scale_inh),
        f"noise of {after.noise:g} added" if after.noise else "",
    ]
    return ", ".join(filter(None, parts))


def _scaled(what: str, factor: float) -> str:
    if factor == 1:
        return ""
    return f"{what} silenced" if factor == 0 else f"{what} times {factor:g}"


def sentence(after: Probe, r: list[float], hz: list[float], new: Answer) -> str:
    """What was changed and what came of it."""
    what = changes(after)
    if not what:
        return "This is the network as it was trained. Change one thing, and compare."
    what = what[0].upper() + what[1:]
    if new.wrong:
        return f"{what}. {new.wrong}"
    fate = _moved("correlation", r, 3, "")
    rate = _moved("the rate", hz, 1, " Hz")
    return f"{what}: {fate}, {rate}."


def _moved(name: str, pair: list[float], digits: int, unit: str) -> str:
    old, new = (round(value, digits) if math.isfinite(value) else math.nan for value in pair)
    if not math.isfinite(old) or not math.isfinite(new):
        return f"{name} is not known"
    if new == old:
        return f"{name} stays at {decimals(new, digits)}{unit}"
    verb = "falls" if new < old else "rises"
    return f"{name} {verb} from {decimals(old, digits)} to {decimals(new, digits)}{unit}"


def _alike(old: Answer, new: Answer) -> float:
    """Mean over neurons of the correlation of the activity before with that after."""
    samples = min(len(old.activity), len(new.activity))
    if samples < 2 or not np.isfinite(new.activity).all():
        return math.nan
    return mean_or_nan(pearson(new.activity[:samples], old.activity[:samples]))


def _with_others(after: Probe, old: Answer, new: Answer) -> str:
    """How well the other patterns are met, which a wrong cue recalls."""
    others = [k for k in range(old.correlation.shape[1]) if k != after.pattern]
    if not others:
        return ""
    best = max(others, key=lambda k: mean_or_nan(new.correlation[:, k]))
    pair = [decimals(mean_or_nan(each.correlation[:, best]), 2) for each in (old, new)]
    return f"with pattern {best}: {pair[0]} → {pair[1]}"


def _both(name: str, pair: list[float], digits: int, unit: str, more: str) -> Props:
    old, new = (round(value, digits) if math.isfinite(value) else math.nan for value in pair)
    change = new - old
    moved = math.isfinite(change) and change != 0
    way = "" if not moved or abs(change) < SMALL else "rise" if change > 0 else "fall"
    sign = "+" if change > 0 else "−"
    return {
        f"probe-{name}-before": {"children": decimals(old, digits)},
        f"probe-{name}-after": {"children": f"{decimals(new, digits)}{unit}"},
        f"probe-{name}-change": {"children": f"{sign}{abs(change):.{digits}f}" if moved else ""},
        f"probe-{name}-more": {"children": more},
        f"probe-tile-{name}": {"className": f"card probe-tile {'moved' if moved else ''} {way} {name}".strip()},
    }


def _one(name: str, text: str, value: float, more: str) -> Props:
    moved = math.isfinite(value) and value < 1 - LIKE
    return {
        f"probe-{name}-after": {"children": text},
        f"probe-{name}-change": {"children": ""},
        f"probe-{name}-more": {"children": more},
        f"probe-tile-{name}": {"className": f"card probe-tile {'moved' if moved else ''} {name}".strip()},
    }
