"""Figure 1 (from silence): a network without initial weights learns from nothing."""

import math

from spikedash.experiments import fig1_drive
from spikedash.experiments.record import Axis, Check, Curve, Experiment

WHY = "learns from nothing: as well as a network with initial weights does, less 0.05"

EXPERIMENT = Experiment(
    name="fig1-from-silence",
    title="From silence (Fig. 1)",
    blurb="200 neurons whose plastic synapses all start at 0 learn a sine wave each, as drive or as firing rate.",
    claim="No initial recurrent connectivity is needed: drive and rate are learnt from nothing.",
    values={
        **fig1_drive.EXPERIMENT.values,
        "network.weights": "silent",
        "training.loops": 30,
        "training.update_ms": 2,
    },
    axes=(Axis("rule", "What is trained", "", ("drive", "rate"), ("drive", "rate"), "training.rule"),),
    checks=(
        Check("correlation of the drive", "correlation.test_mean", 0.88, math.inf, WHY, at={"rule": "drive"}),
        Check("correlation of the rate", "correlation.test_mean", 0.83, math.inf, WHY, at={"rule": "rate"}),
    ),
    figure=Curve("curve", by="rule"),
    order=13,
)
