"""What the columns of a text table mean: rates over time, one spike per row, or a list of spike times per neuron."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from spikedash.readers.choices import Choices
from spikedash.readers.found import Rates, Spikes
from spikedash.readers.limits import MAX_UNITS, Refused
from spikedash.readers.lists import grouped, laid_out, padded
from spikedash.readers.meaning import check_size
from spikedash.readers.table import Cells, Roles, place, read_cells, roles
from spikedash.readers.timebase import NOTHING, Unit, counts_samples, rises_evenly, time_column, time_name
from spikedash.records import F64

NO_COLUMN = -1
_SAMPLES = "choose the unit sample numbers and give the rows per second as the sampling rate"
_NO_TIME = "no column is called time_ms or time_s"


def read_table(path: Path, choices: Choices = NOTHING) -> Rates | Spikes:
    """What the text file holds.

    Raises:
        Refused: the first thing that is wrong, with its row and column as a spreadsheet counts them.
    """
    spikes = None if choices.holds is None else choices.holds == "spikes"
    turned = choices.rows == "neurons" and not spikes
    cells = read_cells(path, spikes, turned)
    if spikes is not False and not turned:
        found = _spikes(cells, choices)
        if found:
            return found
        if spikes:
            raise Refused(cells.gap or "no columns of spike times are found; give neuron and time, or one column per neuron.")
    if cells.gap:
        raise Refused(cells.gap)
    return _rates(cells, choices, turned)


def _spikes(cells: Cells, choices: Choices) -> Spikes | None:
    """Spike times, where the table holds them."""
    said = roles(cells.names) if cells.labels else _bare_roles(cells, choices)
    if said:
        return _events(cells, said)
    sure = choices.holds == "spikes"
    if choices.rows == "neurons" or (cells.gap and not any(cells.names) and padded(cells.values, 1)):
        lists = padded(cells.values, 1) if sure or cells.gap else None
        return _lists(cells, lists, ("",) * len(lists), "One row is one neuron's spike times, a guess.") if lists else None
    if not sure and (any((spoken := time_name(name)) and spoken.sure for name in cells.names) or len(cells.values) < 3):
        return None
    lists = padded(cells.values, 0)
    if lists is None or (not sure and (rises_evenly(cells.values[:, 0]) or not _as_lists(cells))):
        return None
    return _lists(cells, lists, cells.names, "One column is one neuron's spike times" + (", a guess." if not sure else "."))


def _as_lists(cells: Cells) -> bool:
    """Whether columns that all rise are lists of times rather than rates: they end in blanks, or rise strictly for long."""
    return bool(cells.gap) or (len(cells.values) >= 10 and bool(np.all(np.diff(cells.values, axis=0) > 0)))


def _lists(cells: Cells, lists: tuple[F64, ...], names: tuple[str, ...], note: str) -> Spikes:
    if len(lists) > MAX_UNITS:
        raise Refused(f"there are {len(lists):,} neurons, above the limit of {MAX_UNITS:,}; leave some out.")
    unit = next((said.unit for name in names if (said := time_name(_tail(name))) and said.unit), None)
    return Spikes(lists, unit, "the table", names, None, (note, *cells.notes))


def _tail(name: str) -> str:
    """The unit at the end of a neuron's name, such as (ms) of "unit 3 (ms)"."""
    bracket = re.search(r"[(\[]\s*\w+\s*[)\]]$", name)
    return bracket[0] if bracket else ""


def _bare_roles(cells: Cells, choices: Choices) -> Roles | None:
    """Neuron and time among two columns without such names: the neurons are whole numbers that repeat, no column is a clock."""
    values = cells.values
    if values.shape[1] != 2 or len(values) < 3 or cells.gap or not np.isfinite(values).all():
        return None
    sure = choices.holds == "spikes"
    if not sure and (any(rises_evenly(column) for column in values.T) or time_column(cells.names)):
        return None
    many = [len(np.unique(column)) for column in values.T]
    neuron = int(many[1] < many[0])
    column = values[:, neuron]
    if np.any(column < 0) or np.any(column != np.rint(column)) or 2 * many[neuron] > len(values):
        return None
    if not sure and bool(np.all(np.diff(values[:, 1 - neuron]) > 0)) and not bool(np.any(np.diff(column) != 0)):
        return None
    return Roles(neuron, 1 - neuron, None)


