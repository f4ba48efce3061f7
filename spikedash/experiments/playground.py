"""The setting the page opens with: small, balanced, and learnt within a second."""

from spikedash.experiments.record import Experiment

EXPERIMENT = Experiment(
    name="playground",
    title="Playground",
    blurb="A small network of excitatory and inhibitory neurons learns a wave of its own for every neuron.",
    values={},
    order=0,
)
