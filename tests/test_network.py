"""Wirings: in-degrees, signs, scales, and the outgoing lists."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spikedash.network import by_neuron, excitatory_count, outgoing, wire
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


@settings(max_examples=60, deadline=None)
@given(
    n=st.integers(2, 60),
    p=st.floats(0.05, 1),
    group=st.integers(1, 70),
    frac_exc=st.floats(0, 1),
    weights=st.sampled_from(["balanced", "mixed", "silent"]),
)
def test_a_group_hears_the_same_neurons_and_none_of_its_own(n, p, group, frac_exc, weights):
    network = Network(n=n, p=p, frac_exc=frac_exc, weights=weights, wiring="shared", group=group)
    n_exc = excitatory_count(network)
    wanted = [(round(p * n_exc), 0, n_exc), (round(p * (n - n_exc)), n_exc, n)]
    if group >= n or sum(count for count, _, _ in wanted) == 0:
        with pytest.raises(InputError, match=r"network\.(p|group) is"):
            wire(network, np.random.default_rng(0))
        return
    wiring = wire(network, np.random.default_rng(0))
    groups, _, M = wiring.weights.shape
    assert (groups, M) == (-(-n // group), group)
    pre, rows = by_neuron(wiring.pre, wiring.weights, n)
    for i in range(n):
        members = range(i // M * M, min(n, i // M * M + M))
        heard = pre[i][pre[i] < n]
        assert not set(heard) & set(members)
        assert len(set(heard)) == heard.size
        np.testing.assert_array_equal(pre[i], pre[members.start])
        for count, first, last in wanted:
            free = last - first - len(set(members) & set(range(first, last)))
            assert np.count_nonzero((heard >= first) & (heard < last)) == min(count, free)
        if weights == "mixed":
            assert abs(rows[i].sum()) < 1e-4
    assert (rows[pre == n] == 0).all()
    assert (wiring.weights[-1, :, n - (groups - 1) * M :] == 0).all()


@pytest.mark.parametrize("weights", ["balanced", "mixed", "silent"])
@pytest.mark.parametrize("autapses", [False, True])
def test_all_to_all_hears_everyone(weights, autapses):
    network = Network(n=50, frac_exc=0.8, weights=weights, wiring="all", autapses=autapses, J=6, g=5, sigma=4)
    wiring = wire(network, np.random.default_rng(0))
    np.testing.assert_array_equal(wiring.pre, np.arange(50)[None])
    rows = by_neuron(wiring.pre, wiring.weights, 50)[1]
    off = ~np.eye(50, dtype=bool)
    if not autapses or weights == "silent":
        assert (np.diag(rows) == 0).all()
    if weights == "mixed":
        np.testing.assert_allclose(rows.sum(1), 0, atol=1e-4)
        assert rows[off].var() == pytest.approx(16 / 50, rel=0.1)
    if weights == "balanced":
        np.testing.assert_allclose(rows[:, :40][off[:, :40]], 6 / np.sqrt(50), rtol=1e-6)
        np.testing.assert_allclose(rows[:, 40:][off[:, 40:]], -30 / np.sqrt(50), rtol=1e-6)


def test_balanced_weights_have_the_papers_values():
    network = Network(n=1000, p=0.1, frac_exc=0.8, weights="balanced", J=6, g=5)
    wiring = wire(network, np.random.default_rng(0))
    assert wiring.n_exc == 800
    excitatory = wiring.pre < 800
    np.testing.assert_array_equal(excitatory.sum(1), 80)
    weights = wiring.weights[:, :, 0]
    np.testing.assert_allclose(weights[excitatory], 6 / np.sqrt(100), rtol=1e-6)
    np.testing.assert_allclose(weights[~excitatory], -30 / np.sqrt(100), rtol=1e-6)


def test_mixed_weights_have_their_variance_and_no_row_mean():
    wiring = wire(Network(n=1000, p=0.3, weights="mixed", sigma=4), np.random.default_rng(0))
    np.testing.assert_allclose(wiring.weights.mean(1), 0, atol=1e-6)
    assert wiring.weights.var() == pytest.approx(16 / 300, rel=0.02)


def test_no_inputs_at_all_is_refused():
    with pytest.raises(InputError, match=r"network\.p is 0\.001, which gives no inputs"):
        wire(Network(n=20, p=0.001), np.random.default_rng(0))


@pytest.mark.parametrize("wiring", ["sparse", "shared", "all"])
def test_outgoing_lists_hold_every_input_once(wiring):
    network = Network(n=30, p=0.4, frac_exc=0.7, wiring=wiring, group=7)
    pre = wire(network, np.random.default_rng(1)).pre
    start, post, place = outgoing(pre, 30)
    assert sorted(place) == list(np.flatnonzero(pre.ravel() < 30))
    np.testing.assert_array_equal(post, place // pre.shape[1])
    for j in range(30):
        mine = slice(start[j], start[j + 1])
        np.testing.assert_array_equal(pre.ravel()[place[mine]], j)
        assert (np.diff(post[mine]) >= 0).all()
