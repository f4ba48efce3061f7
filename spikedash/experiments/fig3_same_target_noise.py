"""Figure 3 (one target for all): noise makes the inputs heterogeneous where the targets are not."""

from spikedash.experiments.record import Axis, Check, Curve, Experiment

FIT = "correlation.test_mean"

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
    axes=(
        Axis("noise", "Frozen noise", "drive", (0.0, 0.5, 1.0, 2.0, 5.0, 10.0), (0.0, 0.5, 1.0, 2.0, 5.0, 10.0), "network.noise"),
    ),
    checks=(Check("x", FIT, 0, 1, "x", at={"noise": 1.0}),),
    figure=Curve("scan_curve", x="noise", number=FIT),
    order=39,
)
