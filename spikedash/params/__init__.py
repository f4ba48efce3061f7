"""Every parameter of a run, declared once: default, range, unit and help.

Sliders, command-line flags, JSON files, links and the generated reference all read this room.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError, model_validator
from pydantic.fields import FieldInfo

from spikedash.params.formula import check_sample
from spikedash.params.knob import Group, InputError
from spikedash.params.network import Network
from spikedash.params.probe import Probe
from spikedash.params.target import FAMILIES, Curve, Target
from spikedash.params.training import Cue, Training

__all__ = [
    "DECLARED",
    "FAMILIES",
    "KNOBS",
    "Cue",
    "Curve",
    "InputError",
    "Network",
    "Params",
    "Probe",
    "Target",
    "Training",
    "bounds",
    "explain",
    "from_json",
    "from_tree",
    "probe_from",
]


class Params(Group):
    """A complete, validated description of a run; equal Params give equal bits."""

    target: Target = Target()
    network: Network = Network()
    training: Training = Training()
    cue: Cue = Cue()

    @model_validator(mode="after")
    def _together(self) -> Params:
        dt = self.network.dt_ms
        if self.training.update_ms < dt:
            raise ValueError(
                f"training.update_ms is {self.training.update_ms:g}, shorter than one step (network.dt_ms = {dt:g}); "
                "it must be at least one step"
            )
        model = self.network.model
        if self.training.rule != "drive" and model != "theta":
            raise ValueError(
                f"training.rule is {self.training.rule}, which needs the gain of the theta neuron, but network.model is {model}; "
                "train the drive, or choose the theta neuron"
            )
        if self.training.rule != "drive" and self.target.family == "recorded":
            raise ValueError(
                f"training.rule is {self.training.rule}, but recorded rates always train the drive that gives them; "
                "it must be drive for target.family recorded"
            )
        if model == "rate" and self.target.family == "recorded":
            raise ValueError(
                "network.model is rate, whose units have no firing rate in Hz to compare with a recording; "
                "choose theta, lif or izhikevich"
            )
        if self.target.family == "formula":
            try:
                check_sample(self.target.formula, self.target.duration_ms, self.network.n)
            except ValueError as error:
                raise ValueError(f"target.formula {error}") from None
        if model == "izhikevich" and not any(getattr(self.network, f"share_{cell}") for cell in ("rs", "ib", "ch", "fs", "lts")):
            raise ValueError("network.share_rs to network.share_lts are all 0; at least one cell type needs a share")
        if self.target.family == "recorded" and self.target.sets > 1:
            raise ValueError(
                f"target.sets is {self.target.sets}, but a recording is one pattern; it must be 1 for target.family recorded"
            )
        if self.target.family == "recorded" and not self.target.recording:
            raise ValueError("target.family is recorded, but no recording is given; upload a file or choose another pattern")
        return self

    def with_values(self, values: Mapping[str, Any]) -> Params:
        """A copy with dotted names replaced, such as {"network.n": 500}.

        Raises:
            InputError: an unknown name or a value out of its range, in one sentence.
        """
        tree = self.model_dump()
        for name, value in values.items():
            group, _, leaf = name.partition(".")
            if group not in tree or leaf not in tree[group]:
                raise InputError(f"There is no parameter {name!r}; known ones are {', '.join(KNOBS)}.")
            tree[group][leaf] = value
        return from_tree(tree)


def _leaves(group: str, kind: Any) -> dict[str, FieldInfo]:
    assert isinstance(kind, type) and issubclass(kind, Group)
    return {f"{group}.{name}": leaf for name, leaf in kind.model_fields.items() if leaf.json_schema_extra is not None}


#: Every single-valued parameter of a run by its dotted name, in the order of declaration.
KNOBS = {name: leaf for group, info in Params.model_fields.items() for name, leaf in _leaves(group, info.annotation).items()}
#: The same and what a trained network can be asked, which is all that has a control.
DECLARED = KNOBS | _leaves("probe", Probe)


def bounds(name: str) -> tuple[float | None, float | None]:
    """Lowest and highest allowed value of a numeric parameter, or (None, None)."""
    low = high = None
    for rule in DECLARED[name].metadata:
        low = getattr(rule, "ge", low)
        high = getattr(rule, "le", high)
    return low, high


def explain(error: ValidationError, group: str = "") -> str:
    """The first problem of a validation error as one sentence: which parameter (of a group), which value, which rule."""
    first = error.errors(include_url=False)[0]
    name = ".".join(str(part) for part in ((group, *first["loc"]) if group else first["loc"]))
    given = first.get("input")
    shown = repr(given)
    if len(shown) > 40:
        shown = f"{shown[:37]}..."
    if first["type"] == "value_error":
        return f"{first['ctx']['error']}."
    if first["type"] == "extra_forbidden":
        return f"There is no parameter {name!r}; known ones are {', '.join(KNOBS)}."
    if name in DECLARED:
        low, high = bounds(name)
        choices = getattr(DECLARED[name].annotation, "__args__", ())
        unit = DECLARED[name].json_schema_extra["unit"]  # type: ignore[index]
        if choices:
            rule = f"one of {', '.join(map(str, choices))}"
        elif DECLARED[name].annotation is bool:
            rule = "true or false"
        else:
            kind = "a whole number" if DECLARED[name].annotation is int else "a number"
            rule = f"{kind} from {low:g} to {high:g}" + (f" {unit}" if unit else "")
        return f"{name} is {shown}; it must be {rule}."
    return f"{name} is {shown}; {first['msg'][0].lower()}{first['msg'][1:]}."


def from_tree(tree: Any) -> Params:
    """Validate nested plain data.

    Raises:
        InputError: the first thing that is wrong, in one sentence.
    """
    try:
        return Params.model_validate(tree)
    except ValidationError as error:
        raise InputError(explain(error)) from None


def probe_from(tree: Any) -> Probe:
    """Validate a question in nested plain data.

    Raises:
        InputError: the first thing that is wrong, in one sentence.
    """
    try:
        return Probe.model_validate(tree)
    except ValidationError as error:
        raise InputError(explain(error, "probe")) from None


@functools.lru_cache(512)
def from_older(text: str) -> tuple[Params, tuple[str, ...]]:
    """Parameters that another version wrote, as far as they are understood here, and the names of those that are not."""
    try:
        tree = json.loads(text)
    except ValueError:
        tree = None
    if not isinstance(tree, dict):
        return Params(), ("all settings",)
    params = Params()
    left = {
        f"{group}.{leaf}": value for group, leaves in tree.items() if isinstance(leaves, dict) for leaf, value in leaves.items()
    }
    understood = True
    while understood:  # some values are possible only beside others
        understood = False
        for name, value in list(left.items()):
            try:
                params = params.with_values({name: value})
            except InputError:
                continue
            del left[name]
            understood = True
    return params, tuple(left)


def from_json(text: str) -> Params:
    """Validate a JSON text.

    Raises:
        InputError: no JSON, or the first thing that is wrong in it.
    """
    try:
        tree = json.loads(text)
    except ValueError as error:
        raise InputError(f"The parameters are no valid JSON: {error}.") from None
    return from_tree(tree)
