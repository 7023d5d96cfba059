"""Wide tables as a spreadsheet (XLSX), the doubtful cells marked, with a list of how sure each cell is.

The same tables always give the same bytes.  A text is never a formula: it is written as a text, whatever it begins
with.  Rows go to temporary files as they come, so that memory does not grow with them.
"""

from __future__ import annotations

import tempfile
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from xlsxwriter import Workbook
from xlsxwriter.exceptions import FileCreateError
from xlsxwriter.utility import xl_rowcol_to_cell

from scanner.errors import OutputError
from scanner.number_values import decimal_count
from scanner.results.cell_notes import cell_notes, checked_notes
from scanner.results.csv_tables import CONFIDENCE_DECIMALS, round_confidence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

    from scanner.results.wide_tables import WideCell, WideRow, WideTable

CONFIDENCE_SHEET = "confidence"
"""Name of the sheet that lists how sure each cell is."""
CONFIDENCE_COLUMNS = (
    *("sheet", "cell", "file", "page", "table", "row", "column"),
    *("text", "confidence", "review", "perhaps", "crossed out"),
)
MAX_COMMENTS = 2_000
"""Most comments in a file, and links to the cells that have them.  On a busy machine LibreOffice takes twelve seconds
to open a thousand, and ten times as long for ten thousand.  Cells beyond are marked all the same, and listed."""
_MAX_ROWS, _MAX_COLUMNS = 1_048_576, 16_384
"""Rows and columns of a sheet.  Rows that come after go on another."""
_MAX_NAME_LENGTH = 31
"""Longest name of a sheet, characters."""
_MAX_TEXT_LENGTH = 32_767
"""Longest text of a cell, characters."""
_DOUBTFUL_COLOUR = "#FFE699"
"""Pale amber: black on it is read well, also printed in grey."""
_CHECKED_COLOUR = "#DDF1E4"
"""Pale green, paler than amber in grey: nothing is left to do there."""
_CREATED = datetime(1980, 1, 1)
"""Time written into every file, so that the same tables give the same bytes; the least that ZIP can hold."""
_CONFIDENCE_FORMAT = f"0.{'0' * CONFIDENCE_DECIMALS}"
_MIN_WIDTH, _MAX_WIDTH = 8, 60
"""Of a column, characters: a number that does not fit is shown as signs instead.  A choice."""
_COMMENT_WIDTH, _COMMENT_LINE_HEIGHT = 200, 20
"""Size of a comment, pixels: a reason fits on a line."""
_CHUNK_BYTES = 1 << 20
"""Bytes that are held in memory of the finished file."""


def wide_xlsx(
    tables: Iterable[WideTable], names: Sequence[str], list_name: str | None = CONFIDENCE_SHEET
) -> Iterator[bytes]:
    """Write tables as the sheets of a spreadsheet.

    A doubtful cell is filled with a colour and has a comment, and so is one that a person has corrected.  The last
    sheet lists all cells in which something was read, with where they come from and how sure they are.

    Args:
        tables: the tables.  One whose name has come already goes on below.
        names: names of all tables, in the order of their sheets.
        list_name: name of the sheet that lists the cells; None for no such sheet.

    Yields:
        The file in chunks; the first only when all tables are written.

    Raises:
        OutputError: if there is no room for temporary files.
    """
    try:
        # Everything that is put together lies in one folder, so that nothing is left of it whatever happens.
        with tempfile.TemporaryDirectory(prefix="digitscan-", ignore_cleanup_errors=True) as folder:
            path = Path(folder) / "book.xlsx"
            _write_workbook(path, tables, names, list_name)
            with path.open("rb") as stream:
                yield from iter(lambda: stream.read(_CHUNK_BYTES), b"")
    except (OSError, FileCreateError) as error:
        cause = error.args[0] if isinstance(error, FileCreateError) else error
        raise OutputError(
            f"{tempfile.gettempdir()}: the spreadsheet could not be put together there "
            f"({cause.strerror}); free some space, or name another folder in TMPDIR"
        ) from error


