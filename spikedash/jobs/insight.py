"""What the page of a run says about its network, computed by the worker at the end, so that the page only draws.

Names of the arrays, q kept neurons (folders.kept_neurons), g of them spread out for curves, trials of the first pattern only:
rate_hz (n,), cv (n,) of the inter-spike intervals in test trials;
kinds (kinds,), edges (kinds, bins + 1), before and after (kinds, bins): weights by the kind of their presynaptic neuron;
eigen_before and eigen_after (n,) complex, eigen_about (2, 2) radius and row sum, where the network is small enough;
shown (g,) neurons, drive_fit (n,), predicted (samples, g) W L φ(u), L the synapse's filter, beside mean_drive;
rate_fit (n,), phi_hz and psth_hz (samples, g) φ(u) in Hz and the PSTH;
tracking and sampling (n,) shares of the target's standard deviation; times (t,), expected (2, t): the same over synaptic times;
of these, (n,) means nan for neurons that are not kept;
what deviation.py tells of one deleted spike;
axes (3,) rank, participation and axes of 95 % of the target's rates, axes_share (axes,) variance along each;
recorded_hz and fitted_hz (samples, q_rec), fit and ceiling (q_rec,), where rates were recorded.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from spikedash import analysis, gain
from spikedash.analysis.quasistatic import Gain
from spikedash.jobs.deviation import deviation
from spikedash.jobs.files import Arrays
from spikedash.jobs.folders import kept_neurons
from spikedash.jobs.insight_cost import MOST_EIGEN, TIMES_MS, has_expected_errors, has_measured_gain, has_theory
from spikedash.params import Network, Params
from spikedash.records import F32, F64, I32, Result

SHOWN = 48  # neurons whose curves are kept


def insight(params: Params, result: Result, spike_ms: F32, spike_neuron: I32, trial: I32) -> Arrays:
    """Everything above that this run has.

    Args:
        spike_ms, spike_neuron, trial: (m,) spikes of test trials of the first pattern, and which of them each belongs to.
    """
    trials = np.unique(trial)
    counts = _counts(result, spike_ms, spike_neuron, np.searchsorted(trials, trial))
    seconds = max(1, len(trials)) * _window(result.setup.sample_ms) / 1000
    found: Arrays = _weights(params, result)
    if len(trials):
        rates = np.bincount(spike_neuron[spike_ms >= 0], minlength=result.setup.n)[: result.setup.n] / seconds
        found |= {"rate_hz": rates, "cv": analysis.interval_cv(spike_ms, spike_neuron, result.setup.n, trial)}
    if has_theory(params):
        found |= _theory(params, result, counts.sum(0), len(trials))
    found |= deviation(params, result, _window(result.setup.sample_ms))
    if result.rate_fit is not None and result.setup.target_hz is not None:
        found |= _recording(result, counts, len(trials))
    return found


def _counts(result: Result, spike_ms: F32, spike_neuron: I32, number: npt.NDArray[np.intp]) -> npt.NDArray[np.int64]:
    """Spikes of kept neurons on the sample grid, even and odd trials apart: (2, samples, q)."""
    sample_ms, kept = result.setup.sample_ms, kept_neurons(result.setup.n)
    column = np.full(result.setup.n, len(kept))
    column[kept] = np.arange(len(kept))
    bins = np.floor(spike_ms / _width(sample_ms)).astype(np.int32)
    who = column[spike_neuron].astype(np.int32)
    halves = [
        analysis.bin_spikes(bins[number % 2 == half], who[number % 2 == half], len(sample_ms), len(kept)) for half in (0, 1)
    ]
    return np.stack(halves)


def _width(sample_ms: F64) -> float:
    return float(sample_ms[1] - sample_ms[0]) if len(sample_ms) > 1 else 1.0


def _window(sample_ms: F64) -> float:
    return len(sample_ms) * _width(sample_ms)


def _weights(params: Params, result: Result) -> Arrays:
    setup = result.setup
    kinds = analysis.weight_histograms(setup.pre, setup.weights, result.weights, setup.n, setup.n_exc, setup.typed)
    found: Arrays = {
        "kinds": np.array([kind.kind for kind in kinds]),
        **{name: np.stack([getattr(kind, name) for kind in kinds]) for name in ("edges", "before", "after") if kinds},
    }
    if setup.n <= MOST_EIGEN:
        scale = analysis.bulk_scale(params.network)
        spectra = [
            analysis.spectrum(analysis.dense(setup.pre, weights, setup.n, setup.static), scale)
            for weights in (setup.weights, result.weights)
        ]
        found |= {"eigen_before": spectra[0].values, "eigen_after": spectra[1].values}
        found["eigen_about"] = np.array([[each.radius, each.row_sum] for each in spectra])
    return found


def _theory(params: Params, result: Result, counts: npt.NDArray[np.int64], trials: int) -> Arrays:
    setup, net = result.setup, params.network
    kept, every = kept_neurons(setup.n), _width(setup.sample_ms)
    target = setup.sampled_target[0]
    psth = analysis.psth_hz(counts, max(1, trials), every, analysis.PSTH_SMOOTHING_MS)
    phi = _gain(net, float(psth.max(initial=1.0)))
    settled = analysis.quasi_static(
        setup.pre,
        result.weights,
        result.mean_drive[0],
        neurons=kept,
        rate=psth,
        bias=net.bias,
        static=setup.static,
        gain=phi,
        lag_ms=net.tau_s_ms,
        sample_ms=every,
    )
    errors = analysis.trained_errors(
        setup.pre, result.weights, target, net.tau_ms, net.tau_s_ms, every, bias=net.bias, gain=phi, neurons=kept
    )
    spread = np.unique(np.linspace(0, len(kept) - 1, min(SHOWN, len(kept))).astype(int))
    per_hz = 1000.0 / net.tau_ms
    dims = analysis.dimensions(analysis.rate_basis(target[:, kept]))
    found: Arrays = {
        "shown": kept[spread],
        "drive_fit": _among(setup.n, kept, settled.drive_fit),
        "predicted": settled.drive[:, spread].astype(np.float32),
        "rate_fit": _among(setup.n, kept, settled.rate_fit),
        "phi_hz": (settled.rate[:, spread] * per_hz).astype(np.float32),
        "psth_hz": psth[:, spread].astype(np.float32),
        "tracking": _among(setup.n, kept, errors.tracking),
        "sampling": _among(setup.n, kept, errors.sampling),
        "axes": np.array([dims.rank, dims.participation, dims.enough]),
        "axes_share": dims.share[:60],
    }
    inputs = np.unique(setup.pre[0][setup.pre[0] < setup.n])
    if has_expected_errors(net, len(inputs)):
        updates = max(1, round(params.training.loops * _window(setup.sample_ms) / params.training.update_ms))
        expected = analysis.expected_errors(
            target, inputs, net.tau_ms, TIMES_MS, every, lam=params.training.lam, updates=updates, followers=kept
        )
        found |= {"times": TIMES_MS, "expected": np.stack([expected.tracking, expected.sampling])}
    return found


def _among(n: int, kept: I32, values: F64 | None) -> F64:
    """What the kept neurons have, at their places among all n; nan elsewhere."""
    everywhere = np.full(n, np.nan)
    if values is not None:
        everywhere[kept] = values
    return everywhere


def _gain(network: Network, highest_hz: float) -> Gain:
    """Total input to spikes per τ: φ for quiet theta neurons, else the curve measured with the run's own noise and model."""
    if not has_measured_gain(network):
        return analysis.phi
    curve = gain.measure(network, highest_hz, 0)
    return analysis.measured_phi(curve.drive, curve.rate_hz, network.tau_ms)


def _recording(result: Result, counts: npt.NDArray[np.int64], trials: int) -> Arrays:
    assert result.rate_fit is not None
    assert result.setup.target_hz is not None
    every, kept = _width(result.setup.sample_ms), kept_neurons(result.setup.n)
    recorded = result.setup.target_hz
    known = kept[kept < recorded.shape[1]]
    columns = np.searchsorted(kept, known)
    psth = analysis.psth_hz(counts.sum(0)[:, columns], max(1, trials), every, analysis.PSTH_SMOOTHING_MS)
    # Both sides get the same smoothing.
    smooth = analysis.smooth(recorded[:, known], analysis.PSTH_SMOOTHING_MS / every)
    return {
        "recorded_hz": smooth.astype(np.float32),
        "fitted_hz": psth.astype(np.float32),
        "fit": result.rate_fit.per_neuron[known],
        "ceiling": result.rate_fit.ceilings[known],
    }
