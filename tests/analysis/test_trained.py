"""The theory against a small network that was really trained."""

import numpy as np
import pytest

from spikedash import analysis, training
from spikedash.params import Params

TAU, TAU_S, SAMPLE = 10.0, 20.0, 5.0


@pytest.fixture(scope="module")
def trained():
    """A hundred neurons that learnt a sine each: result and the drive of every test trial."""
    params = Params().with_values(
        {
            "target.family": "sine",
            "network.n": 100,
            "network.weights": "mixed",
            "network.wiring": "all",
            "network.tau_s_ms": TAU_S,
            "training.loops": 15,
            "training.test_trials": 8,
            "training.update_ms": 4,
            "cue.duration_ms": 100,
        }
    )
    drive, result = {}, None
    for snapshot in training.train(params):
        if snapshot.trial.kind == "test":
            drive.setdefault(snapshot.trial.index, []).append(snapshot.drive)
        result = snapshot.result
    return result, np.stack([np.concatenate(parts) for parts in drive.values()])


def test_the_trained_drive_is_quasi_static_and_the_untrained_weights_do_not_say_it(trained):
    result, _ = trained
    setup, drive = result.setup, result.mean_drive[0]
    before, after = (
        analysis.quasi_static(setup.pre, weights, drive, lag_ms=TAU_S, sample_ms=SAMPLE)
        for weights in (setup.weights, result.weights)
    )
    assert np.median(after.drive_fit) > 0.95
    assert np.median(before.drive_fit) < 0.4
    plain = analysis.quasi_static(setup.pre, result.weights, drive)
    assert np.median(plain.drive_fit) < np.median(after.drive_fit)


def test_errors_told_from_weights_and_target_bound_those_of_the_trials(trained):
    result, drive = trained
    setup = result.setup
    target = setup.sampled_target[0]
    told = analysis.trained_errors(setup.pre, result.weights, target, TAU, TAU_S, SAMPLE)
    found = analysis.measured_errors(drive, target)
    assert np.median(told.tracking) == pytest.approx(np.median(found.tracking), rel=0.5)
    # Trained neurons fire more regularly than the Poisson neurons of the formula.
    assert 0.3 < np.median(found.sampling) / np.median(told.sampling) < 1.0


def test_targets_of_sines_have_fewer_dimensions_than_neurons(trained):
    target = trained[0].setup.target[0]
    assert 2 <= analysis.dimensions(target).enough < analysis.dimensions(analysis.rate_basis(target)).enough < 40
