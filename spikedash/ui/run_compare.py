"""The learning curves of chosen runs, read from the store and laid over each other; repetitions as bands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from spikedash.analysis import mean_sd
from spikedash.figures import compare
from spikedash.figures.style import Figure
from spikedash.jobs.catalogue import Catalogue, Entry
from spikedash.jobs.store import Store
from spikedash.records import F64, LoopRecord, TestRecord

MOST = 12  # curves at once
MOST_RUNS = 200  # that a figure reads


class Measure(NamedTuple):
    """A number of every loop."""

    label: str
    unit: str
    field: str  # of LoopRecord, and of TestRecord where it has one


MEASURES = {
    "correlation": Measure("Correlation", "", "correlation"),
    "error": Measure("Error", "drive", "error"),
    "change": Measure("Weight change ‖ΔW‖/‖W₀‖ a loop", "", "change"),
    "rate": Measure("Population rate", "Hz", "rate_hz"),
}
#: The first ones tell best apart.
ORDER = ("blue", "orange", "green", "purple", "pink", "brown", "sky", "grey")


def chosen(
    store: Store, catalogue: Catalogue, owner: str | None, ids: Sequence[str], measure: str, *, grouped: bool, theme: str
) -> tuple[Figure, dict[str, str]]:
    """The figure, and the colour of every run in it by its id."""
    what = MEASURES.get(measure, MEASURES["correlation"])
    entries = catalogue.entries(owner, ids[:MOST_RUNS])
    groups: dict[str, list[Entry]] = {}
    for entry in entries:
        groups.setdefault(entry.alike if grouped else entry.id, []).append(entry)
    shown = list(groups.items())[:MOST]
    colours = assigned([members[0].colour for _, members in shown])
    names = named([members for _, members in shown])
    curves = [
        _curve(store, key, name, distinct(members), colour, what)
        for (key, members), name, colour in zip(shown, names, colours, strict=True)
    ]
    figure = compare.draw(
        curves,
        what.label,
        what.unit,
        correlation=what.field == "correlation",
        tested=what.field in TestRecord._fields,
        theme=theme,
        keep=f"{measure}{grouped}",
    )
    painted = {
        entry.id: compare.shade(colour, theme) for (_, members), colour in zip(shown, colours, strict=True) for entry in members
    }
    return figure, painted


def assigned(own: Sequence[str]) -> list[str]:
    """Own colours stay; the others get what is still free, then all of them again."""
    free = [colour for colour in ORDER if colour not in own]
    free = free or list(ORDER)
    found, k = [], 0
    for colour in own:
        if not colour:
            colour, k = free[k % len(free)], k + 1
        found.append(colour)
    return found


def named(groups: Sequence[Sequence[Entry]]) -> list[str]:
    """What the curves are called; seeds, and then ids, tell apart those that people call the same."""
    first = [_titled(members) for members in groups]
    second = [
        f"{name} · seed {members[0].seed}" if first.count(name) > 1 and len(members) == 1 else name
        for name, members in zip(first, groups, strict=True)
    ]
    return [
        f"{name} · {members[0].id[:4]}" if second.count(name) > 1 else name for name, members in zip(second, groups, strict=True)
    ]


def _titled(members: Sequence[Entry]) -> str:
    if len(members) == 1:
        return members[0].title
    title = members[0].title if len({entry.title for entry in members}) == 1 else members[0].name or members[0].title
    many = len(distinct(members))
    return f"{title} · {many} seed{'' if many == 1 else 's'}"


def distinct(members: Sequence[Entry]) -> list[Entry]:
    """One run for every pair of seeds: equal ones give the same bits, so the one that came furthest counts."""
    found: dict[tuple[int, int], Entry] = {}
    for entry in members:
        seeds = (entry.seed, entry.target_seed)
        other = found.get(seeds)
        if other is None or entry.loops_done + entry.tests_done > other.loops_done + other.tests_done:
            found[seeds] = entry
    return list(found.values())


def _curve(store: Store, key: str, name: str, members: Sequence[Entry], colour: str, what: Measure) -> compare.Curve:
    """One run as it is, several as mean and deviation."""
    loops: list[F64] = []
    tests: list[float] = []
    for entry in members:
        try:
            events, _ = store.events(entry.id)
        except KeyError:  # deleted a moment ago
            continue
        loops.append(np.array([getattr(event, what.field) for event in events if isinstance(event, LoopRecord)], np.float64))
        tests += [getattr(event, what.field, np.nan) for event in events if isinstance(event, TestRecord)]
    if len(loops) == 1:
        return compare.Curve(key, name, colour, loops[0], None, np.array(tests, np.float64))
    band = mean_sd(loops)
    return compare.Curve(key, name, colour, band.mean, band.sd, np.array(tests, np.float64))
