"""Every parameter of a run, declared once: default, range, unit and help.

Sliders, command-line flags, JSON files, links and the generated reference all read this file.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic.fields import FieldInfo


class InputError(ValueError):
    """Something a person gave is wrong; the message is one sentence: what, where, what would be right."""


def knob(
    default: Any,
    label: str,
    help: str,
    *,
    ge: float | None = None,
    le: float | None = None,
    unit: str = "",
    step: float | None = None,
    when: Mapping[str, Iterable[Any]] | None = None,
    advanced: bool = False,
) -> Any:
    """Declare one parameter. `when` names the settings of other parameters under which it has an effect."""
    extra: dict[str, Any] = {
        "label": label,
        "unit": unit,
        "step": step,
        "when": {k: list(v) for k, v in (when or {}).items()},
        "advanced": advanced,
    }
    return Field(default, ge=ge, le=le, description=help, json_schema_extra=extra)


class Group(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Curve(Group):
    """A drawn drive target: `values` on an even grid over the target window, in drive units."""

    group: Literal["all", "excitatory", "inhibitory", "first half", "second half"] = "all"
    values: tuple[float, ...] = Field(min_length=2, max_length=512)
    random_phase: bool = False

    @model_validator(mode="after")
    def _in_range(self) -> Curve:
        for k, v in enumerate(self.values):
            if not -20.0 <= v <= 20.0:
                raise ValueError(f"point {k + 1} of the curve is {v:g}; drawn values lie between -20 and 20")
        return self


FAMILIES = ("sine", "periodic", "chaotic", "ou", "innate", "drawn", "recorded")
_PERIODIC = {"target.family": ("sine", "periodic")}


class Target(Group):
    """What every neuron's synaptic drive shall do inside the target window."""

    family: Literal["sine", "periodic", "chaotic", "ou", "innate", "drawn", "recorded"] = knob(
        "sine",
        "Pattern",
        "Family the targets are drawn from, one draw per neuron; or your own drawn or recorded pattern.",
    )
    duration_ms: int = knob(
        1000,
        "Duration",
        "Length of the pattern. A recording brings its own.",
        ge=100,
        le=10_000,
        unit="ms",
        step=100,
        when={"target.family": ("sine", "periodic", "chaotic", "ou", "innate", "drawn")},
    )
    amplitude: float = knob(
        1.0,
        "Amplitude",
        "Scale of the pattern; each neuron of a periodic family draws 0.5 to 1.5 times this.",
        ge=0.01,
        le=10,
        unit="drive",
        step=0.1,
        when={"target.family": ("sine", "periodic", "chaotic", "ou")},
    )
    period_min_ms: float = knob(
        300, "Shortest period", "Lower end of the slow period T1.", ge=10, le=10_000, unit="ms", step=10, when=_PERIODIC
    )
    period_max_ms: float = knob(
        1000, "Longest period", "Upper end of the slow period T1.", ge=10, le=10_000, unit="ms", step=10, when=_PERIODIC
    )
    fast_min_ms: float = knob(
        100,
        "Shortest fast period",
        "Lower end of the fast period T2.",
        ge=10,
        le=10_000,
        unit="ms",
        step=10,
        when={"target.family": ("periodic",)},
    )
    fast_max_ms: float = knob(
        500,
        "Longest fast period",
        "Upper end of the fast period T2.",
        ge=10,
        le=10_000,
        unit="ms",
        step=10,
        when={"target.family": ("periodic",)},
    )
    tau_c_ms: float = knob(
        200,
        "Correlation time",
        "How slowly the random target wanders.",
        ge=1,
        le=5000,
        unit="ms",
        step=10,
        when={"target.family": ("ou",)},
    )
    fill: Literal["sine", "periodic", "ou"] = knob(
        "ou",
        "Other neurons",
        "Family for neurons that no drawn curve covers.",
        when={"target.family": ("drawn",)},
    )
    aux_tau_c_ms: float = knob(
        800,
        "Auxiliary time",
        "Correlation time of the auxiliary neurons' rates.",
        ge=10,
        le=5000,
        unit="ms",
        step=10,
        when={"target.family": ("recorded",)},
    )
    aux_std: float = knob(
        0.3,
        "Auxiliary strength",
        "Noise strength s of the auxiliary neurons' targets (SCIENCE: 0.1 to 0.3).",
        ge=0.0,
        le=2.0,
        step=0.05,
        when={"target.family": ("recorded",)},
    )
    sets: int = knob(
        1,
        "Patterns",
        "How many patterns the network learns by turns, each started by a cue of its own.",
        ge=1,
        le=8,
        step=1,
        when={"target.family": ("sine", "periodic", "chaotic", "ou", "innate", "drawn")},
        advanced=True,
    )
    seed: int = knob(0, "Target seed", "Draws another set of targets for the same network.", ge=0, le=2**31 - 1, step=1)
    curves: tuple[Curve, ...] = Field((), max_length=8)
    recording: str = Field("", pattern=r"^([0-9a-f]{64})?$")

    @model_validator(mode="after")
    def _ordered(self) -> Target:
        for low, high in (("period_min_ms", "period_max_ms"), ("fast_min_ms", "fast_max_ms")):
            if getattr(self, low) > getattr(self, high):
                raise ValueError(
                    f"target.{low} is {getattr(self, low):g}, above target.{high} = {getattr(self, high):g}; "
                    "the shortest period must not exceed the longest"
                )
        if self.family == "drawn" and not self.curves:
            raise ValueError("target.family is drawn, but no curve is drawn; draw one or choose another pattern")
        return self


