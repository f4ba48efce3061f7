"""Figure 5: recorded cortical rates, learnt with the help of auxiliary neurons; needs an uploaded recording."""

import math

from spikedash.experiments.record import Check, Curve, Experiment, Numbers, Outcome


def measure(outcome: Outcome) -> Numbers:
    """The fit as a share of what the noise of this many trials allows."""
    fit = outcome.result.rate_fit
    return {} if fit is None else {"of_ceiling": fit.median / fit.ceiling}


EXPERIMENT = Experiment(
    name="fig5-cortex",
    title="Recorded cortex (Fig. 5)",
    blurb="Your own recording becomes the target; auxiliary neurons with random rates make the network rich enough.",
    claim="With auxiliary neurons on random rates beside them, the recorded neurons of cortex learn their own rates.",
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
    measure=measure,
    checks=(
        Check("PSTH against recording, median r", "rate_fit.median", 0.88, math.inf, "set for the recording of 227 neurons"),
        Check("PSTH against recording, mean r", "rate_fit.mean", 0.82, math.inf, "set for the recording of 227 neurons"),
        Check(
            "median r over the noise ceiling", "of_ceiling", 0.93, 1.1, "what the noise of the trials leaves is nearly reached"
        ),
    ),
    figure=Curve("recording"),
    order=50,
    needs_recording=True,
)
