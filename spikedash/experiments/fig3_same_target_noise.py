"""Figure 3 (one target for all): noise makes the inputs heterogeneous where the targets are not."""

import math

from spikedash.experiments.record import Axis, Check, Curve, Experiment
from spikedash.experiments.shapes import LEARNT, rise

FIT = "correlation.test_mean"
LESS, MORE = (f"a trial shares {word} than half of its variance with its target" for word in ("less", "more"))

EXPERIMENT = Experiment(
    name="fig3-same-target-noise",
    title="One target for all (Fig. 3)",
    blurb="All neurons learn the same sine wave, under frozen external noise of different strength.",
    claim="A network learns one target for all neurons where external noise is strong enough to make their inputs differ.",
    values={
        "target.family": "sine",
        "target.own_share": 0.0,
        "network.n": 500,
        "network.weights": "mixed",
        "network.sigma": 1,
        "network.noise_kind": "frozen",
        "training.loops": 30,
    },
    axes=(Axis("noise", "Frozen noise", "drive", (0.0, 0.2, 0.5, 1.0, 2.0, 5.0), (0.0, 0.5, 2.0, 5.0), "network.noise"),),
    checks=(
        Check("fit without noise", FIT, -1, LEARNT, f"nothing makes the inputs differ; {LESS}", at={"noise": 0.0}),
        Check("fit at low noise (0.5)", FIT, -1, LEARNT, f"the paper: low noise is not enough; {LESS}", at={"noise": 0.5}),
        Check("fit at medium noise (2)", FIT, LEARNT, math.inf, f"the paper: learns; {MORE}", at={"noise": 2.0}),
        Check("fit at high noise (5)", FIT, LEARNT, math.inf, f"the paper: learns; {MORE}", at={"noise": 5.0}),
        Check("fit rises with the noise", rise(FIT, "noise"), 0.9, 1, "the stronger the noise, the more the inputs differ"),
    ),
    figure=Curve("scan_curve", x="noise", number=FIT),
    order=39,
)
