"""A wide table as Parquet, with a type for each column; needs the extra ``parquet``."""

from __future__ import annotations

import io
from itertools import islice
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from pyarrow import parquet as pq

from scanner.results.cell_notes import row_review
from scanner.results.wide_tables import REVIEW_COLUMN, TEXT_SUFFIX

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scanner.results.wide_tables import WideRow, WideTable

_CELLS_PER_GROUP = 1_000_000
"""Cells of the rows that are held in memory and written together.  A choice: some ten megabytes."""
_MIN_ROWS_PER_GROUP = 500
"""Fewest rows that are written together, however many columns there are: each group describes each column again."""


def wide_parquet(table: WideTable) -> Iterator[bytes]:
    """Write a table: its labels, what is doubtful in the row, and for each of its columns the numbers and the texts.

    Column ``c1`` has the numbers, null where there is none; ``c1_text`` has what is written, also of codes, of several
    numbers in one cell and of whatever else is no number, null where nothing is.  The types are the same whatever was
    read.

    Args:
        table: the table.

    Yields:
        The file in chunks, each made when the caller asks for it.
    """
    schema = pa.schema(
        [
            *((name, pa.string() if name == "file" else pa.int32()) for name in table.labels),
            (REVIEW_COLUMN, pa.string()),
            *((name, pa.float64()) for name in table.columns),
            *((f"{name}{TEXT_SUFFIX}", pa.string()) for name in table.columns),
        ]
    )
    rows = iter(table.rows)
    group_size = max(_MIN_ROWS_PER_GROUP, _CELLS_PER_GROUP // len(schema))
    sink = io.BytesIO()
    with pq.ParquetWriter(sink, schema, compression="zstd") as writer:
        while group := list(islice(rows, group_size)):
            writer.write_table(pa.table(_columns(table, group), schema))
            yield _take(sink)
    yield _take(sink)


def _columns(table: WideTable, rows: Sequence[WideRow]) -> list[list[Any]]:
    """Values of each column of the file."""
    labels = [[_storable(row.label(name)) for row in rows] for name in table.labels]
    reviews = [_storable(row_review(row, table.columns) or None) for row in rows]
    values: list[list[float | None]] = [[None] * len(rows) for _ in table.columns]
    texts: list[list[str | int | None]] = [[None] * len(rows) for _ in table.columns]
    for index, row in enumerate(rows):
        for column, cell in enumerate(row.cells):
            values[column][index] = None if cell.value is None else float(cell.value)
            texts[column][index] = _storable(cell.text or None)
    return [*labels, reviews, *values, *texts]


def _storable(value: str | int | None) -> str | int | None:
    """A value whose text UTF-8 can hold."""
    return value.encode("utf-8", "backslashreplace").decode("utf-8") if isinstance(value, str) else value


def _take(sink: io.BytesIO) -> bytes:
    """Take what was written so far out of memory."""
    data = sink.getvalue()
    sink.seek(0)
    sink.truncate()
    return data
