"""Figure 3 (loss): how much of a trained network can be cut away."""

from spikedash.experiments import fig3_chaotic
from spikedash.experiments.record import Axis, Check, Curve, Experiment, Numbers, Outcome
from spikedash.experiments.shapes import rise

FULL = (0.0, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.6)


def measure(outcome: Outcome) -> Numbers:
    """How well the remaining neurons still follow their targets, as a share of what the intact network reaches."""
    assert outcome.asked is not None
    fit = outcome.asked.result.correlation.test_mean
    return {"fit": fit, "kept": fit / outcome.result.correlation.test_mean, "rate_left_hz": outcome.asked.result.rate_hz}


EXPERIMENT = Experiment(
    name="fig3-neuron-loss",
    title="Loss of neurons (Fig. 3)",
    blurb="After training, all synapses of some neurons are cut; the others go on.",
    claim="The trained patterns survive the loss of 5 % of the neurons, suffer mildly from 10 %, and are gone at 40 %.",
    values=fig3_chaotic.EXPERIMENT.values,
    axes=(
        Axis("family", "Pattern", "", ("chaotic", "sine", "periodic"), ("chaotic",), "target.family"),
        Axis("removed", "Neurons removed", "share", FULL, (0.0, 0.05, 0.1, 0.4), "probe.remove"),
    ),
    asked={"trials": 10},
    measure=measure,
    checks=(
        Check("kept at 5 %", "kept", 0.9, 1.1, "the paper: 5 % intact", at={"family": "chaotic", "removed": 0.05}),
        Check("kept at 10 %", "kept", 0.8, 0.98, "the paper: 10 % mild loss", at={"family": "chaotic", "removed": 0.1}),
        Check(
            "kept at 40 %", "kept", -1, 0.5, "the paper: 40 % gone, here less than half", at={"family": "chaotic", "removed": 0.4}
        ),
        Check("falls with the loss", rise("kept", "removed"), -1, -0.8, "the more neurons are gone, the less is left"),
    ),
    figure=Curve("scan_curve", x="removed", number="kept", by="family"),
    order=35,
    note="How much a network can lose hangs on its targets: products of two waves are more fragile than chaotic traces or sines.",
)
