"""Lesson 6: real cortex, and the neurons that were not recorded."""

from spikedash.lessons.record import Claim, Lesson

LESSON = Lesson(
    name="cortex",
    title="Real cortex and the neurons we did not record",
    lead="A recording holds a few of many neurons. Can those few explain each other?",
    say=(
        "An electrode hears some dozens of neurons out of many thousands that are wired together. Take their rates as targets: "
        "a network of just these neurons must make every rate out of the others, and they may be too few for that.",
        "The remedy is auxiliary neurons: they stand for those that nobody recorded, and follow smooth random rates. "
        "Together they give each neuron enough different inputs to choose from.",
        "The 60 rates here are made up in the manner of a recording, since none comes with SpikeDash. Your own file is "
        "learnt in the same way: in the playground, choose Pattern: Recorded rates. The rate fit below the result is "
        "the median correlation of a neuron's mean rate over the test trials with its recorded rate. The noise ceiling "
        "beside it is what this many noisy trials allow.",
    ),
    steps=(
        "Press Train. The network has 60 neurons, as many as were recorded: the fit is about 0.4, far below its ceiling.",
        "Set Neurons to 120, which adds 60 auxiliary neurons, and press Train: about 0.86.",
        "Set Neurons to 180, two auxiliary neurons for each recorded one: about 0.89.",
        "Set Who is cued to Auxiliary and press Train: about 0.96, at the ceiling. What is in the way is the current "
        "of the cue in the recorded neurons, whose aftermath lasts into the pattern.",
    ),
    think=(
        "With 60 neurons, practice itself looks good: the correlation in the loops is 0.7 to 0.8, and then the test fails. Why?"
    ),
    answer=(
        "In the loops the weights are corrected every 10 ms, so that the drive is pulled along. In the test nobody "
        "corrects, and an error in one neuron becomes an error in the inputs of all others. With few inputs there is "
        "little to average it away.",
        "More neurons give more directions from which a target can be built, and each carries a smaller share of the noise. "
        "So what a recording leaves out matters for what a model of it can do.",
    ),
    values={
        "target.family": "recorded",
        "network.n": 60,
        "network.wiring": "all",
        "network.weights": "mixed",
        "network.sigma": 1,
        "network.tau_s_ms": 50,
        "network.noise": 2,
        "training.loops": 15,
        "training.test_trials": 40,
        "cue.amplitude": 6,
    },
    show=("network.n", "cue.to", "training.seed"),
    claims=(
        Claim({}, "rate_fit.median", 0.2, 0.55),
        Claim({"network.n": 120}, "rate_fit.median", 0.8, 0.92),
        Claim({"network.n": 180, "cue.to": "auxiliary"}, "rate_fit.median", 0.93, 0.98),
    ),
    glyph="fig5-cortex",
    recording=True,
)
