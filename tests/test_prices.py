"""Another machine is learnt from its runs: made-up ones here, whose speed is known."""

import numpy as np
import pytest

from spikedash import prices
from spikedash.prices import FIRST, KINDS, PRICES

RNG = np.random.default_rng(5)
TRUE = np.exp(RNG.normal(0.7, 0.5, len(KINDS)))  # how long each kind takes on the machine


def a_run():
    """Seconds of work by kind: most of a run is of one or two kinds."""
    return RNG.gamma(0.3, 1.0, len(KINDS)) + 1e-3


def errors(pace, runs=200):
    return np.array([pace.seconds(work) / (TRUE @ work) - 1 for work in (a_run() for _ in range(runs))])


def test_a_few_runs_tell_what_all_others_take():
    pace = FIRST
    assert np.median(abs(errors(pace))) > 0.4
    for _ in range(40):
        work = a_run()
        pace = pace.after(work, float(TRUE @ work) * RNG.lognormal(0, 0.05))
    assert np.mean(abs(errors(pace)) < 0.2) > 0.95


def test_one_run_moves_what_it_is_made_of_most_and_the_rest_with_it():
    pure = np.eye(len(KINDS))[0]
    pace = FIRST.after(pure, 4.0)
    assert pace.seconds(pure) == pytest.approx(4.0, rel=0.05)
    others = np.exp(pace.factors[1:])
    assert (others > 1.5).all()
    assert (others < 4.0).all()


def test_the_doubt_stays_a_covariance_and_bounded():
    pace = FIRST
    for _ in range(300):
        pace = pace.after(np.eye(len(KINDS))[RNG.integers(2)], RNG.lognormal(0, 0.3))
    np.testing.assert_allclose(pace.doubt, pace.doubt.T, atol=1e-12)
    assert np.linalg.eigvalsh(pace.doubt).min() > 0
    assert (np.diag(pace.doubt) <= np.diag(FIRST.doubt)).all()


def test_a_run_that_lasts_for_ever_is_not_believed():
    pace = FIRST
    for _ in range(50):
        pace = pace.after(np.ones(len(KINDS)), 1e12)
    assert np.exp(pace.factors).max() <= prices.HIGHEST * 1.001


def test_work_is_priced_piece_by_piece():
    work = {"theta": 1e9, "normal": 2e9, "touch": 1e9}
    seconds = dict(zip(KINDS, prices.by_kind(work), strict=True))
    assert seconds.pop("steps") == pytest.approx(PRICES["theta"])
    assert seconds.pop("functions") == pytest.approx(2 * PRICES["normal"])
    assert seconds.pop("copies") == pytest.approx(PRICES["touch"])
    assert not any(seconds.values())
