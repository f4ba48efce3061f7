"""Figure 4 (perturbation): one deleted spike, and how far the network's phases part."""

from typing import Any

import numpy as np

from spikedash import analysis
from spikedash.experiments import fig4_innate
from spikedash.experiments.record import Answer, Check, Curve, Experiment, Numbers, Outcome, Question
from spikedash.records import F64

DELETED_MS, BEYOND_MS = 200.0, 1500.0
PROBE = {"delete": True, "delete_ms": DELETED_MS, "trials": 5}


def deviation(answer: Answer) -> tuple[F64, F64]:
    """Time (s,) and mean phase deviation over trials (s,) in rad."""
    assert answer.phases is not None
    return answer.phases.time_ms, np.mean([analysis.phase_deviation(*pair) for pair in answer.phases.theta], axis=0)


def measure(outcome: Outcome) -> Numbers:
    """Mean deviation from the deleted spike to the window's end, and in the last 500 ms after it."""
    window = outcome.params.target.duration_ms
    numbers: dict[str, Any] = {}
    for name in ("trained", "untrained"):
        t, apart = deviation(outcome.answers[name])
        numbers |= {
            f"{name}_inside": float(apart[(t > DELETED_MS) & (t <= window)].mean()),
            f"{name}_outside": float(apart[t > window + BEYOND_MS - 500].mean()),
            name: apart,
            "time_ms": t,
        }
    numbers["inside_ratio"] = numbers["trained_inside"] / numbers["untrained_inside"]
    numbers["growth"] = numbers["trained_outside"] / numbers["trained_inside"]
    return numbers


EXPERIMENT = Experiment(
    name="fig4-perturbation",
    title="One spike deleted (Fig. 4)",
    blurb="Two trials of the same network differ by one spike; the mean difference of their phases tells how stable it is.",
    claim="In the trained window the network comes back after a deleted spike; outside it, and before training, trials part.",
    values=fig4_innate.EXPERIMENT.values,
    short={"training.loops": 20, "training.test_trials": 5},
    questions={
        "trained": Question(PROBE, beyond_ms=BEYOND_MS, phases=True),
        "untrained": Question(PROBE, of="untrained", beyond_ms=BEYOND_MS, phases=True),
    },
    measure=measure,
    checks=(
        Check("inside the window, trained over untrained", "inside_ratio", 0, 0.6, "the paper: small inside the trained window"),
        Check("trained, outside over inside", "growth", 1.5, np.inf, "the paper: grows outside the window"),
        Check("untrained, rad", "untrained_outside", 0.6, np.pi, "trials without anything in common end near π/2"),
    ),
    figure=Curve("phase_deviation", x="time_ms", number="trained"),
    order=41,
)
