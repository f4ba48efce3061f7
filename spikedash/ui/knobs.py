"""One control per declared parameter: a slider with a number, a switch, or a choice."""

from __future__ import annotations

import json
import math
import re
from typing import Any, Literal, get_args, get_origin

import dash_mantine_components as dmc
from dash import html

from spikedash.params import DECLARED, KNOBS, Params, bounds

#: Plain words for choices whose stored name is a technical one; others are shown as they are stored.
WORDS = {
    "sine": "Sine waves",
    "periodic": "Complex periodic",
    "chaotic": "Chaotic rate units",
    "ou": "OU noise",
    "innate": "Innate: its own activity",
    "drawn": "Drawn by you",
    "formula": "A formula",
    "recorded": "Recorded rates (your file)",
    "lif": "LIF",
    "rk4": "Runge-Kutta",
}
#: Words of a single parameter, where its row has no room for more or where it means something else by the same name.
SHORT = {
    "target.fill": {"sine": "Sine", "periodic": "Periodic", "ou": "OU"},
    "network.wiring": {"all": "All-to-all"},
    "network.model": {"rate": "Rate units"},
    "training.rule": {"drive": "Synaptic drive", "rate": "Firing rate"},
    "target.onsets": {"shared": "One for both waves", "own": "One for each wave"},
    "cue.currents": {"equal": "Plus or minus the strength", "spread": "Spread in between"},
    "cue.to": {"all": "All neurons", "auxiliary": "Auxiliary only"},
}
#: Dotted names, the longest of those that begin alike first.
NAMES = re.compile("|".join(map(re.escape, sorted(DECLARED, key=len, reverse=True))))
MANTISSAS = (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8)


def flat(params: Params) -> dict[str, Any]:
    """Every single-valued parameter by its dotted name."""
    tree = params.model_dump()
    return {name: tree[name.split(".")[0]][name.split(".")[1]] for name in KNOBS}


def extra(name: str) -> dict[str, Any]:
    """Label, unit, step, when and advanced of a parameter."""
    declared = DECLARED[name].json_schema_extra
    assert isinstance(declared, dict)
    return dict(declared)


def in_words(error: Exception | str) -> str:
    """The sentence of an error with the names that the page shows in place of the dotted ones."""
    return NAMES.sub(lambda found: f"“{extra(found[0])['label']}”", str(error))


def choices(name: str) -> tuple[str, ...]:
    """The allowed words of a parameter, or nothing where it is a number or a switch."""
    kind = DECLARED[name].annotation
    return get_args(kind) if get_origin(kind) is Literal else ()


def stops(name: str, most: float | None = None) -> list[float]:
    """The values a slider halts at: even steps, or round numbers per decade where the range spans many; [] for seeds.

    most: the highest value that makes sense where that is less than what is allowed.
    """
    low, high = bounds(name)
    assert low is not None and high is not None
    high = high if most is None else min(high, most)
    step = extra(name)["step"] or 1
    if high >= 1e8:
        return []
    if not ((low > 0 and high / low >= 20) or (high - low) / step > 400):
        count = round((high - low) / step)
        return _tidy([low + k * step for k in range(count + 1)], name)
    first = low if low > 0 else step
    decades = range(math.floor(math.log10(first)), math.ceil(math.log10(high)) + 1)
    series = [m * 10.0**decade for decade in decades for m in MANTISSAS]
    return _tidy([low, *(value for value in series if first <= value <= high), high], name)


def _tidy(values: list[float], name: str) -> list[float]:
    """Sorted, without doubles, whole where the parameter is, and with the default among them."""
    whole = DECLARED[name].annotation is int
    kept = {
        int(value) if whole else float(f"{value:.6g}")
        for value in [*values, DECLARED[name].default]
        if not whole or value % 1 == 0
    }
    return sorted(kept)


def dom_id(**parts: str) -> str:
    """The id that Dash writes into the page for a dictionary id."""
    return json.dumps(parts, sort_keys=True, separators=(",", ":"))


def row(name: str, value: Any, *, kin: str = "", most: float | None = None, hidden: bool = False) -> html.Div:
    """The control of one parameter with its name, unit, help and room for what is wrong with it.

    Args:
        kin: begins the types of its ids, where it does not belong to the settings of a run.
        hidden: to begin with; the browser hides and shows rows from then on.
    """
    if choices(name):
        body = _choice(name, value, kin)
    elif DECLARED[name].annotation is bool:
        body = _flag(name, value, kin)
    elif DECLARED[name].annotation is str:
        body = _text(name, value, kin)
    else:
        body = _number(name, value, kin, most)
    wrong = html.Div(id={"type": f"{kin}wrong", "name": name}, className="knob-wrong", **{"aria-live": "polite"})
    return html.Div([*body, wrong], id={"type": f"{kin}row", "name": name}, className="knob", hidden=hidden)


