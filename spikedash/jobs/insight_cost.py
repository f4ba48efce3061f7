"""Which analyses a finished run gets, and what they take, told before it starts: the page counts them as a part of the run."""

from __future__ import annotations

import functools

import numpy as np

from spikedash import cost, prices
from spikedash.clock import SAMPLE_MS
from spikedash.jobs.folders import MOST_NEURONS as MOST_KEPT
from spikedash.jobs.spikes import MOST_SPIKES
from spikedash.params import Network, Params
from spikedash.records import F64

MOST_EIGEN = 1000  # neurons up to which the spectrum takes some two seconds
MOST_INPUTS = 400  # of a neuron, up to which the expected errors are solved for
TIMES_MS = np.geomspace(2, 500, 25)  # synaptic times of these
SPIKING = ("theta", "lif")  # models whose f-I curve is one function of the input
LOW_RANK = 1.3  # spectra that the two take where, before training, the members of a group have the same weights
MEASURED = 37e6  # steps of neurons that an f-I curve is measured with (gain.py)

# How far phases part (deviation.py).
MOST_NEURONS = 1000
MOST_PAIRS = 5
BEYOND_MS = 500.0  # how long a trial goes on after the target window
BUDGET_NS = 1e9  # of one core
LONGEST_MS = 10_000.0  # of a window whose phases are kept in memory


def run_work(params: Params, threads: int = 2, window_ms: float | None = None) -> F64:
    """Of a run from its first loop to the end of its analyses; seconds by kind of work, (kinds,), as in `cost.estimate`."""
    return np.asarray(cost.estimate(params, threads, window_ms).work + work(params, window_ms))


def done(params: Params, loops: int, tests: int) -> float:
    """Part of a run's time that so many loops and tests take, 0 to 1; what is left then are its analyses."""
    loop, test, after = _times(params)
    past, training = loops * loop + tests * test, params.training
    return min(1.0, past / (training.loops * loop + training.test_trials * test + after))


@functools.lru_cache(512)
def _times(params: Params) -> tuple[float, float, float]:
    """Seconds of a loop, a test trial and all analyses, in proportion."""
    return *cost.trials(params), float(work(params).sum())


def work(params: Params, window_ms: float | None = None) -> F64:
    """Of the analyses alone; window_ms replaces the pattern's duration, as a recording does."""
    net, it = params.network, cost.size(params)
    window = window_ms or params.target.duration_ms
    spikes = net.n * cost.typical_hz(params) / 1000 * cost.trial_ms(params, window) * params.training.test_trials
    parts = {"analysis": 1.0, "histogram": float(it.weights), "sorted spike": min(spikes, float(MOST_SPIKES))}
    if net.n <= MOST_EIGEN:
        matrices = 2.0 if it.members == 1 or net.weights == "mixed" else LOW_RANK
        parts |= {"eigenvalue": matrices * net.n**2, "reflection": matrices * net.n**3}
    found = prices.by_kind(parts)
    if has_theory(params):
        found += prices.by_kind(_theory(params, window / SAMPLE_MS))
    if pairs := affordable_pairs(params, window):
        found += 4 * pairs * (_longest_ms(params, window) / net.dt_ms * cost.step(params))
        calls = (window + BEYOND_MS) / SAMPLE_MS
        found += 4 * pairs * prices.by_kind({"weight": it.weights, "call": calls, "curve": calls * net.n})
    return found


def has_theory(params: Params) -> bool:
    """Whether a run is compared with the quasi-static picture."""
    training = params.training
    return training.rule == "drive" and training.test_trials > 0 and params.network.model in SPIKING


def has_measured_gain(network: Network) -> bool:
    """Whether that takes an f-I curve that is measured; quiet theta neurons have a formula."""
    return network.model != "theta" or network.noise > 0


def has_expected_errors(network: Network, inputs: int) -> bool:
    """Whether least squares tell the errors of other synaptic times."""
    return not has_measured_gain(network) and inputs <= MOST_INPUTS


def affordable_pairs(params: Params, window_ms: float) -> int:
    """Pairs of trials whose phases are compared within the budget, 0 for none."""
    net = params.network
    if net.model != "theta" or net.n > MOST_NEURONS or not 50 <= window_ms <= LONGEST_MS:
        return 0
    # Building the networks and delivering spikes grow with the network, too.
    steps = _longest_ms(params, window_ms) / net.dt_ms
    return min(MOST_PAIRS, MOST_NEURONS // net.n, int(BUDGET_NS / (4 * cost.step_ns(params) * steps)))


def _longest_ms(params: Params, window_ms: float) -> float:
    return params.training.rest_max_ms + params.cue.duration_ms + window_ms + BEYOND_MS


def _theory(params: Params, samples: float) -> dict[str, float]:
    """Curves of the drive from the target and from the activity, dimensions, and errors of other synaptic times."""
    net, it = params.network, cost.size(params)
    kept = min(net.n, MOST_KEPT)
    less = min(samples, kept)
    parts = {
        "gathered": 2 * samples * it.k * it.groups * min(1.0, kept / it.groups),
        "product": 2 * samples * it.k * kept + 2 * less * samples * kept,
        "curve": 3 * samples * net.n,
    }
    if has_measured_gain(net):
        parts["noisy response" if net.noise > 0 else "response"] = MEASURED
    if has_expected_errors(net, it.k):
        parts["product"] += len(TIMES_MS) * (samples * it.k**2 + it.k**3 / 3)
        parts["curve"] += len(TIMES_MS) * samples * it.k
    return parts
