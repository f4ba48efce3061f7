"""The text of links that carry every setting: read with care, since anybody can write one, and written.

A link is a query in the hash: `#preset=fig1-drive&network.n=300&curve=all~1~i…&run=…&hide=all&show=network.n`. Values stand over
those of the preset. What is wrong in it is mended and said, never an error: a number out of its range is clamped, a name that is
not known is left out.
"""

from __future__ import annotations

import base64
import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, get_args
from urllib.parse import parse_qsl, quote, urlencode

import numpy as np

from spikedash.experiments import PRESETS
from spikedash.jobs.store import Run, Store
from spikedash.params import KNOBS, Curve, InputError, Params, bounds
from spikedash.params.formula_text import parse
from spikedash.ui import knobs
from spikedash.ui.controls import EXTRA_ROWS, PLAYGROUND, holds, params_of

MOST_LETTERS = 60_000
MOST_CURVES = 8
MOST_NOTES = 6
SCALE = 1000  # the pad draws in thousandths
CURVE_GROUPS: tuple[str, ...] = get_args(Curve.model_fields["group"].annotation)
#: What a lesson may hide beside settings and groups of them.
PARTS = ("presets", *EXTRA_ROWS)


class Link(NamedTuple):
    """What a link asks for, after mending."""

    preset: str
    values: dict[str, Any]  # every setting by its dotted name
    curves: list[dict[str, Any]] | None  # None where the link holds none
    recording: str  # id, or "" where it names none that is here
    run: str  # id, or ""
    hide: list[str]  # settings, groups and parts that are not to be seen
    notes: list[str]  # what was wrong, one sentence each
    known: bool = True  # whether there are settings to take over


def read(text: str, store: Store | None = None) -> Link:
    """What a hash without its # asks for; `store` knows which recordings are here."""
    notes: list[str] = []
    if len(text) > MOST_LETTERS:
        notes.append(f"The link has {len(text):,} letters; those after the first {MOST_LETTERS:,} were left out.")
    given = parse_qsl(text[:MOST_LETTERS], keep_blank_values=True, max_num_fields=None, errors="replace")
    run = _run(next((value for name, value in given if name == "run"), ""), store, notes)
    if run is not None and not any(name in KNOBS or name == "preset" for name, _ in given):
        return _of_run(run, notes)
    preset = next((value for name, value in given if name == "preset"), PLAYGROUND)
    if preset not in PRESETS:
        notes.append(f"There is no preset {_short(preset)}; the link starts from “{PRESETS[PLAYGROUND].title}”.")
        preset = PLAYGROUND
    values = {**knobs.flat(Params()), **PRESETS[preset].values}
    curves: list[dict[str, Any]] | None = None
    recording, hide, show = "", set[str](), set[str]()
    for name, value in given:
        if name in KNOBS:
            values[name] = _value(name, value, values[name], notes)
        elif name == "curve":
            curves = _with_curve(curves or [], value, notes)
        elif name == "target.recording":
            recording = _recording(value, store, notes)
        elif name in ("hide", "show"):
            (hide if name == "hide" else show).update(_parts(value, notes))
        elif name not in ("preset", "run"):
            notes.append(f"There is no setting {_short(name)}; it was left out.")
    if values["target.family"] != "recorded":
        recording = ""
    hidden = [name for name in hide if name not in show]
    return Link(preset, values, curves, recording, run.id if run else "", hidden, _checked(notes, values, curves, recording))


def _run(text: str, store: Store | None, notes: list[str]) -> Run | None:
    """The run that a link names, if it is here."""
    if not text or store is None:
        return None
    try:
        return store.run(text)
    except KeyError:
        notes.append(
            "The run of this link is not on this server. Its settings, as far as the link holds them, are; train it again."
        )
        return None


def _of_run(run: Run, notes: list[str]) -> Link:
    """A link that names nothing but a run asks for its settings; those of another version are left where they are."""
    preset = next((name for name, preset in PRESETS.items() if preset.title == run.name), PLAYGROUND)
    curves = [_plain(curve) for curve in run.params.target.curves]
    values = knobs.flat(run.params)
    return Link(preset, values, curves or None, run.params.target.recording, run.id, [], notes, not run.strange)


def _short(text: str) -> str:
    return f"“{text[:40]}…”" if len(text) > 40 else f"“{text}”"


def _value(name: str, text: str, usual: Any, notes: list[str]) -> Any:
    """The value of a setting, inside its range."""
    label = f"“{knobs.extra(name)['label']}”"
    if knobs.choices(name):
        if text in knobs.choices(name):
            return text
        notes.append(f"{label} cannot be {_short(text)}; it stays {knobs.word(name, str(usual))}.")
        return usual
    if KNOBS[name].annotation is str:
        try:
            parse(text)
        except ValueError as error:
            notes.append(f"{label} {str(error).rstrip('.')}; it stays {_short(usual)}.")
            return usual
        return text
    if KNOBS[name].annotation is bool:
        known = {"1": True, "true": True, "0": False, "false": False}
        if text.lower() not in known:
            notes.append(f"{label} cannot be {_short(text)}; it stays {'on' if usual else 'off'}.")
        return known.get(text.lower(), usual)
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        notes.append(f"{label} is {_short(text)}, which is no number; it stays {_said(name, usual)}.")
        return usual
    if KNOBS[name].annotation is int and number != round(number):
        notes.append(f"{label} was {_short(text)}; it must be whole, so it is {_said(name, round(number))}.")
    return _inside(name, round(number) if KNOBS[name].annotation is int else number, text, notes)


