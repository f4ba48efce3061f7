"""Figure 3 (OU): 500 neurons learn random walks."""

import math

from spikedash.experiments.record import Check, Experiment

EXPERIMENT = Experiment(
    name="fig3-ou",
    title="Random walks (Fig. 3)",
    blurb="500 neurons learn a random walk each (Ornstein-Uhlenbeck noise).",
    claim="Random walks are learnt, at a population rate of 12.1 Hz.",
    values={
        "target.family": "ou",
        "network.n": 500,
        "network.weights": "mixed",
        "network.sigma": 1,
        "training.loops": 30,
    },
    checks=(
        Check("population rate, Hz", "rate_hz", 10.9, 13.3, "the paper's 12.1 Hz within 10 %"),
        Check(
            "single-trial correlation, mean",
            "correlation.test_mean",
            0.85,
            math.inf,
            "learns: the paper shows it beside the other two",
        ),
    ),
    order=32,
)
