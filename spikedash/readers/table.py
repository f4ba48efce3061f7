"""Text tables (CSV, TSV and their kin) as rows of numbers; columns.py tells what they mean."""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple, NoReturn

import numpy as np

from spikedash.readers import dialect
from spikedash.readers.limits import MAX_UNITS, MAX_VALUES, Refused, plain
from spikedash.readers.timebase import time_name
from spikedash.records import F64

_SAMPLE_LINES = 50
_NEURON = re.compile(r"((neuron|unit|cell|cluster|spike[ _]cluster)s?([ _](id|index|name|number)s?)?|ids?|spike[ _]clusters?)")
_TRIAL = re.compile(r"(trial|epoch|sweep|repeat)s?([ _](id|index|number))?")


class Cells(NamedTuple):
    """The numbers of a table as they stand in it."""

    values: F64  # (rows, columns), any numbers; nan where a row has no cell
    rows: Sequence[int]  # (rows,) 1-based row of each in a spreadsheet
    names: tuple[str, ...]  # (columns,), "" without header
    labels: tuple[str, ...]  # names of the neurons that the numbers of the neuron column stand for, if there is one
    gap: str  # why this is no full table, "" where it is
    notes: tuple[str, ...]


class Roles(NamedTuple):
    """Columns of a table with one spike per row; None where there is none."""

    neuron: int
    time: int
    trial: int | None


def read_cells(path: Path, spikes: bool | None, turned: bool = False) -> Cells:
    """What the text file holds; `spikes` says what a person chose, `turned` that one row is one neuron's rates.

    Raises:
        Refused: the first thing that is wrong, with its row and column as a spreadsheet counts them.
    """
    with dialect.open_text(path) as file:
        text = dialect.lines(file)
        sample = list(islice(text, _SAMPLE_LINES))
        comments = next((k for k, line in enumerate(sample) if not line.startswith("#")), len(sample))
        delimiter = dialect.find_delimiter(sample[comments:])
        head = dialect.records(iter([sample[comments - 1].lstrip("# ")]), delimiter) if comments else iter(())
        rows: Iterator[tuple[int, list[str]]] = enumerate(
            dialect.records(chain(sample[comments:], text), delimiter), comments + 1
        )
        return _cells(_columns(rows) if turned else rows, next(head, []), delimiter, spikes)


def _columns(rows: Iterator[tuple[int, list[str]]]) -> Iterator[tuple[int, list[str]]]:
    """The columns of a table as rows.

    Raises:
        Refused: too many rows for neurons.
    """
    table = [cells for _, cells in islice(rows, MAX_UNITS + 2) if filled(cells)]
    if len(table) > MAX_UNITS + 1:
        raise Refused(f"there are more than {MAX_UNITS:,} rows, too many for one neuron each; say that a row is a time point.")
    width = max(map(filled, table), default=0)
    return ((k + 1, [cells[k] if k < len(cells) else "" for cells in table]) for k in range(width))


def roles(names: Sequence[str]) -> Roles | None:
    """Which columns hold neuron, time and trial, where the header says that a row is a spike."""
    low = [name.strip().lower() for name in names]
    neurons = [k for k, name in enumerate(low) if _NEURON.fullmatch(name)]
    trials = [k for k, name in enumerate(low) if _TRIAL.fullmatch(name)]
    times = [k for k, name in enumerate(low) if k not in neurons and time_name(re.sub(r"^spikes?[ _]", "", name))]
    if len(neurons) != 1 or len(times) != 1 or len(names) > 2 + len(trials) or len(trials) > 1:
        return None
    return Roles(neurons[0], times[0], trials[0] if trials else None)


def _cells(rows: Iterator[tuple[int, list[str]]], comment: list[str], delimiter: str, spikes: bool | None) -> Cells:
    """Numbers and names; `comment` is the commented row before the table, which numpy.savetxt makes of the header."""
    row, first = next(((row, cells) for row, cells in rows if filled(cells)), (0, []))
    if not first:
        raise Refused("there are no cells with anything in them; needed are a time column and rates in Hz.")
    notes = [] if delimiter == "," else [f"Columns are separated by {dialect.delimiter_name(delimiter)}."]
    width = filled(first)
    names = [plain(cell, 80) for cell in first[:width]]
    if not _is_header(names):
        rows = chain([(row, first)], rows)
        names = [plain(cell, 80) for cell in comment] if len(comment) == width else [""] * width
        if len(comment) != width:
            notes.append("There is no header, so the neurons are numbered.")
    if width > MAX_UNITS + 1 and any(names):
        raise Refused(f"there are {width:,} columns, above the limit of {MAX_UNITS:,} neurons and a time; leave some out.")
    said = roles(names) if spikes is not False else None
    table = _Numbers(names, row, delimiter, said.neuron if said else None)
    for row, cells in rows:
        table.add(row, cells)
    return Cells(table.values(), table.rows, tuple(names), tuple(table.labels), table.gap, (*notes, *table.notes()))


def filled(cells: list[str]) -> int:
    """How many cells there are up to the last one with anything in it."""
    return next((k for k in range(len(cells), 0, -1) if cells[k - 1].strip()), 0)


