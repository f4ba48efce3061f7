"""Params and a Generator in, arrays of a network out: who hears whom, and how strongly."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from spikedash.params import InputError, Network
from spikedash.records import F32, F64, I32, Static

PART = 2**20  # numbers drawn at a time

#: (a, b, c, d) of the five classic cell types of Izhikevich (2003).
CELLS = {
    "RS": (0.02, 0.2, -65.0, 8.0),  # regular spiking
    "IB": (0.02, 0.2, -55.0, 4.0),  # intrinsically bursting
    "CH": (0.02, 0.2, -50.0, 2.0),  # chattering
    "FS": (0.1, 0.2, -65.0, 2.0),  # fast spiking
    "LTS": (0.02, 0.25, -65.0, 2.0),  # low-threshold spiking
}


class Wiring(NamedTuple):
    """Initial synapses by groups of neighbours that share their inputs (M = 1: every neuron has its own).

    Slots beyond a group's in-degree hold `pre == n` and weight 0.
    """

    n_exc: int  # neurons 0..n_exc-1 are excitatory; n for mixed or silent weights
    pre: I32  # (groups, k) presynaptic neurons, increasing along a row
    weights: F32  # (groups, k, M) weights[g, m, i] leads from pre[g, m] to neuron g M + i


def excitatory_count(network: Network) -> int:
    """How many neurons excite; all of them where weights have no type."""
    return round(network.frac_exc * network.n) if network.weights == "balanced" else network.n


def group_size(network: Network) -> int:
    """How many neighbours share their inputs."""
    return {"sparse": 1, "shared": min(network.group, network.n), "all": network.n}[network.wiring]


def _draw(rng: np.random.Generator, first: int, last: int, count: int, members: range) -> I32:
    """`count` distinct neurons of first..last-1 that are no members, increasing; all there are if that is fewer."""
    start, stop = max(first, members.start), min(last, members.stop)
    inside = max(0, stop - start)
    pool = last - first - inside
    drawn = np.sort(rng.choice(pool, min(count, pool), replace=False, shuffle=False)) + first
    if inside:
        drawn[drawn >= start] += inside
    return drawn.astype(np.int32)


def _inputs(network: Network, rng: np.random.Generator, members: range) -> I32:
    """The inputs of a group: p N of them, or p N_E and p N_I where weights have a type, none a member."""
    n_exc = excitatory_count(network)
    row = _draw(rng, 0, n_exc, round(network.p * n_exc), members)
    if n_exc < network.n:
        row = np.concatenate([row, _draw(rng, n_exc, network.n, round(network.p * (network.n - n_exc)), members)])
    return row


def wire(network: Network, rng: np.random.Generator) -> Wiring:
    """Draw every group's inputs and their initial weights.

    Balanced weights are J/√K from excitatory and -gJ/√K from inhibitory neurons with K = p N; mixed ones are normal with
    variance σ²/(N p), every neuron's mean removed (SCIENCE §4, fig4 and fig1). All-to-all wiring has p = 1.

    Raises:
        InputError: no neuron would have any input.
    """
    n, M = network.n, group_size(network)
    everyone = network.wiring == "all"
    groups = -(-n // M)
    members = [range(first, min(n, first + M)) for first in range(0, n, M)]
    inputs = [np.arange(n, dtype=np.int32) if everyone else _inputs(network, rng, each) for each in members]
    k = max(row.size for row in inputs)
    if k == 0:
        if n > M:
            raise InputError(
                f"network.p is {network.p:g}, which gives no inputs in a network of {n} neurons; it must be at least {1 / n:.2g}."
            )
        raise InputError(
            f"network.group is {network.group}, but the network has only {n} neurons, and a group hears none of its own "
            f"members; it must be at most {n - 1}."
        )
    fan_in = n * (1.0 if everyone else network.p)
    pre = np.full((groups, k), n, np.int32)
    weights = np.zeros((groups, k, M), np.float32)
    for group, row in enumerate(inputs):
        pre[group, : row.size] = row
        if network.weights == "mixed":
            _mix(weights[group, : row.size], rng, network.sigma, fan_in, without_loops=everyone and not network.autapses)
    n_exc = excitatory_count(network)
    if network.weights == "balanced":
        j = network.J / np.sqrt(fan_in)
        weights[:] = np.where(pre < n_exc, j, np.where(pre < n, -network.g * j, 0.0))[:, :, None]
        if everyone and not network.autapses:
            np.fill_diagonal(weights[0], 0.0)
    weights[-1, :, n - (groups - 1) * M :] = 0.0  # members that the last group lacks
    return Wiring(n_exc, pre, weights)


def _mix(weights: F32, rng: np.random.Generator, sigma: float, fan_in: float, *, without_loops: bool) -> None:
    """Normal weights of a group (k, M) less the mean of every column, the diagonal left out if asked (in place).

    Large groups are drawn a part at a time, and twice, so that they never stand in memory in double precision.
    """
    k, M = weights.shape
    step = max(1, PART // M)

    def parts(rng: np.random.Generator) -> Iterator[tuple[slice, F64]]:
        for first in range(0, k, step):
            rows = range(first, min(k, first + step))
            part = rng.standard_normal((len(rows), M)) * sigma / np.sqrt(fan_in)
            if without_loops:
                part[np.arange(len(rows)), rows] = 0.0
            yield slice(first, rows.stop), part

    counted = max(1, k - 1) if without_loops else k
    mean = sum(part.sum(0) for _, part in parts(copy.deepcopy(rng))) / counted
    for rows, part in parts(rng):
        weights[rows] = part - mean
    if without_loops:
        np.fill_diagonal(weights, 0.0)


def outgoing(pre: I32, n: int) -> tuple[np.ndarray, I32, I32]:
    """The same input lists by presynaptic neuron: (start (n + 1,), postsynaptic groups in order, places in the flat lists)."""
    k = pre.shape[1]
    # Numbers of 16 bits are sorted digit by digit, five times as fast.
    order = np.argsort(pre.astype(np.uint16) if n < 2**16 else pre, axis=None, kind="stable")
    senders = pre.reshape(-1)[order]
    start = np.searchsorted(senders, np.arange(n + 1)).astype(np.int64)
    order = order[: start[n]]
    return start, (order // k).astype(np.int32), order.astype(np.int32)


def by_neuron(wiring_pre: I32, weights: F32, n: int) -> tuple[I32, F32]:
    """The same synapses as one row per neuron: presynaptic neurons and weights, both (n, k)."""
    groups, k, M = weights.shape
    rows = weights.transpose(0, 2, 1).reshape(groups * M, k)[:n]
    return np.repeat(wiring_pre, M, axis=0)[:n], np.ascontiguousarray(rows)


def background(network: Network, rng: np.random.Generator) -> Static:
    """Static synapses: balanced ones of J/√K and -gJ/√K with K = p N, or normal ones of variance σ²/(N p), row means removed."""
    n, p = network.n, network.static_p
    if network.static == "none":
        return Static(np.zeros(n + 1, np.int64), np.zeros(0, np.int32), np.zeros(0, np.float32))
    balanced = network.static == "balanced"
    n_exc = round(network.frac_exc * n) if balanced else n
    scale = network.static_scale / np.sqrt(p * n)
    pre, post, weight = [], [], []
    for i in range(n):
        alone = range(i, i + 1)
        row = np.concatenate([_draw(rng, 0, n_exc, round(p * n_exc), alone), _draw(rng, n_exc, n, round(p * (n - n_exc)), alone)])
        drawn = np.where(row < n_exc, scale, -network.g * scale) if balanced else rng.standard_normal(row.size) * scale
        pre.append(row)
        post.append(np.full(row.size, i, np.int32))
        weight.append(drawn if balanced or not row.size else drawn - drawn.mean())
    senders = np.concatenate(pre)
    order = np.argsort(senders, kind="stable")
    start = np.searchsorted(senders[order], np.arange(n + 1)).astype(np.int64)
    return Static(start, np.concatenate(post)[order], np.concatenate(weight)[order].astype(np.float32))


def cell_values(network: Network) -> F32:
    """Numbers of the neuron model (4, n): Izhikevich's a, b, c, d, with the cell types in blocks; zeros for other models.

    Where weights are balanced, FS and LTS cells inhibit and the others excite; shares count within each kind.
    """
    n = network.n
    values = np.zeros((4, n), np.float32)
    if network.model != "izhikevich":
        return values
    shares = {cell: getattr(network, f"share_{cell.lower()}") for cell in CELLS}
    inhibitory = ("FS", "LTS")
    kinds = [(0, n, list(shares))]
    if network.weights == "balanced":
        n_exc = excitatory_count(network)
        kinds = [(0, n_exc, [cell for cell in shares if cell not in inhibitory]), (n_exc, n, list(inhibitory))]
    for first, last, cells in kinds:
        share = np.array([shares[cell] for cell in cells])
        if not share.any():
            share[:] = 1.0
        edges = first + np.round(np.concatenate([[0.0], np.cumsum(share) / share.sum()]) * (last - first)).astype(int)
        for cell, start, end in zip(cells, edges[:-1], edges[1:], strict=True):
            values[:, start:end] = np.array(CELLS[cell])[:, None]
    return values
