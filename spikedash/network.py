"""Params and a Generator in, arrays of a network out: who hears whom, and how strongly."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from spikedash.params import InputError, Network
from spikedash.records import F32, I32


class Wiring(NamedTuple):
    """Initial synapses by row. Slots beyond a neuron's in-degree hold `pre == n` and weight 0."""

    n_exc: int  # neurons 0..n_exc-1 are excitatory; n for mixed or silent weights
    pre: I32  # (n, k) presynaptic neurons, increasing along a row
    weights: F32  # (n, k)


def excitatory_count(network: Network) -> int:
    """How many neurons excite; all of them where weights have no type."""
    return round(network.frac_exc * network.n) if network.weights == "balanced" else network.n


def in_degree(network: Network) -> int:
    """Plastic inputs of a neuron, at most all others."""
    if network.weights != "balanced":
        return min(round(network.p * network.n), network.n - 1)
    n_exc = excitatory_count(network)
    n_inh = network.n - n_exc
    return min(round(network.p * n_exc), n_exc) + min(round(network.p * n_inh), n_inh)


def _draw(rng: np.random.Generator, first: int, last: int, count: int, not_this: int) -> I32:
    """`count` distinct neurons of first..last-1 without `not_this`, increasing; all there are if that is fewer."""
    inside = first <= not_this < last
    pool = last - first - inside
    drawn = np.sort(rng.choice(pool, min(count, pool), replace=False, shuffle=False)) + first
    if inside:
        drawn[drawn >= not_this] += 1
    return drawn.astype(np.int32)


def wire(network: Network, rng: np.random.Generator) -> Wiring:
    """Draw every neuron's own inputs, exactly p N of them (p N_E and p N_I where weights have a type), never itself.

    Balanced weights are J/√K from excitatory and -gJ/√K from inhibitory neurons with K = p N; mixed ones are normal with
    variance σ²/(N p), every row's mean removed (SCIENCE §4, fig4 and fig1).

    Raises:
        InputError: no neuron would have any input.
    """
    n, k = network.n, in_degree(network)
    if k == 0:
        raise InputError(
            f"network.p is {network.p:g}, which gives no inputs in a network of {n} neurons; it must be at least {1 / n:.2g}."
        )
    n_exc = excitatory_count(network)
    pre = np.full((n, k), n, np.int32)
    weights = np.zeros((n, k), np.float32)
    for i in range(n):
        row = _draw(rng, 0, n_exc, round(network.p * n_exc), i)
        if n_exc < n:
            row = np.concatenate([row, _draw(rng, n_exc, n, round(network.p * (n - n_exc)), i)])
        pre[i, : row.size] = row
        if network.weights == "mixed":
            drawn = rng.standard_normal(row.size) * network.sigma / np.sqrt(n * network.p)
            weights[i, : row.size] = drawn - drawn.mean()
    if network.weights == "balanced":
        j = network.J / np.sqrt(n * network.p)
        weights[:] = np.where(pre < n_exc, j, np.where(pre < n, -network.g * j, 0.0))
    return Wiring(n_exc, pre, weights)


def outgoing(pre: I32) -> tuple[np.ndarray, I32, I32]:
    """The same synapses by presynaptic neuron: (start (n + 1,), postsynaptic neuron, slot in its row)."""
    n, k = pre.shape
    order = np.argsort(pre, axis=None, kind="stable")
    senders = pre.reshape(-1)[order]
    start = np.searchsorted(senders, np.arange(n + 1)).astype(np.int64)
    order = order[: start[n]]
    return start, (order // k).astype(np.int32), (order % k).astype(np.int32)
