"""Figure 5 (shuffle): which synapses hold a recording; needs an uploaded one."""

import numpy as np

from spikedash.experiments import fig5_cortex
from spikedash.experiments.fig5_auxiliary import beside
from spikedash.experiments.record import Axis, Check, Curve, Experiment, Numbers, Outcome
from spikedash.experiments.shapes import difference, rise, value

FEW = {"ratio": 0.5}


def measure(outcome: Outcome) -> Numbers:
    """Fits of the recorded neurons: their mean drive with its target, and the median of PSTH with recorded rate."""
    assert outcome.asked is not None
    found, recorded = outcome.asked.result, outcome.result.setup.target_hz
    if found.rate_fit is None or recorded is None:
        return {}
    return {"fit": found.rate_fit.median, "drive": float(np.nanmean(found.per_neuron[: recorded.shape[1]]))}


def lost(number: str) -> Check:
    fall = difference(value(number, {**FEW, "shuffled": 0.0}), value(number, {**FEW, "shuffled": 1.0}))
    return Check(f"lost when all are shuffled, {number}", fall, 0.03, 2, "a fall that can be seen, above what trials differ by")


EXPERIMENT = Experiment(
    name="fig5-shuffle",
    title="Shuffled synapses (Fig. 5)",
    blurb="In a network that has learnt a recording, a share of the synapses among recorded neurons exchange their weights.",
    claim="The fit falls with the share of shuffled synapses among the recorded neurons, which carry the pattern too.",
    # Least squares lean on the presynaptic neurons that vary most. At 0.1, the low end of the paper's range, auxiliary neurons
    # vary by 7 Hz in 2 s and recorded ones by 2.5 Hz, which then carry a sixth of the drive's SD (ratio 0.5); at 0.03 both vary
    # about alike. Without private noise the spikes tell more of it.
    values={**fig5_cortex.EXPERIMENT.values, "target.aux_std": 0.03, "network.noise": 0, "training.test_trials": 40},
    short={"training.loops": 8, "training.test_trials": 10},
    axes=(
        Axis("ratio", "Auxiliary per recorded neuron", "", (0.5, 1.0, 2.0), (0.5, 2.0), settings=beside),
        Axis("shuffled", "Synapses shuffled", "share", (0.0, 0.1, 0.25, 0.5, 0.75, 1.0), (0.0, 0.5, 1.0), "probe.shuffle"),
    ),
    asked={"trials": 20, "among": "recorded"},
    measure=measure,
    checks=(
        Check("drive falls with the share", rise("drive", "shuffled", FEW), -1, -0.9, "the paper: falls with the fraction"),
        lost("drive"),
        # Three points of a PSTH from few trials may change places.
        Check("fit falls with the share", rise("fit", "shuffled", FEW), -1, -0.75, "the paper: falls", form="full"),
        lost("fit"),
    ),
    figure=Curve("scan_curve", x="shuffled", number="drive", by="ratio", beside=("fit",)),
    labels={"drive": "Mean drive against target", "fit": "PSTH against recording, median"},
    order=52,
    needs_recording=True,
    seeds=(3, 3),
    note="The more auxiliary neurons there are, and the more their rates vary, the less hangs on the synapses among the recorded "
    "ones, since least squares lean on presynaptic neurons that vary: at the paper's amplitude of 0.1 nothing is lost that could "
    "be seen, and with two auxiliary neurons for each recorded one little at 0.03 either.",
)
