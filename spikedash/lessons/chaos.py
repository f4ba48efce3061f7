"""Lesson 2: a chaotic network and a cue."""

from spikedash.lessons.record import Claim, Lesson

LESSON = Lesson(
    name="chaos",
    title="A chaotic network and a cue",
    lead="A random network never does the same thing twice. Can it be taught to repeat itself?",
    say=(
        "400 neurons, 320 of which excite and 80 inhibit, keep each other firing without any input from outside. "
        "Every trial begins in a random state; then a cue, the same current every time, pushes all neurons for 100 ms.",
        "The target is the network's own activity in one trial before learning, called innate. So the test correlation says "
        "how well a trial repeats that one.",
    ),
    steps=(
        "Press Train. With 0 loops the network is only tested: the correlation is about 0.1, hardly above none. The "
        "cue makes trials start alike, and then they part.",
        "Open the tab Theory and look at “One spike deleted”: two trials that differ by a single spike. Their phases "
        "part within the window.",
        "Set Loops to 20 and press Train. Now trials repeat it: 0.8 to 0.9 in the tests, by the seed.",
        "Look at “One spike deleted” again: at the end of the window the phases are now about half as far apart.",
        "Set the cue's Strength to 0 and press Train. Without a cue nothing tells a trial when to begin, and the tests "
        "fall to about 0.3.",
    ),
    think=(
        "The trained network still has the same neurons, the same noise-free rules and random initial states. What made "
        "its trials alike?"
    ),
    answer=(
        "Training changed the weights so that activity near the target is drawn to it: deviations grow less, and are pulled back "
        "before the window ends. The cue brings every trial close enough to the beginning of the target for that to work.",
        "Nothing was practised outside the window, and there the phases part again.",
    ),
    values={
        "target.family": "innate",
        "target.duration_ms": 1500,
        "network.n": 400,
        "network.p": 0.1,
        "network.tau_s_ms": 60,
        "training.loops": 0,
        "training.lam": 10,
        "training.test_trials": 10,
        "cue.amplitude": 3,
    },
    show=("training.loops", "training.seed", "cue.amplitude"),
    claims=(
        Claim({}, "correlation.test_mean", 0, 0.2),
        Claim({"training.loops": 20}, "correlation.test_mean", 0.75, 0.96),
        Claim({"training.loops": 20, "cue.amplitude": 0}, "correlation.test_mean", -0.1, 0.6),
    ),
    glyph="fig4-perturbation",
)