def _inside(name: str, number: float, text: str, notes: list[str]) -> float:
    low, high = bounds(name)
    assert low is not None and high is not None
    nearest = min(max(number, low), high)
    if nearest == number:
        return number
    end = "largest" if number > high else "smallest"
    whole = int(nearest) if KNOBS[name].annotation is int else float(nearest)
    label = knobs.extra(name)["label"]
    notes.append(f"“{label}” was {_short(text)}; the {end} possible is {_said(name, whole)}, which is set.")
    return whole


def _said(name: str, value: float) -> str:
    unit = knobs.extra(name)["unit"]
    return f"{value:,}{' ' + unit if unit else ''}"


def _recording(text: str, store: Store | None, notes: list[str]) -> str:
    """The id of a recording that is here."""
    try:
        if store is not None and re.fullmatch("[0-9a-f]{64}", text):
            store.recording(text)
            return text
    except KeyError:
        pass
    if text:
        notes.append(
            "The recording of this link is not on this server; upload the file under “Pattern”, and everything else is as linked."
        )
    return ""


def _parts(text: str, notes: list[str]) -> set[str]:
    """Names of a `hide` or `show` list; `all` means every setting and part, a group all that is in it."""
    found: set[str] = set()
    for word in filter(None, re.split(r"[,\s]+", text)):
        group = {name for name in KNOBS if name.startswith(f"{word}.")}
        if word == "all":
            found |= {*KNOBS, *PARTS}
        elif word in KNOBS or word in PARTS:
            found.add(word)
        elif group:
            found |= group
        else:
            notes.append(f"There is nothing called {_short(word)} to hide or show.")
    return found


def _with_curve(curves: list[dict[str, Any]], text: str, notes: list[str]) -> list[dict[str, Any]]:
    """The curves with one more; the later one of a group stands."""
    try:
        group, phase, values, *times = text.split("~")
        at = {"times_ms": tuple(_unpacked(times[0]))} if times else {}
        curve = Curve(group=group.replace("_", " "), values=tuple(_unpacked(values)), random_phase=phase == "1", **at)
    except ValueError:
        notes.append("A drawn curve of the link could not be read; it was left out.")
        return curves
    return [*(other for other in curves if other["group"] != curve.group), _plain(curve)][:MOST_CURVES]


def _plain(curve: Curve) -> dict[str, Any]:
    times = {"times_ms": list(curve.times_ms)} if curve.times_ms else {}
    return {"group": curve.group, "values": list(curve.values), "random_phase": curve.random_phase, **times}


def _unpacked(text: str) -> list[float]:
    raw = base64.urlsafe_b64decode(text[1:] + "=" * (-len(text[1:]) % 4))
    if text[:1] == "i":
        return [int(value) / SCALE for value in np.frombuffer(raw, "<i2")]
    if text[:1] == "d":
        return [float(value) for value in np.frombuffer(raw, "<f8")]
    raise ValueError(text[:1])


def packed(values: Sequence[float]) -> str:
    """Numbers as text that gives the same bits: thousandths in two bytes where they are exact, else eight bytes each."""
    thousandths = [round(value * SCALE) for value in values]
    if all(abs(t) < 2**15 and t / SCALE == value for t, value in zip(thousandths, values, strict=True)):
        kind, raw = "i", np.array(thousandths, "<i2").tobytes()
    else:
        kind, raw = "d", np.array(values, "<f8").tobytes()
    return kind + base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _checked(notes: list[str], values: Mapping[str, Any], curves: Any, recording: str) -> list[str]:
    """The notes, and where settings contradict each other; what only waits for a curve or a file is not wrong."""
    try:
        params_of(values, curves, {"id": recording})
    except InputError as error:
        if not str(error).startswith("target.family is"):
            notes.append(f"Some settings of the link do not go together: {knobs.in_words(error)}")
    more = len(notes) - MOST_NOTES
    return notes if more <= 0 else [*notes[:MOST_NOTES], f"And {more} more."]


def write(preset: str, values: Mapping[str, Any], curves: Sequence[Mapping[str, Any]], recording: str, run: str = "") -> str:
    """A hash that restores all of this: every setting that means something beside the others, whatever the preset is later."""
    parts = [("preset", preset if preset in PRESETS else PLAYGROUND)]
    for name, value in values.items():
        if name in KNOBS and value not in (None, "") and holds(knobs.extra(name)["when"], values):
            parts.append((name, _written(value)))
    if values.get("target.family") == "drawn":
        for curve in curves:
            phase = "1" if curve.get("random_phase") else "0"
            times = f"~{packed(curve['times_ms'])}" if curve.get("times_ms") else ""
            parts.append(("curve", f"{str(curve['group']).replace(' ', '_')}~{phase}~{packed(curve['values'])}{times}"))
    if values.get("target.family") == "recorded" and recording:
        parts.append(("target.recording", recording))
    if run:
        parts.append(("run", run))
    return urlencode(parts, quote_via=quote, safe="~")


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    return value if isinstance(value, str) else json.dumps(int(value) if float(value).is_integer() else value)
