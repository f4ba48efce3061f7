"""Text tables (CSV, TSV and their kin): one row per time point, one column per neuron, and a time column."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple, NoReturn

import numpy as np

from spikedash.readers import dialect
from spikedash.readers.limits import MAX_UNITS, Refused, plain
from spikedash.readers.meaning import Found, check_size
from spikedash.readers.timebase import Unit, counts_samples, rises_evenly, time_column
from spikedash.records import F64

_SAMPLE_LINES = 50
_NO_TIME = "no column is called time_ms or time_s"


class Cells(NamedTuple):
    """The numbers of a table as they stand in it."""

    values: F64  # (rows, columns), any numbers
    rows: Sequence[int]  # (rows,) 1-based row of each in a spreadsheet
    names: tuple[str, ...]  # (columns,), "" without header
    notes: tuple[str, ...]


def read_table(path: Path) -> Found:
    """What the text file holds.

    Raises:
        Refused: the first thing that is wrong, with its row and column as a spreadsheet counts them.
    """
    with dialect.open_text(path) as file:
        text = dialect.lines(file)
        sample = list(islice(text, _SAMPLE_LINES))
        comments = next((k for k, line in enumerate(sample) if not line.startswith("#")), len(sample))
        delimiter = dialect.find_delimiter(sample[comments:])
        head = dialect.records(iter([sample[comments - 1].lstrip("# ")]), delimiter) if comments else iter(())
        rows = dialect.records(chain(sample[comments:], text), delimiter)
        cells = _cells(enumerate(rows, comments + 1), next(head, []), delimiter)
    return _found(cells)


def _cells(rows: Iterator[tuple[int, list[str]]], comment: list[str], delimiter: str) -> Cells:
    """Numbers and names; `comment` is the commented row before the table, which numpy.savetxt makes of the header."""
    row, first = next(((row, cells) for row, cells in rows if _filled(cells)), (0, []))
    if not first:
        raise Refused("there are no cells with anything in them; needed are a time column and rates in Hz.")
    notes = [] if delimiter == "," else [f"Columns are separated by {dialect.delimiter_name(delimiter)}."]
    width = _filled(first)
    names = [plain(cell, 80) for cell in first[:width]]
    if not _is_header(names):
        rows = chain([(row, first)], rows)
        names = [plain(cell, 80) for cell in comment] if len(comment) == width else [""] * width
        if len(comment) != width:
            notes.append("There is no header, so the neurons are numbered.")
    if width > MAX_UNITS + 1:
        raise Refused(f"there are {width:,} columns, above the limit of {MAX_UNITS:,} neurons and a time; leave some out.")
    table = _Numbers(names, row, delimiter)
    for row, cells in rows:
        table.add(row, cells)
    return Cells(table.values(), table.rows, tuple(names), (*notes, *table.notes()))


def _filled(cells: list[str]) -> int:
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

    def __init__(self, names: list[str], first_row: int, delimiter: str) -> None:
        self.names = names
        self.first_row = first_row
        self.delimiter = delimiter
        self.rows = array("q")
        self._cells = array("d")
        self._point = ""  # where the first decimal point stands, and the first decimal comma
        self._comma = ""
        self._sure_comma = False  # some comma cannot separate thousands

    def add(self, row: int, cells: list[str]) -> None:
        """Append one row; blank rows are passed over."""
        width = len(self.names)
        filled = _filled(cells)
        if not filled:
            return
        if len(cells) < width or filled > width:
            self._refuse_ragged(row, max(filled, min(len(cells), width)))
        check_size(max(len(self.rows) + 1, 2), width - 1)
        del cells[width:]
        joined = "".join(cells)
        quick = [cell.replace(",", ".") for cell in cells] if self._sure_comma else cells
        try:
            numbers = None if "_" in joined else [float(cell) for cell in quick]
        except ValueError:
            numbers = None
        self._cells.extend(numbers or [self._slowly(row, k, cell) for k, cell in enumerate(cells)])
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
        return np.frombuffer(self._cells, dtype=np.float64).reshape(-1, len(self.names))

    def notes(self) -> list[str]:
        return ["Commas read as decimal marks."] if self._comma else []

    def _slowly(self, row: int, column: int, cell: str) -> float:
        """The number of one cell of a row that is not made of plain numbers."""
        plainly = dialect.to_number(cell)
        if plainly is not None:
            return plainly
        number = dialect.from_comma(cell)
        if number is None:
            self._refuse_cell(row, column, cell)
        self._comma = self._comma or self._place(row, column)
        self._sure_comma = self._sure_comma or not dialect.could_be_thousands(cell)
        return number

    def _place(self, row: int, column: int) -> str:
        return place(row, column, self.names[column])

    def _refuse_cell(self, row: int, column: int, cell: str) -> NoReturn:
        where = self._place(row, column)
        if not cell.strip():
            raise Refused(f"{where} is empty; every cell must hold a number.")
        if column == 0 and row <= self.first_row + 1 and all(dialect.to_number(name) is not None for name in self.names[1:]):
            raise Refused(f"{where} is the text “{plain(cell, 30)}” under a row of numbers; put time down the rows, not across.")
        raise Refused(f"{where} is “{plain(cell, 30)}”; every cell below the header must hold a number.")

    def _refuse_ragged(self, row: int, cells: int) -> NoReturn:
        hint = "; with decimal commas, separate the columns by semicolons" if self.delimiter == "," else ""
        raise Refused(
            f"row {row} has {cells} cell{'' if cells == 1 else 's'} where row {self.first_row} has {len(self.names)}; "
            f"every row must have as many{hint}."
        )


def place(row: int, column: int, name: str) -> str:
    """Where a cell stands, as a spreadsheet counts; `column` is 0-based."""
    return f"row {row}, column {column + 1}" + (f" ({plain(name, 40)})" if name else "")


def _found(cells: Cells) -> Found:
    points, columns = cells.values.shape
    check_size(points, columns - 1)
    names, notes = cells.names, list(cells.notes)
    column, unit = _time(cells, notes)
    label = f"column {names[column]}" if names[column] else f"column {column + 1}"
    kept = [k for k in range(columns) if k != column]
    if not names[0] and column and counts_samples(cells.values[:, 0]):
        kept.remove(0)
        notes.append("Column 1 only counts the rows and was left out.")
    return Found(
        values=cells.values[:, kept],
        time=cells.values[:, column].copy(),
        unit=unit,
        time_label=label,
        names=tuple(names[k] for k in kept),
        says_hz=all(names[k].lower().rstrip(")] ").endswith("hz") for k in kept),
        place=lambda i, j: place(cells.rows[i], kept[j], names[kept[j]]),
        moment=lambda i: f"row {cells.rows[i]}",
        notes=tuple(notes),
    )


def _time(cells: Cells, notes: list[str]) -> tuple[int, Unit | None]:
    """Index and unit of the time column: by its name, else the first column if it rises evenly."""
    named = time_column(cells.names)
    if named:
        return named
    first = cells.values[:, 0]
    called = f"column 1 ({cells.names[0]})" if cells.names[0] else "column 1"
    if counts_samples(first):
        raise Refused(f"{_NO_TIME}, and {called} counts rows instead of giving times; add a time column with its unit.")
    if not rises_evenly(first):
        raise Refused(f"{_NO_TIME}, and {called} does not rise evenly as times would; add a column with each row's time.")
    notes.append(f"{called[0].upper()}{called[1:]} read as time because it rises evenly, a guess.")
    return 0, None
