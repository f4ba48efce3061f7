"""Target families against their definitions and statistics."""

import math

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from spikedash import targets
from spikedash.params import Curve, InputError, Params, Target

T = np.arange(1000.0)


def rng():
    return np.random.default_rng(0)


def drawn(target, n, n_exc):
    params = Params().with_values({"network.n": n})
    params = params.model_copy(update={"target": target})
    out = np.empty((T.size, n), np.float32)
    targets.fill(out, params, T, n_exc, 0)
    return out


def test_sine_has_one_frequency_within_the_chosen_range():
    t = np.arange(0, 60_000.0, 5.0)
    f = targets.sine(Target(period_min_ms=300, period_max_ms=1000), t, 20, rng())
    spectrum = np.abs(np.fft.rfft(f * np.hanning(t.size)[:, None], axis=0))
    peak = 1000 / (spectrum.argmax(0) / 60.0)
    assert (peak > 290).all()
    assert (peak < 1035).all()
    assert peak.std() > 50
    assert (np.abs(f).max(0) <= 1.5).all()
    assert (np.abs(f).max(0) >= 0.5 - 1e-3).all()


def test_waves_with_onsets_of_their_own_are_positive_half_of_the_time():
    target = Target(onsets="own", fast_min_ms=500, fast_max_ms=1000, period_min_ms=500, period_max_ms=1000, amplitude=0.1)
    f = targets.periodic(target, np.arange(0, 1000.0, 5), 20_000, rng())
    assert (f > 0).mean() == pytest.approx(0.5, abs=0.01)
    # Independent phases: ⟨√[f]₊⟩ = ⟨√A⟩ ⟨√|sin|⟩² / 2, with ⟨√|sin|⟩ = Γ(3/4) / (√π Γ(5/4)).
    root = 0.1**0.5 * (1.5**1.5 - 0.5**1.5) * 2 / 3
    expected = root * (math.gamma(0.75) / (math.pi**0.5 * math.gamma(1.25))) ** 2 / 2
    assert np.sqrt(np.maximum(f, 0)).mean() == pytest.approx(expected, rel=0.02)
    shared = targets.periodic(target.model_copy(update={"onsets": "shared"}), np.arange(0, 1000.0, 5), 20_000, rng())
    assert (shared > 0).mean() > 0.6


def test_periodic_is_a_product_of_two_sines():
    f = targets.periodic(
        Target(fast_min_ms=100, fast_max_ms=100, period_min_ms=700, period_max_ms=700), np.arange(7000.0), 5, rng()
    )
    # sin a sin b = (cos(a-b) - cos(a+b))/2: lines at the difference and the sum of the two frequencies.
    lines = np.sort(np.abs(np.fft.rfft(f, axis=0)).argsort(0)[-2:] / 7.0, axis=0)
    np.testing.assert_allclose(lines, np.array([[10 - 1 / 0.7], [10 + 1 / 0.7]]).repeat(5, 1), atol=0.15)


@pytest.mark.parametrize("dt", [0.5, 2.0])
def test_ou_has_its_standard_deviation_and_correlation_time(dt):
    f = targets.ornstein_uhlenbeck(np.arange(0, 20_000, dt), 60, 200.0, 0.3, rng())
    assert f.std() == pytest.approx(0.3 * np.sqrt(10), rel=0.04)
    assert f[0].std() == pytest.approx(0.3 * np.sqrt(10), rel=0.3)
    lag = round(200 / dt)
    correlation = (f[:-lag] * f[lag:]).mean() / (f**2).mean()
    assert correlation == pytest.approx(np.exp(-1), abs=0.06)


def test_chaotic_traces_solve_the_rate_equations():
    n, dt = 60, 0.02
    t = np.arange(0, 300, dt)
    draws = np.random.default_rng(5)
    f = targets.chaotic(Target(), t, n, np.random.default_rng(5))
    mask = draws.random((n, n)) < 0.3
    M = np.where(mask, draws.standard_normal((n, n)) * 5 / np.sqrt(n * 0.3), 0)
    for i in range(n):
        M[i, mask[i]] -= M[i, mask[i]].mean()
    start = draws.uniform(0, 0.2, n)
    exact = solve_ivp(
        lambda _, x: (M @ (np.sqrt(np.clip(x, 0, None)) / np.pi) - x) / 40, (0, 300), start, t_eval=t + dt, rtol=1e-7, atol=1e-9
    )
    np.testing.assert_allclose(f[: exact.y.shape[1]][:10_000], exact.y.T[:10_000], atol=5e-3)


