"""The arrays that kernels work on, and what they mean; kernels change them in place where said so.

Neurons come in groups of M neighbours that share their inputs: group g holds the neurons g M to g M + M - 1 (the last
group may be short). M = 1 gives every neuron inputs of its own, M = n is all-to-all.
"""

from __future__ import annotations

from typing import Any, NamedTuple

Array = Any  # numpy arrays with the dtype named beside them; kernels compile for exactly these


class Constants(NamedTuple):
    """Numbers of one network; plain numbers so that a kernel compiles once."""

    h: float  # dt / tau
    dt: float  # ms
    decay: float  # exp(-dt / tau_s)
    kick: float  # tau / tau_s, added to r at a spike
    noise: float  # standard deviation of the noise input, drive units
    bias: float  # constant input to every neuron, drive units
    model: int  # number of the neuron model


class Synapses(NamedTuple):
    """Plastic synapses: slot m of group g is the m-th input of all its neurons."""

    pre: Array  # int32 (groups, k) presynaptic neuron; n (a neuron that never fires) pads a shorter list
    W: Array  # float32 (groups, k, M), changed in place by learning; 0 in padding
    out_start: Array  # int64 (n + 1,) neuron j's outgoing lists are out_start[j] : out_start[j + 1]
    out_group: Array  # int32 (groups * k without padding,) postsynaptic group, ascending within a list
    out_place: Array  # int32 (same,) place in pre, read as one line: group * k + slot


class Background(NamedTuple):
    """Static synapses beside the plastic ones, by presynaptic neuron; all empty where there are none."""

    start: Array  # int64 (n + 1,) neuron j's synapses are start[j] : start[j + 1]
    post: Array  # int32 (synapses,) postsynaptic neuron
    weight: Array  # float32 (synapses,)


class State(NamedTuple):
    """Where the network is; changed in place."""

    x: Array  # float32 (n,) first variable of the neuron model: sin(theta / 2), phase, voltage or activation
    y: Array  # float32 (n,) second one: cos(theta / 2), recovery, or unused; (-x, -y) is the same theta neuron
    u: Array  # float32 (n,) synaptic drive W r of the plastic synapses
    v: Array  # float32 (n,) synaptic drive of the static ones
    r: Array  # float32 (n + 1,) filtered spike trains, spikes per tau (tanh x of rate units); the last entry stays 0
    a: Array  # float32 (n,) total input of the current step (scratch)
    fired: Array  # uint8 (n,) who fired in the current step (scratch)
    cells: Array  # float32 (4, n) numbers of the neuron model, never changed


class Learner(NamedTuple):
    """Recursive least squares with one inverse correlation matrix for every group; changed in place.

    The true matrix is P[:width] - Σ P[width + l] P[width + l]ᵀ over the `held` rows behind it: the rank-1 updates of the
    latest samples are kept back, and applied together in one pass over P, so that most samples only read it.
    """

    P: Array  # float32 (groups, width + depth, width), width = inverse.padded(k)
    held: Array  # int64 (groups,) rows kept back
    Pr: Array  # float32 (groups, width) P r at the last update
    curvature: Array  # float32 (groups,) r·P r after it
    jump: Array  # float32 (n + 1,) what r has gained by spikes since the last update, as much as will be left at the next
    fade: Array  # float32 (1,) what is left at an update of the r of the last one; 0 at the first of a trial
    Y: Array  # float32 (groups, k, depth) shared inputs: P r at the updates kept back; the weights are W + Y S
    S: Array  # float32 (groups, depth, M) how far the members moved along them; depth 1 where moves are not kept back
    root: Array  # float32 (groups, depth) their √g, g = 1 / (1 + r·P r)
    own: Array  # float32 (groups, M) all-to-all without self-connections: the weights are W + Y S - P own
    sign: Array  # int8 (groups, k, M) +1 or -1 under Dale's law; (0, 0, 0) where signs are free
    frozen: Array  # uint8 (groups, k, M) 1 where Dale's law has blocked a synapse for good; (0, 0, 0) where signs are free
    trained: Array  # uint8 (n,) 1 for neurons that learn
    rule: int  # what is trained: rls.DRIVE, rls.RATE or rls.RATE_BY_DRIVE
    floor: float  # RATE_BY_DRIVE: at this target or below, any lower drive is as good
    loops: int  # 0 where the regression of each neuron leaves out its own activity, 1 where all share one


class Trial(NamedTuple):
    """One loop or test trial. All times in steps."""

    rest: int  # steps before the cue
    cue: int  # steps of the cue
    window: int  # steps of the target window
    update: int  # steps between weight updates
    sample: int  # steps between samples of the drive
    grid: int  # steps between rows of the target
    learn: int  # 1 in a training loop, 0 in a test
    key: int  # random stream of the noise
    origin: int  # step that the noise counts as its first
    drop: int  # the first spike from this step on is deleted; negative for none
    most: int  # spikes of all neurons within RUNAWAY_STEPS steps that count as runaway activity
    stim: Array  # float32 (n,) cue current
    target: Array  # float32 (rows, n) target of the drive, or of the rate in spikes per tau


class Delivery(NamedTuple):
    """The spikes of a step, and who brings them to whom: each share of the neurons is one task."""

    who: Array  # int32 (n and room for a vector,) presynaptic neurons
    amounts: Array  # float32 (n,) what each adds to r
    count: Array  # int64 (1,) how many
    bounds: Array  # int64 (shares + 1,) share s has the neurons bounds[s] : bounds[s + 1]
    plastic: Array  # int64 (shares, 2, n) where the share's part of neuron j's outgoing list begins and ends
    static: Array  # int64 (shares, 2, n) the same for static synapses; (0, 2, n) where there are none
    due: Array  # float32 (shares, groups, depth) what the spikes bring along Learner.Y (scratch)


class Probe(NamedTuple):
    """What a trial leaves behind; filled in place."""

    clock: Array  # int64 (5,) as named below
    spike_step: Array  # int32 (capacity,) of this chunk
    spike_neuron: Array  # int32 (capacity,)
    counts: Array  # int64 (n,) spikes of every neuron inside the window
    activity: Array  # float32 (samples, n) what is trained, every `sample` steps inside the window: drive or r


# Entries of Probe.clock.
STEP = 0  # step reached
SPIKES = 1  # spikes written in this chunk
BAD = 2  # neuron that diverged, n for the population, or -1
DROPPED = 3  # neuron whose spike was deleted, or -1
RECENT = 4  # spikes since the last whole multiple of RUNAWAY_STEPS
CLOCK = (0, 0, -1, -1, 0)  # at the start of a trial

RUNAWAY_STEPS = 100
