"""Which neurons of a recording are kept: by name or number, by mean rate, and at most so many."""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt

from spikedash.readers.choices import Choices
from spikedash.readers.limits import Refused, count, number, plain
from spikedash.records import F64

I64 = npt.NDArray[np.int64]
_RANGE = re.compile(r"([0-9]{1,9})\s*[-–:]\s*([0-9]{1,9})")


def select(rate_hz: F64, names: tuple[str, ...], choices: Choices) -> tuple[I64, list[str]]:
    """Indices of the neurons that are kept, in the order of the file, and what to say about it.

    Raises:
        Refused: a neuron that is not there, or none left.
    """
    kept = np.arange(len(names)) if choices.neurons is None else named(choices.neurons, names)
    why = [] if choices.neurons is None else ["chosen by name or number"]
    if choices.min_hz:
        mean = rate_hz[:, kept].mean(axis=0)
        if not (mean >= choices.min_hz).any():
            raise Refused(
                f"no neuron has a mean rate of {number(choices.min_hz)} Hz or more; "
                f"the highest is {number(round(mean.max(), 2))} Hz."
            )
        kept = kept[mean >= choices.min_hz]
        why.append(f"mean rate of {number(choices.min_hz)} Hz or more")
    if choices.first is not None and len(kept) > choices.first:
        kept = kept[: choices.first]
        why.append(f"the first {choices.first:,}")
    return kept, [f"{len(kept):,} of {count(len(names), 'neuron')} kept: {', '.join(why)}."] if why else []


def named(text: str, names: tuple[str, ...]) -> I64:
    """Indices of the neurons in a list such as "1-40, 55, unit a": names first, then places counted from 1.

    Where all names are whole numbers, such as the unit ids of a sorter, numbers and ranges mean names.
    """
    ids = (
        [int(name) for name in names]
        if all(name.isascii() and name.isdecimal() for name in names)
        else list(range(1, len(names) + 1))
    )
    where: dict[int, list[int]] = {}
    for k, one in enumerate(ids):
        where.setdefault(one, []).append(k)
    found: set[int] = set()
    for item in filter(None, (part.strip() for part in re.split(r"[,;\n]", text))):
        exact = [k for k, name in enumerate(names) if name == item]
        span = _RANGE.fullmatch(item)
        if exact:
            found.update(exact)
        elif span and int(span[1]) <= int(span[2]):
            inside = [k for one, places in where.items() if int(span[1]) <= one <= int(span[2]) for k in places]
            if not inside:
                raise Refused(f"there are no neurons {plain(item, 30)}; numbers go from {min(ids)} to {max(ids)}.")
            found.update(inside)
        elif item.isascii() and item.isdecimal() and int(item[:9]) in where:
            found.update(where[int(item[:9])])
        else:
            few = ", ".join(plain(name, 20) for name in names[:3])
            raise Refused(
                f"there is no neuron {plain(item, 30)}; there are {few} and so on, or numbers from {min(ids)} to {max(ids)}."
            )
    if not found:
        raise Refused("the list of neurons is empty; give names or numbers such as 1-40, 55.")
    return np.array(sorted(found), np.int64)
