"""Lesson 3: recursive least squares, and what is trained."""

from spikedash.lessons.record import Claim, Lesson

LESSON = Lesson(
    name="learning",
    title="Learning by least squares: drive against rate",
    lead="The same rule learns the drive within a few loops, and the rate only slowly. Why?",
    say=(
        "A neuron's drive is a weighted sum of its inputs, `u = w·r`. The error is `e = f − u`, with the target f. "
        "Recursive least squares (RLS) corrects all weights at once, `w += e·k` with `k = P r / (1 + r·P r)`. "
        "P knows which combinations of inputs were seen before: what was learnt already is hardly touched.",
        "For the rate the error is `e = f − φ(u)`, and the inputs are taken times the slope φ' of the f–I curve, since a "
        "change of weights acts through that slope.",
        "A correction every 10 ms happens during the trial itself, so the curve of a loop shows how well the network "
        "is held to the target. The test trials, with learning off, show what it has kept.",
    ),
    steps=(
        "Press Train. The drive is learnt: the first loop already reaches about 0.84, the tests about 0.94.",
        "Set Loops to 1 and press Train. The loop looks as good as before, but the tests are near 0: after one loop "
        "nothing is kept.",
        "Set Loops back to 30, and What is trained to Firing rate. Press Train: the first loop is near 0.1, the tenth "
        "near 0.7, and the tests come to about 0.88.",
        "Watch the weight change in both: it falls as the errors do.",
    ),
    think="A neuron is silent where its target wants it to fire. Which rule helps it, and which does not?",
    answer=(
        "Drive: the error of the drive is large, and the weights change until it is right. Rate: below the threshold the "
        "f–I curve is flat, φ' is almost 0, and with it the correction. The neuron must first be brought to fire by "
        "its inputs; only then does it learn.",
        "Besides, the drive is linear in the weights, which is what least squares solve. The rate is not.",
    ),
    values={
        "network.weights": "mixed",
        "network.sigma": 4,
        "training.loops": 30,
    },
    show=("training.loops", "training.rule", "training.seed"),
    claims=(
        Claim({}, "correlation.train_first", 0.8, 0.88),
        Claim({}, "correlation.test_mean", 0.91, 0.96),
        Claim({"training.loops": 1}, "correlation.test_mean", -0.1, 0.12),
        Claim({"training.rule": "rate"}, "correlation.train_first", 0.05, 0.2),
        Claim({"training.rule": "rate", "training.loops": 10}, "correlation.train_last", 0.65, 0.8),
        Claim({"training.rule": "rate"}, "correlation.test_mean", 0.84, 0.91),
    ),
    glyph="fig1-rate",
)