def _events(cells: Cells, said: Roles) -> Spikes:
    """One spike per row."""
    if cells.gap:
        raise Refused(cells.gap)
    values, named = cells.values, cells.names[said.time]
    ids = values[:, said.neuron].astype(np.int64)
    words = dict(enumerate(cells.labels)) if cells.labels else None
    times, names = grouped(values[:, said.time], ids, words)
    label = f"column {named}" if named else f"column {said.time + 1}"
    spoken = time_name(re.sub(r"^spikes?[ _]", "", named.strip().lower()))
    notes = (f"One row is one spike; the neurons stand in column {said.neuron + 1}.", *cells.notes)
    unit = spoken.unit if spoken else None
    if said.trial is None:
        return Spikes(times, unit, label, names, None, notes)
    trial, _ = grouped(values[:, said.trial], ids, words)
    return laid_out(times, trial, unit, label, names, notes)


def _rates(cells: Cells, choices: Choices, turned: bool) -> Rates:
    points, columns = cells.values.shape
    check_size(max(points, 2), columns - 1)
    check_size(points, columns - 1)
    names, notes = cells.names, list(cells.notes)
    column, unit = _chosen(cells, choices.time) if choices.time else _time(cells, notes, choices)
    if column == NO_COLUMN:
        label, time = "the number of the row", np.arange(points, dtype=np.float64)
    else:
        label = f"column {names[column]}" if names[column] else f"column {column + 1}"
        time = cells.values[:, column].copy()
    kept = [k for k in range(columns) if k != column]
    if not names[0] and column > 0 and counts_samples(cells.values[:, 0]):
        kept.remove(0)
        notes.append("Column 1 only counts the rows and was left out.")
    if turned:
        notes.append("One row of the file is one neuron.")

    def where(row: int, k: int) -> str:
        return place(k + 1, row - 1, names[k]) if turned else place(row, k, names[k])

    return Rates(
        values=cells.values[:, kept],
        time=time,
        unit=unit,
        time_label=label.replace("column", "row") if turned else label,
        names=tuple(names[k] for k in kept),
        says_hz=all(names[k].lower().rstrip(")] ").endswith("hz") for k in kept),
        place=lambda i, j: where(cells.rows[i], kept[j]),
        moment=lambda i: f"{'column' if turned else 'row'} {cells.rows[i]}",
        notes=tuple(notes),
        menu={"time": tuple(name or str(k + 1) for k, name in enumerate(names[:50]))},
    )


def _chosen(cells: Cells, wanted: str) -> tuple[int, Unit | None]:
    """Index and unit of the time column that was chosen by its name or its number."""
    names = cells.names
    if wanted in names:
        column = names.index(wanted)
    elif wanted.isdecimal() and 1 <= int(wanted[:9]) <= len(names):
        column = int(wanted) - 1
    else:
        raise Refused(f"there is no column {wanted[:40]}; give the name of a column or a number from 1 to {len(names)}.")
    said = time_name(names[column])
    return column, said.unit if said else None


def _time(cells: Cells, notes: list[str], choices: Choices) -> tuple[int, Unit | None]:
    """Index and unit of the time column: by its name, else the first if it rises evenly; NO_COLUMN if rows are samples."""
    named = time_column(cells.names)
    if named:
        return named
    first, samples = cells.values[:, 0], choices.unit == "samples"
    called = f"column 1 ({cells.names[0]})" if cells.names[0] else "column 1"
    if counts_samples(first) and not samples:
        raise Refused(
            f"{_NO_TIME}, and {called} counts rows instead of giving times; {_SAMPLES}, or add a time column with its unit."
        )
    if not rises_evenly(first):
        if samples:
            return NO_COLUMN, None
        across = len(cells.values[0]) > 3 and rises_evenly(cells.values[0])
        hint = (
            "say that one row is a neuron if times go across" if across else f"add a column with each row's time, or {_SAMPLES}"
        )
        raise Refused(f"{_NO_TIME}, and {called} does not rise evenly as times would; {hint}.")
    notes.append(f"{called[0].upper()}{called[1:]} read as time because it rises evenly, a guess.")
    return 0, None
