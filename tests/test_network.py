"""Wirings: in-degrees, signs, scales, and the outgoing lists."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spikedash.network import excitatory_count, outgoing, wire
from spikedash.params import InputError, Network


@settings(max_examples=60, deadline=None)
@given(
    n=st.integers(2, 60),
    p=st.floats(0.01, 1),
    frac_exc=st.floats(0, 1),
    weights=st.sampled_from(["balanced", "mixed", "silent"]),
    seed=st.integers(0, 99),
)
def test_every_neuron_hears_its_share_and_never_itself(n, p, frac_exc, weights, seed):
    network = Network(n=n, p=p, frac_exc=frac_exc, weights=weights)
    n_exc = excitatory_count(network)
    if round(p * n_exc) + round(p * (n - n_exc)) == 0:
        with pytest.raises(InputError, match="no inputs"):
            wire(network, np.random.default_rng(seed))
        return
    wiring = wire(network, np.random.default_rng(seed))
    for i, row in enumerate(wiring.pre):
        heard = row[row < n]
        assert i not in heard
        assert len(set(heard)) == heard.size
        inside = int(i < n_exc)
        assert np.count_nonzero(heard < n_exc) == min(round(p * n_exc), n_exc - inside)
        assert np.count_nonzero(heard >= n_exc) == min(round(p * (n - n_exc)), n - n_exc - (1 - inside))
    assert (wiring.weights[wiring.pre == n] == 0).all()


def test_balanced_weights_have_the_papers_values():
    network = Network(n=1000, p=0.1, frac_exc=0.8, weights="balanced", J=6, g=5)
    wiring = wire(network, np.random.default_rng(0))
    assert wiring.n_exc == 800
    excitatory = wiring.pre < 800
    np.testing.assert_array_equal(excitatory.sum(1), 80)
    np.testing.assert_allclose(wiring.weights[excitatory], 6 / np.sqrt(100), rtol=1e-6)
    np.testing.assert_allclose(wiring.weights[~excitatory], -30 / np.sqrt(100), rtol=1e-6)


def test_mixed_weights_have_their_variance_and_no_row_mean():
    wiring = wire(Network(n=1000, p=0.3, weights="mixed", sigma=4), np.random.default_rng(0))
    np.testing.assert_allclose(wiring.weights.mean(1), 0, atol=1e-6)
    assert wiring.weights.var() == pytest.approx(16 / 300, rel=0.02)


def test_no_inputs_at_all_is_refused():
    with pytest.raises(InputError, match=r"network\.p is 0\.001, which gives no inputs"):
        wire(Network(n=20, p=0.001), np.random.default_rng(0))


def test_outgoing_lists_hold_every_synapse_once():
    wiring = wire(Network(n=30, p=0.4, frac_exc=0.7), np.random.default_rng(1))
    start, post, slot = outgoing(wiring.pre)
    n, k = wiring.pre.shape
    found = {(int(i), int(m)) for i, m in zip(post, slot, strict=True)}
    assert found == {(i, m) for i in range(n) for m in range(k) if wiring.pre[i, m] < n}
    for j in range(n):
        mine = slice(start[j], start[j + 1])
        np.testing.assert_array_equal(wiring.pre[post[mine], slot[mine]], j)
