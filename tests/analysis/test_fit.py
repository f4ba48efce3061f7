"""PSTHs against rates where the truth is known."""

import numpy as np
import pytest

from spikedash import analysis


def test_fit_reaches_its_ceiling_when_the_model_is_the_truth():
    """Poisson trials of known rates: the fit's expectation is the ceiling's."""
    rng = np.random.default_rng(1)
    t = np.arange(0, 2000, 5.0)
    truth = 20 + 15 * np.sin(2 * np.pi * t[:, None] / np.linspace(400, 1500, 40))
    counts = np.array([sum(rng.poisson(truth * 0.005) for _ in range(10)) for _ in range(2)])
    fit = analysis.rate_fit(counts, truth, 5.0)
    assert 0.6 < fit.ceiling < 0.999
    assert fit.mean == pytest.approx(fit.ceiling, abs=0.02)
    assert fit.median == pytest.approx(np.median(fit.per_neuron))
    assert fit.ceiling == np.median(fit.ceilings)


def test_every_neuron_has_its_own_ceiling():
    """Split-half reliability r of n trials' halves, signal variance s and noise v a half: ceiling² = s/(s + v/2)."""
    rng = np.random.default_rng(2)
    signal = rng.standard_normal((4000, 3))
    noise = np.array([0.3, 1.0, 3.0])
    even, odd = (signal + noise * rng.standard_normal((4000, 3)) for _ in range(2))
    np.testing.assert_allclose(analysis.ceilings(even, odd), np.sqrt(1 / (1 + noise**2 / 2)), atol=0.06)
    np.testing.assert_allclose(analysis.ceilings_with(analysis.ceilings(even, odd), 1), analysis.ceilings(even, odd))
    assert analysis.ceilings(even[:, :1], -even[:, :1]) == 0
    assert np.isnan(analysis.ceilings(even[:, :1], np.zeros((4000, 1))))


@pytest.mark.parametrize("factor", [0.5, 4, 100])
def test_more_trials_raise_the_ceiling_as_their_noise_falls(factor):
    """Signal variance 1 and noise variance v of the mean over all trials: ceiling² = 1/(1 + v), and v falls with the trials."""
    v = np.array([0.1, 1.0, 5.0])
    np.testing.assert_allclose(analysis.ceilings_with(1 / np.sqrt(1 + v), factor), 1 / np.sqrt(1 + v / factor))
