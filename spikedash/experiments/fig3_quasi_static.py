"""Figure 3 (theory): in a trained network drive and rate follow from the drive alone, u ≈ W φ(u) and R ≈ φ(u)."""

import math

import numpy as np

from spikedash import analysis
from spikedash.experiments import fig3_periodic
from spikedash.experiments.record import Axis, Check, Curve, Experiment, Numbers, Outcome, Question

RATE_SMOOTHING_MS = 30.0
SHOWN = 4  # neurons


def measure(outcome: Outcome) -> Numbers:
    """How far the quasi-static prediction from the mean drive agrees with the simulation."""
    setup, answer = outcome.result.setup, outcome.answers["trials"]
    psth = analysis.smooth(answer.counts, RATE_SMOOTHING_MS / outcome.sample_ms)
    drive = answer.result.mean_drive[0]
    # Noisy spikes round the gain off: the paper's smooth φ.
    found = analysis.quasi_static(setup.pre, outcome.result.weights, drive, rate=psth, gain=analysis.smooth_phi)
    assert found.rate_fit is not None
    slope = float(np.sum(found.drive * drive) / np.sum(np.square(found.drive)))
    shown = np.arange(SHOWN) * setup.n // SHOWN + setup.n // (2 * SHOWN)
    return {
        "drive_fit": float(np.nanmean(found.drive_fit)),
        "rate_fit": float(np.nanmean(found.rate_fit)),
        "scale": slope,
        # A few neurons for the figure.
        "shown_ms": setup.sample_ms,
        "shown_neurons": shown,
        "shown_drive": drive[:, shown].T,
        "shown_predicted": found.drive[:, shown].T,
        "shown_fit": found.drive_fit[shown],
    }


PREDICTED = "the paper: the predictions lie on the simulation"

EXPERIMENT = Experiment(
    name="fig3-quasi-static",
    title="Quasi-static theory (Fig. 3)",
    blurb="The drive of a trained network predicts its own drive and its firing rates, as if it changed slowly.",
    claim="Trained networks are described by u ≈ W φ(u) and R ≈ φ(u).",
    values={**fig3_periodic.EXPERIMENT.values, "target.family": "chaotic"},
    axes=(Axis("family", "Pattern", "", ("chaotic", "periodic", "ou"), ("chaotic", "periodic"), "target.family"),),
    # At 10 Hz 40 trials leave a dozen spikes in 30 ms, whose chance costs 0.003 of the rates' agreement (0.899 over 5 seeds).
    questions={"trials": Question({"trials": 120})},
    measure=measure,
    checks=(
        Check("drive: correlation of W φ(u) with u", "drive_fit", 0.9, math.inf, PREDICTED, at={"family": "chaotic"}),
        Check("rate: correlation of φ(u) with R", "rate_fit", 0.9, math.inf, PREDICTED, at={"family": "chaotic"}),
        Check(
            "scale of u over W φ(u)", "scale", 0.8, 1.25, "on the simulation, not only in step with it", at={"family": "chaotic"}
        ),
    ),
    figure=Curve("overlay"),
    order=33,
)
