"""What a trained network is asked: one perturbation of its test trials."""

from __future__ import annotations

from typing import Literal

from spikedash.params.knob import Group, knob


class Probe(Group):
    """Test trials of a trained network under other circumstances; with the defaults under its own."""

    pattern: int = knob(0, "Pattern", "Whose cue is given, and whose target is compared.", ge=0, le=7, step=1)
    cue: Literal["own", "wrong", "none"] = knob(
        "own", "Cue", "Own: the cue of the pattern. Wrong: another pattern's, or a random one where there is none. None: no cue."
    )
    delete: bool = knob(False, "Delete a spike", "Leave out one spike inside the pattern.")
    delete_ms: float = knob(
        200,
        "Delete after",
        "The first spike from this time on is left out.",
        ge=0,
        le=10_000,
        unit="ms",
        step=10,
        when={"delete": (True,)},
    )
    remove: float = knob(
        0.0, "Remove neurons", "Share of the neurons whose synapses are cut, drawn at random.", ge=0, le=1, step=0.01
    )
    shuffle: float = knob(
        0.0,
        "Shuffle synapses",
        "Share of the synapses that exchange their weights within a neuron's inputs.",
        ge=0,
        le=1,
        step=0.01,
    )
    among: Literal["all", "recorded"] = knob(
        "all", "Shuffle among", "All synapses, or those from recorded to recorded neurons only."
    )
    scale_exc: float = knob(1.0, "Scale E", "Factor on excitatory (positive) weights.", ge=0, le=3, step=0.05)
    scale_inh: float = knob(1.0, "Scale I", "Factor on inhibitory (negative) weights.", ge=0, le=3, step=0.05)
    noise: float = knob(
        0.0, "Extra noise", "Standard deviation of private noise on top of the run's own.", ge=0, le=50, unit="drive", step=0.5
    )
    trials: int = knob(1, "Trials", "How many test trials.", ge=1, le=1000, step=1)
    seed: int = knob(0, "Seed", "Draws other initial states and onsets.", ge=0, le=2**31 - 1, step=1)
