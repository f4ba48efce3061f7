"""What a run can be made of besides the usual, and stopping and going on in the middle."""

from __future__ import annotations

import io
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kstest, uniform

from spikedash import training
from spikedash.engine.noise import add_normal
from spikedash.network import background, by_neuron, cell_values
from spikedash.params import InputError, Params
from spikedash.training.prepare import engine_trial

VARIED = [
    {},
    {"network__weights": "balanced", "network__dale": True, "network__noise": 2, "network__n": 40},
    {"network__wiring": "shared", "network__group": 5, "network__noise": 1, "network__noise_kind": "frozen"},
    {"network__wiring": "all", "target__sets": 2, "network__static": "mixed"},
    {"network__model": "izhikevich", "training__rule": "drive", "training__share": 0.5},
    {"network__model": "lif", "network__wiring": "all", "network__autapses": True},
    {"network__model": "rate"},
    {"training__rule": "rate", "network__weights": "silent", "target__family": "innate", "network__bias": 0.5},
]


def to_end(session):
    last = None
    for snapshot in session:
        last = snapshot
    return last.result


@pytest.mark.parametrize("changes", VARIED)
def test_resumed_from_any_snapshot_it_ends_with_the_same_bits(small, monkeypatch, changes):
    params = small(**changes)
    monkeypatch.setattr(training.session, "chunk_steps", lambda *_: 23)
    whole = to_end(training.begin(params))
    session, checkpoints = training.begin(params), []
    for number, _ in enumerate(session):
        if number % 5 == 2:
            file = io.BytesIO()
            np.savez(file, **session.checkpoint())
            checkpoints.append(file.getvalue())
    assert len(checkpoints) > 8
    for stored in checkpoints:
        # Later chunks of another length, and more threads: as on another day.
        monkeypatch.setattr(training.session, "chunk_steps", lambda *_: 31)
        with np.load(io.BytesIO(stored), allow_pickle=False) as arrays:
            again = to_end(training.begin(params, resume=dict(arrays), threads=1))
        assert again.weights_sha256 == whole.weights_sha256
        np.testing.assert_array_equal(again.mean_drive, whole.mean_drive)
        np.testing.assert_array_equal(again.loops, whole.loops)
        np.testing.assert_array_equal(again.correlation, whole.correlation)
        assert again.frozen == whole.frozen


def test_a_checkpoint_of_another_run_is_refused(small):
    session = training.begin(small())
    next(iter(session))
    with pytest.raises(InputError, match="other parameters"):
        training.begin(small(training__seed=9), resume=session.checkpoint())


@pytest.mark.parametrize("changes", VARIED)
def test_bits_repeat_and_hang_on_the_seed(small, last_result, changes):
    one, two = (last_result(small(**changes), threads=t) for t in (1, 2))
    assert one.weights_sha256 == two.weights_sha256
    assert one.weights_sha256 != last_result(small(**changes, training__seed=2)).weights_sha256


def test_two_cues_recall_two_patterns(last_result):
    values = {
        "network.weights": "mixed",
        "network.sigma": 4,
        "target.sets": 2,
        "training.lam": 10,
        "training.loops": 120,
        "training.test_trials": 6,
    }
    result = last_result(Params().with_values(values))
    assert result.correlation.test_mean > 0.75
    assert abs(result.correlation.test_other) < 0.2
    target = result.setup.target
    assert abs(np.corrcoef(target[0].ravel(), target[1].ravel())[0, 1]) < 0.2
    assert (result.setup.stim[0] != result.setup.stim[1]).any()
    assert result.mean_drive.shape[0] == 2


def test_cue_currents_are_of_equal_strength_or_spread_evenly():
    values = {"network.n": 2000, "network.p": 0.01, "target.duration_ms": 100, "cue.amplitude": 3}
    equal = training.prepare(Params().with_values(values)).stim
    assert set(np.unique(equal)) == {-3, 3}
    spread = training.prepare(Params().with_values({**values, "cue.currents": "spread"})).stim / 3
    assert kstest(spread[0], uniform(-1, 2).cdf).pvalue > 0.01


@pytest.mark.parametrize("rule", ["rate", "inverted"])
def test_rates_are_learnt_by_either_rule(last_result, rule):
    values = {"network.weights": "mixed", "network.sigma": 4, "training.rule": rule, "training.test_trials": 4}
    before = last_result(Params().with_values({**values, "training.loops": 0})).correlation.test_mean
    result = last_result(Params().with_values({**values, "training.loops": 30}))
    assert before < 0.3
    assert result.correlation.test_mean > 0.8
    # The target is the rate of the drive pattern, per membrane time.
    drive = training.prepare(Params().with_values({**values, "training.rule": "drive"})).target
    np.testing.assert_allclose(result.setup.target, np.sqrt(np.maximum(drive, 0)) / np.pi, atol=1e-6)


@pytest.mark.parametrize("model", ["lif", "izhikevich", "rate"])
def test_other_neurons_learn_too(last_result, model):
    amplitude = {"lif": 10, "izhikevich": 10, "rate": 1}[model]
    values = {
        "network.model": model,
        "network.bias": 5 if model == "izhikevich" else 0,  # about the input at which its cells begin to fire
        "network.weights": "mixed",
        "network.sigma": 2,
        "network.tau_s_ms": 30,
        "target.family": "periodic",
        "target.period_min_ms": 500,
        "target.fast_min_ms": 500,
        "target.fast_max_ms": 1000,
        "target.amplitude": amplitude,
        "cue.amplitude": amplitude,
        "training.loops": 30,
        "training.test_trials": 4,
    }
    assert last_result(Params().with_values(values)).correlation.test_mean > 0.75


