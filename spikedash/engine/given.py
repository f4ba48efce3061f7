"""Updates from given activity instead of a network's own: for measuring, and for comparing with other ways to compute them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from spikedash.engine.borrow import borrowed
from spikedash.engine.inverse import fresh_scratch
from spikedash.engine.records import Background, Constants, State, Trial
from spikedash.engine.synapses import fresh_delivery
from spikedash.engine.tasks import APPLY, END, SPIKES_ONLY, applying, close_update, helps, learning, turn
from spikedash.engine.team import ENTERED, OVER, PATIENCE, add, put, wait
from spikedash.engine.threads import together
from spikedash.engine.updates import full, unsettled


@njit(cache=True, error_model="numpy")
def collect_gains(gained, constants, learner, delivery):
    """List what the inputs gain before an update (learner, delivery in place)."""
    count = np.int64(0)
    for j in range(gained.size):
        learner.jump[j] = gained[j]
        delivery.who[count], delivery.amounts[count] = j, gained[j]
        count += gained[j] != 0
    delivery.count[0] = count
    learner.fade[0] = np.float32(constants.decay)


@njit(cache=True, nogil=True, error_model="numpy")
def learn_rows(board, constants, synapses, background, state, learner, delivery, trial, gained):
    """One thread's part; the leader's result, or -1."""
    board, synapses, background, state = borrowed(board), borrowed(synapses), borrowed(background), borrowed(state)
    learner, delivery, trial, gained = borrowed(learner), borrowed(delivery), borrowed(trial), borrowed(gained)
    member = add(board, ENTERED, 1)
    leads, patience, shares = member == 0, PATIENCE, delivery.bounds.size - 1
    slots, amounts, jumps = fresh_scratch(learner.P)
    bad, row = np.int64(-1), np.int64(0)
    phase, count = SPIKES_ONLY, shares
    while phase != END if leads else helps(board):
        if leads and phase == SPIKES_ONLY:
            collect_gains(gained[row], constants, learner, delivery)
        # fmt: off
        done = turn(board, member, phase, row, count, constants, synapses, background, state, learner, trial, delivery,
                    slots, amounts, jumps)
        # fmt: on
        if not leads:  # pragma: no cover (the plain run has one thread)
            patience = PATIENCE if done else wait(patience)
            continue
        if phase == SPIKES_ONLY:
            phase, count = learning(synapses, learner)
            continue
        found = close_update(phase, state, learner)
        if phase != APPLY:
            bad, row = found, row + 1
        over = bad >= 0 or row == gained.shape[0]
        if full(synapses, learner) or (over and unsettled(synapses, learner)):
            phase, count = applying(learner)
        else:
            phase, count = END if over else SPIKES_ONLY, shares
    if leads:
        put(board, OVER, 1)
    return bad


def learn_often(
    count: int, synapses: Any, learner: Any, r: Any, u: Any, v: Any, bias: float, fade: float, gained: Any, targets: Any
) -> int:
    """One update for every row of targets (rows, n) on `count` threads, from given activity.

    Before each, r (n + 1,) and the drive u (n,) fade by a factor and gain gained[row] (rows, n) float32 (both in place).
    v (n,) is the drive from synapses that do not learn, `bias` the constant input of all.

    Returns:
        The lowest neuron whose r·P·r is negative or whose drive is not finite, at which everything stops, or -1.
    """
    n = u.size
    nothing, spare = np.zeros(0, np.float32), np.zeros(n, np.float32)
    background = Background(np.zeros(n + 1, np.int64), np.zeros(0, np.int32), nothing)
    state = State(spare, spare, u, v, r, spare, np.zeros(n, np.uint8), np.zeros((4, n), np.float32))
    constants = Constants(0.0, 0.0, float(fade), 0.0, 0.0, bias, 0)
    trial = Trial(0, 0, len(targets), 1, 1, 1, 1, 0, 0, -1, 0, spare, targets)
    delivery = fresh_delivery(count, synapses, background, learner)
    found = together(count, learn_rows, constants, synapses, background, state, learner, delivery, trial, gained)
    return int(max(found))
