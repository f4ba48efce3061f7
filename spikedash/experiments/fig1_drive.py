"""Figure 1 (drive): a chaotic network with mixed weights learns a sine wave for every neuron's synaptic drive."""

import math

from spikedash.experiments.record import Check, Experiment

EXPERIMENT = Experiment(
    name="fig1-drive",
    title="Sine waves (Fig. 1)",
    blurb="A chaotic network of 200 neurons learns a different sine wave for every neuron.",
    claim="The synaptic drive follows its targets from the first loops on, and goes on without training.",
    values={
        "target.family": "sine",
        "network.n": 200,
        "network.p": 0.3,
        "network.weights": "mixed",
        "network.sigma": 4,
        "network.tau_s_ms": 20,
        "training.loops": 60,
        "training.lam": 1,
        "cue.amplitude": 1,
        "cue.duration_ms": 100,
    },
    checks=(
        Check(
            "correlation in the first loop", "correlation.train_first", 0.8, math.inf, "the paper: follows from the first loops"
        ),
        Check("single-trial correlation, mean", "correlation.test_mean", 0.93, math.inf, "measured with a prototype"),
        Check("correlation of the trial average", "correlation.trial_average", 0.98, math.inf, "measured with a prototype"),
        Check("population rate, Hz", "rate_hz", 10, 12, "11 Hz measured with a prototype"),
    ),
    order=10,
)
