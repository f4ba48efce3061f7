"""Lesson 4: excitation and inhibition in balance, and Dale's law."""

from spikedash.lessons.record import Claim, Lesson, Table

LESSON = Lesson(
    name="balance",
    title="Dale's law and balance",
    lead=(
        "Four neurons excite for each one that inhibits. What keeps them from firing all at once, and what if signs are fixed?"
    ),
    say=(
        "In this network 160 neurons excite and 40 inhibit. Each receives exactly the same number of inputs of both "
        "kinds, with weights J/√K and −gJ/√K. With four times as many excitatory inputs the two cancel at g = 4; above "
        "it inhibition is the stronger.",
        Table(
            ("Inhibition g", "Population rate"),
            (("2", "193 Hz"), ("3", "96 Hz"), ("5", "9 Hz"), ("8", "4 Hz")),
            "Before learning, seed 1.",
        ),
        "Dale's law: a neuron excites all its targets or inhibits all of them. A synapse may then become stronger or "
        "weaker, but never change its sign. An update that would do so is not made, and that synapse no longer learns.",
    ),
    steps=(
        "Press Train. With 0 loops the network only runs: about 9 Hz, irregular.",
        "Set Inhibition g to 3, then to 2, and press Train each time: excitation wins, and the network fires all the time.",
        "Set g back to 5 and Loops to 60. Press Train: the tests come to about 0.95.",
        "Switch Dale's law on and press Train: about 0.58. The line under the result says that no weight changed its "
        "sign, and that three quarters of the synapses are held.",
        "Set Synaptic time to 60 and press Train: about 0.92, with three synapses in five held. Slow synapses average "
        "over more spikes, so that the remaining weights suffice.",
        "Open the tab Network and compare the weights before and after: under the law none has crossed zero.",
    ),
    think="Why does the law cost so much in this small network?",
    answer=(
        "Each neuron has 60 inputs and must build a wave out of them. Without the law each of 60 weights may go either "
        "way. With it most of the wanted changes would pass zero, and the synapse stops there: few are left to learn with.",
        "In the paper's network (Fig. 4) a neuron has 100 of 1,000 inputs, and its targets are the network's own "
        "activity, for which the weights are nearly right already: only a quarter of the synapses is held, and trials "
        "repeat to 0.92–0.95.",
    ),
    values={"training.loops": 0},
    show=("network.g", "network.dale", "network.tau_s_ms", "training.loops", "training.seed"),
    claims=(
        Claim({}, "rate_hz", 7, 11),
        Claim({"network.g": 8}, "rate_hz", 3, 6),
        Claim({"network.g": 3}, "rate_hz", 90, 103),
        Claim({"network.g": 2}, "rate_hz", 185, 200),
        Claim({"training.loops": 60}, "correlation.test_mean", 0.92, 0.97),
        Claim({"training.loops": 60, "network.dale": True}, "correlation.test_mean", 0.5, 0.68),
        Claim({"training.loops": 60, "network.dale": True}, "frozen", 0.7, 0.8),
        Claim({"training.loops": 60, "network.dale": True, "network.tau_s_ms": 60}, "correlation.test_mean", 0.87, 0.96),
        Claim({"training.loops": 60, "network.dale": True, "network.tau_s_ms": 60}, "frozen", 0.53, 0.67),
        Claim({"training.loops": 60, "network.dale": True}, "sign_changes", 0, 0),
    ),
    glyph="fig4-innate",
)
