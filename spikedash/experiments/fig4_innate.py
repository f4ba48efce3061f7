"""Figure 4 (innate): a balanced network under Dale's law learns to repeat a trajectory of its own."""

import math

import numpy as np

from spikedash import analysis
from spikedash.experiments.record import Check, Experiment, Numbers, Outcome, Question


def measure(outcome: Outcome) -> Numbers:
    """How many trials repeat the trajectory, and how much two untrained trials have in common."""
    first, second = (outcome.answers[name].result.mean_drive[0] for name in ("untrained", "once more"))
    alike = float(np.nanmean(analysis.pearson(first, second)))
    return {"repeated": sum(test.correlation >= 0.9 for test in outcome.result.tests), "untrained_alike": alike}


EXPERIMENT = Experiment(
    name="fig4-innate",
    title="Innate trajectory (Fig. 4)",
    blurb="1000 excitatory and inhibitory neurons under Dale's law stabilise a chaotic trajectory of their own.",
    claim="A balanced network learns to repeat a chaotic trajectory of its own without breaking Dale's law; untrained trials "
    "do not repeat.",
    values={
        "target.family": "innate",
        "target.duration_ms": 2000,
        "network.n": 1000,
        "network.frac_exc": 0.8,
        "network.p": 0.1,
        "network.weights": "balanced",
        "network.J": 6,
        "network.g": 5,
        "network.dale": True,
        "network.tau_s_ms": 60,
        "training.loops": 40,
        "training.lam": 10,
        "training.test_trials": 10,
        # At ±1 one trial in five starts from a state the cue does not overcome.
        "cue.amplitude": 3,
        "cue.duration_ms": 100,
    },
    questions={"untrained": Question(of="untrained"), "once more": Question({"seed": 1}, of="untrained")},
    measure=measure,
    checks=(
        Check(
            "single-trial correlation, mean", "correlation.test_mean", 0.90, math.inf, "0.92 to 0.95 measured with a prototype"
        ),
        Check("trials at 0.90 or more, of 10", "repeated", 9, 10, "measured with a prototype: 10 of 10 at a cue of ±3"),
        Check("untrained trials with each other", "untrained_alike", -0.2, 0.3, "the paper: untrained trials do not repeat"),
        Check("population rate, Hz", "rate_hz", 6, 10, "self-sustained: 8 Hz measured with a prototype"),
        Check("sign changes", "sign_changes", 0, 0, "Dale's law is kept by every update"),
    ),
    order=40,
)
