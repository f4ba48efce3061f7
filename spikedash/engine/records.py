"""The arrays that kernels work on, and what they mean; kernels change them in place where said so."""

from __future__ import annotations

from typing import Any, NamedTuple

Array = Any  # numpy arrays with the dtype named beside them; kernels compile for exactly these


class Constants(NamedTuple):
    """Numbers of one network; plain floats so that a kernel compiles once."""

    h: float  # dt / tau
    decay: float  # exp(-dt / tau_s)
    kick: float  # tau / tau_s, added to r at a spike
    noise: float  # standard deviation of the private input, drive units


class Synapses(NamedTuple):
    """Plastic synapses stored by row: slot m of row i is the m-th input of neuron i."""

    pre: Array  # int32 (n, k) presynaptic neuron; n (a neuron that never fires) pads a shorter row
    W: Array  # float32 (n, k), changed in place by learning; 0 in padding
    out_start: Array  # int64 (n + 1,) neuron j's outgoing synapses are out_start[j] : out_start[j + 1]
    out_post: Array  # int32 (synapses,) postsynaptic neuron
    out_slot: Array  # int32 (synapses,) its slot in that neuron's row


class State(NamedTuple):
    """Where the network is; changed in place."""

    s: Array  # float32 (n,) sin(theta / 2)
    c: Array  # float32 (n,) cos(theta / 2); (-s, -c) is the same neuron
    u: Array  # float32 (n,) synaptic drive W r
    r: Array  # float32 (n + 1,) filtered spike trains, spikes per tau; the last entry stays 0
    a: Array  # float32 (n,) total input of the current step (scratch)
    fired: Array  # uint8 (n,) who fired in the current step (scratch)


class Learner(NamedTuple):
    """Recursive least squares of every neuron; changed in place.

    The rank-1 update of the latest sample is kept back in (gain, g) and applied while the next sample passes over P,
    so that P is read and written once per update. P itself is P - g gain gainᵀ.
    """

    P: Array  # float32 (n, k (k + 1) / 2) lower triangle by rows
    gain: Array  # float32 (n, k) k = P r of the latest sample
    g: Array  # float32 (n,) 1 / (1 + r·k) of the latest sample
    sign: Array  # int8 (n, k) +1 or -1 under Dale's law, 0 where the sign is free
    frozen: Array  # uint8 (n, k) 1 where Dale's law has blocked a synapse for good
    trained: Array  # uint8 (n,) 1 for neurons that learn


class Trial(NamedTuple):
    """One loop or test trial. All times in steps."""

    rest: int  # steps before the cue
    cue: int  # steps of the cue
    window: int  # steps of the target window
    update: int  # steps between weight updates
    sample: int  # steps between samples of the drive
    learn: int  # 1 in a training loop, 0 in a test
    key: int  # random stream of the private noise
    stim: Array  # float32 (n,) cue current
    target: Array  # float32 (window, n) drive target


class Probe(NamedTuple):
    """What a trial leaves behind; filled in place."""

    clock: Array  # int64 (4,): step reached, spikes written in this chunk, neuron that diverged or -1, spikes in the window
    spike_step: Array  # int32 (capacity,) of this chunk
    spike_neuron: Array  # int32 (capacity,)
    counts: Array  # int64 (n,) spikes of every neuron inside the window
    drive: Array  # float32 (samples, n) drive every `sample` steps inside the window
