"""Figure 7: how long a pattern a network can hold."""

from spikedash.experiments.record import Axis, Check, Curve, Experiment
from spikedash.experiments.shapes import difference, rise, value

FIT = "correlation.test_mean"

EXPERIMENT = Experiment(
    name="fig7-capacity",
    title="Capacity (Fig. 7)",
    blurb="Networks of different size learn random walks of different length and speed.",
    claim="The longest pattern that can be learnt is a multiple of the targets' correlation time, and the multiple grows with N.",
    values={
        "target.family": "ou",
        "target.tau_c_ms": 100,
        "network.n": 500,
        "network.p": 0.3,
        "network.wiring": "shared",
        "network.group": 10,
        "network.weights": "mixed",
        "network.sigma": 1,
        "training.loops": 30,
        "training.update_ms": 5,
    },
    short={"training.loops": 15, "training.test_trials": 5},
    axes=(
        Axis("n", "Neurons", "", (500, 750, 1000), (250, 500), "network.n"),
        Axis("tau_c", "Correlation time τc", "ms", (25, 50, 100, 200, 500), (50, 100), "target.tau_c_ms", log=True),
        Axis("T", "Duration T", "ms", (250, 500, 1000, 2000, 4000, 5000), (500, 1000, 2000), "target.duration_ms", log=True),
    ),
    checks=(
        Check("fit falls with T", rise(FIT, "T"), -1, -0.9, "the paper: long patterns are beyond the capacity"),
        Check("fit rises with N", rise(FIT, "n"), 0.9, 1, "the paper: capacity grows with N"),
        Check("fit rises with τc", rise(FIT, "tau_c"), 0.9, 1, "the paper: the longest pattern is a multiple of τc"),
        Check(
            "N 500 over N 250 at T 2000, τc 50",
            difference(value(FIT, {"n": 500, "T": 2000, "tau_c": 50}), value(FIT, {"n": 250, "T": 2000, "tau_c": 50})),
            0.05,
            1,
            "the paper: capacity grows with N; the longest pattern in units of τc, where the small network has reached its own",
            form="short",
        ),
        Check(
            "N 1000 over N 500 at T 4000, τc 100",
            difference(value(FIT, {"n": 1000, "T": 4000, "tau_c": 100}), value(FIT, {"n": 500, "T": 4000, "tau_c": 100})),
            0.05,
            1,
            "the paper: capacity grows with N",
            form="full",
        ),
        Check(
            "T 1000 at τc 50 less T 2000 at τc 100",
            difference(value(FIT, {"n": 500, "T": 1000, "tau_c": 50}), value(FIT, {"n": 500, "T": 2000, "tau_c": 100})),
            -0.1,
            0.1,
            "the paper: equal lengths in units of τc are equally hard",
        ),
    ),
    figure=Curve("scan_curve", x="T", number=FIT, by="n", at={"tau_c": 100}),
    order=70,
    seeds=(3, 3),
)
