"""The ruled tables of pages as they are on paper: what was read in each cell, row by row.

Numbers that are in no table stand in rows as well: those of the page.  Pages are taken one by one, so that only one is
held in memory; but how many tables there are, and how wide the widest is, has to be known before the first is written.
So pages are iterated twice.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.number_values import is_ambiguous, number_value
from scanner.results.sheet_names import name_sheets
from scanner.results.wide_tables import EMPTY_CELL, WideCell, WideRow, WideTable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from scanner.results.wide_tables import Label
    from scanner.types import Number, PageResult

THOUSANDS_OR_DECIMALS = "thousands or decimals"
"""Why a person should look at a text whose separator may be either: ``1.234``."""
TABLES_NAME, NO_TABLE_NAME = "tables", "no table"
"""Names of the table of all tables, one below the other, and of the rows of numbers that are in none."""
MAX_TABLE_SHEETS = 100
"""Most tables that each get a sheet.  Nobody pages through more; and while it is written each is an open file, of which
some systems allow 256."""
_MAX_SIDE = 16_000
"""Most rows and columns of a table; what is said to be beyond is put into the last.  No page has room for as many, and
a sheet has 16,384 columns, of which a few say where a row comes from."""
_BETWEEN_NUMBERS = " | "
"""Parts the numbers of one cell: a sign that no number has."""
_BETWEEN_REASONS = ", "
_BETWEEN_READINGS = " or "
_PAGE_LABELS: tuple[Label, ...] = ("file", "page", "row")
_TABLE_LABELS: tuple[Label, ...] = ("file", "page", "table", "row")


@dataclass(frozen=True, slots=True)
class TableSheets:
    """Tables to be written as sheets."""

    names: tuple[str, ...]
    """Names of the sheets in their order."""
    tables: Iterable[WideTable]
    """The tables, page by page; those of one name stand on one sheet, one below the other."""


def table_sheets(results: Iterable[PageResult], max_sheets: int = MAX_TABLE_SHEETS) -> TableSheets:
    """Make a sheet of each ruled table, and one of the numbers that are in none, if there are any.

    Args:
        results: all pages, in order.  They are iterated once now, and once when the tables are.
        max_sheets: most tables that each get a sheet; if there are more, all stand on one, each below the last.
    """
    extent = _measure(results, max_sheets)
    rest = (NO_TABLE_NAME,) if extent.loose_columns else ()
    if len(extent.tables) > max_sheets:
        names: dict[tuple[str, int, int], str] = {}
        return TableSheets((TABLES_NAME, *rest), _sheets_of_pages(results, extent, names))
    sheet_names = name_sheets(extent.tables, (NO_TABLE_NAME,))
    names = dict(zip(extent.tables, sheet_names, strict=True))
    return TableSheets((*sheet_names, *rest), _sheets_of_pages(results, extent, names))


def one_table(results: Iterable[PageResult]) -> WideTable:
    """Make one table of all ruled tables, one below the other, and of the numbers that are in none.

    Args:
        results: all pages, in order.  They are iterated once now, and once when the rows are.
    """
    extent = _measure(results, 0)
    columns = _column_names(max(extent.table_columns, extent.loose_columns))
    rows = (row for result in results for _, rows in _tables_of(result) for row in rows)
    return WideTable(TABLES_NAME, columns, rows, _TABLE_LABELS)


@dataclass(frozen=True, slots=True)
class _Extent:
    """How much room the tables of a batch take."""

    tables: tuple[tuple[str, int, int], ...] = ()
    """File, page and number of the first tables: of one more than get sheets at most."""
    table_columns: int = 0
    """Columns of the widest table."""
    loose_columns: int = 0
    """Most numbers in a row of those that are in no table."""


def _measure(results: Iterable[PageResult], max_sheets: int) -> _Extent:
    first: list[tuple[str, int, int]] = []
    table_columns = loose_columns = 0
    for result in results:
        tables = sorted({number.table for number in result.numbers if number.table})
        first += [(result.file, result.page_number, table) for table in tables[: max_sheets + 1 - len(first)]]
        for number in result.numbers:
            column = min(number.column, _MAX_SIDE)
            if number.table:
                table_columns = max(table_columns, column)
            else:
                loose_columns = max(loose_columns, column)
    return _Extent(tuple(first), table_columns, loose_columns)


def _sheets_of_pages(
    results: Iterable[PageResult], extent: _Extent, names: dict[tuple[str, int, int], str]
) -> Iterator[WideTable]:
    """The tables of each page.

    Args:
        results: all pages.
        extent: how much room they take.
        names: name of the sheet of each table; empty if all are on one.
    """
    loose_columns, table_columns = _column_names(extent.loose_columns), _column_names(extent.table_columns)
    for result in results:
        for number, rows in _tables_of(result):
            if not number:
                yield WideTable(NO_TABLE_NAME, loose_columns, rows, _PAGE_LABELS)
            elif not names:
                yield WideTable(TABLES_NAME, table_columns, rows, _TABLE_LABELS)
            else:
                name = names[result.file, result.page_number, number]
                columns = table_columns[: max(len(row.cells) for row in rows)]
                yield WideTable(name, columns, rows, _TABLE_LABELS, is_grid=True)


def _tables_of(result: PageResult) -> Iterator[tuple[int, tuple[WideRow, ...]]]:
    """Number and rows of each table of a page that has numbers, and last those of what is in none, as number 0.

    A table has all its rows down to the last with a number.
    """
    for table in sorted({number.table for number in result.numbers}, key=lambda number: (number == 0, number)):
        places: dict[int, dict[int, list[Number]]] = {}
        for number in result.numbers:
            if number.table == table:
                row, column = min(number.row, _MAX_SIDE), min(number.column, _MAX_SIDE)
                places.setdefault(row, {}).setdefault(column, []).append(number)
        rows = range(1, max(places) + 1) if table else sorted(places)
        yield (
            table,
            tuple(
                WideRow(result.file, result.page_number, _cells_of(places.get(row, {})), table=table, row=row)
                for row in rows
            ),
        )


def _cells_of(columns: dict[int, list[Number]]) -> tuple[WideCell, ...]:
    """The cells of a row, up to the last with a number."""
    last = max(columns, default=0)
    return tuple(cell_of(columns[column]) if column in columns else EMPTY_CELL for column in range(1, last + 1))


def cell_of(numbers: Sequence[Number]) -> WideCell:
    """Make the cell in which these numbers stand.

    Those that are crossed out do not count, but it says which they are.  Of several that count none is preferred: the
    cell is a text with all of them.

    Args:
        numbers: at least one, in reading order.
    """
    # Imported here because it loads NumPy.
    from scanner.decision.review import CROSSED_OUT, SEVERAL_IN_CELL

    counted = [number for number in numbers if number.text and not number.crossed_out]
    crossed_out = [number.text for number in numbers if number.text and number.crossed_out]
    reasons = [number.review_reason for number in numbers if number.review_reason not in {"", CROSSED_OUT}]
    value, suggestion = None, ""
    if len(counted) > 1 and not all(number.checked for number in counted):
        reasons.append(SEVERAL_IN_CELL)
    if len(counted) == 1:
        value = number_value(counted[0].text)
        if is_ambiguous(counted[0].text):
            reasons.append(THOUSANDS_OR_DECIMALS)
    if crossed_out:
        # Last, so that what was crossed out can follow.
        reasons.append(CROSSED_OUT)
    if len(numbers) == 1 and reasons:
        suggestion = other_readings(numbers[0])
    return WideCell(
        text=_BETWEEN_NUMBERS.join(number.text for number in counted),
        value=value,
        confidence=math.prod(number.confidence for number in counted or numbers),
        review_reason=_BETWEEN_REASONS.join(dict.fromkeys(reasons)),
        suggestion=suggestion,
        crossed_out=_BETWEEN_NUMBERS.join(crossed_out),
        checked=_BETWEEN_REASONS.join(dict.fromkeys(number.checked for number in numbers if number.checked)),
        read=_BETWEEN_NUMBERS.join(number.read for number in numbers if number.read),
    )


def other_readings(number: Number) -> str:
    """Say what readers made of a number whose digits are not those of its text; empty if nothing."""
    readings = dict.fromkeys(opinion.text for opinion in number.opinions if opinion.text)
    return _BETWEEN_READINGS.join(text for text in readings if _digits(text) != _digits(number.text))


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, text))


def _column_names(count: int) -> tuple[str, ...]:
    return tuple(f"c{column}" for column in range(1, count + 1))
