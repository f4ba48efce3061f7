"""Lesson 5: when learning fails, by tracking error or by sampling error."""

from spikedash.lessons.record import Claim, Lesson, Table

LESSON = Lesson(
    name="failing",
    title="When learning fails: two errors",
    lead="Synapses can be too fast and too slow. Each way the network fails differently.",
    say=(
        "Each of 300 neurons shall follow a random walk that forgets itself within about `τc = 100 ms`. All weights "
        "start at zero. Learning has to build the walk out of filtered spikes, and the synaptic time τs sets how they "
        "are filtered.",
        "Sampling error: a fast synapse passes on single spikes, and few of them fall into its short memory. It "
        "falls as `1/√(N·τs)`, so more neurons or slower synapses help.",
        "Tracking error: a slow synapse cannot follow a target that changes faster than it does. It grows with `τs/τc`.",
        Table(
            ("τs", "Test correlation"),
            (("2 ms", "0.18"), ("5 ms", "0.49"), ("30 ms", "0.84"), ("60 ms", "0.86"), ("200 ms", "0.77"), ("500 ms", "0.46")),
            "Measured with these settings and seed 1.",
        ),
    ),
    steps=(
        "Press Train. With `τs = 30 ms` the tests come to about 0.84.",
        "Set Synaptic time to 2 and press Train. The activity trembles around nothing: spikes are too few for each moment.",
        "Set it to 500. The activity is smooth and too lazy; the tests come to about 0.46.",
        "Set it to 60 and open the tab Theory: both expected errors against τs, and those of this network as dots.",
        "Make it easier for slow synapses: τs 500 and Correlation time 1000 ms. The tests rise to about 0.66.",
    ),
    think="At `τs = 5 ms`, would you rather double the number of neurons or double τs? What does each do to the two errors?",
    answer=(
        "For the sampling error both do the same, since it hangs on the product N·τs. Doubling τs also doubles the "
        "tracking error, which here is still small; doubling N leaves it alone but costs time and memory.",
    ),
    values={
        "target.family": "ou",
        "target.tau_c_ms": 100,
        "network.n": 300,
        "network.wiring": "shared",
        "network.weights": "silent",
        "network.tau_s_ms": 30,
        "training.loops": 20,
        "training.update_ms": 5,
        "training.test_trials": 10,
    },
    show=("network.tau_s_ms", "target.tau_c_ms", "network.n", "training.seed"),
    claims=(
        Claim({}, "correlation.test_mean", 0.80, 0.88),
        Claim({"network.tau_s_ms": 2}, "correlation.test_mean", 0.1, 0.26),
        Claim({"network.tau_s_ms": 5}, "correlation.test_mean", 0.42, 0.56),
        Claim({"network.tau_s_ms": 60}, "correlation.test_mean", 0.82, 0.9),
        Claim({"network.tau_s_ms": 200}, "correlation.test_mean", 0.71, 0.83),
        Claim({"network.tau_s_ms": 500}, "correlation.test_mean", 0.36, 0.56),
        Claim({"network.tau_s_ms": 500, "target.tau_c_ms": 1000}, "correlation.test_mean", 0.57, 0.75),
    ),
    glyph="fig6-errors",
)
