"""Target patterns: families, drawn curves and recordings become one drive target for every neuron and step."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter1d

from spikedash.params import Curve, InputError, Params, Target
from spikedash.params.formula import check_range, compute
from spikedash.records import F64, Recording

AUX_SMOOTHING_MS = 30.0
CLOSED = ("sine", "periodic", "formula")  # families whose values at one time need no other time
BLOCK, BLOCK_VALUES = 2000, 2**22  # neurons whose targets are made at a time, and numbers of them
FORMULA_BLOCK = 2**18  # values of a formula computed at a time; deep formulas hold some forty such arrays
STREAM = 1  # number of this stream among those of a run, see training/prepare.py


def sine(target: Target, t: F64, n: int, rng: np.random.Generator) -> F64:
    """A sin(2π(t - T0)/T1), one draw per neuron; t in ms (T,), drive units (T, n)."""
    amplitude = target.amplitude * rng.uniform(0.5, 1.5, n)
    onset = rng.uniform(0, 1000, n)
    slow = rng.uniform(target.period_min_ms, target.period_max_ms, n)
    return np.asarray(amplitude * np.sin(2 * np.pi * (t[:, None] - onset) / slow))


def periodic(target: Target, t: F64, n: int, rng: np.random.Generator) -> F64:
    """A sin(2π(t - T0)/T1) sin(2π(t - T0)/T2), one draw per neuron; or with a T0 for each wave."""
    amplitude = target.amplitude * rng.uniform(0.5, 1.5, n)
    onset = rng.uniform(0, 1000, n)
    slow = rng.uniform(target.period_min_ms, target.period_max_ms, n)
    fast = rng.uniform(target.fast_min_ms, target.fast_max_ms, n)
    onset_of_fast = rng.uniform(0, 1000, n) if target.onsets == "own" else onset
    return amplitude * _wave(t, onset, slow) * _wave(t, onset_of_fast, fast)


def _wave(t: F64, onset: F64, period: F64) -> F64:
    return np.asarray(np.sin(2 * np.pi * (t[:, None] - onset) / period))


def chaotic(target: Target, t: F64, n: int, rng: np.random.Generator) -> F64:
    """Traces of a random rate network: tau dx/dt = -x + M h(x), h = √[x]₊/π, tau 40 ms, 30 % connected, gain 5/√(Np)."""
    p, tau = 0.3, 40.0
    dt = t[1] - t[0] if t.size > 1 else 1.0
    mask = rng.random((n, n)) < p
    coupling = np.where(mask, rng.standard_normal((n, n)) * 5 / np.sqrt(n * p), 0.0)
    # Every row's mean is taken from its non-zero entries, so that no neuron is driven by the mean rate.
    coupling -= np.where(mask, coupling.sum(1, keepdims=True) / np.maximum(mask.sum(1, keepdims=True), 1), 0.0)
    x = rng.uniform(0, 0.2, n)
    trace = np.empty((t.size, n))
    for step in range(t.size):
        x = x + dt / tau * (coupling @ (np.sqrt(np.maximum(x, 0.0)) / np.pi) - x)
        trace[step] = x
    return target.amplitude * trace


def ornstein_uhlenbeck(t: F64, n: int, tau_c_ms: float, s: float, rng: np.random.Generator) -> F64:
    """x += -x dt/τc + s √(dt/10 ms) N(0,1), started from its stationary distribution of standard deviation s √(τc/20 ms).

    Stepped by the exact solution, so that the statistics hold for any step and any τc.
    """
    dt = t[1] - t[0] if t.size > 1 else 1.0
    keep = np.exp(-dt / tau_c_ms)
    std = s * np.sqrt(tau_c_ms / 20.0)
    x = rng.standard_normal((t.size, n))
    x[0] *= std
    for step in range(1, t.size):
        x[step] = keep * x[step - 1] + std * np.sqrt(1 - keep**2) * x[step]
    return x


def auxiliary_rates(drive: F64, dt_ms: float, tau_ms: float) -> F64:
    """Rates in Hz (T, n) of neurons that nobody recorded: √[drive]₊/π of random walks (T, n), smoothed."""
    rate = np.sqrt(np.maximum(drive, 0.0)) / np.pi * 1000.0 / tau_ms
    return np.asarray(gaussian_filter1d(rate, AUX_SMOOTHING_MS / dt_ms, axis=0, mode="nearest"))


def family(name: str, target: Target, t: F64, n: int, rng: np.random.Generator) -> F64:
    """Targets (T, n) of a random family at times t (ms)."""
    if name == "ou":
        return target.amplitude * ornstein_uhlenbeck(t, n, target.tau_c_ms, 0.3, rng)
    return {"sine": sine, "periodic": periodic, "chaotic": chaotic}[name](target, t, n, rng)


def in_blocks(
    name: str, target: Target, t: F64, n: int, rng: np.random.Generator, every: int = 1, block: int = BLOCK
) -> Iterator[tuple[slice, F64]]:
    """The same at every `every`-th of the times (rows, n), some neurons at a time, so that they never stand in memory in full."""
    if name in CLOSED:
        t, every = t[::every], 1
    block = min(block, max(1, BLOCK_VALUES // t.size))
    if name == "chaotic":  # its neurons belong to one network
        block = n
    for first in range(0, n, block):
        last = min(n, first + block)
        yield slice(first, last), family(name, target, t, last - first, rng)[::every]


def repeat(target: npt.NDArray[np.floating], share: float, rng: np.random.Generator) -> None:
    """Give a random share of the neurons of target (T, n) the pattern of one of them (in place)."""
    chosen = rng.permutation(target.shape[1])[: round(share * target.shape[1])]
    target[:, chosen] = target[:, chosen[:1]]


def members(group: str, n: int, n_exc: int) -> npt.NDArray[np.intp]:
    """Neurons of a named group."""
    half = (n + 1) // 2
    first, last = {
        "all": (0, n),
        "excitatory": (0, n_exc),
        "inhibitory": (n_exc, n),
        "first half": (0, half),
        "second half": (half, n),
    }[group]
    return np.arange(first, last)


def _drawn_curve(curve: Curve, t: F64, duration_ms: float, count: int, rng: np.random.Generator) -> F64:
    """One drawn curve for `count` neurons (T, count), each shifted around the window by a random time if asked."""
    grid = np.asarray(curve.times_ms) if curve.times_ms else np.linspace(0.0, duration_ms, len(curve.values))
    shift = rng.uniform(0, duration_ms, count) if curve.random_phase else np.zeros(count)
    return np.asarray(np.interp((t[:, None] + shift) % duration_ms, grid, np.asarray(curve.values)))


def draw(out: npt.NDArray[np.floating], target: Target, t: F64, n_exc: int, rng: np.random.Generator) -> None:
    """Write the drawn curves at times t (ms) for their groups over a target (T, n), a later curve over an earlier one (in place).

    Raises:
        InputError: a curve is drawn for a group that has no neurons.
    """
    for curve in target.curves:
        who = members(curve.group, out.shape[1], n_exc)
        if who.size == 0:
            raise InputError(f"A curve is drawn for the group {curve.group!r}, which has no neurons in this network.")
        out[:, who] = _drawn_curve(curve, t, target.duration_ms, who.size, rng)


def written(target: Target, t: F64, n: int, n_exc: int, pattern: int, rng: np.random.Generator) -> Iterator[tuple[slice, F64]]:
    """The target's formula at times t (ms), some neurons at a time.

    Raises:
        InputError: a value is not finite or too large.
    """
    draws = {"phase": rng.uniform(0, 2 * np.pi, n), "uniform": rng.uniform(0, 1, n), "normal": rng.standard_normal(n)}
    i = np.arange(n)
    each = {"i": i.astype(np.float64), "exc": (i < n_exc).astype(np.float64), **draws}
    block = max(1, FORMULA_BLOCK // t.size)
    for first in range(0, n, block):
        who = slice(first, min(n, first + block))
        common = {"t": t[:, None], "T": float(target.duration_ms), "n": float(n), "pattern": float(pattern)}
        values = compute(target.formula, {**common, **{name: value[who] for name, value in each.items()}})
        values = np.broadcast_to(values, (t.size, who.stop - first))
        try:
            check_range(values, t, i[who])
        except ValueError as error:
            raise InputError(f"target.formula {error}.") from None
        yield who, values


def draws_of(params: Params, pattern: int) -> np.random.Generator:
    """The random numbers of a run's targets; patterns count from 0."""
    return np.random.default_rng([params.training.seed, STREAM, params.target.seed, *([pattern] if pattern else [])])


