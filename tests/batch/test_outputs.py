from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from scanner.batch.outputs import check_outputs, write_output, write_page_tables
from scanner.batch.resumable_state import open_state
from scanner.batch.settings import STDOUT, OutputPaths
from scanner.batch.written_files import WrittenFiles
from scanner.errors import OutputError
from scanner.safe_csv import DecimalPoint
from scanner.types import Box, Number, PageRef, PageResult

RESULTS = [PageResult("a.png", 1, 9, 9), PageResult("b.png", 0, 0, 0, error="b.png: is torn")]


@pytest.fixture
def written_files() -> Iterator[WrittenFiles]:
    with open_state(None, "a recipe") as state:
        yield state.written_files


def test_standard_output_gets_utf_8_and_bare_line_feeds(
    capfdbinary: pytest.CaptureFixture[bytes], written_files: WrittenFiles
) -> None:
    write_output(STDOUT, ["ä\n", "\udcff\n"], written_files)
    assert capfdbinary.readouterr().out == b"\xc3\xa4\n\\udcff\n"


def test_tables_of_pages_are_written_if_they_are_wanted(
    tmp_path: Path, written_files: WrittenFiles, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    write_page_tables(RESULTS, OutputPaths(numbers_csv=tmp_path / "r.csv"), written_files)
    assert list(tmp_path.iterdir()) == []
    write_page_tables(RESULTS, OutputPaths(numbers_csv=STDOUT, page_tables=tmp_path / "T.XLSX"), written_files)
    assert (tmp_path / "T.XLSX").read_bytes().startswith(b"PK")
    decimals = OutputPaths(numbers_csv=tmp_path / "r.csv", page_tables=STDOUT, decimal_point=DecimalPoint.COMMA)
    number = Number("36.5", 0.99, "", 1, 1, Box(1, 2, 3, 4), (), table=1)
    write_page_tables([replace(RESULTS[0], numbers=(number,))], decimals, written_files)
    assert capfdbinary.readouterr().out == b'file,page,table,row,review,c1\na.png,1,1,1,,"36,5"\n'


def test_outputs_are_checked_and_their_folders_created(tmp_path: Path) -> None:
    (tmp_path / "pages").mkdir()
    page = tmp_path / "pages" / "a.png"
    page.write_bytes(b"")
    refs, inputs = [PageRef(page, "a.png")], [tmp_path / "pages"]
    outputs = OutputPaths(numbers_csv=tmp_path / "new" / "r.csv", annotated_folder=tmp_path / "checked")
    check_outputs(outputs, inputs, refs)
    assert (tmp_path / "new").is_dir()
    assert (tmp_path / "checked").is_dir()
    for bad, message in (
        (OutputPaths(numbers_csv=page), "is one of the pages to read"),
        (OutputPaths(numbers_csv=STDOUT, results_json=STDOUT), "is named for two results"),
        (OutputPaths(numbers_csv=tmp_path), "is a folder"),
        (OutputPaths(numbers_csv=STDOUT, page_tables=page), "is one of the pages to read"),
        (OutputPaths(numbers_csv=STDOUT, stages_folder=tmp_path / "pages" / "x"), "read as pages next time"),
    ):
        with pytest.raises(OutputError, match=message):
            check_outputs(bad, inputs, refs)
