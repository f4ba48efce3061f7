"""Figure 3 (Izhikevich): five types of cells in one network learn."""

import math

from spikedash.experiments import fig3_lif
from spikedash.experiments.record import Check, Experiment

EXPERIMENT = Experiment(
    name="fig3-izhikevich",
    title="Izhikevich neurons (Fig. 3)",
    blurb="200 neurons of five types, from regular to bursting and fast spiking, learn products of two slow waves.",
    claim="The method does not hang on the neuron model: a mixture of Izhikevich's five cell types learns.",
    # Without a constant input of 5 the cells rest below the current at which they begin to fire.
    values={**fig3_lif.EXPERIMENT.values, "network.model": "izhikevich", "network.bias": 5},
    checks=(
        Check("single-trial correlation, mean", "correlation.test_mean", 0.9, math.inf, "learns: about 0.95 with this engine"),
    ),
    order=38,
)