def _is_header(cells: list[str]) -> bool:
    """Whether the first row names the columns; a single wrong cell among numbers does not make it a header."""
    numbers = [dialect.is_number(cell) for cell in cells]
    if not cells[0]:  # pandas leaves the name of its index empty and numbers the columns
        return not any(numbers) or all(cell.isdigit() for cell in cells[1:])
    return not numbers[0] or 2 * sum(numbers) <= len(numbers)


class _Numbers:
    """Takes the rows of a table one by one; notices ragged rows, cells that are no numbers, and decimal commas."""

    def __init__(self, names: list[str], first_row: int, delimiter: str, label: int | None) -> None:
        self.names = names
        self.first_row = first_row
        self.delimiter = delimiter
        self.rows = array("q")
        self.labels: dict[str, int] = {}
        self.gap = ""  # a table of rates must be full, lists of spike times need not
        self._label = label
        self._cells = array("d")
        self._widths = array("q")
        self._point = ""  # where the first decimal point stands, and the first decimal comma
        self._comma = ""
        self._sure_comma = False  # some comma cannot separate thousands

    def add(self, row: int, cells: list[str]) -> None:
        """Append one row; blank rows are passed over."""
        width = len(self.names)
        full = filled(cells)
        if not full:
            return
        if len(cells) < width or full > width:
            self.gap = self.gap or self._ragged(row, max(full, min(len(cells), width)))
            del cells[full:]
        else:
            del cells[width:]
        if len(self._cells) + len(cells) > MAX_VALUES:
            raise Refused(f"there are more than {MAX_VALUES:,} values; use wider time bins or leave out neurons.")
        if self._label is not None and self._label < len(cells):
            cells[self._label] = str(self.labels.setdefault(plain(cells[self._label], 80), len(self.labels)))
        joined = "".join(cells)
        quick = [cell.replace(",", ".") for cell in cells] if self._sure_comma else cells
        try:
            numbers = None if "_" in joined else [float(cell) for cell in quick]
        except ValueError:
            numbers = None
        self._cells.extend(numbers or [self._slowly(row, k, cell) for k, cell in enumerate(cells)])
        self._widths.append(len(cells))
        self.rows.append(row)
        if "." in joined and not self._point:
            self._point = self._place(row, next(k for k, cell in enumerate(cells) if "." in cell))

    def values(self) -> F64:
        """All numbers (rows, columns).

        Raises:
            Refused: decimal commas that could mean something else.
        """
        if self._comma and self._point:
            raise Refused(f"{self._comma} has a comma and {self._point} a point; use one decimal mark and no thousands mark.")
        if self._comma and not self._sure_comma:
            raise Refused(f"{self._comma} has a comma that could mean a decimal or thousands; write decimal points.")
        flat = np.frombuffer(self._cells, dtype=np.float64)
        widths = np.frombuffer(self._widths, dtype=np.int64)
        columns = max(len(self.names), int(widths.max(initial=0)))
        if bool(np.all(widths == columns)):
            return flat.reshape(-1, columns)
        if len(widths) * columns > MAX_VALUES:
            raise Refused(self.gap)
        padded = np.full((len(widths), columns), np.nan)
        padded[np.arange(columns) < widths[:, None]] = flat
        return padded

    def notes(self) -> list[str]:
        return ["Commas read as decimal marks."] if self._comma else []

    def _slowly(self, row: int, column: int, cell: str) -> float:
        """The number of one cell of a row that is not made of plain numbers."""
        plainly = dialect.to_number(cell)
        if plainly is not None:
            return plainly
        if not cell.strip():
            self.gap = self.gap or f"{self._place(row, column)} is empty; every cell must hold a number."
            return np.nan
        number = dialect.from_comma(cell)
        if number is None:
            self._refuse_cell(row, column, cell)
        self._comma = self._comma or self._place(row, column)
        self._sure_comma = self._sure_comma or not dialect.could_be_thousands(cell)
        return number

    def _place(self, row: int, column: int) -> str:
        return place(row, column, self.names[column] if column < len(self.names) else "")

    def _refuse_cell(self, row: int, column: int, cell: str) -> NoReturn:
        where = self._place(row, column)
        if column == 0 and row <= self.first_row + 1 and all(dialect.to_number(name) is not None for name in self.names[1:]):
            raise Refused(
                f"{where} is the text “{plain(cell, 30)}” under a row of numbers; put time down the rows, not across, "
                "or say that one row is a neuron."
            )
        raise Refused(f"{where} is “{plain(cell, 30)}”; every cell below the header must hold a number.")

    def _ragged(self, row: int, cells: int) -> str:
        hint = "; with decimal commas, separate the columns by semicolons" if self.delimiter == "," else ""
        return (
            f"row {row} has {cells} cell{'' if cells == 1 else 's'} where row {self.first_row} has {len(self.names)}; "
            f"every row must have as many{hint}."
        )


def place(row: int, column: int, name: str) -> str:
    """Where a cell stands, as a spreadsheet counts; `column` is 0-based."""
    return f"row {row}, column {column + 1}" + (f" ({plain(name, 40)})" if name else "")
