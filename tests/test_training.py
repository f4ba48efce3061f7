"""Whole small runs: against the NumPy loop, against themselves in other circumstances, and at the limits."""

from __future__ import annotations

import numpy as np
import pytest

from spikedash import engine, training
from spikedash.bench.student import Student
from spikedash.clock import clock_of
from spikedash.network import Wiring, by_neuron
from spikedash.params import InputError, Params
from spikedash.records import Recording
from spikedash.training.build import randomise
from spikedash.training.prepare import TARGETS, Parts, _innate, engine_trial, fresh_probe


def dense(pre, weights, n):
    """(n, n) weight matrix."""
    inputs, rows = by_neuron(pre, weights, n)
    out = np.zeros((n, n + 1))
    out[np.arange(n)[:, None], inputs] = rows
    return out[:, :-1]


@pytest.mark.parametrize(
    "wiring",
    [
        {},
        {"network__wiring": "shared", "network__group": 5},
        {"network__wiring": "all"},
        {"network__wiring": "all", "network__autapses": True},
    ],
)
def test_a_loop_is_the_numpy_loop(small, wiring):
    """Spikes, drive and weights of one training loop equal those of the loop that a person would write."""
    params = small(network__dt_ms=0.1, training__loops=1, training__test_trials=0, target__duration_ms=100, **wiring)
    setup = training.prepare(params)
    session = training.Session(params, None, setup)
    randomise(session.network, np.random.default_rng(3))
    state = session.network.state
    student = Student(dense(setup.pre, setup.weights, setup.n), tau_ms=10, tau_s_ms=20, dt_ms=0.1, lam=1)
    student.theta = 2 * np.arctan2(state.x, state.y).astype(np.float64)
    student.r, student.u = state.r[:-1].astype(np.float64), state.u.astype(np.float64)

    clock = session.clock
    trial = engine_trial(params, clock, 50, True, np.random.default_rng(0), setup.stim[0], setup.target[0])
    steps = 50 + clock.cue + clock.window
    probe = fresh_probe(clock, setup.n, steps)
    engine.advance(*session.network, trial, probe, steps)

    spikes = 0
    for step in range(steps):
        fired = student.step(setup.stim[0] if 50 <= step < 50 + clock.cue else np.zeros(setup.n))
        spikes += int(fired.sum())
        t = step - 50 - clock.cue
        if t >= 0 and t % clock.update == 0:
            student.learn(setup.target[0, t // clock.grid])
    assert spikes == probe.clock[engine.SPIKES] > 10
    np.testing.assert_allclose(dense(setup.pre, session.network.synapses.W, setup.n), student.W, atol=2e-3)
    np.testing.assert_allclose(state.u, student.u, atol=2e-3)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"network__weights": "balanced", "network__dale": True, "network__noise": 2, "network__n": 40},
        {"network__wiring": "shared", "network__group": 5},
        {"network__wiring": "all", "network__noise": 1},
    ],
)
def test_bits_do_not_depend_on_threads_or_on_chunks(small, last_result, monkeypatch, changes):
    params = small(**changes)
    one = last_result(params, threads=1)
    two = last_result(params, threads=2)
    monkeypatch.setattr(training.session, "chunk_steps", lambda *_: 7)
    pieces = last_result(params)
    assert one.weights_sha256 == two.weights_sha256 == pieces.weights_sha256
    np.testing.assert_array_equal([two.correlation, pieces.correlation], [one.correlation] * 2)
    assert one.weights_sha256 != last_result(params.with_values({"training.seed": 2})).weights_sha256


def test_snapshots_add_up_to_the_whole_trial(small, monkeypatch):
    """Every spike and sample comes exactly once, in order, however finely a loop is cut."""

    def collect(params):
        drive, spikes = {}, {}
        for snapshot in training.train(params):
            key = snapshot.trial[:2]
            parts = drive.setdefault(key, [])
            assert snapshot.sample_start == sum(len(part) for part in parts)
            parts.append(snapshot.drive)
            spikes.setdefault(key, []).append(np.column_stack([snapshot.spike_ms, snapshot.spike_neuron]))
        return ({k: np.concatenate(v) for k, v in side.items()} for side in (drive, spikes))

    whole_drive, whole_spikes = collect(small())
    monkeypatch.setattr(training.session, "chunk_steps", lambda *_: 11)
    drive, spikes = collect(small())
    assert list(drive) == [("train", 0), ("train", 1), ("test", 0), ("test", 1)]
    for key in drive:
        np.testing.assert_array_equal(drive[key], whole_drive[key])
        np.testing.assert_array_equal(spikes[key], whole_spikes[key])
        assert drive[key].shape == (40, 12)
        assert (np.diff(spikes[key][:, 0]) >= 0).all()


def test_halving_the_step_changes_the_rate_little(last_result):
    def rate(dt):
        values = {
            "network.weights": "mixed",
            "network.dt_ms": dt,
            "training.loops": 6,
            "training.test_trials": 4,
            "network.n": 100,
        }
        return last_result(Params().with_values(values)).rate_hz

    assert rate(0.5) == pytest.approx(rate(1.0), rel=0.08)


