"""Figure 1 (rate units): the method also trains a network of rate units."""

import math

from spikedash.experiments.record import Check, Curve, Experiment, Numbers, Outcome, Question


def measure(outcome: Outcome) -> Numbers:
    """What the untrained network makes of its cue."""
    return {"untrained": outcome.answers["untrained"].result.correlation.test_mean}


EXPERIMENT = Experiment(
    name="fig1-rate-units",
    title="Rate units (Fig. 1)",
    blurb="500 rate units, chaotic before training, learn products of a slow and a fast wave.",
    claim="The same rule trains a chaotic network of rate units.",
    values={
        "network.model": "rate",
        "network.n": 500,
        "network.p": 0.3,
        "network.weights": "mixed",
        "network.sigma": 2,
        "target.family": "periodic",
        "target.period_min_ms": 500,
        "target.period_max_ms": 1000,
        "training.loops": 30,
    },
    short={"network.n": 300, "training.loops": 20},
    questions={"untrained": Question({"trials": 5}, of="untrained")},
    measure=measure,
    checks=(
        Check("single-trial correlation, mean", "correlation.test_mean", 0.9, math.inf, "tracks after training"),
        Check("correlation before training", "untrained", -0.2, 0.2, "chaotic before training: nothing follows the target"),
    ),
    figure=Curve("traces"),
    order=12,
)
