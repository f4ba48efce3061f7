"""One control per declared parameter: a slider with a number, a switch, or a choice."""

from __future__ import annotations

import json
import math
from typing import Any, Literal, get_args, get_origin

import dash_mantine_components as dmc
from dash import html

from spikedash.params import KNOBS, Params, bounds

#: Plain words for choices whose stored name is a technical one; others are shown as they are stored.
WORDS = {
    "sine": "Sine waves",
    "periodic": "Complex periodic",
    "chaotic": "Chaotic rate units",
    "ou": "OU noise",
    "innate": "Innate: its own activity",
    "drawn": "Drawn by you",
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
    "cue.currents": {"equal": "Plus or minus the strength", "spread": "Spread in between"},
    "cue.to": {"all": "All neurons", "auxiliary": "Auxiliary only"},
}
MANTISSAS = (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8)


def flat(params: Params) -> dict[str, Any]:
    """Every single-valued parameter by its dotted name."""
    tree = params.model_dump()
    return {name: tree[name.split(".")[0]][name.split(".")[1]] for name in KNOBS}


def extra(name: str) -> dict[str, Any]:
    """Label, unit, step, when and advanced of a parameter."""
    declared = KNOBS[name].json_schema_extra
    assert isinstance(declared, dict)
    return dict(declared)


def choices(name: str) -> tuple[str, ...]:
    """The allowed words of a parameter, or nothing where it is a number or a switch."""
    kind = KNOBS[name].annotation
    return get_args(kind) if get_origin(kind) is Literal else ()


def stops(name: str) -> list[float]:
    """The values a slider halts at: even steps, or round numbers per decade where the range spans many; [] for seeds."""
    low, high = bounds(name)
    assert low is not None and high is not None
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
    whole = KNOBS[name].annotation is int
    kept = {
        int(value) if whole else float(f"{value:.6g}") for value in [*values, KNOBS[name].default] if not whole or value % 1 == 0
    }
    return sorted(kept)


def dom_id(**parts: str) -> str:
    """The id that Dash writes into the page for a dictionary id."""
    return json.dumps(parts, sort_keys=True, separators=(",", ":"))


def row(name: str, value: Any, *, hidden: bool = False) -> html.Div:
    """The control of one parameter with its name, unit, help and room for what is wrong with it.

    Args:
        hidden: to begin with; the browser hides and shows rows from then on.
    """
    if choices(name):
        body = _choice(name, value)
    elif KNOBS[name].annotation is bool:
        body = _flag(name, value)
    else:
        body = _number(name, value)
    wrong = html.Div(id={"type": "wrong", "name": name}, className="knob-wrong", **{"aria-live": "polite"})
    return html.Div([*body, wrong], id={"type": "row", "name": name}, className="knob", hidden=hidden)


def _label(name: str, **kind: Any) -> html.Label:
    """The name of a knob; assets/help.js shows its help in the one bubble of the page, inputs describe themselves with it."""
    more = extra(name)
    unit = [" ", html.Span(more["unit"], className="knob-unit")] if more["unit"] else []
    help: dict[str, Any] = {"data-help": KNOBS[name].description}
    return html.Label([more["label"], *unit], className="knob-label", **help, **kind)


def _number(name: str, value: Any) -> list[Any]:
    low, high = bounds(name)
    whole = KNOBS[name].annotation is int
    halts = stops(name)
    entry = dmc.NumberInput(
        id={"type": "knob", "name": name},
        value=value,
        step=extra(name)["step"] or 1,
        min=low,
        max=high,
        clampBehavior="none",
        allowDecimal=not whole,
        hideControls=True,
        size="xs",
        className="knob-entry" if halts else "knob-entry knob-entry-wide",
        description=KNOBS[name].description,
        descriptionProps={"className": "unseen"},
    )
    head = html.Div(
        [_label(name, htmlFor=dom_id(type="knob", name=name)), entry],
        className="knob-head",
    )
    if not halts:
        return [head]
    slider = dmc.Slider(
        id={"type": "slider", "name": name},
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


def _flag(name: str, value: Any) -> list[Any]:
    switch = dmc.Switch(
        id={"type": "flag", "name": name},
        checked=value,
        size="sm",
        description=KNOBS[name].description,
        classNames={"description": "unseen"},
        **{"aria-label": extra(name)["label"]},
    )
    return [html.Div([_label(name, htmlFor=dom_id(type="flag", name=name)), switch], className="knob-head")]


def _choice(name: str, value: Any) -> list[Any]:
    options = choices(name)
    data = [{"value": option, "label": word(name, option)} for option in options]
    common = {"id": {"type": "knob", "name": name}, "value": value, "data": data}
    if len(options) <= 4:
        told = html.Span(KNOBS[name].description, id=f"help-{name}", className="unseen")
        called = {"aria-label": extra(name)["label"], "aria-describedby": f"help-{name}"}
        field = dmc.SegmentedControl(**common, size="xs", fullWidth=True, **called)
        return [html.Div([_label(name), told], className="knob-head"), field]
    field = dmc.Select(
        **common,
        size="sm",
        allowDeselect=False,
        checkIconPosition="right",
        description=KNOBS[name].description,
        descriptionProps={"className": "unseen"},
    )
    return [html.Div([_label(name, htmlFor=dom_id(type="knob", name=name))], className="knob-head"), field]


def spec() -> dict[str, Any]:
    """What the browser must know about the knobs: where sliders halt, when a row shows, and how values are called."""
    known = {}
    for name in KNOBS:
        more = extra(name)
        numeric = not choices(name) and KNOBS[name].annotation is not bool
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
