"""Figure 4 (scan): strong and slow synapses make a balanced network quasi-static, and so able to learn its trajectory."""

import numpy as np
from scipy.stats import spearmanr

from spikedash import analysis
from spikedash.experiments import fig4_innate
from spikedash.experiments.record import Axis, Check, Curve, Experiment, Numbers, Outcome, Question, Table
from spikedash.experiments.shapes import Shape, rise

SETTLED = 40  # samples: 200 ms in which the filter forgets where it began
FIT, QUASI = "correlation.test_mean", "quasi_static"


def measure(outcome: Outcome) -> Numbers:
    """How well φ(u) of the untrained network's drive, through its synapses, gives back that drive: u ≈ L W φ(u).

    L is the synapses' own low-pass filter, so that only what the neurons do with their drive counts. Sums over many inputs
    are compared, since a single neuron's few spikes say little about its rate.
    """
    setup, net, answer = outcome.result.setup, outcome.params.network, outcome.answers["untrained"]
    drive = answer.result.mean_drive[0]
    static = analysis.drive_from_rates(setup.pre, setup.weights, analysis.phi(drive + net.bias))
    predicted = analysis.low_pass(static, net.tau_s_ms, outcome.sample_ms)
    fit = analysis.pearson(predicted[SETTLED:], drive[SETTLED:])
    return {QUASI: float(np.nanmean(fit)), "untrained_hz": answer.result.rate_hz}


def together(first: str, second: str) -> Shape:
    """Spearman's rank correlation of two numbers over all points."""

    def measure(rows: Table) -> float:
        pairs = np.array([(row.numbers.get(first), row.numbers.get(second)) for row in rows], float)
        pairs = pairs[np.isfinite(pairs).all(1)]
        return float(spearmanr(*pairs.T).statistic) if len(pairs) > 2 else float("nan")

    return measure


EXPERIMENT = Experiment(
    name="fig4-scan",
    title="Coupling and synaptic time (Fig. 4)",
    blurb="Balanced networks of different coupling and synaptic time try to learn their own trajectories.",
    claim="Quasi-static accuracy and learning rise with the coupling and with the synaptic time, and with each other.",
    values=fig4_innate.EXPERIMENT.values,
    short={"network.n": 500, "network.p": 0.2, "training.loops": 15, "training.test_trials": 5, "target.duration_ms": 1000},
    axes=(
        Axis("J", "Coupling J", "", (1.0, 2.0, 3.0, 4.0, 5.0, 6.0), (2.0, 4.0, 6.0), "network.J"),
        Axis("tau_s", "Synaptic time τs", "ms", (5, 10, 20, 40, 60, 100), (5, 20, 60), "network.tau_s_ms", log=True),
    ),
    questions={"untrained": Question({"trials": 1}, of="untrained")},
    measure=measure,
    checks=(
        Check("fit rises with τs", rise(FIT, "tau_s"), 0.8, 1, "the paper: learning rises with τs"),
        Check("fit rises with J", rise(FIT, "J"), 0.8, 1, "the paper: learning rises with J"),
        Check("quasi-static accuracy rises with τs", rise(QUASI, "tau_s"), 0.8, 1, "the paper: slow drive is quasi-static"),
        Check(
            "quasi-static accuracy rises with J",
            rise(QUASI, "J"),
            0.8,
            1,
            "the paper: strong drive outruns the neurons' own time",
        ),
        Check("one with the other", together(QUASI, FIT), 0.7, 1, "the paper: what is quasi-static is learnt"),
    ),
    figure=Curve("scan_map", x="tau_s", y="J", number=FIT, beside=(QUASI,)),
    labels={QUASI: "Quasi-static accuracy"},
    order=43,
    seeds=(3, 3),
)