def _write_workbook(path: Path, tables: Iterable[WideTable], names: Sequence[str], list_name: str | None) -> None:
    workbook = Workbook(path, {"constant_memory": True, "tmpdir": str(path.parent)})
    try:
        _fill_workbook(workbook, tables, names, list_name)
        workbook.close()
    finally:
        # XlsxWriter leaves them open if anything fails, and an open file cannot be removed on Windows.
        for sheet in workbook.worksheets():
            sheet.row_data_fh.close()


def _fill_workbook(
    workbook: Workbook, tables: Iterable[WideTable], names: Sequence[str], list_name: str | None
) -> None:
    book = _Book(workbook)
    sheets = {name: _Sheet(book, name) for name in names}
    listed = None
    if list_name is not None:
        listed = _Sheet(book, list_name)
        listed.write_headings(CONFIDENCE_COLUMNS)
    for table in tables:
        sheet = sheets[table.name]
        if not table.is_grid:
            sheet.write_headings((*table.labels, *table.columns))
        for row in table.rows:
            _write_row(table, row, sheet, listed)
    for sheet in filter(None, (*sheets.values(), listed)):
        sheet.finish()


def _write_row(table: WideTable, row: WideRow, sheet: _Sheet, listed: _Sheet | None) -> None:
    if table.is_grid:
        line, first = row.row - 1, 0
    else:
        line, first = sheet.next_line(), len(table.labels)
        for place, label in enumerate(table.labels):
            sheet.write(line, place, row.label(label))
    for place, cell in enumerate(row.cells):
        if cell.is_empty:
            continue
        has_comment = sheet.write_cell(line, first + place, cell)
        if listed is None or cell.confidence is None:
            continue
        address = xl_rowcol_to_cell(line, first + place)
        here = _list_cell(listed, (sheet.name, address), row, table.columns[place], cell)
        if has_comment:
            listed.link(here, CONFIDENCE_COLUMNS.index("cell"), sheet.name, address)


def _list_cell(listed: _Sheet, place: tuple[str, str], row: WideRow, column_name: str, cell: WideCell) -> int:
    """List a cell, given its sheet and address; return the line."""
    here = listed.next_line()
    entry = (
        *(*place, row.file, row.page, row.label("table"), row.label("row"), column_name),
        *(cell.text, cell.confidence, cell.review_reason, cell.suggestion, cell.crossed_out),
    )
    for column, content in enumerate(entry):
        listed.write(here, column, content)
    return here


class _Book:
    """A workbook, its formats, and how many comments it may still get."""

    def __init__(self, workbook: Workbook) -> None:
        self._workbook = workbook
        self._formats: dict[tuple[tuple[str, str | bool], ...], Format] = {}
        self._comments = 0
        workbook.set_properties({"created": _CREATED})
        # Parts of more than two gigabytes.
        workbook.use_zip64()

    def add_sheet(self, name: str) -> Worksheet:
        """Add a sheet at the end."""
        sheet = self._workbook.add_worksheet(name)
        # Codes are meant to be texts.
        sheet.ignore_errors({"number_stored_as_text": f"A1:{xl_rowcol_to_cell(_MAX_ROWS - 1, _MAX_COLUMNS - 1)}"})
        # Printed, all columns are on one page.
        sheet.fit_to_pages(1, 0)
        return sheet

    def format(self, *, fill: str = "", **properties: str | bool) -> Format:
        """Return the format with these properties, by the names that XlsxWriter has for them."""
        if fill:
            properties["bg_color"] = fill
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            self._formats[key] = self._workbook.add_format(properties)
        return self._formats[key]

    def may_comment(self) -> bool:
        """Whether there is room for one more comment, which is then taken."""
        self._comments += 1
        return self._comments <= MAX_COMMENTS


