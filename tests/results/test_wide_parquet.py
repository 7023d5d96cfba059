from __future__ import annotations

import io
from decimal import Decimal
from typing import Any

import pytest

from scanner.results.wide_tables import EMPTY_CELL, WideCell, WideRow, WideTable

pytest.importorskip("pyarrow")
from pyarrow import parquet as pq

from scanner.results import wide_parquet

ROWS = (
    WideRow("a.png", 2, (WideCell("36,50", Decimal("36.50"), 0.99), EMPTY_CELL), 1, 4),
    WideRow("\udcff.png", 1, (WideCell("007", None, 0.99), WideCell("1", Decimal(1), 0.5, "unclear"))),
    WideRow("b.png", 1, ()),
)
TABLE = WideTable("tables", ("c1", "c2"), ROWS, ("file", "page", "table", "row"))


def read(data: bytes) -> Any:
    return pq.read_table(io.BytesIO(data))


def test_numbers_and_texts_have_columns_of_their_own() -> None:
    found = read(b"".join(wide_parquet.wide_parquet(TABLE)))
    assert [(field.name, str(field.type)) for field in found.schema] == [
        *(("file", "string"), ("page", "int32"), ("table", "int32"), ("row", "int32"), ("review", "string")),
        *(("c1", "double"), ("c2", "double"), ("c1_text", "string"), ("c2_text", "string")),
    ]
    assert [list(row.values()) for row in found.to_pylist()] == [
        ["a.png", 2, 1, 4, None, 36.5, None, "36,50", None],
        ["\\udcff.png", 1, None, None, "c2: unclear, 50% sure", None, 1.0, "007", "1"],
        ["b.png", 1, None, None, None, None, None, None, None],
    ]


def test_rows_are_written_in_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = read(b"".join(wide_parquet.wide_parquet(TABLE)))
    # One row of nine cells.
    monkeypatch.setattr(wide_parquet, "_MIN_ROWS_PER_GROUP", 1)
    monkeypatch.setattr(wide_parquet, "_CELLS_PER_GROUP", 10)
    chunks = list(wide_parquet.wide_parquet(TABLE))
    assert len(chunks) == 4
    assert all(chunks)
    assert pq.ParquetFile(io.BytesIO(b"".join(chunks))).num_row_groups == 3
    assert read(b"".join(chunks)).equals(whole)


def test_a_table_without_rows_has_its_types() -> None:
    found = read(b"".join(wide_parquet.wide_parquet(WideTable("form", ("votes",), ()))))
    assert (found.num_rows, found.column_names) == (0, ["file", "page", "review", "votes", "votes_text"])


def test_the_same_table_gives_the_same_bytes() -> None:
    assert b"".join(wide_parquet.wide_parquet(TABLE)) == b"".join(wide_parquet.wide_parquet(TABLE))
