"""Lesson 1: one neuron and its f–I curve."""

from spikedash.lessons.record import Claim, Lesson, Table

LESSON = Lesson(
    name="neuron",
    title="One neuron and its f–I curve",
    lead="How many spikes does a constant input give, and what does noise do to the threshold?",
    say=(
        "A theta neuron adds up its input I until it spikes: `τ dv/dt = v² + I`, and v starts again from below. "
        "With I above 0 it fires steadily, once every `πτ/√I`. With `τ = 10 ms` that makes `100·√I/π` spikes a second. "
        "With I below 0 it rests.",
        "Here are two neurons without any connection, so that each is alone. They get a constant input, nothing is learnt "
        "(0 loops), and 20 test trials of one second count the spikes.",
    ),
    steps=(
        "Press Train. Both rows of spikes tick like clocks. Compare the population rate with the table.",
        "Set Constant input to 4 and press Train again; then to 9.",
        "Set it to −0.5: silence. This is the threshold.",
        "Set it to 0 and Noise to 2. The neuron sits at its threshold, and yet it fires, at about 12 Hz.",
        "Set Constant input to −1 and Noise to 5: even below the threshold there are about 8 spikes a second.",
    ),
    think="The input becomes four times as strong. Why does the rate only double?",
    answer=(
        "The time from one spike to the next is `πτ/√I`. Most of it passes near v = 0, where v² is small and only I moves the "
        "neuron; a stronger input shortens this wait, but with the root: four times the input, half the time, twice the rate.",
        "The curve of rate against input is the f–I curve. It starts at the threshold with a steep rise, and noise rounds "
        "that corner off. Learning needs the slope of this curve: where it is flat, a change of input changes nothing.",
    ),
    values={
        "network.n": 2,
        "network.wiring": "all",
        "network.weights": "silent",
        "network.bias": 1,
        "training.loops": 0,
        "training.test_trials": 20,
        "cue.amplitude": 0,
    },
    show=("network.bias", "network.noise"),
    claims=(
        Claim({}, "rate_hz", 31.5, 32.2),
        Claim({"network.bias": 0.25}, "rate_hz", 15.5, 16.4),
        Claim({"network.bias": 4}, "rate_hz", 63.2, 64.2),
        Claim({"network.bias": 9}, "rate_hz", 95, 96),
        Claim({"network.bias": -0.5}, "rate_hz", 0, 0),
        Claim({"network.bias": 0, "network.noise": 2}, "rate_hz", 11, 13),
        Claim({"network.bias": -1, "network.noise": 5}, "rate_hz", 7.2, 9.2),
    ),
    glyph="fig3-amplitude",
    without=("traces", "curve"),
)
# The table is theory; the claims above hold the engine to it.
LESSON = LESSON._replace(
    say=(
        *LESSON.say,
        Table(
            ("Input I", "Theory, 100·√I/π"),
            (("0.25", "15.9 Hz"), ("1", "31.8 Hz"), ("4", "63.7 Hz"), ("9", "95.5 Hz")),
            "Spikes are whole, so one second counts 32 where theory says 31.8.",
        ),
    )
)
