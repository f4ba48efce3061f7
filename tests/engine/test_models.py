"""Each neuron model against theory or against SciPy's adaptive integrator."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from spikedash.engine.izhikevich import izhikevich_step, quadratic_flow
from spikedash.engine.lif import RESET, lif_step
from spikedash.engine.models import MODELS, step_neurons, unit_step
from spikedash.network import CELLS


def test_lif_fires_at_the_rate_of_theory():
    """1 / (tau log((a - reset) / a)) for a threshold of 0, whatever the step."""
    a = np.array([0.5, 2.0, 10.0, 40.0], np.float32)
    for h, steps in ((0.1, 20_000), (0.02, 100_000)):
        v, fired, count = np.full(4, RESET), np.zeros(4, np.uint8), np.zeros(4, np.int64)
        for _ in range(steps):
            lif_step(v, a, np.float32(h), fired)
            count += fired
        np.testing.assert_allclose(count, steps * h / np.log((a + 15.0) / a), atol=1.5)


def test_lif_never_fires_at_or_below_threshold():
    a = np.array([0.0, -0.01, -50.0], np.float32)
    v, fired = np.zeros(3, np.float32) - 1, np.zeros(3, np.uint8)
    for _ in range(2000):
        lif_step(v, a, np.float32(0.1), fired)
        assert not fired.any()
    np.testing.assert_allclose(v, a, atol=1e-4)


def izhikevich_spikes(cell, current, ms):
    """Spike times by SciPy's adaptive integrator with events."""
    a, b, c, d = CELLS[cell]

    def flow(_, y):
        return 0.04 * y[0] ** 2 + 5 * y[0] + 140 - y[1] + current, a * (b * y[0] - y[1])

    def peak(_, y):
        return y[0] - 30

    peak.terminal, peak.direction = True, 1
    t, y, times = 0.0, np.array([-65.0, b * -65.0]), []
    while t < ms:
        part = solve_ivp(flow, (t, ms), y, events=peak, rtol=1e-8, atol=1e-8)
        t, y = part.t[-1], part.y[:, -1]
        if part.status == 1:
            times.append(t)
            y = np.array([c, y[1] + d])
    return np.array(times)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("dt", [1.0, 0.25])
def test_izhikevich_cells_fire_as_an_adaptive_integrator_says(cell, dt):
    """Also the bursts of IB and CH cells; a step books a spike at its end, so times drift by parts of a step."""
    current, ms = 10.0, 600
    expected = izhikevich_spikes(cell, current, ms)
    cells = np.array(CELLS[cell], np.float32)[:, None]
    v, w = np.full(1, -65.0, np.float32), np.full(1, -65.0 * cells[1, 0], np.float32)
    fired, times = np.zeros(1, np.uint8), []
    for step in range(round(ms / dt)):
        izhikevich_step(v, w, np.array([current], np.float32), cells, dt, fired)
        if fired[0]:
            times.append((step + 1) * dt)
    assert len(expected) > 8
    assert len(times) == pytest.approx(len(expected), rel=0.06, abs=1)
    np.testing.assert_allclose(times[:4], expected[:4], atol=1.5)


def test_the_quadratic_flow_is_exact():
    for V, A in ((-20.0, 30.0), (5.0, -40.0), (-60.0, 0.0), (-10.0, 1e-9)):
        part = solve_ivp(lambda _, y, A=A: 0.04 * y**2 + A, (0, 0.8), [V], rtol=1e-10, atol=1e-10)
        assert quadratic_flow(np.float32(V), np.float32(A), np.float32(0.8)) == pytest.approx(part.y[0, -1], rel=1e-4)
    assert quadratic_flow(np.float32(90), np.float32(10), np.float32(0.8)) == np.inf
    assert quadratic_flow(np.float32(0), np.float32(1e6), np.float32(0.8)) == np.inf


def test_rate_units_relax_exponentially():
    x, a = np.array([1.0, -2.0], np.float32), np.array([0.5, 3.0], np.float32)
    for _ in range(7):
        unit_step(x, a, np.float32(0.1))
    np.testing.assert_allclose(x, a + (np.array([1.0, -2.0]) - a) * np.exp(-0.7), rtol=1e-5)


@pytest.mark.parametrize("name", MODELS)
def test_every_model_starts_at_random_and_steps(name):
    rng, n = np.random.default_rng(3), 400
    cells = np.repeat(np.array(CELLS["RS"], np.float32)[:, None], n, axis=1)
    x, y = (part.astype(np.float32) for part in MODELS[name].start(rng, cells))
    assert x.shape == y.shape == (n,)
    assert x.std() > 0.1
    fired, count = np.zeros(n, np.uint8), 0
    for _ in range(500):
        step_neurons(MODELS[name].number, x, y, np.full(n, 12, np.float32), cells, np.float32(0.1), 1.0, fired)
        count += fired.sum()
    assert np.isfinite(x).all()
    assert np.isfinite(y).all()
    assert (count > 0) == (name != "rate")


def test_runge_kutta_and_the_exact_step_fire_alike():
    a = np.random.default_rng(4).normal(0.8, 1.0, 300).astype(np.float32)
    counts = []
    for name in ("theta", "theta-rk4"):
        x, y = (part.astype(np.float32) for part in MODELS[name].start(np.random.default_rng(5), np.zeros((4, 300))))
        fired, count = np.zeros(300, np.uint8), np.zeros(300, np.int64)
        for _ in range(4000):
            step_neurons(MODELS[name].number, x, y, a, np.zeros((4, 300), np.float32), np.float32(0.02), 0.2, fired)
            count += fired
        counts.append(count)
    assert counts[0].sum() > 3000
    np.testing.assert_allclose(counts[0], counts[1], atol=1)
