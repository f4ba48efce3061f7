"""Figure 5: recorded cortical rates, learnt with the help of auxiliary neurons; needs an uploaded recording."""

from spikedash.experiments.record import Experiment

EXPERIMENT = Experiment(
    name="fig5-cortex",
    title="Recorded cortex (Fig. 5)",
    blurb="Your own recording becomes the target; auxiliary neurons with random rates make the network rich enough.",
    values={
        "target.family": "recorded",
        "network.n": 1000,
        "network.wiring": "all",
        "network.weights": "mixed",
        "network.sigma": 1,
        # Slow synapses average the spikes of noisy neurons: single trials reach 0.92 for 0.79 at 20 ms.
        "network.tau_s_ms": 50,
        "network.noise": 6,
        "training.loops": 20,
        "training.test_trials": 100,
        "cue.amplitude": 6,
        # A cue to the recorded neurons leaves them out of balance for 100 ms: the PSTH fit falls from 0.86 to 0.64.
        "cue.to": "auxiliary",
    },
    order=50,
    needs_recording=True,
)