class Network(Group):
    """The recurrent network before training."""

    n: int = knob(200, "Neurons", "Size of the network.", ge=2, le=50_000, step=10)
    model: Literal["theta", "lif", "izhikevich", "rate"] = knob(
        "theta",
        "Neuron model",
        "Theta (quadratic integrate-and-fire), leaky integrate-and-fire, Izhikevich's five cell types, or rate units (tanh).",
    )
    frac_exc: float = knob(
        0.8,
        "Excitatory share",
        "Fraction of excitatory neurons; the rest inhibit.",
        ge=0,
        le=1,
        step=0.05,
        when={"network.weights": ("balanced",)},
    )
    wiring: Literal["sparse", "shared", "all"] = knob(
        "sparse",
        "Wiring",
        "Sparse: every neuron draws its own inputs. Shared: neighbours hear the same inputs, which learns many times "
        "faster. All: everyone hears everyone.",
    )
    p: float = knob(
        0.3,
        "Connection probability",
        "Share of the network each neuron hears.",
        ge=0.001,
        le=1,
        step=0.01,
        when={"network.wiring": ("sparse", "shared")},
    )
    group: int = knob(
        10,
        "Group size",
        "How many neighbours share their inputs.",
        ge=1,
        le=10_000,
        step=1,
        when={"network.wiring": ("shared",)},
    )
    autapses: bool = knob(
        False,
        "Self-connections",
        "Let every neuron hear itself.",
        when={"network.wiring": ("all",)},
        advanced=True,
    )
    weights: Literal["balanced", "mixed", "silent"] = knob(
        "balanced",
        "Initial weights",
        "Balanced: E and I neurons with exact in-degrees. Mixed: every neuron sends both signs. Silent: all start at 0.",
    )
    J: float = knob(
        6.0,
        "Coupling J",
        "Excitatory weights are J/√K with K = pN inputs.",
        ge=0,
        le=30,
        step=0.5,
        when={"network.weights": ("balanced",)},
    )
    g: float = knob(
        5.0,
        "Inhibition g",
        "Inhibitory weights are g times as strong.",
        ge=0,
        le=20,
        step=0.5,
        when={"network.weights": ("balanced",)},
    )
    sigma: float = knob(
        4.0,
        "Weight scale σ",
        "Weights are normal with variance σ²/(Np), every row's mean removed.",
        ge=0,
        le=20,
        step=0.1,
        when={"network.weights": ("mixed",)},
    )
    dale: bool = knob(
        False,
        "Dale's law",
        "No synapse may change its sign while learning.",
        when={"network.weights": ("balanced", "mixed")},
    )
    static: Literal["none", "balanced", "mixed"] = knob(
        "none",
        "Static background",
        "Random synapses that never learn, beside those that do: balanced E and I, or mixed signs.",
        advanced=True,
    )
    static_p: float = knob(
        0.1,
        "Static probability",
        "Share of the network each neuron hears through static synapses.",
        ge=0.001,
        le=1,
        step=0.01,
        when={"network.static": ("balanced", "mixed")},
        advanced=True,
    )
    static_scale: float = knob(
        1.0,
        "Static strength",
        "J of balanced static synapses (inhibition g times as strong), σ of mixed ones.",
        ge=0,
        le=20,
        step=0.1,
        when={"network.static": ("balanced", "mixed")},
        advanced=True,
    )
    tau_s_ms: float = knob(
        20,
        "Synaptic time τs",
        "Decay time of the synapses.",
        ge=1,
        le=500,
        unit="ms",
        step=1,
        when={"network.model": ("theta", "lif", "izhikevich")},
    )
    noise: float = knob(
        0.0,
        "Noise",
        "Standard deviation of an independent normal input to every neuron in every step.",
        ge=0,
        le=50,
        unit="drive",
        step=0.5,
    )
    noise_kind: Literal["private", "frozen"] = knob(
        "private",
        "Noise is",
        "Private: new in every trial. Frozen: the same in all trials, another one for every neuron.",
        advanced=True,
    )
    bias: float = knob(
        0.0, "Constant input", "Current to every neuron at all times.", ge=-50, le=50, unit="drive", step=0.5, advanced=True
    )
    tau_ms: float = knob(
        10,
        "Membrane time τ",
        "Time constant of the neurons; Izhikevich's have their own, and only their spikes are counted in it.",
        ge=1,
        le=100,
        unit="ms",
        step=1,
        advanced=True,
    )
    integrator: Literal["exact", "rk4"] = knob(
        "exact",
        "Integration",
        "Exact solution for a constant input within a step, or classical Runge-Kutta as a reference.",
        when={"network.model": ("theta",)},
        advanced=True,
    )
    share_rs: float = knob(
        1.0,
        "Share of RS",
        "Regular spiking cells; shares count against each other.",
        ge=0,
        le=1,
        step=0.1,
        when={"network.model": ("izhikevich",)},
        advanced=True,
    )
    share_ib: float = knob(
        1.0,
        "Share of IB",
        "Intrinsically bursting cells; shares count against each other.",
        ge=0,
        le=1,
        step=0.1,
        when={"network.model": ("izhikevich",)},
        advanced=True,
    )
    share_ch: float = knob(
        1.0,
        "Share of CH",
        "Chattering cells; shares count against each other.",
        ge=0,
        le=1,
        step=0.1,
        when={"network.model": ("izhikevich",)},
        advanced=True,
    )
    share_fs: float = knob(
        1.0,
        "Share of FS",
        "Fast spiking cells (inhibitory); shares count against each other.",
        ge=0,
        le=1,
        step=0.1,
        when={"network.model": ("izhikevich",)},
        advanced=True,
    )
    share_lts: float = knob(
        1.0,
        "Share of LTS",
        "Low-threshold spiking cells (inhibitory); shares count against each other.",
        ge=0,
        le=1,
        step=0.1,
        when={"network.model": ("izhikevich",)},
        advanced=True,
    )
    dt_ms: float = knob(1.0, "Time step", "Length of one simulated step.", ge=0.05, le=2, unit="ms", step=0.1, advanced=True)