@pytest.mark.parametrize(
    "wiring", [{}, {"network__wiring": "shared", "network__group": 4}, {"network__wiring": "all", "network__autapses": True}]
)
def test_dale_keeps_every_sign(small, last_result, wiring):
    values = {"network__n": 60, "network__weights": "balanced", "training__loops": 8, **wiring}
    free = last_result(small(**values))
    kept = last_result(small(**values, network__dale=True))
    assert free.sign_changes > 0
    assert kept.sign_changes == 0
    assert (kept.weights * kept.setup.weights >= 0).all()
    assert (kept.weights[kept.setup.pre < kept.setup.n_exc] >= 0).all()
    assert 0 < kept.frozen < 1


def test_learning_raises_the_correlation(last_result):
    values = {"network.weights": "mixed", "network.n": 100, "training.test_trials": 5}
    before = last_result(Params().with_values({**values, "training.loops": 0})).correlation.test_mean
    after = last_result(Params().with_values({**values, "training.loops": 40})).correlation.test_mean
    assert before < 0.4
    assert after > 0.75


@pytest.mark.parametrize(
    "changes",
    [
        {"network__n": 2, "network__p": 0.5},
        {"network__n": 3, "network__p": 1.0},
        {"network__weights": "balanced", "network__frac_exc": 0.0},
        {"network__weights": "balanced", "network__frac_exc": 1.0, "network__J": 0.5},
        {"network__weights": "silent"},
        {"network__wiring": "shared", "network__group": 11},
        {"network__wiring": "shared", "network__group": 1},
        {"network__wiring": "shared", "network__group": 5, "network__weights": "silent"},
        {"network__wiring": "all"},
        {"network__wiring": "all", "network__n": 2},
        {"network__wiring": "all", "network__weights": "silent"},
        {"training__loops": 0},
        {"training__test_trials": 0},
        {"training__loops": 0, "training__test_trials": 0},
        {"cue__duration_ms": 0, "training__rest_min_ms": 0, "training__rest_max_ms": 0},
        {"training__update_ms": 1000},
    ],
)
def test_runs_at_the_limits_end_with_finite_numbers(small, last_result, changes):
    result = last_result(small(**changes))
    assert np.isfinite(result.weights).all()
    assert len(result.loops) == small(**changes).training.loops


def test_a_diverging_network_says_so(small, monkeypatch):
    params = small()
    setup = training.prepare(params)
    setup.target[0, setup.target.shape[1] // 2 :] = np.nan
    with pytest.raises(training.RunFailed, match=r"Neuron 0 diverged in loop 1: .*training\.lam"):
        list(training.train(params, setup=setup))


def recording(units, duration_ms=400.0):
    t = np.arange(0, duration_ms + 1, 20.0)
    rates = 10 + 8 * np.sin(2 * np.pi * (t[:, None] / 300 + np.arange(units) / max(1, units)))
    return Recording(rates, t, tuple(f"unit {i}" for i in range(units)), ())


RECORDED = {"target__family": "recorded", "target__recording": "0" * 64}


def test_a_recording_becomes_drive_that_gives_its_rates(small, last_result):
    source = recording(5)
    setup = training.prepare(small(**RECORDED), source)
    assert setup.target.shape == (1, 80, 12)
    # Without noise the drive of a rate is (pi r)², r in spikes per tau.
    expected = (np.pi * np.interp(np.arange(0, 400, 5), source.time_ms, source.rate_hz[:, 3]) * 0.01) ** 2
    np.testing.assert_allclose(setup.target[0, :, 3], expected, rtol=1e-5)
    # The neurons that nobody recorded follow random walks around 0.
    assert (setup.target[0, :, 5:] < 0).any()
    result = last_result(small(**RECORDED, training__test_trials=4), recording=source)
    assert result.rate_fit.per_neuron.shape == (5,)


def test_with_noise_auxiliary_neurons_get_the_drive_of_rates(small):
    """Below threshold noise alone makes spikes: the drive of a silent neuron lies far below 0, and no lower."""
    setup = training.prepare(small(**RECORDED, network__noise=6), recording(5))
    auxiliary = setup.target[0, :, 5:]
    assert auxiliary.min() == pytest.approx(-4.1, abs=0.3)  # where the f-I curve at this noise reaches 0.1 Hz
    assert auxiliary.std() > setup.target[0, :, :5].std()


def test_the_cue_can_leave_recorded_neurons_alone(small):
    everyone = training.prepare(small(**RECORDED), recording(5))
    others = training.prepare(small(**RECORDED, cue__to="auxiliary"), recording(5))
    assert (others.stim[:, :5] == 0).all()
    np.testing.assert_array_equal(others.stim[:, 5:], everyone.stim[:, 5:])
    assert (everyone.stim != 0).all()


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (recording(13), "has 13 neurons, more than network.n = 12"),
        (recording(3, 60.0), "lasts 60 ms"),
        (recording(3, 20_000.0), "lasts 20000 ms"),
        (None, "recording is not at hand"),
    ],
)
def test_a_recording_that_does_not_fit_is_refused_in_a_sentence(small, source, words):
    with pytest.raises(InputError, match=words):
        training.prepare(small(**RECORDED), source)


def test_an_innate_target_is_the_untrained_network_itself(small):
    params = small(target__family="innate", network__weights="balanced", network__n=40)
    setup = training.prepare(params)
    parts = Parts(Wiring(setup.n_exc, setup.pre, setup.weights), setup.static, setup.cells)
    clock = clock_of(params, None)
    rng = np.random.default_rng([params.training.seed, TARGETS, params.target.seed])
    again = _innate(params, parts, setup.stim[0], clock, rng)
    np.testing.assert_array_equal(setup.target[0], again)
    assert setup.target.std() > 0
    assert 5 * setup.target.shape[1] == 200
