"""Pages read with forms as tables: a row for each page, and for each row of a form's tables; a column for each field.

What a column holds follows from the form, not from what was read: a comb is a code, which stays a text, unless the form
says that it is a quantity, by limits or in a check; every other number is a value.  So no column is a number in one row
and a text in the next, but for what is no number at all.

Pages are taken one by one, so that only one is held in memory.  A page that is none of the forms has no row.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from itertools import chain
from typing import TYPE_CHECKING

from scanner.forms.field_values import field_value
from scanner.forms.form import CheckDigitRule, FieldKind, cell_name
from scanner.forms.rule_binding import bind_rules
from scanner.forms.rule_checking import BETWEEN_REASONS
from scanner.number_values import MAX_EXACT_DIGITS, is_ambiguous
from scanner.results.csv_tables import format_confidence
from scanner.results.page_tables import THOUSANDS_OR_DECIMALS, TableSheets, other_readings
from scanner.results.sheet_names import fit_names
from scanner.results.wide_tables import EMPTY_CELL, REVIEW_COLUMN, TEXT_SUFFIX, WideCell, WideRow, WideTable
from scanner.types import PICTURE_KIND

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from scanner.forms.form import FieldContent, Form
    from scanner.results.wide_tables import Label
    from scanner.types import Number, PageResult

CONFIDENCE_NAME, BROKEN_RULES_NAME = "confidence", "broken rules"
"""Names of the sheets that say how sure each cell is, and which rules do not hold."""
_BROKEN_COLUMNS = ("rule", "fields", "measured")
_PAGE_LABELS: tuple[Label, ...] = ("file", "page")
_ROW_LABELS: tuple[Label, ...] = ("file", "page", "row")
_BETWEEN_FIELDS = ", "


def form_sheets(results: Iterable[PageResult], forms: Sequence[Form]) -> TableSheets:
    """Make the sheets of pages that were read with forms.

    There is one for the fields outside of tables, named after the form, and one for each table; then one for each of
    them that has the confidences in the same places; and last one of the rules that do not hold.  With several forms,
    the names of tables begin with that of their form.

    Args:
        results: all pages, in order.  They are iterated once, when the tables are.
        forms: the forms that they were read with.
    """
    grids = [(form.name, grid) for form in forms for grid in _grids(form)]
    names = [f"{form} {grid.name}" if len(forms) > 1 and grid.rows else grid.name or form for form, grid in grids]
    beside = [CONFIDENCE_NAME, *(f"{CONFIDENCE_NAME} {name}" for name in names[1:])][: len(names)]
    fitting = fit_names([*names, *beside, BROKEN_RULES_NAME])
    sheets = [
        _Sheet(form, grid, *place)
        for (form, grid), *place in zip(grids, fitting[: len(grids)], fitting[len(grids) : -1], strict=True)
    ]
    return TableSheets(fitting, _sheet_tables(results, sheets, fitting[-1]))


def one_form_table(results: Iterable[PageResult], form: Form) -> WideTable:
    """Make one table of pages that were read with a form.

    If the form has tables, each row has the cells of one row of all of them, and the fields of the page before: these
    are repeated, but what is doubtful of them is said in the first row alone.

    Args:
        results: all pages, in order.  They are iterated once, when the rows are.
        form: the form that they were read with.
    """
    grids = _grids(form)
    names = _single_names(grids, {field.name for field in form.fields})
    columns = _free_names(names, (*_ROW_LABELS, REVIEW_COLUMN))
    count = max((grid.rows for grid in grids), default=0)
    rows = (row for result in results if result.form == form.name for row in _joined_rows(result, grids, count))
    return WideTable(form.name, columns, rows, _ROW_LABELS if count else _PAGE_LABELS)


def form_cell(number: Number | None, content: FieldContent, *, is_code: bool) -> WideCell:
    """Make the cell of a field.

    Args:
        number: what was read in it; None if nothing is known of it.
        content: what may be written in it.
        is_code: whether it is to stay a text.
    """
    if number is None:
        return EMPTY_CELL
    # Imported here because it loads NumPy.
    from scanner.decision.review import CROSSED_OUT

    reason, text = number.review_reason, "" if number.crossed_out else number.text
    value = None if is_code else _exact_value(text, content)
    if text and value is None and not is_code and is_ambiguous(text):
        reason = BETWEEN_REASONS.join(filter(None, (reason, THOUSANDS_OR_DECIMALS)))
    return WideCell(
        text=text,
        value=value,
        confidence=number.confidence if number.text else None,
        review_reason=reason or (CROSSED_OUT if number.crossed_out else ""),
        suggestion=(number.suggested or other_readings(number)) if reason else "",
        crossed_out=number.text if number.crossed_out else "",
        checked=number.checked,
        read=number.read,
    )


@dataclass(frozen=True, slots=True)
class _Column:
    """A column: a field of the page, or a column of a table."""

    name: str
    content: FieldContent
    is_code: bool


@dataclass(frozen=True, slots=True)
class _Grid:
    """The fields outside of tables, which are one row, or those of a table."""

    name: str
    """Of the table; empty for the fields outside of tables."""
    columns: tuple[_Column, ...]
    rows: int
    """Number of rows of the table; 0 for the fields outside of tables."""

    @property
    def headings(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    def field_name(self, row: int, column: _Column) -> str:
        """Name of the field in a row of the table, from 1; of the page in row 0."""
        return cell_name(self.name, row, column.name) if row else column.name

    def row_numbers(self) -> Sequence[int]:
        return range(1, self.rows + 1) if self.rows else (0,)


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A grid of a form, and the sheets that it is on."""

    form: str
    grid: _Grid
    name: str
    confidence_name: str


