"""Figure 5 (auxiliary neurons): how many unrecorded neurons a recording needs beside it; needs an uploaded one."""

from collections.abc import Mapping
from typing import Any

from spikedash.experiments import fig5_cortex
from spikedash.experiments.record import Axis, Check, Curve, Experiment
from spikedash.experiments.shapes import difference, rise, value

FIT = "rate_fit.median"


def beside(ratio: float, units: int) -> Mapping[str, Any]:
    """So many auxiliary neurons for every recorded one."""
    # Without auxiliary neurons there is nobody else to be cued.
    return {"network.n": round((1 + ratio) * max(1, units)) + (not units), "cue.to": "auxiliary" if ratio else "all"}


EXPERIMENT = Experiment(
    name="fig5-auxiliary",
    title="Auxiliary neurons (Fig. 5)",
    blurb="Networks with more and more auxiliary neurons on random rates learn the same recording.",
    claim="The fit is poor without auxiliary neurons and good from two for every recorded neuron on.",
    values=fig5_cortex.EXPERIMENT.values,
    short={"training.loops": 10, "training.test_trials": 40},
    axes=(
        Axis("ratio", "Auxiliary per recorded neuron", "", (0.0, 0.5, 1.0, 2.0, 3.0, 4.0), (0.0, 1.0, 2.0, 3.0), settings=beside),
    ),
    checks=(
        Check(
            "fit rises with the ratio",
            rise(FIT, "ratio"),
            0.79,
            1,
            "the paper: poor at 0, good at 2 and more, where two neighbours may change places",
        ),
        Check(
            "from 0 to 2",
            difference(value(FIT, {"ratio": 2.0}), value(FIT, {"ratio": 0.0})),
            0.1,
            2,
            "the paper: poor at 0, good at 2",
        ),
        Check(
            "from 2 to 3",
            difference(value(FIT, {"ratio": 3.0}), value(FIT, {"ratio": 2.0})),
            -0.05,
            0.05,
            "the paper: good from 2 on, so little more comes of a third",
        ),
    ),
    figure=Curve("scan_curve", x="ratio", number=FIT),
    order=51,
    needs_recording=True,
    seeds=(3, 3),
)
