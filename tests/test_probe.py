"""Questions to a trained network, and the engine's part in them."""

from __future__ import annotations

import numpy as np
import pytest

from spikedash import training
from spikedash.network import by_neuron
from spikedash.params import InputError, Params, Probe
from spikedash.perturb import perturbed, scaled, shuffled

LEARNT = {
    "network.n": 100,
    "network.weights": "mixed",
    "network.sigma": 2,
    "training.loops": 40,
    "training.test_trials": 4,
    "training.update_ms": 5,
}


@pytest.fixture(scope="module")
def learnt():
    """Params, setup and weights of a network that has learnt its pattern."""
    params = Params().with_values(LEARNT)
    setup = training.prepare(params)
    *_, last = training.train(params, setup=setup)
    assert last.result.correlation.test_mean > 0.8
    return params, setup, last.result.weights


def ask(learnt, **question):
    params, setup, weights = learnt
    *_, last = training.probe(params, weights, Probe(**question), setup=setup)
    return last.result


def test_asked_without_a_change_it_answers_as_in_its_own_tests(learnt):
    assert ask(learnt, trials=6).correlation.test_mean > 0.8
    np.testing.assert_array_equal(ask(learnt).mean_drive, ask(learnt).mean_drive)
    assert (ask(learnt).mean_drive != ask(learnt, seed=1).mean_drive).any()


@pytest.mark.parametrize("question", [{"cue": "none"}, {"cue": "wrong"}, {"remove": 0.6}, {"shuffle": 1.0}, {"scale_exc": 0.3}])
def test_what_breaks_the_pattern_breaks_it(learnt, question):
    assert ask(learnt, trials=6, **question).correlation.test_mean < 0.6


def test_losing_a_few_neurons_costs_little_and_more_cost_more(learnt):
    left = [ask(learnt, trials=6, remove=share).correlation.test_mean for share in (0.0, 0.03, 0.4)]
    assert left[0] - left[1] < 0.3 < left[0] - left[2]


def test_a_deleted_spike_is_the_only_difference_until_it_happens(learnt):
    params, setup, weights = learnt

    def spikes(**question):
        parts = [(s.spike_ms, s.spike_neuron) for s in training.probe(params, weights, Probe(**question), setup=setup)]
        return np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])

    (t0, i0), (t1, i1) = spikes(), spikes(delete=True, delete_ms=300)
    at = np.flatnonzero((t0[: len(t1)] != t1[: len(t0)]) | (i0[: len(t1)] != i1[: len(t0)]))[0]
    assert t0[at] >= 300
    assert (t0[:at] < 300).all()  # the very first spike from 300 ms on is the one left out
    assert (t0[at + 1 : at + 5].tolist(), i0[at + 1 : at + 5].tolist()) != ([], [])
    np.testing.assert_array_equal(i0[at + 1 : at + 3], i1[at : at + 2])


def test_removed_neurons_are_cut_off_both_ways(learnt):
    _, setup, weights = learnt
    changed = perturbed(setup, weights, Probe(remove=0.25), np.random.default_rng(0))
    gone = np.flatnonzero(~changed.trained)
    assert len(gone) == 25
    pre, rows = by_neuron(setup.pre, changed.weights, setup.n)
    assert (rows[gone] == 0).all()
    assert (rows[np.isin(pre, gone)] == 0).all()
    kept = ~np.isin(pre, gone)
    kept[gone] = False
    np.testing.assert_array_equal(rows[kept], by_neuron(setup.pre, weights, setup.n)[1][kept])


def test_scaling_keeps_signs_and_the_other_kind():
    weights = np.array([-2.0, -1.0, 0.0, 3.0], np.float32)
    np.testing.assert_allclose(scaled(weights, 0.5, 2.0), [-4, -2, 0, 1.5])


@pytest.mark.parametrize("M", [1, 3])
def test_shuffling_keeps_every_neurons_weights_as_a_set(M):
    rng = np.random.default_rng(1)
    weights = rng.standard_normal((4, 9, M)).astype(np.float32)
    pre = np.tile(np.arange(9, dtype=np.int32), (4, 1))
    mixed = shuffled(weights, pre, 1000, 1.0, rng)
    assert (mixed != weights).mean() > 0.7
    np.testing.assert_array_equal(np.sort(mixed, 1), np.sort(weights, 1))
    few = shuffled(weights, pre, 5, 1.0, rng)
    np.testing.assert_array_equal(few[:, 5:], weights[:, 5:])
    flat = few.transpose(0, 2, 1).reshape(4 * M, 9)
    np.testing.assert_array_equal(flat[5:], weights.transpose(0, 2, 1).reshape(4 * M, 9)[5:])


def test_a_pattern_that_does_not_exist_is_refused(learnt):
    with pytest.raises(InputError, match=r"probe\.pattern is 3, but the run has 1"):
        ask(learnt, pattern=3)


def test_frozen_noise_stays_that_of_the_training_whatever_the_seed_of_the_question():
    from spikedash.training.prepare import NOISE, stream

    params = Params().with_values({**LEARNT, "network.noise": 1, "network.noise_kind": "frozen", "training.loops": 1})
    setup = training.prepare(params)
    keys = []
    for seed in (0, 9):
        session = training.probe(params, setup.weights, Probe(seed=seed), setup=setup)
        next(iter(session))
        trial = session._begin(session.plan[0]).trial
        keys.append((trial.key, trial.rest))
    assert keys[0][0] == keys[1][0] == int(stream(params, NOISE).integers(2**62))


def test_a_run_that_fails_hands_over_what_happened_until_then():
    params = Params().with_values({"network.n": 50, "network.weights": "mixed", "network.sigma": 1, "training.loops": 0})
    setup = training.prepare(params)
    wild = setup._replace(weights=np.abs(setup.weights) * 60)
    with pytest.raises(training.RunFailed, match="Runaway") as failed:
        list(training.probe(params, wild.weights, Probe(), setup=wild))
    last = failed.value.last
    assert last.spike_ms.size > 400 * 50 * 0.05  # 400 Hz for half of the steps that are counted
    assert last.spike_ms.max() <= last.now_ms < last.trial.end_ms
