"""Where the time of a loop goes, and how the cost of an update grows: `python -m spikedash bench --profile`."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

import numpy as np
from numba import njit

from spikedash import engine, training
from spikedash.bench.updates import UPDATE_MS, Update
from spikedash.engine.models import step_neurons
from spikedash.params import Params
from spikedash.records import Setup
from spikedash.training.build import Network, randomise
from spikedash.training.prepare import engine_trial, fresh_probe

SIZES: dict[str, dict[str, object]] = {
    "N 200, k 60": {"network.n": 200, "network.p": 0.3, "network.sigma": 4},
    "N 1,000, k 300": {"network.n": 1000, "network.p": 0.3},
    "N 1,000, k 300 shared by 10": {"network.n": 1000, "network.p": 0.3, "network.wiring": "shared", "network.group": 10},
    "N 1,000, all-to-all": {"network.n": 1000, "network.wiring": "all"},
    "N 10,000, k 300 shared by 100": {"network.n": 10_000, "network.p": 0.03, "network.wiring": "shared", "network.group": 100},
    "N 50,000, k 300 shared by 250": {"network.n": 50_000, "network.p": 0.006, "network.wiring": "shared", "network.group": 250},
}
LOOP: dict[str, object] = {
    "network.weights": "mixed",
    "network.sigma": 1,
    "training.loops": 1,
    "training.test_trials": 0,
    "training.rest_min_ms": 200,
    "training.rest_max_ms": 200,
}


class Stages(NamedTuple):
    """Milliseconds of one loop of 1.3 s of simulated time, updates every 10 ms: its parts on one thread, and the whole."""

    size: str
    neurons: float  # the exact step of all neurons
    spikes: float  # input, decay, and spikes reaching their targets
    update: float  # all weight updates
    rest: float  # random state, measuring, copies
    one: float  # all of it
    two: float  # on two threads


def _best(work: Callable[[], object], repeats: int = 5) -> float:
    """Shortest of some repeats, ms: what the code takes where nothing else disturbs it."""
    times = []
    for _ in range(repeats):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return 1000 * min(times)


def stages() -> Iterator[Stages]:
    """One row for every size."""
    for name, size in SIZES.items():
        params = Params().with_values({**LOOP, **size})
        once = params.with_values({"training.update_ms": params.target.duration_ms})
        setup = training.prepare(params)
        build = _best(partial(training.begin, params, setup=setup), 2)
        two = _best(partial(_drain, params, setup, 2), 7)
        loop, still = (_best(partial(_drain, each, setup, 1), 3) for each in (params, once))
        session = training.begin(params, setup=setup, threads=1)
        for _ in session:
            pass
        network, clock = session.network, session.clock
        steps = clock.rest_max + clock.cue + clock.window
        alone = _best(partial(_neurons, network, steps))
        run = _best(partial(_trial, session, steps))
        yield Stages(name, alone, run - alone, loop - still, max(0.0, still - build - run), loop - build, two - build)


def _drain(params: Params, setup: Setup, threads: int) -> None:
    for _ in training.train(params, setup=setup, threads=threads):
        pass


def _neurons(network: Network, steps: int) -> None:
    """The neurons' steps alone, under the input of the last one."""
    state, constants = network.state, network.constants
    h = np.float32(constants.h)
    _step_often(steps, constants.model, state.x, state.y, state.a, state.cells, h, constants.dt, state.fired)


@njit(cache=True, error_model="numpy")
def _step_often(steps, model, x, y, a, cells, h, dt, fired):  # type: ignore[no-untyped-def]
    for _ in range(steps):
        step_neurons(model, x, y, a, cells, h, dt, fired)


def _trial(session: training.Session, steps: int) -> None:
    """A trial without learning."""
    rng, setup, clock = np.random.default_rng(0), session.setup, session.clock
    randomise(session.network, rng)
    trial = engine_trial(session.params, clock, clock.rest_max, False, rng, setup.stim[0], setup.target[0])
    engine.advance(*session.network, trial, fresh_probe(clock, setup.n, steps), steps)


def growth() -> Iterator[tuple[str, float, float]]:
    """What changes, ms of one update, and nanoseconds of it for one number of P."""
    sizes: dict[str, dict[str, object]] = {
        **{f"N 200, k {k}": {"network.n": 200, "network.p": k / 200} for k in (20, 40, 80, 160)},
        **{f"k 100, N {n:,}": {"network.n": n, "network.p": 100 / n} for n in (250, 500, 1000, 2000)},
        **{
            f"N 1,000, k 200, M {m}": {"network.n": 1000, "network.p": 0.2, "network.wiring": "shared", "network.group": m}
            for m in (1, 4, 16, 64, 256)
        },
    }
    often = {f"N 1,000, k 200, every {ms:g} ms": ms for ms in (1.0, 2.0, 5.0, 20.0, 50.0)}
    for label in [*sizes, *often]:
        size = sizes.get(label, {"network.n": 1000, "network.p": 0.2})
        update = Update(size, often.get(label, UPDATE_MS))
        ms = _best(partial(update, 20), 7) / 20
        yield label, ms, 1e6 * ms / update.network.learner.P.size


def report() -> str:
    """Both tables in Markdown."""
    lines = [
        "| network | neurons | spikes | updates | rest | one loop | on two threads |",
        "|---|---|---|---|---|---|---|",
        *(
            f"| {s.size} | {s.neurons:.1f} | {s.spikes:.1f} | {s.update:.1f} | {s.rest:.1f} | {s.one:.1f} | {s.two:.1f} ms |"
            for s in stages()
        ),
        "",
        "| one update | ms | ns for one number of P |",
        "|---|---|---|",
        *(f"| {label} | {ms:.3f} | {ns:.2f} |" for label, ms, ns in growth()),
    ]
    return "\n".join(lines)
