"""What an estimate takes a run to be made of is what it is made of."""

import numpy as np
import pytest

from spikedash import cost, targets, training
from spikedash.engine import synapses


@pytest.mark.parametrize(
    "changes",
    [{}, {"n": 300, "p": 0.6}, {"wiring": "shared", "group": 5}, {"n": 80, "wiring": "shared", "group": 40}, {"wiring": "all"}],
)
def test_sizes_are_those_of_the_arrays(small, changes):
    params = small(**{f"network__{name}": value for name, value in changes.items()})
    it, network = cost.size(params), training.begin(params).network
    assert it.stored == network.learner.P.size
    assert it.weights == network.synapses.W.size
    if it.members > 1:
        assert it.moves == network.learner.S.shape[1]
    assert np.isfinite(cost.estimate(params).work).all()


def test_targets_are_made_as_many_at_once_as_there():
    assert cost.AT_ONCE == (targets.BLOCK, targets.BLOCK_VALUES)


def test_steps_are_shared_from_the_same_size_on_as_in_the_engine():
    assert cost.SHARED_STEPS == synapses.CROWD
