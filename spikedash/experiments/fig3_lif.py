"""Figure 3 (LIF): leaky integrate-and-fire neurons learn as theta neurons do."""

import math

from spikedash.experiments.record import Check, Experiment

EXPERIMENT = Experiment(
    name="fig3-lif",
    title="Leaky integrate-and-fire (Fig. 3)",
    blurb="200 leaky integrate-and-fire neurons learn products of two slow waves.",
    claim="The method does not hang on the neuron model: leaky integrate-and-fire networks learn.",
    values={
        "network.model": "lif",
        "target.family": "periodic",
        "target.period_min_ms": 500,
        "target.period_max_ms": 1000,
        "target.fast_min_ms": 500,
        "target.fast_max_ms": 1000,
        "network.n": 200,
        "network.weights": "mixed",
        "network.sigma": 1,
        "network.tau_s_ms": 30,
        # In mV, of the order of the 15 mV between reset and threshold.
        "target.amplitude": 10,
        "cue.amplitude": 10,
        "training.loops": 60,
    },
    checks=(
        Check("single-trial correlation, mean", "correlation.test_mean", 0.9, math.inf, "learns: about 0.95 with this engine"),
    ),
    order=37,
)
