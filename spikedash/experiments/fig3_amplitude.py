"""Figure 3 (amplitude): how quiet a network may be and still learn."""

import math

from spikedash.experiments.record import Axis, Check, Curve, Experiment

FIT = "correlation.test_mean"

EXPERIMENT = Experiment(
    name="fig3-amplitude",
    title="Quiet networks (Fig. 3)",
    blurb="Targets of smaller and smaller amplitude ask for fewer and fewer spikes.",
    claim="Networks at 2.8 and 1.5 Hz learn; at 0.01 Hz there are too few spikes.",
    values={
        "target.family": "periodic",
        "target.period_min_ms": 500,
        "target.period_max_ms": 1000,
        "target.fast_min_ms": 500,
        "target.fast_max_ms": 1000,
        "network.n": 500,
        "network.weights": "mixed",
        "network.sigma": 1,
        "training.loops": 30,
    },
    axes=(
        Axis(
            "amplitude",
            "Amplitude",
            "drive",
            (1.0, 0.3, 0.1, 0.05, 0.03, 0.01),
            (1.0, 0.1, 0.05, 0.01),
            "target.amplitude",
            log=True,
        ),
    ),
    checks=(
        Check("rate at 0.1, Hz", "rate_hz", 2.5, 3.1, "the paper's 2.8 Hz within 10 %", at={"amplitude": 0.1}),
        Check("rate at 0.05, Hz", "rate_hz", 1.35, 1.65, "the paper's 1.5 Hz within 10 %", at={"amplitude": 0.05}),
        Check("rate at 0.01, Hz", "rate_hz", 0, 0.1, "the paper's 0.01 Hz: next to no spikes", at={"amplitude": 0.01}),
    ),
    figure=Curve("scan_curve", x="amplitude", number=FIT),
    order=36,
)
