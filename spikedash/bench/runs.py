"""Whole loops and runs beside their references."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np

from spikedash import experiments, training
from spikedash.bench.measure import Row, paired, timed
from spikedash.bench.peer import Peer, one_blas_thread, read
from spikedash.bench.student import Student
from spikedash.network import by_neuron
from spikedash.params import Params
from spikedash.records import Setup


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
        return timed(lambda: [None for _ in training.train(params, setup=setup)]) / params.training.loops

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

    exact, slow = paired(ours, theirs, repeats)
    return Row(f"fig1-drive, one loop, update every {update_ms:g} ms", exact, "student", slow / exact)


def large_loop(job: str, values: dict[str, object], loops: int = 4) -> tuple[Row, int]:
    """The shortest loop of a large network against reading every P once per update; returns its plastic synapses too."""
    usual = {"target.duration_ms": 1000, "network.weights": "mixed", "network.sigma": 1, "training.update_ms": 10}
    params = Params().with_values({**usual, **values, "training.loops": loops, "training.test_trials": 0})
    setup = training.prepare(params)
    session = training.begin(params, setup=setup)
    started, ends = time.perf_counter(), []
    for snapshot in session:
        if snapshot.loop:
            ends.append(time.perf_counter())
    seconds = min(np.diff([started, *ends]))
    P = session.network.learner.P
    updates = params.target.duration_ms / params.training.update_ms
    limit = min(timed(lambda: read(P)) for _ in range(5)) * updates
    return Row(job, float(seconds), "limit", float(limit / seconds)), int(np.count_nonzero(setup.weights))


def fig4_run() -> Row:
    """All of fig4-innate, against the updates alone by the peer's kernel (which knows no Dale's law)."""
    params = Params().with_values(experiments.PRESETS["fig4-innate"].values)
    seconds = timed(lambda: [None for _ in training.train(params)])
    peer = Peer.fresh(training.prepare(params).pre)
    rng = np.random.default_rng(0)
    r, target = rng.random(params.network.n + 1).astype(np.float32), rng.random(params.network.n).astype(np.float32)
    updates = params.training.loops * params.target.duration_ms / params.training.update_ms
    with one_blas_thread():
        peer.learn(r, target)
        theirs = timed(lambda: peer.learn(r, target), 50) * updates
    return Row("fig4-innate, the whole run", seconds, "peer", theirs / seconds)


def rows() -> Iterator[Row]:
    """From small to large."""
    yield fig1_loop(2)
    yield fig1_loop(10)
    yield fig4_run()
    yield large_loop("one loop, N 2,000, all-to-all", {"network.n": 2000, "network.wiring": "all"})[0]
    shared = {"network.wiring": "shared"}
    per_synapse = []
    for n, group in ((10_000, 100), (50_000, 250)):
        size = {"network.n": n, "network.group": group, "network.p": 300 / n}
        row, synapses = large_loop(f"one loop, N {n:,}, k 300, groups of {group}", {**shared, **size})
        per_synapse.append(row.seconds / synapses)
        yield row
    yield Row(
        "the same for one plastic synapse of N 50,000, over N 10,000", per_synapse[1], "limit", per_synapse[0] / per_synapse[1]
    )
