"""Who is connected to whom, and what the neurons are."""

from __future__ import annotations

from typing import Literal

from spikedash.params.knob import Group, knob


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
        "faster. All: everyone hears everyone; balanced weights are then the same for every neuron, so that mixed or silent "
        "ones learn better.",
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
