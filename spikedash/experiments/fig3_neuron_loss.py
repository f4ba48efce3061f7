"""Figure 3 (loss): how much of a trained network can be cut away."""

import math

from spikedash.experiments import fig3_periodic
from spikedash.experiments.record import Axis, Check, Curve, Experiment, Numbers, Outcome
from spikedash.experiments.shapes import ratio, rise, value


def measure(outcome: Outcome) -> Numbers:
    """How well the remaining neurons still follow their targets."""
    assert outcome.asked is not None
    return {"fit": outcome.asked.result.correlation.test_mean, "rate_left_hz": outcome.asked.result.rate_hz}


def left(share: float) -> object:
    """Fit after a loss, as a share of the intact network's."""


EXPERIMENT = Experiment(
    name="fig3-neuron-loss",
    title="Loss of neurons (Fig. 3)",
    blurb="After training, all synapses of some neurons are cut; the others go on.",
    claim="The trained patterns survive the loss of 5 % of the neurons, suffer mildly from 10 %, and are gone at 40 %.",
    values=fig3_periodic.EXPERIMENT.values,
    axes=(
        Axis(
            "removed",
            "Neurons removed",
            "share",
            (0.0, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.6),
            (0.0, 0.05, 0.1, 0.4),
            "probe.remove",
        ),
    ),
    asked={"trials": 10},
    measure=measure,
    checks=(
        Check(
            "fit at 5 % over intact",
            ratio(value("fit", {"removed": 0.05}), value("fit", {"removed": 0.0})),
            0.9,
            1.1,
            "the paper: 5 % intact",
        ),
        Check(
            "fit at 10 % over intact",
            ratio(value("fit", {"removed": 0.1}), value("fit", {"removed": 0.0})),
            0.6,
            0.97,
            "the paper: 10 % mild loss",
        ),
        Check("fit at 40 %", "fit", -0.2, 0.3, "the paper: 40 % gone", at={"removed": 0.4}),
        Check("falls with the loss", rise("fit", "removed"), -1, -0.9, "the more neurons are gone, the less is left"),
    ),
    figure=Curve("scan_curve", x="removed", number="fit"),
    order=35,
)
