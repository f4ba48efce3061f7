"""A trained network changed for a question: neurons removed, synapses shuffled, E or I scaled, another cue."""

from __future__ import annotations

import numpy as np

from spikedash.params import InputError, Probe
from spikedash.records import F32, Setup


def perturbed(setup: Setup, weights: F32, probe: Probe, rng: np.random.Generator) -> Setup:
    """The setup whose initial weights are the trained ones (groups, k, M), changed as the probe asks.

    Removed neurons no longer count as trained, so that correlations are those of the others.

    Raises:
        InputError: the run has no such pattern.
    """
    sets = len(setup.target)
    if probe.pattern >= sets:
        raise InputError(f"probe.pattern is {probe.pattern}, but the run has {sets} (counted from 0).")
    removed = rng.permutation(setup.n)[: round(probe.remove * setup.n)]
    weights = scaled(weights, probe.scale_exc, probe.scale_inh)
    static = setup.static._replace(weight=scaled(setup.static.weight, probe.scale_exc, probe.scale_inh))
    if probe.shuffle:
        recorded = setup.n if setup.target_hz is None or probe.among == "all" else setup.target_hz.shape[1]
        weights = shuffled(weights, setup.pre, recorded, probe.shuffle, rng)
    alive = np.ones(setup.n + 1, bool)
    alive[removed] = False
    groups, _, M = weights.shape
    post_alive = np.concatenate([alive[:-1], np.zeros(groups * M - setup.n, bool)]).reshape(groups, 1, M)
    weights = np.where(alive[setup.pre][:, :, None] & post_alive, weights, np.float32(0))
    senders = np.repeat(np.arange(setup.n), np.diff(static.start))
    static = static._replace(weight=np.where(alive[senders] & alive[static.post], static.weight, np.float32(0)))
    return setup._replace(
        weights=weights,
        static=static,
        stim=_cue(setup, probe, rng)[None],
        target=setup.target[probe.pattern : probe.pattern + 1],
        trained=setup.trained & alive[:-1],
    )


def _cue(setup: Setup, probe: Probe, rng: np.random.Generator) -> F32:
    """The cue current (n,)."""
    own = setup.stim[probe.pattern]
    if probe.cue == "none":
        return np.zeros_like(own)
    if probe.cue == "own":
        return np.asarray(own)
    if len(setup.stim) > 1:
        return np.asarray(setup.stim[(probe.pattern + 1) % len(setup.stim)])
    return np.asarray(own * rng.choice(np.array([-1, 1], np.float32), own.size))


def scaled(weights: F32, exc: float, inh: float) -> F32:
    """Positive weights times `exc`, negative ones times `inh`."""
    return np.where(weights > 0, weights * np.float32(exc), weights * np.float32(inh))


def shuffled(weights: F32, pre: np.ndarray, recorded: int, share: float, rng: np.random.Generator) -> F32:
    """A share of every neuron's synapses from neurons below `recorded` exchange their weights (groups, k, M).

    Neurons from `recorded` on keep theirs, and so do synapses of weight 0 (padding, self-connections).
    """
    out = weights.copy()
    groups, _, M = weights.shape
    for neuron in range(min(recorded, groups * M)):
        group, member = divmod(neuron, M)
        slots = np.flatnonzero((pre[group] < recorded) & (weights[group, :, member] != 0))
        chosen = rng.permutation(slots)[: round(share * slots.size)]
        out[group, chosen, member] = weights[group, rng.permutation(chosen), member]
    return out
