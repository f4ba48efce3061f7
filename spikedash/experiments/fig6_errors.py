"""Figure 6: two errors that set a window of synaptic times, sampling by few spikes and tracking by slow synapses."""

import math

import numpy as np

from spikedash import analysis
from spikedash.experiments.record import Axis, Check, Curve, Experiment, Numbers, Outcome
from spikedash.experiments.shapes import difference, peak, rise, slope, value

FIT = "correlation.test_mean"
AT = {"tau_c": 100}
TAU_S = (1, 3, 5, 10, 20, 30, 60, 100, 200, 500)


def measure(outcome: Outcome) -> Numbers:
    """Both errors of the trained weights, as shares of the targets' standard deviation."""
    setup, net = outcome.result.setup, outcome.params.network
    found = analysis.trained_errors(
        setup.pre, outcome.result.weights, outcome.target, net.tau_ms, net.tau_s_ms, outcome.sample_ms, gain=analysis.smooth_phi
    )
    return {"tracking": float(np.nanmedian(found.tracking)), "sampling": float(np.nanmedian(found.sampling))}


EXPERIMENT = Experiment(
    name="fig6-errors",
    title="Sampling and tracking (Fig. 6)",
    blurb="Networks without initial weights learn random walks of different speed with synapses of different speed.",
    claim="Fast synapses sample the rate by too few spikes, slow ones cannot track the target: learning works in between, and "
    "the errors scale as 1/√(Nτs) and τs/τc.",
    values={
        "target.family": "ou",
        "target.tau_c_ms": 100,
        "network.n": 500,
        "network.p": 0.3,
        # Neurons that share their inputs reach the same least-squares solution as neurons with inputs of their own.
        "network.wiring": "shared",
        "network.group": 10,
        "network.weights": "silent",
        "training.loops": 30,
        "training.update_ms": 2,
    },
    short={"training.loops": 12, "training.update_ms": 5, "training.test_trials": 10},
    axes=(
        Axis("tau_s", "Synaptic time τs", "ms", TAU_S, (1, 5, 10, 20, 30, 60, 200, 500), "network.tau_s_ms", log=True),
        Axis("tau_c", "Correlation time τc", "ms", (10, 30, 100, 300, 500), (30, 100), "target.tau_c_ms", log=True),
    ),
    measure=measure,
    checks=(
        Check(
            "τs of the best fit at τc 100, ms", peak(FIT, "tau_s", AT), 20, 100, "the paper: inverted U, with its maximum there"
        ),
        Check("best fit at τc 100", FIT, 0.8, math.inf, "the paper: learns at 30; 0.88 with a prototype", at={**AT, "tau_s": 30}),
        Check(
            "fit at 30 above fit at 5",
            difference(value(FIT, {**AT, "tau_s": 30}), value(FIT, {**AT, "tau_s": 5})),
            0.1,
            1,
            "the paper: sampling error at 5 ms (0.64 and 0.88 with a prototype)",
        ),
        Check(
            "fit at 30 above fit at 200",
            difference(value(FIT, {**AT, "tau_s": 30}), value(FIT, {**AT, "tau_s": 200})),
            0.1,
            1,
            "the paper: tracking error at 200 ms (0.88 and 0.67 with a prototype)",
        ),
        Check("tracking error rises with τs", rise("tracking", "tau_s", AT), 0.8, 1, "the paper: scales as τs/τc"),
        Check("tracking error falls with τc", rise("tracking", "tau_c", {"tau_s": 60}), -1, -0.9, "the paper: scales as τs/τc"),
        Check("sampling error falls with τs", rise("sampling", "tau_s", AT), -1, -0.8, "the paper: scales as 1/√(Nτs)"),
        Check("exponent of the sampling error in τs", slope("sampling", "tau_s", AT), -0.75, -0.25, "the paper: −1/2"),
    ),
    figure=Curve("scan_curve", x="tau_s", number=FIT, by="tau_c"),
    order=60,
    seeds=(3, 3),
)
