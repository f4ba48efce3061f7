"""Figure 3 (heterogeneity): learning needs targets that differ between neurons."""

from spikedash.experiments.record import Axis, Check, Curve, Experiment

FIT = "correlation.test_mean"

EXPERIMENT = Experiment(
    name="fig3-heterogeneity",
    title="Heterogeneous targets (Fig. 3)",
    blurb="A share of the neurons draws random targets, and all others repeat one pattern.",
    claim="Learning fails where most neurons share a target, gets better with the share of random ones, and levels off.",
    values={
        "target.family": "ou",
        "network.n": 500,
        "network.weights": "mixed",
        "network.sigma": 1,
        "training.loops": 30,
    },
    axes=(
        Axis(
            "own",
            "Neurons with a random target",
            "share",
            (0.0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.6, 0.8, 1.0),
            (0.0, 0.05, 0.1, 0.2, 0.4, 0.7, 1.0),
            "target.own_share",
        ),
    ),
    checks=(Check("x", FIT, 0, 1, "x", at={"own": 1.0}),),
    figure=Curve("scan_curve", x="own", number=FIT),
    order=34,
)