def test_a_drawn_curve_goes_to_its_group_and_the_fill_to_the_others():
    curve = Curve(group="excitatory", values=(0.0, 1.0, -1.0))
    f = drawn(Target(family="drawn", curves=(curve,), duration_ms=1000), 10, 8)
    np.testing.assert_allclose(f[:, :8], np.interp(T, [0, 500, 1000], [0, 1, -1])[:, None].repeat(8, 1))
    np.testing.assert_array_equal(
        f[:, 8:], np.float32(targets.family("ou", Target(), T, 10, targets.draws_of(Params(), 0))[:, 8:])
    )


def test_points_of_a_curve_may_have_times_of_their_own():
    curve = Curve(values=(1.0, -1.0, 2.0), times_ms=(100, 130.5, 700))
    f = drawn(Target(family="drawn", curves=(curve,), duration_ms=1000), 3, 3)
    np.testing.assert_allclose(f, np.interp(T, [100, 130.5, 700], [1, -1, 2])[:, None].repeat(3, 1))


def test_a_random_phase_shifts_the_curve_around_the_window():
    values = tuple(np.sin(np.linspace(0, 2 * np.pi, 101)))
    target = Target(family="drawn", curves=(Curve(values=values, random_phase=True),), duration_ms=1000)
    f = drawn(target, 6, 6)
    phases = np.angle(np.fft.rfft(f, axis=0)[1])
    assert np.ptp(phases) > 0.5
    # A shift around the window changes phases, never the strength of a frequency.
    strength = np.abs(np.fft.rfft(f, axis=0)[1:5])
    np.testing.assert_allclose(strength, strength[:, :1].repeat(6, 1), atol=1.0)


def test_a_curve_for_nobody_is_refused():
    target = Target(family="drawn", curves=(Curve(group="inhibitory", values=(0.0, 1.0)),))
    with pytest.raises(InputError, match="'inhibitory', which has no neurons"):
        drawn(target, 5, 5)


def test_auxiliary_rates_are_those_of_a_theta_neuron_at_constant_drive():
    """√I/π per τ (theory); a drive below threshold gives silence."""
    drive = np.tile([-3.0, 0.0, 1.0, 4.0], (50, 1))
    expected = np.tile([0, 0, 1000 / 10 / np.pi, 2000 / 10 / np.pi], (50, 1))
    np.testing.assert_allclose(targets.auxiliary_rates(drive, 1.0, 10.0), expected, atol=1e-9)


@pytest.mark.parametrize("name", ["sine", "periodic", "ou", "chaotic"])
def test_targets_made_in_blocks_have_the_same_statistics(name):
    t, rng = np.arange(400.0), np.random.default_rng(0)
    parts = list(targets.in_blocks(name, Target(), t, 250, rng, block=100))
    whole = np.concatenate([part for _, part in parts], axis=1)
    assert whole.shape == (400, 250)
    assert [who.start for who, _ in parts] == ([0] if name == "chaotic" else [0, 100, 200])
    once = targets.family(name, Target(), t, 250, np.random.default_rng(1))
    if name != "chaotic":  # one draw of that network differs a lot from the next
        assert whole.std() == pytest.approx(once.std(), rel=0.15)
    assert abs(np.corrcoef(whole[:, 0], whole[:, -1])[0, 1]) < 1 - 1e-6


def test_a_share_of_the_neurons_repeats_one_pattern_and_the_rest_keep_their_own(rng):
    own = rng.standard_normal((50, 40))
    shared = own.copy()
    targets.repeat(shared, 0.75, rng)
    changed = (shared != own).any(0)
    assert changed.sum() == 29  # 30 repeat, and one of them is whom they repeat
    patterns = np.unique(shared, axis=1)
    assert patterns.shape[1] == 11
    np.testing.assert_array_equal(shared[:, ~changed], own[:, ~changed])


@pytest.mark.parametrize(("share", "patterns"), [(1.0, 30), (0.5, 16), (0.0, 1)])
def test_own_patterns_of_a_run(small, share, patterns):
    from spikedash import training

    setup = training.prepare(small(network__n=30, target__family="ou", target__own_share=share))
    assert np.unique(setup.target[0], axis=1).shape[1] == patterns
