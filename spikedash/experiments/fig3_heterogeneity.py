"""Figure 3 (heterogeneity): learning needs targets that differ between neurons."""

import math

from spikedash import analysis
from spikedash.experiments.record import Axis, Check, Curve, Experiment, Numbers, Outcome, Table
from spikedash.experiments.shapes import LEARNT, Shape, difference, ratio, rise, value

FIT = "correlation.test_mean"


def measure(outcome: Outcome) -> Numbers:
    """What theory says of these targets.

    - dimensions: how many the rates span that the synapses combine.
    - poisson, noiseless: the correlation that least squares can reach with these inputs, if spikes are Poisson or not noisy at
      all. Trained networks fire more regularly than Poisson neurons, and not without noise.
    """
    setup, net, training = outcome.result.setup, outcome.params.network, outcome.params.training
    found = analysis.dimensions(analysis.rate_basis(outcome.target))
    inputs = setup.pre[0][setup.pre[0] < setup.n]
    updates = training.loops * round(outcome.params.target.duration_ms / training.update_ms)
    times = (net.tau_ms, net.tau_s_ms, outcome.sample_ms)
    errors = analysis.expected_errors(outcome.target, inputs, *times, lam=training.lam, updates=updates)
    noiseless = math.sqrt(max(0.0, 1 - float(errors.tracking[0]) ** 2))
    return {"dimensions": float(found.enough), "poisson": float(errors.correlation[0]), "noiseless": noiseless}


def between(rows: Table) -> float:
    """Where the fit of random targets lies between theory with Poisson spikes (0) and theory without noise (1)."""
    fit, low, high = (value(name, {"own": 1.0})(rows) for name in (FIT, "poisson", "noiseless"))
    return (fit - low) / (high - low)


def late_rise(since: float) -> Shape:
    """What comes after a share of random targets, as a part of the whole rise."""
    fits = [value(FIT, {"own": own}) for own in (0.0, since, 1.0)]
    return ratio(difference(fits[2], fits[1]), difference(fits[2], fits[0]))


FAILS = "the paper: fails at low fractions; a trial shares less than half of its variance with its target"
FLAT = "the paper: flat at the end; its slope there is less than a third of the mean slope"

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
        Check("fit without random targets", FIT, -1, LEARNT, FAILS, at={"own": 0.0}),
        Check("fit at 10 %", FIT, -1, LEARNT, FAILS, at={"own": 0.1}),
        Check(
            "fit of random targets between two theories",
            between,
            0,
            1,
            "least squares on the targets' rates with Poisson spikes (0) and without noise (1): trained neurons fire more "
            "regularly than the one, and not without the other",
        ),
        Check(
            "fit rises with the share",
            rise(FIT, "own"),
            0.9,
            1,
            "the paper: rises, then flat; in theory it rises all the way, at the end by less than networks differ",
        ),
        Check("rise from 0.7 on, of the whole", late_rise(0.7), -0.1, 0.1, FLAT, form="short"),
        Check("rise from 0.8 on, of the whole", late_rise(0.8), -0.067, 0.067, FLAT, form="full"),
        Check("dimensions rise with the share", rise("dimensions", "own"), 0.99, 1, "every random target adds a rate of its own"),
    ),
    figure=Curve("scan_curve", x="own", number=FIT, beside=("poisson", "noiseless")),
    labels={"poisson": "Theory, Poisson spikes", "noiseless": "Theory, no noise"},
    order=34,
)
