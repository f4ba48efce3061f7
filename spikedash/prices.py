"""What each piece of work costs on one machine, and how many times as long each kind of it takes on another.

Machines differ less by one factor than by several: arithmetic, caches and memory are fast or slow on their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from spikedash.records import F64

#: Nanoseconds on one core by kind of work, fitted to whole runs on a server with AVX-512 (`python -m spikedash bench --prices`);
#: what always comes together shares its price.
KINDS: dict[str, dict[str, float]] = {
    "steps": {
        "step": 62.8,  # its fixed part
        "meeting": 4_090,  # of the threads, in a step that they share
        "theta": 11,  # a step of one neuron: its model, decay of u and r, sum of the input, what is measured of it
        "lif": 6.48,
        "rate": 4.85,
    },
    "functions": {
        "theta-rk4": 66.1,
        "izhikevich": 280,
        "normal": 12.5,  # a random number
        "slope": 180,  # more for an update where rates are trained
        "trial": 104_000,  # a random start
    },
    "updates": {
        "update": 140,  # a weight update of a neuron or group, whatever its size
        "input": 6.47,  # one of its inputs that has fired, and its weight
        "rank": 0.0309,  # one number of P changes by one update
    },
    "caches": {
        "row": 0.136,  # one number of P that is read
        "flush": 0.22,  # it is read and written once more, for the updates kept back
        "move": 1.35,  # the weight of a member moves
        "own loop": 9.22,  # more for all-to-all without self-connections
    },
    "spikes": {
        "synapse": 1.82,  # a spike reaches one neuron that has inputs of its own
        "line": 13.2,  # a spike reaches a group
        "far synapse": 5.61,  # the same with weights that do not fit into a core's cache
        "far line": 90.1,
        "far member": 0.273,  # one member of it whose weight does not lie in a core's cache
    },
    "memory": {
        "far row": 0.301,  # where all P do not fit into it
        "far flush": 0.164,
        "far move": 1.49,
        "farthest move": 7.4,  # where they do not fit into any cache
    },
    "copies": {
        "weight": 4.99,  # copied, compared or multiplied once a trial
        "block": 5.72,  # one input under Dale's law
        "touch": 20.8,  # a number of P or W gets its place in memory
    },
    "analyses": {  # after a run (jobs/insight_cost.py); fitted by hand to the parts of twenty runs
        "analysis": 6_000_000,  # its fixed part
        "histogram": 45,  # a weight is compared with itself before training
        "sorted spike": 280,
        "eigenvalue": 540,  # each of n² numbers of a matrix
        "reflection": 0.165,  # each of n³
        "gathered": 1.8,  # a rate of an input is looked up
        "product": 0.15,  # and multiplied
        "curve": 24,  # a sample of a curve is filtered
        "response": 2.2,  # a step of a neuron whose f-I curve is measured
        "noisy response": 12,
        "call": 33_000,  # of a compiled kernel
    },
}
PRICES = {piece: ns for pieces in KINDS.values() for piece, ns in pieces.items()}

_KINDS = list(KINDS)
_KIND = {piece: _KINDS.index(kind) for kind, pieces in KINDS.items() for piece in pieces}

COMMON, OWN = 1.0, 0.5  # what is not known of a machine: standard deviations of the factors' logarithms, together and each alone
NOISE = 0.1  # of a run's time, whose machine is never quite alone
FORGETTING = 0.03  # share of the first doubt that comes back with every run, since machines change
LOWEST, HIGHEST = 0.02, 50.0  # factors


def by_kind(work: Mapping[str, float]) -> F64:
    """Seconds of each kind of work, (kinds,), for so many of every piece."""
    seconds = np.zeros(len(KINDS))
    for piece, times in work.items():
        seconds[_KIND[piece]] += 1e-9 * PRICES[piece] * times
    return seconds


class Pace(NamedTuple):
    """How long each kind of work takes here: logarithms of the factors, and the doubt about them, which every run corrects.

    Work is given as seconds by kind at the prices above, shape (kinds,).
    """

    factors: F64  # (kinds,), logarithms
    doubt: F64  # (kinds, kinds), their covariance

    def seconds(self, work: F64) -> float:
        return float(np.exp(self.factors) @ work)

    def after(self, work: F64, took_s: float) -> Pace:
        """The pace once so much work has taken took_s: a step of an extended Kalman filter, which sees the time's logarithm."""
        doubt = self.doubt + FORGETTING * (FIRST.doubt - self.doubt)
        parts = np.exp(self.factors) * work
        shares = parts / parts.sum()
        spread = doubt @ shares
        gain = spread / (shares @ spread + NOISE**2)
        factors = self.factors + gain * np.log(took_s / parts.sum())
        return Pace(np.clip(factors, np.log(LOWEST), np.log(HIGHEST)), doubt - np.outer(gain, spread))


#: Of a machine of which nothing is known.
FIRST = Pace(np.zeros(len(KINDS)), np.full((len(KINDS),) * 2, COMMON**2) + OWN**2 * np.eye(len(KINDS)))