def _grids(form: Form) -> list[_Grid]:
    """The fields outside of tables, if there are any, and the tables."""
    quantities = {
        name
        for bound in bind_rules(form)
        if not isinstance(bound.rule, CheckDigitRule)
        for name in bound.rule.check.names
    }
    codes = {bound.rule.field for bound in bind_rules(form) if isinstance(bound.rule, CheckDigitRule)}
    fields = [_column(field.name, field, [field.name], quantities, codes) for field in form.fields]
    grids = [_Grid("", tuple(fields), 0)] if fields else []
    for table in form.tables:
        columns = []
        for column in table.columns:
            cells = [cell_name(table.name, row, column.name) for row in range(1, table.rows + 1)]
            columns.append(_column(column.name, column, cells, quantities, codes))
        grids.append(_Grid(table.name, tuple(columns), table.rows))
    return grids


def _column(name: str, content: FieldContent, cells: Sequence[str], quantities: set[str], codes: set[str]) -> _Column:
    """A column whose cells have these names.

    It is one of codes if it is a comb, or has check digits, and the form says nothing of a quantity.
    """
    may_be_code = content.kind is FieldKind.COMB or not codes.isdisjoint(cells)
    is_quantity = content.minimum is not None or content.maximum is not None or not quantities.isdisjoint(cells)
    return _Column(name, content, may_be_code and not is_quantity)


def _exact_value(text: str, content: FieldContent) -> Decimal | None:
    """The number that a text is, unless a spreadsheet would lose its last digits."""
    value = field_value(text, content)
    return value if value is not None and len(value.as_tuple().digits) <= MAX_EXACT_DIGITS else None


