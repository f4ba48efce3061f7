"""Why learning fails: the synapse cannot follow the target (tracking), or too few spikes carry it (sampling) (paper, Fig. 6).

Formulas, for synapses dr/dt = -r/τs that jump by τ/τs at a spike (SCIENCE §1), L the low-pass filter of time τs:
- In the quasi-static picture neuron j fires at R = φ(f_j), its synapses carry L R, and the drive comes to W L R. What this
  misses of f is the tracking error. With a W that solves f = W R it is f - L f, which for an Ornstein-Uhlenbeck target has the
  variance σ² τs/(τs + τc), and for a slow one is τs df/dt: it scales as τs/τc.
- Shot noise (Campbell's theorem): Poisson spikes at R per τ give r the variance R τ/(2 τs), so u has Σ W² R τ/(2 τs). With
  weights of order 1/N its root scales as 1/√(N τs). Trained networks fire more regularly than Poisson neurons: what their
  trials differ by was 0.59 to 0.76 of this in three runs at τs 20 ms.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import linalg

from spikedash.analysis.activity import low_pass
from spikedash.analysis.quasistatic import Gain, Neurons, carried, drive_from_rates, phi, through
from spikedash.records import F32, F64, I32


class Errors(NamedTuple):
    """Errors of the drive, as shares of the target's standard deviation in time."""

    tracking: F64  # (n,) or (values of tau_s,)
    sampling: F64

    @property
    def total(self) -> F64:
        """Both together, which are independent."""
        return np.asarray(np.hypot(self.tracking, self.sampling))

    @property
    def correlation(self) -> F64:
        """Of a single trial with the target, if what is missed is orthogonal to what is reached, as least squares leaves it."""
        reached = np.maximum(1.0 - np.square(self.tracking), 0.0)
        return np.asarray(reached / np.sqrt(reached + np.square(self.sampling)))


def lag_error(target: npt.NDArray[np.floating], tau_s_ms: float, sample_ms: float) -> F64:
    """Root mean square of f - L f over the standard deviation of f (samples, n) -> (n,); nan for a constant target."""
    return _share(np.square(target - low_pass(target, tau_s_ms, sample_ms)).mean(0), target)


def shot_noise(
    pre: I32, weights: F32, rate: npt.NDArray[np.floating], tau_ms: float, tau_s_ms: float, neurons: Neurons | None = None
) -> F64:
    """Variance of the drive (samples, q) from Poisson spikes at rates (samples, n) per τ through the weights (groups, k, M)."""
    return through(pre, weights, rate, neurons, squared=True) * (tau_ms / (2 * tau_s_ms))


def trained_errors(
    pre: I32,
    weights: F32,
    target: npt.NDArray[np.floating],
    tau_ms: float,
    tau_s_ms: float,
    sample_ms: float,
    *,
    bias: float = 0.0,
    gain: Gain = phi,
    neurons: Neurons | None = None,
) -> Errors:
    """Both errors of a trained network (groups, k) and (groups, k, M) on its drive target (samples, n); (q,) of some neurons."""
    mine = target if neurons is None else target[:, neurons]
    missed = mine - drive_from_rates(pre, weights, carried(target, gain, bias, tau_s_ms, sample_ms), neurons=neurons)
    rate = carried(target, gain, bias, 0.0, sample_ms).mean(0, keepdims=True, dtype=np.float64)
    noise = shot_noise(pre, weights, rate, tau_ms, tau_s_ms, neurons)
    return Errors(_share(np.square(missed).mean(0), mine), _share(noise[0], mine))


def measured_errors(activity: npt.NDArray[np.floating], target: npt.NDArray[np.floating]) -> Errors:
    """The same of simulated trials (trials >= 2, samples, n): what their mean misses of the target, and what they differ by."""
    trials = len(activity)
    within = activity.var(0, ddof=1, dtype=np.float64).mean(0)
    missed = np.square(activity.mean(0, dtype=np.float64) - target).mean(0)
    # The mean of few trials still holds some of what they differ by.
    return Errors(_share(np.maximum(missed - within / trials, 0.0), target), _share(within, target))


def expected_errors(
    target: npt.NDArray[np.floating],
    inputs: npt.NDArray[np.integer],
    tau_ms: float,
    tau_s_ms: npt.ArrayLike,
    sample_ms: float,
    *,
    lam: float = 1.0,
    updates: int = 1000,
    followers: npt.NDArray[np.integer] | None = None,
) -> Errors:
    """What training can reach, before it: root mean squares over the neurons for every synaptic time (values,).

    Least squares on noisy inputs weighs both errors against each other: it finds the weights w with the least
    ⟨(f - w·L R)²⟩ + Σ w² ⟨R⟩ τ/(2 τs) + λ|w|²/updates. Noise that the loop feeds back is left out.

    Args:
        target: (samples, n) drive.
        inputs: (k,) presynaptic neurons, one draw for all.
        tau_s_ms: synaptic times, ms.
        updates: how many updates the ridge penalty λ is spread over.
        followers: whose errors count; all neurons without it.
    """
    goals = np.asarray(target if followers is None else target[:, followers], np.float64)
    goals = goals[:, goals.std(0) > 0]
    few = _few(goals / goals.std(0)) / max(1, goals.shape[1]) ** 0.5
    rate = phi(target[:, inputs])
    found = []
    for tau_s in np.atleast_1d(np.asarray(tau_s_ms, np.float64)):
        x = low_pass(rate, float(tau_s), sample_ms)
        noise = rate.mean(0) * (tau_ms / (2 * tau_s))
        normal = x.T @ x / len(x) + np.diag(noise + lam / updates)
        w = linalg.solve(normal, x.T @ few / len(x), assume_a="pos")
        found.append([np.square(few - x @ w).mean(0).sum(), (noise @ np.square(w)).sum()])
    tracking, sampling = np.sqrt(found).T if goals.size else np.full((2, len(found)), np.nan)
    return Errors(tracking, sampling)


def _few(goals: F64) -> F64:
    """Goals (samples, rank) that are fitted as well as these (samples, n) in sum of squares: with the same goals·goalsᵀ."""
    wide = goals.shape[1] > goals.shape[0]
    values, axes = linalg.eigh(goals @ goals.T if wide else goals.T @ goals)
    large = values > 1e-12 * values.max(initial=0.0)
    return np.asarray(axes[:, large] * np.sqrt(values[large]) if wide else goals @ axes[:, large])


def _share(square: F64, target: npt.NDArray[np.floating]) -> F64:
    """Root of a mean square (n,) over the target's standard deviation in time."""
    std = np.asarray(target, np.float64).std(0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(std > 0, np.sqrt(square) / std, np.nan)
