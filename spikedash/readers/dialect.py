"""How a text file is written: its encoding, its lines, what separates the columns, and how numbers look."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from spikedash.readers.limits import MAX_UNITS, Refused

#: A row of MAX_UNITS numbers with 20 digits each, or of names with 200 letters, is shorter.
_MAX_LINE = 200 * MAX_UNITS
_DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars", " ": "spaces"}
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1f\x81\x8d\x8f\x90\x9d]")  # in no text of Windows-1252
_DECIMAL_COMMA = re.compile(r"[+-]?(\d+,\d*|,\d+)([eE][+-]?\d+)?")
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}")


def open_text(path: Path) -> IO[str]:
    """The file as text; a byte-order mark chooses the encoding, and LF, CRLF and CR all end a line."""
    file = path.open("rb")
    start = file.read(4)
    file.seek(0)
    encoding = next((name for bom, name in _BOMS if start.startswith(bom)), "") or _without_mark(file)
    return io.TextIOWrapper(file, encoding=encoding, newline=None)


def _without_mark(file: IO[bytes]) -> str:
    """UTF-8; or what Excel writes on Windows, if the first line, which names the columns, is no UTF-8."""
    first = file.readline(_MAX_LINE)
    file.seek(0)
    try:
        first.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.end < len(first) and not _CONTROL.search(first):
            return "cp1252"
    return "utf-8"


def lines(file: IO[str]) -> Iterator[str]:
    """The lines of the file.

    Raises:
        Refused: a line that is too long, or bytes that are no text.
    """
    for row in range(1, 2**31):
        try:
            line = file.readline(_MAX_LINE + 1)
        except UnicodeError:
            raise Refused(f"after row {row - 1} the file holds bytes that are not text; save it as CSV in UTF-8.") from None
        if not line:
            return
        if len(line) > _MAX_LINE:
            raise Refused(f"row {row} is longer than {_MAX_LINE:,} characters; write one time point per row.")
        if "\0" in line:
            raise Refused(f"row {row} holds NUL bytes, so this is not plain text; save it as CSV in UTF-8.")
        yield line


def records(text: Iterator[str], delimiter: str) -> Iterator[list[str]]:
    """The cells of each row, an empty list for a blank row, in the order a spreadsheet shows them."""
    if delimiter == " ":
        text = (line.strip() + "\n" for line in text)
    reader = csv.reader(text, delimiter=delimiter, skipinitialspace=True)
    csv.field_size_limit(_MAX_LINE)
    for row in range(1, 2**31):
        try:
            yield next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise Refused(f"row {row} is not a row of cells ({error}); check its quotation marks.") from None


def find_delimiter(sample: list[str]) -> str:
    """What separates the columns: the candidate that gives the most numbers in rows of equal length.

    Raises:
        Refused: only one column.
    """
    scores = {}
    for delimiter in _DELIMITERS:
        try:
            rows = [row for row in records(iter(sample), delimiter) if row]
        except Refused:
            continue
        width, times = Counter(map(len, rows)).most_common(1)[0] if rows else (0, 0)
        if width > 1:
            cells = [cell for row in rows[1:] or rows for cell in row]
            numbers = sum(is_number(cell) for cell in cells)
            scores[delimiter] = (numbers / len(cells) * times / len(rows), width)
    if not scores:
        raise Refused(
            "there is only one column; needed are a time column and a column of rates in Hz per neuron, "
            "separated by commas, semicolons or tabs."
        )
    return max(scores, key=lambda delimiter: scores[delimiter])


def delimiter_name(delimiter: str) -> str:
    return _DELIMITERS[delimiter]


def is_number(cell: str) -> bool:
    """Whether a cell is a number with a decimal point or comma."""
    return to_number(cell) is not None or from_comma(cell) is not None


def to_number(cell: str) -> float | None:
    """A number with a decimal point, or nan or inf by name; None for anything else, such as 1_000."""
    try:
        return None if "_" in cell else float(cell)
    except ValueError:
        return None


def from_comma(cell: str) -> float | None:
    """A number with one decimal comma; None for anything else."""
    cell = cell.strip()
    return float(cell.replace(",", ".")) if _DECIMAL_COMMA.fullmatch(cell) else None


def could_be_thousands(cell: str) -> bool:
    """Whether a cell like 1,234 could mean a whole number."""
    return _THOUSANDS.fullmatch(cell.strip()) is not None
