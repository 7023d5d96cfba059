"""The file of the tables as they are on paper, in the format that its name says."""

from __future__ import annotations

from enum import Enum
from importlib.util import find_spec
from typing import TYPE_CHECKING

from scanner.atomic_write import encode_chunks
from scanner.errors import NotInstalledError
from scanner.safe_csv import CsvStyle, DecimalPoint

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

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


def table_file(
    results: Iterable[PageResult],
    table_format: TableFormat,
    style: CsvStyle = CsvStyle.PLAIN,
    decimal_point: DecimalPoint = DecimalPoint.POINT,
) -> Iterator[bytes]:
    """Write the ruled tables of pages, and the numbers that are in none.

    Args:
        results: all pages, in order.  They are iterated twice.
        table_format: the format of the file.
        style: for which programs, if it is CSV.
        decimal_point: what stands before decimals, if it is CSV.

    Returns:
        The bytes in chunks, made as they are asked for.
    """
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
