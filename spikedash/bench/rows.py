"""What `make bench` measures: each job beside its reference in one run, as medians over repeats."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from spikedash import engine, experiments, training
from spikedash.bench.student import Student
from spikedash.engine.theta import theta_step, theta_step_rk4
from spikedash.network import by_neuron
from spikedash.params import Params
from spikedash.records import F32, F64, Setup


class Row(NamedTuple):
    job: str
    seconds: float  # of our code, for the unit of work named in `job`
    against: str  # student, peer, limit or rk4
    ratio: float  # how many times longer the reference took


def _paired(ours: Callable[[], float], theirs: Callable[[], float], repeats: int) -> tuple[float, float]:
    """Median seconds of both, measured in turn so that a slow moment of the machine meets both."""
    pairs = [(ours(), theirs()) for _ in range(repeats)]
    return statistics.median(p[0] for p in pairs), statistics.median(p[1] for p in pairs)


def _timed(work: Callable[[], object], times: int) -> float:
    started = time.perf_counter()
    for _ in range(times):
        work()
    return (time.perf_counter() - started) / times


def theta(n: int = 1000, times: int = 400, repeats: int = 9) -> Row:
    """One exact step of n neurons on one core, inputs given, against four-stage Runge-Kutta."""
    rng = np.random.default_rng(0)
    a: F32 = rng.normal(0.5, 1.0, n).astype(np.float32)
    a64: F64 = a.astype(np.float64)
    phase = rng.uniform(-np.pi, np.pi, n)
    s, c = np.sin(phase / 2).astype(np.float32), np.cos(phase / 2).astype(np.float32)
    fired = np.zeros(n, np.uint8)
    h = np.float32(0.1)
    theta_step(s, c, a, h, fired)
    theta_step_rk4(phase, a64, 0.1, fired)
    exact, rk4 = _paired(
        lambda: _timed(lambda: theta_step(s, c, a, h, fired), times),
        lambda: _timed(lambda: theta_step_rk4(phase, a64, 0.1, fired), times),
        repeats,
    )
    return Row(f"theta step, one of {n} neurons", exact / n, "rk4", rk4 / exact)


def _student(setup: Setup, params: Params) -> Student:
    dense = np.zeros((setup.n, setup.n + 1))
    pre, weights = by_neuron(setup.pre, setup.weights, setup.n)
    dense[np.arange(setup.n)[:, None], pre] = weights
    net = params.network
    return Student(dense[:, :-1], tau_ms=net.tau_ms, tau_s_ms=net.tau_s_ms, dt_ms=net.dt_ms, lam=params.training.lam)


def fig1_loop(update_ms: float, repeats: int = 5, student_ms: int = 200) -> Row:
    """One loop of fig1-drive, all threads, against the student; the student is timed over part of the window and scaled."""
    values = {**experiments.PRESETS["fig1-drive"].values, "training.update_ms": update_ms, "training.test_trials": 0}
    params = Params().with_values({**values, "training.loops": 20})
    setup = training.prepare(params)
    window, every = params.target.duration_ms, round(update_ms)

    def ours() -> float:
        return _timed(lambda: [None for _ in training.train(params, setup=setup)], 1) / params.training.loops

    def theirs() -> float:
        student = _student(setup, params)
        lead = 300
        started = time.perf_counter()
        for _ in range(lead):
            student.step(setup.stim[0])
        led = time.perf_counter()
        for t in range(student_ms):
            student.step(np.zeros(setup.n))
            if t % every == 0:
                student.learn(setup.target[0, t])
        return (led - started) + (time.perf_counter() - led) * window / student_ms

    exact, slow = _paired(ours, theirs, repeats)
    return Row(f"fig1-drive, one loop, update every {update_ms:g} ms", exact, "student", slow / exact)


def rows() -> Iterator[Row]:
    """Every row, one after the other."""
    training.warm_up()
    engine.set_threads(None)
    yield theta()
    yield fig1_loop(2)
    yield fig1_loop(10)
