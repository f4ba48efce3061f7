"""How measured numbers are called and drawn, on pages and in the report."""

from __future__ import annotations

from typing import NamedTuple

from spikedash.experiments.record import Experiment


class Described(NamedTuple):
    """Words for a number, and the ends of its scale."""

    label: str
    unit: str = ""
    low: float | None = None
    high: float | None = None


#: Numbers of every run, by the path in its summary.
NUMBERS: dict[str, Described] = {
    "correlation.test_mean": Described("Test correlation", "", 0, 1),
    "correlation.test_min": Described("Worst trial", "", 0, 1),
    "correlation.trial_average": Described("Trial average", "", 0, 1),
    "correlation.train_last": Described("Correlation in the last loop", "", 0, 1),
    "correlation.test_other": Described("Correlation with the other pattern"),
    "rate_hz": Described("Population rate", "Hz", 0),
    "rate_fit.median": Described("PSTH against recording, median", "", 0, 1),
    "rate_fit.mean": Described("PSTH against recording, mean", "", 0, 1),
    "frozen": Described("Synapses frozen by Dale's law", "share", 0),
}


def described(experiment: Experiment, path: str) -> Described:
    """A number of every run, or one that only this experiment measures: as it or a check over all its points calls it."""
    checked = [check.what for check in experiment.checks if check.path == path and not check.at]
    own = (
        [experiment.labels[path]]
        if path in experiment.labels
        else checked or [path.replace(".", " ").replace("_", " ").capitalize()]
    )
    return NUMBERS.get(path, Described(own[0]))
