"""Figure 5 (shuffle): which synapses hold a recording; needs an uploaded one."""

from spikedash.experiments import fig5_cortex
from spikedash.experiments.record import Axis, Check, Curve, Experiment, Numbers, Outcome
from spikedash.experiments.shapes import difference, rise, value


def measure(outcome: Outcome) -> Numbers:
    """Median correlation of PSTH and recorded rate."""
    assert outcome.asked is not None
    fit = outcome.asked.result.rate_fit
    return {} if fit is None else {"fit": fit.median, "fit_mean": fit.mean}


EXPERIMENT = Experiment(
    name="fig5-shuffle",
    title="Shuffled synapses (Fig. 5)",
    blurb="In a network that has learnt a recording, a share of the synapses among recorded neurons exchange their weights.",
    claim="The fit falls with the share of shuffled synapses among the recorded neurons, which carry the pattern too.",
    values=fig5_cortex.EXPERIMENT.values,
    short={"training.loops": 10, "training.test_trials": 20},
    axes=(
        Axis("shuffled", "Synapses shuffled", "share", (0.0, 0.1, 0.25, 0.5, 0.75, 1.0), (0.0, 0.25, 0.5, 1.0), "probe.shuffle"),
    ),
    asked={"trials": 60, "among": "recorded"},
    measure=measure,
    checks=(
        Check("fit falls with the share", rise("fit", "shuffled"), -1, -0.9, "the paper: falls with the fraction"),
        Check(
            "lost when all are shuffled",
            difference(value("fit", {"shuffled": 0.0}), value("fit", {"shuffled": 1.0})),
            0.1,
            2,
            "a fall that can be seen",
        ),
    ),
    figure=Curve("scan_curve", x="shuffled", number="fit"),
    order=52,
    needs_recording=True,
    seeds=(3, 3),
)