class Training(Group):
    """How the network learns, and how it is tested afterwards."""

    loops: int = knob(60, "Loops", "How often the pattern is practised.", ge=0, le=10_000, step=1)
    seed: int = knob(1, "Seed", "Same seed, same bits.", ge=0, le=2**31 - 1, step=1)
    rule: Literal["drive", "rate"] = knob(
        "drive",
        "What is trained",
        "The synaptic drive, or the firing rate: slower, since a silent neuron cannot learn.",
        when={"network.model": ("theta",)},
    )
    share: float = knob(
        1.0,
        "Trained share",
        "Fraction of the neurons that learn, drawn at random; the others keep their weights.",
        ge=0.01,
        le=1,
        step=0.05,
        advanced=True,
    )
    update_ms: float = knob(
        10, "Update every", "Time between two weight updates inside the pattern.", ge=0.05, le=1000, unit="ms", step=1
    )
    lam: float = knob(1.0, "Ridge λ", "Penalty on large weights; P starts at 1/λ.", ge=1e-6, le=1e6, step=0.5)
    test_trials: int = knob(20, "Test trials", "Trials with learning off, after training.", ge=0, le=1000, step=1)
    rest_min_ms: int = knob(
        100, "Shortest rest", "Lower end of the random rest before the cue.", ge=0, le=10_000, unit="ms", step=10, advanced=True
    )
    rest_max_ms: int = knob(
        300, "Longest rest", "Upper end of the random rest before the cue.", ge=0, le=10_000, unit="ms", step=10, advanced=True
    )

    @model_validator(mode="after")
    def _ordered(self) -> Training:
        if self.rest_min_ms > self.rest_max_ms:
            raise ValueError(
                f"training.rest_min_ms is {self.rest_min_ms}, above training.rest_max_ms = {self.rest_max_ms}; "
                "the shortest rest must not exceed the longest"
            )
        return self


