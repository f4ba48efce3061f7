"""Figure 5: recorded cortical rates, learnt with the help of auxiliary neurons; needs an uploaded recording."""

import math

from spikedash.experiments.record import Check, Curve, Experiment, Numbers, Outcome


def measure(outcome: Outcome) -> Numbers:
    """Every neuron's fit and noise ceiling, and the median fit as a share of the median ceiling."""
    fit = outcome.result.rate_fit
    if fit is None:
        return {}
    share = fit.median / fit.ceiling if fit.ceiling > 0 else math.nan
    return {"of_ceiling": share, "fits": fit.per_neuron, "ceilings": fit.ceilings}


EXPERIMENT = Experiment(
    name="fig5-cortex",
    title="Recorded cortex (Fig. 5)",
    blurb="Your own recording becomes the target; auxiliary neurons with random rates make the network rich enough.",
    claim="Spiking neurons learn the recorded rates of cortical neurons, with two or more auxiliary neurons for each of them.",
    values={
        "target.family": "recorded",
        "network.n": 1000,
        "network.wiring": "all",
        "network.weights": "mixed",
        "network.sigma": 1,
        # Slow synapses average the spikes of noisy neurons: single trials reach 0.96 for 0.92 at 20 ms.
        "network.tau_s_ms": 50,
        # Little noise makes spikes regular, so that fewer trials give the same PSTH; 0.5 is too little: trials fall apart.
        "network.noise": 2,
        # With few loops the network runs ahead of its pattern, 20 to 50 ms by the end of 2 s after 6 of them.
        "training.loops": 30,
        # The fit is at the noise ceiling, and only trials raise that.
        "training.test_trials": 300,
        "cue.amplitude": 6,
        # A cue to the recorded neurons leaves them out of balance for 100 ms: the PSTH fit falls from 0.89 to 0.71.
        "cue.to": "auxiliary",
    },
    measure=measure,
    checks=(
        Check("PSTH against rate, median over neurons", "rate_fit.median", 0.88, math.inf, "what the project set out to reach"),
        Check("the same, mean over neurons", "rate_fit.mean", 0.82, math.inf, "what the project set out to reach"),
        Check(
            "median fit over noise ceiling", "of_ceiling", 0.93, math.inf, "what the project set out to reach; 1 is all there is"
        ),
        Check("drive, single trial", "correlation.test_mean", 0.9, math.inf, "trials that fall apart would hide in the average"),
    ),
    figure=Curve("agreement", x="ceilings", number="fits"),
    order=50,
    needs_recording=True,
)
