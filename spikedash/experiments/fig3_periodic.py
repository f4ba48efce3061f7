"""Figure 3 (periodic): 500 neurons learn products of two sine waves."""

import math

from spikedash.experiments.record import Check, Experiment

EXPERIMENT = Experiment(
    name="fig3-periodic",
    title="Complex periodic (Fig. 3)",
    blurb="500 neurons learn products of a slow and a fast wave.",
    claim="Complex periodic patterns are learnt, at a population rate of 9.1 Hz.",
    values={
        "target.family": "periodic",
        "target.period_min_ms": 500,
        "target.period_max_ms": 1000,
        "network.n": 500,
        "network.weights": "mixed",
        "network.sigma": 1,
        "training.loops": 30,
    },
    checks=(
        Check("population rate, Hz", "rate_hz", 8.2, 10.0, "the paper's 9.1 Hz within 10 %"),
        Check(
            "single-trial correlation, mean", "correlation.test_mean", 0.80, math.inf, "0.83 measured with a prototype, less 0.03"
        ),
        Check(
            "correlation of the trial average", "correlation.trial_average", 0.93, math.inf, "0.95 with a prototype, less 0.02"
        ),
    ),
    order=30,
)
