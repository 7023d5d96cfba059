"""A wide table as CSV."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.results.cell_notes import row_review
from scanner.results.wide_tables import REVIEW_COLUMN
from scanner.safe_csv import BYTE_ORDER_MARK, CsvStyle, DecimalPoint, WrittenNumber, csv_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scanner.results.wide_tables import WideCell, WideTable


def wide_csv(
    table: WideTable, style: CsvStyle = CsvStyle.PLAIN, decimal_point: DecimalPoint = DecimalPoint.POINT
) -> Iterator[str]:
    """Write a table: its labels, what is doubtful in the row, and its cells.

    Numbers are written without separators of thousands and with as many decimals as on paper; texts as they are.

    Args:
        table: the table.
        style: for which programs.
        decimal_point: what stands before decimals, whatever does on paper.

    Yields:
        The text a row at a time, each made when the caller asks for it.
    """
    columns = (*table.labels, REVIEW_COLUMN, *table.columns)
    yield (BYTE_ORDER_MARK if style is CsvStyle.EXCEL else "") + csv_lines([columns])
    for row in table.rows:
        labels = (row.label(name) for name in table.labels)
        cells = [_csv_cell(cell, style, decimal_point) for cell in row.cells]
        missing = [""] * (len(table.columns) - len(cells))
        yield csv_lines(
            [(*("" if each is None else each for each in labels), row_review(row, table.columns), *cells, *missing)]
        )


def _csv_cell(cell: WideCell, style: CsvStyle, decimal_point: DecimalPoint) -> str | WrittenNumber:
    if cell.value is not None:
        return f"{cell.value:f}".replace(".", decimal_point.value)
    return WrittenNumber(cell.text) if style is CsvStyle.EXCEL and cell.text else cell.text