def test_only_the_chosen_learn(small, last_result):
    result = last_result(small(network__n=40, training__share=0.25))
    trained = result.setup.trained
    assert trained.sum() == 10
    _, before = by_neuron(result.setup.pre, result.setup.weights, 40)
    _, after = by_neuron(result.setup.pre, result.weights, 40)
    np.testing.assert_array_equal((before != after).any(1), trained)
    assert np.isnan(result.per_neuron[~trained]).all()


def test_frozen_noise_is_the_same_in_every_trial_from_the_cue_on(small):
    params = small(network__noise=3, network__noise_kind="frozen")
    session = training.begin(params)
    seen = []
    for rest in (20, 57):
        trial = engine_trial(
            params, session.clock, rest, False, np.random.default_rng(rest), session.setup.stim[0], session.setup.target[0]
        )
        rows = []
        for step in range(rest, rest + 50):
            noise = np.zeros(12, np.float32)
            add_normal(noise, np.float32(3), trial.key, step - trial.origin, 0)
            rows.append(noise)
        seen.append(np.array(rows))
    np.testing.assert_array_equal(*seen)
    assert seen[0].std() == pytest.approx(3, rel=0.1)


def test_static_synapses_are_balanced_and_stay(small, last_result):
    params = small(network__n=60, network__static="balanced", network__static_p=0.2, network__static_scale=2)
    static = background(params.network, np.random.default_rng(0))
    senders = np.repeat(np.arange(60), np.diff(static.start))
    j = 2 / np.sqrt(0.2 * 60)
    np.testing.assert_allclose(static.weight, np.where(senders < 48, j, -5 * j), rtol=1e-6)
    for who, count in ((senders < 48, 10), (senders >= 48, 2)):
        np.testing.assert_array_equal(np.bincount(static.post[who], minlength=60), count)
    assert (senders != static.post).all()
    # The drive that is compared is that of all synapses.
    result = last_result(params)
    assert result.setup.static.weight.size == 60 * 12


def test_cell_types_come_in_blocks_and_by_kind():
    network = Params().with_values({"network.model": "izhikevich", "network.n": 100, "network.weights": "mixed"}).network
    cells = cell_values(network)
    assert [len(np.unique(cells[:, i : i + 20], axis=1).T) for i in range(0, 100, 20)] == [1] * 5
    typed = cell_values(network.model_copy(update={"weights": "balanced", "share_ch": 0.0}))
    assert set(typed[0, 80:]) | set(typed[0, :80]) == {np.float32(0.02), np.float32(0.1)}
    assert (typed[0, :80] == np.float32(0.02)).all()
    assert not (typed[2, :80] == -50).any()


def test_runaway_activity_is_named(small):
    params = small(network__n=60, network__weights="balanced", network__frac_exc=1, network__J=30, network__bias=30)
    with pytest.raises(training.RunFailed, match=r"Runaway activity in loop 1: .*400 Hz; weaker initial weights"):
        list(training.train(params))
    with pytest.raises(training.RunFailed, match=r"mixed or silent initial weights \(balanced ones are here the same for every"):
        list(training.train(params.with_values({"network.wiring": "all"})))


def test_balanced_weights_of_an_all_to_all_network_are_the_same_for_every_neuron(small):
    """As the sentences about them say."""
    wiring = {"network.n": 60, "network.wiring": "all", "network.autapses": True}
    for weights, alike in (("balanced", True), ("mixed", False)):
        setup = training.prepare(small().with_values({**wiring, "network.weights": weights}))
        assert (np.ptp(setup.weights, axis=2) < 1e-6).all() == alike


@given(
    st.integers(2, 9),
    st.sampled_from(["sparse", "shared", "all"]),
    st.floats(0.15, 1),
    st.sampled_from([0.0, 0.5, 1.0]),
    st.sampled_from(["balanced", "mixed", "silent"]),
    st.integers(1, 9),
    st.booleans(),
)
@settings(max_examples=60, deadline=None)
def test_any_small_network_runs_or_is_refused_in_a_sentence(n, wiring, p, frac, weights, group, dale):
    """n = 2, one input, k = n - 1, no E, no I, groups larger than the network."""
    values = {
        "network.n": n,
        "network.wiring": wiring,
        "network.p": p,
        "network.frac_exc": frac,
        "network.weights": weights,
        "network.group": group,
        "network.dale": dale,
        "target.duration_ms": 100,
        "training.loops": 1,
        "training.test_trials": 1,
        "training.rest_max_ms": 100,
    }
    refused = ""
    try:
        *_, last = training.train(Params().with_values(values))
    except (InputError, training.RunFailed) as error:
        refused = str(error)
    if refused:
        assert re.search(r"(network\.(p|group) is .*|Runaway activity .*)\.$", refused)
        return
    assert np.isfinite(last.result.weights).all()
    if dale and weights != "silent":
        assert last.result.sign_changes == 0