def fill(out: npt.NDArray[np.floating], params: Params, t: F64, n_exc: int, pattern: int, every: int = 1) -> None:
    """Write the drive (rows, n) that a run's neurons shall have at every `every`-th of the times t (ms); patterns count from 0.

    For every family but innate and recorded targets, which need the network or a file.

    Raises:
        InputError: a formula or a drawn curve that does not suit the network.
    """
    target, n, rng = params.target, params.network.n, draws_of(params, pattern)
    if target.family == "formula":
        made = written(target, t[::every], n, n_exc, pattern + 1, rng)
    else:
        made = in_blocks(target.fill if target.family == "drawn" else target.family, target, t, n, rng, every)
    for who, drive in made:
        out[:, who] = drive
    if target.family == "drawn":
        draw(out, target, t[::every], n_exc, rng)
    elif target.family != "formula" and target.own_share < 1:
        repeat(out, 1 - target.own_share, rng)


def to_rate(drive: npt.NDArray[np.floating]) -> None:
    """Turn drive into the rate that it gives, √[drive]₊/π in spikes per tau (in place)."""
    np.maximum(drive, 0, out=drive)
    np.sqrt(drive, out=drive)
    drive /= np.pi


def resample_rates(recording: Recording, t: F64) -> F64:
    """Recorded rates in Hz (T, units) at times t (ms) after the recording's first sample, linearly interpolated."""
    since = recording.time_ms - recording.time_ms[0]
    return np.column_stack([np.interp(t, since, column) for column in recording.rate_hz.T])
