"""What every neuron shall do."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from spikedash.params.formula_text import DEFAULT, parse
from spikedash.params.knob import Group, knob


class Curve(Group):
    """A drawn drive target in drive units: `values` at `times_ms`, or on an even grid over the target window without them."""

    group: Literal["all", "excitatory", "inhibitory", "first half", "second half"] = "all"
    values: tuple[float, ...] = Field(min_length=2, max_length=512)
    random_phase: bool = False
    times_ms: tuple[float, ...] = Field((), max_length=512)

    @model_validator(mode="after")
    def _in_range(self) -> Curve:
        for k, v in enumerate(self.values):
            if not -20.0 <= v <= 20.0:
                raise ValueError(f"point {k + 1} of the curve is {v:g}; drawn values lie between -20 and 20")
        if self.times_ms and len(self.times_ms) != len(self.values):
            raise ValueError(f"the curve has {len(self.values)} values at {len(self.times_ms)} times; every value needs its time")
        for k, (before, t) in enumerate(zip((-1.0, *self.times_ms), self.times_ms, strict=False)):
            if not 0 <= t <= 10_000:
                raise ValueError(f"point {k + 1} of the curve is at {t:g} ms; times lie between 0 and 10000 ms")
            if t <= before:
                raise ValueError(
                    f"point {k + 1} of the curve is at {t:g} ms, not after the one before at {before:g} ms; times must rise"
                )
        return self


FAMILIES = ("sine", "periodic", "chaotic", "ou", "innate", "drawn", "formula", "recorded")
_PERIODIC = {"target.family": ("sine", "periodic")}


class Target(Group):
    """What every neuron's synaptic drive shall do inside the target window."""

    family: Literal["sine", "periodic", "chaotic", "ou", "innate", "drawn", "formula", "recorded"] = knob(
        "sine",
        "Pattern",
        "Family the targets are drawn from, one draw per neuron; or your own drawn, written or recorded pattern.",
    )
    formula: str = knob(
        DEFAULT,
        "Formula",
        "Drive of every neuron as a formula of the time t in ms, with a phase of its own for every neuron.",
        when={"target.family": ("formula",)},
    )
    duration_ms: int = knob(
        1000,
        "Duration",
        "Length of the pattern. A recording brings its own.",
        ge=100,
        le=10_000,
        unit="ms",
        step=100,
        when={"target.family": ("sine", "periodic", "chaotic", "ou", "innate", "drawn", "formula")},
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
    onsets: Literal["shared", "own"] = knob(
        "shared",
        "Onsets",
        "Shared: both waves of a neuron start together, and slow waves of like periods are positive most of the time. Own: each "
        "wave starts at a random time of its own, as in the paper's published code, so that both signs are as frequent.",
        when={"target.family": ("periodic",)},
        advanced=True,
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
        when={"target.family": ("sine", "periodic", "chaotic", "ou", "innate", "drawn", "formula")},
        advanced=True,
    )
    own_share: float = knob(
        1.0,
        "Own patterns",
        "Share of the neurons that draw a pattern of their own, at random; all others repeat one.",
        ge=0,
        le=1,
        step=0.05,
        when={"target.family": ("sine", "periodic", "chaotic", "ou")},
        advanced=True,
    )
    seed: int = knob(0, "Target seed", "Draws another set of targets for the same network.", ge=0, le=2**31 - 1, step=1)
    curves: tuple[Curve, ...] = Field((), max_length=8)
    recording: str = Field("", pattern=r"^([0-9a-f]{64})?$")

    @field_validator("formula", mode="before")
    @classmethod
    def _readable(cls, value: Any) -> Any:
        if isinstance(value, int | float) and not isinstance(value, bool):
            value = f"{value}"  # JSON and the command line make a number of a formula such as 0.5
        if isinstance(value, str):
            try:
                parse(value)
            except ValueError as error:
                raise ValueError(f"target.formula {error}") from None
        return value

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