class _Sheet:
    """A sheet that is written line by line, and goes on with another when it is full."""

    def __init__(self, book: _Book, name: str) -> None:
        self._book, self._first_name, self.name = book, name, name
        self._sheet = book.add_sheet(name)
        self._count = 1
        self._lines = 0
        self._headings: tuple[str, ...] = ()
        self._widths: dict[int, int] = {}

    def write_headings(self, headings: tuple[str, ...]) -> None:
        """Write the names of the columns, unless they stand there already."""
        if self._headings:
            return
        self._headings = headings
        for column, heading in enumerate(headings):
            self._sheet.write_string(0, column, self._fitting(column, heading), self._book.format(bold=True))
        self._sheet.freeze_panes(1, 0)
        self._sheet.repeat_rows(0)
        self._lines = 1

    def next_line(self) -> int:
        """Return the next line, from 0, on another sheet if this one is full."""
        if self._lines == _MAX_ROWS:
            self.finish()
            self._count += 1
            ending = f" {self._count}"
            self.name = self._first_name[: _MAX_NAME_LENGTH - len(ending)] + ending
            self._sheet = self._book.add_sheet(self.name)
            headings, self._headings = self._headings, ()
            self.write_headings(headings)
        self._lines += 1
        return self._lines - 1

    def write(self, line: int, column: int, content: str | int | float | None) -> None:
        """Write a text or a number; a number with decimals is a confidence."""
        if isinstance(content, float):
            shown = round_confidence(content)
            self._sheet.write_number(line, column, shown, self._book.format(num_format=_CONFIDENCE_FORMAT))
        elif isinstance(content, int):
            self._sheet.write_number(line, column, content)
        elif content:
            self._sheet.write_string(line, column, self._fitting(column, content))

    def link(self, line: int, column: int, sheet: str, address: str) -> None:
        """Write the address of a cell so that a click leads there."""
        quoted = sheet.replace("'", "''")
        self._sheet.write_url(line, column, f"internal:'{quoted}'!{address}", string=address)

    def write_cell(self, line: int, column: int, cell: WideCell) -> bool:
        """Write what was read, marked if it is doubtful or a person has looked at it.

        Returns:
            Whether a comment was added.
        """
        doubts = cell_notes(cell)
        notes = doubts or checked_notes(cell)
        fill = _DOUBTFUL_COLOUR if doubts else _CHECKED_COLOUR if cell.checked else ""
        if cell.value is not None:
            decimals = decimal_count(cell.value)
            number_format = f"0.{'0' * decimals}" if decimals else "0"
            self._fitting(column, cell.text)
            style = self._book.format(num_format=number_format, fill=fill)
            self._sheet.write_number(line, column, float(cell.value), style)
        elif cell.text:
            # Numbers stand on the right, and a text would run into the one beside it.
            style = self._book.format(align="right", fill=fill)
            self._sheet.write_string(line, column, self._fitting(column, cell.text), style)
        elif fill:
            self._sheet.write_blank(line, column, None, self._book.format(fill=fill))
        if not notes or not self._book.may_comment():
            return False
        size = {"width": _COMMENT_WIDTH, "height": _COMMENT_LINE_HEIGHT * (len(notes) + 1)}
        self._sheet.write_comment(line, column, _writable("\n".join(notes)), size)
        return True

    def finish(self) -> None:
        """Set what depends on all lines."""
        for column, width in self._widths.items():
            self._sheet.set_column(column, column, min(max(width + 2, _MIN_WIDTH), _MAX_WIDTH))
        if self._headings:
            self._sheet.autofilter(0, 0, self._lines - 1, len(self._headings) - 1)

    def _fitting(self, column: int, text: str) -> str:
        """Return a text as a cell can hold it, and make its column wide enough."""
        self._widths[column] = max(self._widths.get(column, 0), len(text))
        return _writable(text)


def _writable(text: str) -> str:
    """A text as XML and a cell can hold it: the file is not lost with one name that has half a character."""
    text = text.encode("utf-8", "backslashreplace").decode("utf-8")
    return text if len(text) <= _MAX_TEXT_LENGTH else text[: _MAX_TEXT_LENGTH - 1] + "\u2026"