def _sheet_tables(results: Iterable[PageResult], sheets: Sequence[_Sheet], broken_name: str) -> Iterator[WideTable]:
    """The tables of all sheets, first without rows, then page by page."""
    for sheet in sheets:
        labels = _labels(sheet.grid)
        yield WideTable(sheet.name, sheet.grid.headings, (), labels)
        yield WideTable(sheet.confidence_name, sheet.grid.headings, (), labels)
    yield WideTable(broken_name, _BROKEN_COLUMNS, (), _PAGE_LABELS)
    for result in results:
        numbers = {number.field: number for number in result.numbers}
        for sheet in sheets:
            if sheet.form == result.form:
                grid, labels = sheet.grid, _labels(sheet.grid)
                yield WideTable(sheet.name, grid.headings, _rows(result, grid, numbers), labels)
                yield WideTable(sheet.confidence_name, grid.headings, _confidences(result, grid, numbers), labels)
        yield WideTable(broken_name, _BROKEN_COLUMNS, _broken_rows(result), _PAGE_LABELS)


def _labels(grid: _Grid) -> tuple[Label, ...]:
    return _ROW_LABELS if grid.rows else _PAGE_LABELS


def _rows(result: PageResult, grid: _Grid, numbers: Mapping[str, Number]) -> Iterator[WideRow]:
    for row in grid.row_numbers():
        yield WideRow(result.file, result.page_number, _cells(grid, row, numbers), row=row)


def _cells(grid: _Grid, row: int, numbers: Mapping[str, Number]) -> tuple[WideCell, ...]:
    return tuple(
        form_cell(numbers.get(grid.field_name(row, column)), column.content, is_code=column.is_code)
        for column in grid.columns
    )


def _confidences(result: PageResult, grid: _Grid, numbers: Mapping[str, Number]) -> Iterator[WideRow]:
    for row in grid.row_numbers():
        found = (numbers.get(grid.field_name(row, column)) for column in grid.columns)
        yield WideRow(result.file, result.page_number, tuple(map(_confidence_cell, found)), row=row)


def _confidence_cell(number: Number | None) -> WideCell:
    if number is None or number.kind == PICTURE_KIND:
        return EMPTY_CELL
    text = format_confidence(number.confidence)
    return WideCell(text, Decimal(text))


def _broken_rows(result: PageResult) -> Iterator[WideRow]:
    for broken in result.broken_rules:
        texts = (broken.rule, _BETWEEN_FIELDS.join(broken.fields), broken.measured)
        yield WideRow(result.file, result.page_number, tuple(map(WideCell, texts)))


def _joined_rows(result: PageResult, grids: Sequence[_Grid], count: int) -> Iterator[WideRow]:
    """The rows of a page in one table: one, or as many as its longest table has."""
    numbers = {number.field: number for number in result.numbers}
    for row in range(1, count + 1) if count else (0,):
        cells: list[Iterable[WideCell]] = []
        for grid in grids:
            if not grid.rows:
                page_cells = _cells(grid, 0, numbers)
                cells.append(page_cells if row <= 1 else map(_without_review, page_cells))
            else:
                cells.append(_cells(grid, row, numbers) if row <= grid.rows else [EMPTY_CELL] * len(grid.columns))
        yield WideRow(result.file, result.page_number, tuple(chain.from_iterable(cells)), row=row)


def _without_review(cell: WideCell) -> WideCell:
    return WideCell(cell.text, cell.value, cell.confidence)


def _single_names(grids: Sequence[_Grid], field_names: set[str]) -> list[str]:
    """Names of the columns of all grids side by side: those of tables are TABLE.COLUMN where others share them."""
    has_several = sum(bool(grid.rows) for grid in grids) > 1
    return [
        f"{grid.name}.{name}" if grid.rows and (has_several or name in field_names) else name
        for grid in grids
        for name in grid.headings
    ]


def _free_names(names: Sequence[str], taken: Sequence[str]) -> tuple[str, ...]:
    """Names that are none of other columns, such as ``page``: these get a ``_`` behind them."""
    used, free = set(taken), []
    for name in names:
        unique = name
        while not used.isdisjoint({unique, unique + TEXT_SUFFIX}):
            unique += "_"
        used |= {unique, unique + TEXT_SUFFIX}
        free.append(unique)
    return tuple(free)