class Cue(Group):
    """The brief stimulus that starts the pattern: plus or minus a constant current, the sign drawn once per neuron."""

    amplitude: float = knob(
        1.0, "Strength", "Each neuron gets plus or minus this current, drawn once.", ge=0, le=50, unit="drive", step=0.5
    )
    duration_ms: int = knob(100, "Duration", "How long the cue lasts.", ge=0, le=5000, unit="ms", step=10)
    to: Literal["all", "auxiliary"] = knob(
        "all",
        "Who is cued",
        "Auxiliary: recorded neurons get no current, whose aftermath would distort the start of their rates.",
        when={"target.family": ("recorded",)},
    )


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
        if self.training.rule == "rate" and model != "theta":
            raise ValueError(
                f"training.rule is rate, which needs the gain of the theta neuron, but network.model is {model}; "
                "train the drive, or choose the theta neuron"
            )
        if model == "rate" and self.target.family == "recorded":
            raise ValueError(
                "network.model is rate, whose units have no firing rate in Hz to compare with a recording; "
                "choose theta, lif or izhikevich"
            )
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


def _leaves() -> dict[str, FieldInfo]:
    leaves: dict[str, FieldInfo] = {}
    for group, info in Params.model_fields.items():
        assert isinstance(info.annotation, type) and issubclass(info.annotation, Group)
        for name, leaf in info.annotation.model_fields.items():
            if leaf.json_schema_extra is not None:
                leaves[f"{group}.{name}"] = leaf
    return leaves


#: Every single-valued parameter by its dotted name, in the order of declaration.
KNOBS = _leaves()


def bounds(name: str) -> tuple[float | None, float | None]:
    """Lowest and highest allowed value of a numeric parameter, or (None, None)."""
    low = high = None
    for rule in KNOBS[name].metadata:
        low = getattr(rule, "ge", low)
        high = getattr(rule, "le", high)
    return low, high


def explain(error: ValidationError) -> str:
    """The first problem of a validation error as one sentence: which parameter, which value, which rule."""
    first = error.errors(include_url=False)[0]
    name = ".".join(str(part) for part in first["loc"])
    given = first.get("input")
    shown = repr(given)
    if len(shown) > 40:
        shown = f"{shown[:37]}..."
    if first["type"] == "value_error":
        return f"{first['ctx']['error']}."
    if first["type"] == "extra_forbidden":
        return f"There is no parameter {name!r}; known ones are {', '.join(KNOBS)}."
    if name in KNOBS:
        low, high = bounds(name)
        choices = getattr(KNOBS[name].annotation, "__args__", ())
        unit = KNOBS[name].json_schema_extra["unit"]  # type: ignore[index]
        if choices:
            rule = f"one of {', '.join(map(str, choices))}"
        elif KNOBS[name].annotation is bool:
            rule = "true or false"
        else:
            kind = "a whole number" if KNOBS[name].annotation is int else "a number"
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
