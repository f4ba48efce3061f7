"""Figure 5: recorded cortical rates, learnt with the help of auxiliary neurons; needs an uploaded recording."""

from spikedash.experiments.record import Experiment

EXPERIMENT = Experiment(
    name="fig5-cortex",
    title="Recorded cortex (Fig. 5)",
    blurb="Your own recording becomes the target; auxiliary neurons with random rates make the network rich enough.",
    values={
        "target.family": "recorded",
        "network.n": 1000,
        "network.p": 0.3,
        "network.weights": "mixed",
        "network.sigma": 1,
        "network.tau_s_ms": 20,
        "network.noise": 6,
        "training.loops": 20,
        "training.test_trials": 100,
        "cue.amplitude": 3,
    },
    order=5,
    needs_recording=True,
)
