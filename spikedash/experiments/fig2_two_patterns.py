"""Figure 2: two sets of patterns, each recalled by a cue of its own."""

import math

from spikedash.experiments.record import Axis, Check, Curve, Experiment

OWN, OTHER = "correlation.test_mean", "correlation.test_other"
AT_MEASURED = "{} at N {} measured with a prototype, less 0.05"

EXPERIMENT = Experiment(
    name="fig2-two-patterns",
    title="Two patterns, two cues (Fig. 2)",
    blurb="One network learns two sets of sine waves by turns; each has a cue of its own.",
    claim="Each cue recalls its own set of patterns and not the other.",
    values={
        "target.family": "sine",
        "target.sets": 2,
        "network.n": 400,
        "network.p": 0.3,
        "network.weights": "mixed",
        "network.sigma": 4,
        "training.loops": 200,
        "training.lam": 10,
        "training.test_trials": 20,
    },
    axes=(Axis("n", "Neurons", "", (200, 400), (200, 400), "network.n"),),
    checks=(
        Check("own pattern, N 200", OWN, 0.82, math.inf, AT_MEASURED.format(0.87, 200), at={"n": 200}),
        Check("other pattern, N 200", OTHER, -0.1, 0.1, "the paper: cross-correlation near 0", at={"n": 200}),
        Check("own pattern, N 400", OWN, 0.89, math.inf, AT_MEASURED.format(0.94, 400), at={"n": 400}),
        Check("other pattern, N 400", OTHER, -0.1, 0.1, "the paper: cross-correlation near 0", at={"n": 400}),
    ),
    figure=Curve("scan_curve", x="n", number=OWN, beside=(OTHER,)),
    order=20,
)
