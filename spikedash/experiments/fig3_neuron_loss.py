"""Figure 3 (loss): how much of a trained network can be cut away."""

import numpy as np

from spikedash.analysis import mean_or_nan, pearson
from spikedash.experiments import fig3_chaotic
from spikedash.experiments.record import Axis, Check, Curve, Experiment, Numbers, Outcome
from spikedash.experiments.shapes import rise

FULL = (0.0, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.6)


def measure(outcome: Outcome) -> Numbers:
    """How well the neurons that are left still follow their targets.

    - kept: the single-trial correlation, as a share of what the intact network reaches.
    - explained: 1 - ⟨(u - f)²⟩/var f of the trial average over all of them; 1 where the pattern is whole, and 0 where a flat
      line would do as well. A correlation is blind to size: a tenth of a pattern correlates with it as well as the whole.
    - second_half: the correlation of the trial average in the second half of the window, whose first half follows the cue.
    """
    assert outcome.asked is not None
    result = outcome.asked.result
    left = result.setup.trained
    target, drive = outcome.target[:, left], result.mean_drive[0][:, left]
    late = len(target) // 2
    fit = result.correlation.test_mean
    return {
        "fit": fit,
        "kept": fit / outcome.result.correlation.test_mean,
        "explained": float(1 - np.square(drive - target).sum() / np.square(target - target.mean(0)).sum()),
        "second_half": mean_or_nan(pearson(drive[late:], target[late:])),
        "rate_left_hz": result.rate_hz,
    }


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
    asked={"trials": 20},
    measure=measure,
    checks=(
        Check("kept at 5 %", "kept", 0.9, 1.1, "the paper: 5 % intact", at={"family": "chaotic", "removed": 0.05}),
        Check("kept at 10 %", "kept", 0.8, 0.98, "the paper: 10 % mild loss", at={"family": "chaotic", "removed": 0.1}),
        Check(
            "explained at 40 %",
            "explained",
            -1,
            0.0,
            "the paper: 40 % gone; no nearer to the targets than a flat line, which explains 0",
            at={"family": "chaotic", "removed": 0.4},
        ),
        Check(
            "falls with the loss",
            rise("explained", "removed"),
            -1,
            -0.75,
            "the more neurons are gone, the less is left; 5 and 10 % lie so close that they may change places",
        ),
    ),
    figure=Curve("scan_curve", x="removed", number="explained", by="family", beside=("kept",)),
    labels={"explained": "Variance explained", "kept": "Correlation kept (share)"},
    order=35,
    seeds=(5, 5),
    note="At 40 % the drives shrink to about a quarter of their targets and are no nearer to them than a flat line. What is left "
    "lies mostly in the half of the window that follows the cue and keeps nearly half of the intact network's correlation, as "
    "Pearson's r is blind to size. Sines lose their patterns in the same way; products of two waves suffer from 5 % already.",
)
