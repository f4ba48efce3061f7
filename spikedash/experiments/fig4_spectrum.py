"""Figure 4 (spectrum): eigenvalues of the weights before and after training."""

from typing import Any

import numpy as np

from spikedash import analysis
from spikedash.experiments import fig4_innate
from spikedash.experiments.record import Check, Curve, Experiment, Numbers, Outcome


def measure(outcome: Outcome) -> Numbers:
    """Radius of the bulk, in units of the radius that random weights of the initial spread fill."""
    setup, scale = outcome.result.setup, analysis.bulk_scale(outcome.params.network)
    numbers: dict[str, Any] = {}
    for name, weights in (("before", setup.weights), ("after", outcome.result.weights)):
        found = analysis.spectrum(analysis.dense(setup.pre, weights, setup.n), scale)
        numbers |= {name: found.radius, f"{name}_real": found.values.real, f"{name}_imag": found.values.imag}
        numbers[f"{name}_rms"] = float(np.sqrt(np.mean(np.square(np.abs(found.values[1:])))))
    numbers["shrunk"] = numbers["after"] / numbers["before"]
    return numbers


EXPERIMENT = Experiment(
    name="fig4-spectrum",
    title="Eigenvalues (Fig. 4)",
    blurb="The eigenvalues of a balanced network's weights, before and after it learns its own trajectory.",
    claim="Before training the eigenvalues fill a circle (all but one); training under Dale's law shrinks it.",
    values=fig4_innate.EXPERIMENT.values,
    short={"training.loops": 20, "training.test_trials": 2},
    measure=measure,
    checks=(
        Check("radius before training", "before", 0.93, 1.07, "the circular law for random weights of this spread"),
        Check("radius after over before", "shrunk", 0, 0.98, "the paper: smaller after training"),
    ),
    figure=Curve("spectrum", x="after_real", y="after_imag"),
    order=42,
)
