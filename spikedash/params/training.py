"""How the network practises, and what starts a pattern."""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from spikedash.params.knob import Group, knob


class Training(Group):
    """How the network learns, and how it is tested afterwards."""

    loops: int = knob(60, "Loops", "How often the pattern is practised.", ge=0, le=10_000, step=1)
    seed: int = knob(1, "Seed", "Same seed, same bits.", ge=0, le=2**31 - 1, step=1)
    rule: Literal["drive", "rate", "inverted"] = knob(
        "drive",
        "What is trained",
        "The synaptic drive; the firing rate by the paper's rule, slower at first since a silent neuron cannot learn; or the "
        "drive that gives the rate. Neurons that share inputs always learn rates the latter way.",
        when={
            "network.model": ("theta",),
            "target.family": ("sine", "periodic", "chaotic", "ou", "innate", "drawn", "formula"),
        },
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
    """The brief stimulus that starts the pattern: a constant current into every neuron, drawn once."""

    amplitude: float = knob(1.0, "Strength", "The largest current of the cue.", ge=0, le=50, unit="drive", step=0.5)
    currents: Literal["equal", "spread"] = knob(
        "equal",
        "Currents",
        "Equal: every neuron gets plus or minus the strength. Spread: anything in between, which suits quiet networks, since "
        "equal currents make half of the neurons fire at once and leave silence behind.",
        advanced=True,
    )
    duration_ms: int = knob(100, "Duration", "How long the cue lasts.", ge=0, le=5000, unit="ms", step=10)
    to: Literal["all", "auxiliary"] = knob(
        "all",
        "Who is cued",
        "Auxiliary: recorded neurons get no current, whose aftermath would distort the start of their rates.",
        when={"target.family": ("recorded",)},
    )
