"""Figure 3 (heterogeneity): learning needs targets that differ between neurons."""

from spikedash import analysis
from spikedash.experiments.record import Axis, Check, Curve, Experiment, Numbers, Outcome
from spikedash.experiments.shapes import difference, rise, value

FIT = "correlation.test_mean"


def measure(outcome: Outcome) -> Numbers:
    """How many dimensions the rates span that the synapses combine."""
    found = analysis.dimensions(analysis.rate_basis(outcome.target))
    return {"dimensions": float(found.enough)}


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
            (0.0, 0.1, 0.4, 0.7, 1.0),
            "target.own_share",
        ),
    ),
    measure=measure,
    checks=(
        Check("fit without random targets", FIT, -0.5, 0.4, "the paper: fails at low fractions", at={"own": 0.0}),
        Check("fit at 10 %", FIT, -0.5, 0.7, "the paper: fails at low fractions", at={"own": 0.1}),
        Check("fit rises with the share", rise(FIT, "own"), 0.8, 1, "the paper: rises, then flat"),
        Check(
            "from 0.7 to 1",
            difference(value(FIT, {"own": 1.0}), value(FIT, {"own": 0.7})),
            -0.05,
            0.1,
            "the paper: flat at the end; a third of the scan may bring a tenth of its height",
            form="short",
        ),
        Check(
            "from 0.8 to 1",
            difference(value(FIT, {"own": 1.0}), value(FIT, {"own": 0.8})),
            -0.05,
            0.1,
            "the paper: flat at the end",
            form="full",
        ),
        Check("dimensions rise with the share", rise("dimensions", "own"), 0.99, 1, "every random target adds a rate of its own"),
    ),
    figure=Curve("scan_curve", x="own", number=FIT),
    order=34,
)
