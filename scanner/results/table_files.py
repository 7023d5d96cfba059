"""The file of the tables as they are on paper, or of the fields of forms, in the format that its name says."""

from __future__ import annotations

from enum import Enum
from importlib.util import find_spec
from typing import TYPE_CHECKING

from scanner.atomic_write import encode_chunks
from scanner.errors import NotInstalledError, OutputError
from scanner.forms.page_order import put_in_order, sheet_form
from scanner.safe_csv import CsvStyle, DecimalPoint

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from scanner.forms.form import Form
    from scanner.types import PageResult


class TableFormat(Enum):
    """Format of a file of tables; the value is the ending of its name."""

    XLSX = ".xlsx"
    CSV = ".csv"
    PARQUET = ".parquet"

    @classmethod
    def of_path(cls, path: Path) -> TableFormat:
        """Return the format that the ending of a name says, whatever its case; CSV for any other."""
        try:
            return cls(path.suffix.lower())
        except ValueError:
            return cls.CSV


def check_installed(table_format: TableFormat) -> None:
    """Check that what a format needs is installed.

    Raises:
        NotInstalledError: if it is not.
    """
    if table_format is TableFormat.PARQUET and find_spec("pyarrow") is None:
        raise NotInstalledError("pyarrow, which Parquet needs, is not installed: pip install 'digitscan[parquet]'")


def check_holds(table_format: TableFormat, forms: Sequence[Form]) -> None:
    """Check that the fields of forms have room in a format: CSV and Parquet have one table, and so one form, or sheet.

    Raises:
        OutputError: if they have not.
        FormError: as ``put_in_order``.
    """
    count = len(put_in_order(forms))
    if count > 1 and table_format is not TableFormat.XLSX:
        raise OutputError(
            f"{count} forms do not fit into one table ({table_format.value}); write --table FILE.xlsx, or read "
            "the pages of each form by themselves"
        )


def table_file(
    results: Iterable[PageResult],
    table_format: TableFormat,
    style: CsvStyle = CsvStyle.PLAIN,
    decimal_point: DecimalPoint = DecimalPoint.POINT,
    forms: Sequence[Form] = (),
) -> Iterator[bytes]:
    """Write the ruled tables of pages, and the numbers that are in none; or the fields of forms.

    Args:
        results: all pages, in order.  They are iterated twice.
        table_format: the format of the file.
        style: for which programs, if it is CSV.
        decimal_point: what stands before decimals, if it is CSV.
        forms: the forms that the pages were read with; none if they were read without.

    Returns:
        The bytes in chunks, made as they are asked for.

    Raises:
        OutputError: as ``check_holds``.
    """
    if forms:
        return _form_table_file(results, table_format, style, decimal_point, forms)
    # Imported here because a batch needs one of them at most.
    from scanner.results.page_tables import one_table, table_sheets

    match table_format:
        case TableFormat.XLSX:
            from scanner.results.wide_xlsx import wide_xlsx

            sheets = table_sheets(results)
            return wide_xlsx(sheets.tables, sheets.names)
        case TableFormat.PARQUET:
            from scanner.results.wide_parquet import wide_parquet

            return wide_parquet(one_table(results))
        case TableFormat.CSV:
            from scanner.results.wide_csv import wide_csv

            return encode_chunks(wide_csv(one_table(results), style, decimal_point))


def _form_table_file(
    results: Iterable[PageResult],
    table_format: TableFormat,
    style: CsvStyle,
    decimal_point: DecimalPoint,
    forms: Sequence[Form],
) -> Iterator[bytes]:
    from scanner.results.form_tables import form_sheets, one_form_table
    from scanner.results.joined_pages import join_pages

    check_holds(table_format, forms)
    sheets_of_pages = put_in_order(forms)
    results, forms = join_pages(results, sheets_of_pages), [sheet_form(sheet) for sheet in sheets_of_pages]
    match table_format:
        case TableFormat.XLSX:
            from scanner.results.wide_xlsx import wide_xlsx

            sheets = form_sheets(results, forms)
            return wide_xlsx(sheets.tables, sheets.names, list_name=None)
        case TableFormat.PARQUET:
            from scanner.results.wide_parquet import wide_parquet

            return wide_parquet(one_form_table(results, forms[0]))
        case TableFormat.CSV:
            from scanner.results.wide_csv import wide_csv

            return encode_chunks(wide_csv(one_form_table(results, forms[0]), style, decimal_point))
