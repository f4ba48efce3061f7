"""Stores, small runs, and waiting."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from spikedash.jobs import supervisor
from spikedash.jobs.store import Store
from spikedash.params import Params
from spikedash.records import LoopRecord, Recording, Setup, Snapshot, Static, Trial

SMALL = {"network.n": 20, "training.loops": 5, "training.test_trials": 3, "target.duration_ms": 200}


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder in memory where there is one: these tests write to disk hundreds of times."""
    shared = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=shared if shared.is_dir() else None) as name:
        yield Path(name)


@pytest.fixture
def store(folder) -> Store:
    return Store(folder)


@pytest.fixture(scope="session")
def small() -> Params:
    """A run of a fraction of a second."""
    return Params().with_values(SMALL)


@pytest.fixture(scope="session")
def endless(small) -> Params:
    """A run that does not end while a test lasts."""
    return small.with_values({"network.n": 100, "training.loops": 10_000})


@pytest.fixture(scope="session")
def recording() -> Recording:
    rates = np.random.default_rng(1).uniform(0, 30, (50, 3))
    return Recording(rates, np.arange(50) * 10.0, ("a", "b", "é"), ("Three neurons.",), (("min_hz", "5"),))


@pytest.fixture
def snapshots() -> Callable[[int], Iterator[Snapshot]]:
    """Loops of three neurons in two snapshots each: two samples, and one spike, in either half."""

    def build(loops: int) -> Iterator[Snapshot]:
        for loop in range(loops):
            trial = Trial("train", loop, -30.0, -10.0, 20.0)
            spike = np.array([-5.0], np.float32), np.array([1], np.int32)
            yield Snapshot(trial, 10.0, *spike, 0, np.full((2, 3), loop, np.float32))
            record = LoopRecord(loop, 0.5, 0.1, 0.01, 11.0, 12.0, float("nan"))
            spike = np.array([15.0], np.float32), np.array([2], np.int32)
            yield Snapshot(trial, 20.0, *spike, 2, np.full((2, 3), loop + 0.5, np.float32), loop=record)

    return build


@pytest.fixture
def setup() -> Setup:
    """Three neurons, a window of 20 ms in steps of 1 ms, a sample every 5 ms; the target of neuron i at t is 100 t + i."""
    target = np.add.outer(100.0 * np.arange(20), np.arange(3)).astype(np.float32)
    pre, weights = np.array([[1], [2], [0]], np.int32), np.ones((3, 1, 1), np.float32)
    nothing = Static(np.zeros(4, np.int64), np.zeros(0, np.int32), np.zeros(0, np.float32))
    stim, cells = np.zeros((1, 3), np.float32), np.zeros((4, 3), np.float32)
    return Setup(3, 2, True, pre, weights, stim, target[None], None, np.arange(4) * 5.0, np.ones(3, np.bool_), cells, nothing, 5)


@pytest.fixture(scope="session")
def until() -> Callable[..., float]:
    """Wait for something; returns the seconds that took, and fails when it takes too long."""

    def wait(condition: Callable[[], Any], seconds: float = 90.0) -> float:
        began = time.monotonic()
        while not condition():
            assert time.monotonic() - began < seconds, f"not so after {seconds} s"
            time.sleep(0.01)
        return time.monotonic() - began

    return wait


@pytest.fixture(scope="session")
def family() -> Callable[[int], list[psutil.Process]]:
    """Everything that descends from a process, by its id."""

    def find(pid: int) -> list[psutil.Process]:
        try:
            return psutil.Process(pid).children(recursive=True)
        except psutil.NoSuchProcess:
            return []

    return find


@pytest.fixture(scope="session")
def compiled() -> None:
    """Kernels in the cache, so that no test waits for the compiler."""
    from spikedash import training

    training.warm_up()


@pytest.fixture
def serve(compiled) -> Iterator[Callable[[Path], supervisor.Service]]:
    """Start supervisors of one's own."""
    started: list[supervisor.Service] = []

    def start(folder: Path) -> supervisor.Service:
        started.append(supervisor.start(folder, slots=1))
        return started[-1]

    yield start
    for service in started:
        service.stop()


@pytest.fixture(scope="module")
def served(compiled, tmp_path_factory) -> Iterator[supervisor.Service]:
    """A supervisor with one slot; shared, since its processes take seconds to start."""
    service = supervisor.start(tmp_path_factory.mktemp("served"), slots=1)
    yield service
    service.stop()


@pytest.fixture
def busy(served) -> Iterator[Store]:
    """The store that is served; whatever a test leaves running is stopped."""
    store = Store(served.folder)
    yield store
    for run in store.runs():
        store.command(run.id, "stop")