def _label(name: str, **kind: Any) -> html.Label:
    """The name of a knob; assets/help.js shows its help in the one bubble of the page, inputs describe themselves with it."""
    more = extra(name)
    unit = [" ", html.Span(more["unit"], className="knob-unit")] if more["unit"] else []
    help: dict[str, Any] = {"data-help": DECLARED[name].description}
    return html.Label([more["label"], *unit], className="knob-label", **help, **kind)


def _number(name: str, value: Any, kin: str, most: float | None) -> list[Any]:
    low, high = bounds(name)
    whole = DECLARED[name].annotation is int
    halts = stops(name, most)
    high = halts[-1] if halts else high
    entry = dmc.NumberInput(
        id={"type": f"{kin}knob", "name": name},
        value=value,
        step=extra(name)["step"] or 1,
        min=low,
        max=high,
        clampBehavior="none",
        allowDecimal=not whole,
        hideControls=True,
        size="xs",
        className="knob-entry" if halts else "knob-entry knob-entry-wide",
        description=DECLARED[name].description,
        descriptionProps={"className": "unseen"},
    )
    head = html.Div(
        [_label(name, htmlFor=dom_id(type=f"{kin}knob", name=name)), entry],
        className="knob-head",
    )
    if not halts:
        return [head]
    slider = dmc.Slider(
        id={"type": f"{kin}slider", "name": name},
        min=0,
        max=len(halts) - 1,
        step=1,
        value=min(range(len(halts)), key=lambda k: abs(halts[k] - value)),
        scale={"function": "stop", "options": {"stops": halts}},
        label=None,
        thumbLabel=extra(name)["label"],
        updatemode="drag",
        size=4,
        thumbSize=14,
        className="knob-slider share" if name == "network.frac_exc" else "knob-slider",
    )
    return [head, slider]


def _flag(name: str, value: Any, kin: str) -> list[Any]:
    switch = dmc.Switch(
        id={"type": f"{kin}flag", "name": name},
        checked=value,
        size="sm",
        description=DECLARED[name].description,
        classNames={"description": "unseen"},
        **{"aria-label": extra(name)["label"]},
    )
    return [html.Div([_label(name, htmlFor=dom_id(type=f"{kin}flag", name=name)), switch], className="knob-head")]


def _text(name: str, value: Any, kin: str) -> list[Any]:
    field = dmc.Textarea(
        id={"type": f"{kin}knob", "name": name},
        value=value,
        autosize=True,
        minRows=1,
        maxRows=5,
        size="sm",
        spellCheck=False,
        className="knob-text",
        description=DECLARED[name].description,
        descriptionProps={"className": "unseen"},
    )
    return [html.Div([_label(name, htmlFor=dom_id(type=f"{kin}knob", name=name))], className="knob-head"), field]


def _choice(name: str, value: Any, kin: str) -> list[Any]:
    options = choices(name)
    data = [{"value": option, "label": word(name, option)} for option in options]
    common = {"id": {"type": f"{kin}knob", "name": name}, "value": value, "data": data}
    if len(options) <= 4:
        told = html.Span(DECLARED[name].description, id=f"help-{name}", className="unseen")
        called = {"aria-label": extra(name)["label"], "aria-describedby": f"help-{name}"}
        field = dmc.SegmentedControl(**common, size="xs", fullWidth=True, **called)
        return [html.Div([_label(name), told], className="knob-head"), field]
    field = dmc.Select(
        **common,
        size="sm",
        allowDeselect=False,
        checkIconPosition="right",
        description=DECLARED[name].description,
        descriptionProps={"className": "unseen"},
    )
    return [html.Div([_label(name, htmlFor=dom_id(type=f"{kin}knob", name=name))], className="knob-head"), field]


def spec() -> dict[str, Any]:
    """What the browser must know about the knobs: where sliders halt, when a row shows, and how values are called."""
    known = {}
    for name in KNOBS:
        more = extra(name)
        numeric = KNOBS[name].annotation in (int, float)
        words = {option: word(name, option) for option in choices(name)}
        known[name] = {
            "when": more["when"],
            "label": more["label"],
            "unit": more["unit"],
            "words": words,
            "advanced": more["advanced"],
        }
        known[name]["stops"] = stops(name) if numeric else []
    return known


def word(name: str, option: str) -> str:
    """What a choice is called on the page."""
    return SHORT.get(name, {}).get(option) or WORDS.get(option) or option.capitalize()
