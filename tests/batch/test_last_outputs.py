from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from scanner.batch.last_outputs import LastOutputs, describe_outputs, parse_outputs
from scanner.batch.settings import STDOUT, build_output_paths
from scanner.errors import DataError
from scanner.safe_csv import CsvStyle, DecimalPoint

if TYPE_CHECKING:
    from pathlib import Path


def test_results_that_are_moved_with_their_state_are_written_where_they_are(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    old.mkdir()
    outputs = build_output_paths(
        old / "r.csv",
        csv_style=CsvStyle.EXCEL,
        decimal_point=DecimalPoint.COMMA,
        results_json=old / "sub" / "r.json",
        page_tables=tmp_path / "elsewhere.xlsx",
    )
    description = describe_outputs(LastOutputs(outputs, (old / "form.toml",), 0.97, 0.01))
    old.rename(new)
    last = parse_outputs(description, new / "r.csv", new / "r.csv.state")
    expected = build_output_paths(
        new / "r.csv",
        csv_style=CsvStyle.EXCEL,
        decimal_point=DecimalPoint.COMMA,
        results_json=new / "sub" / "r.json",
        page_tables=tmp_path / "elsewhere.xlsx",
    )
    assert last == LastOutputs(expected, (new / "form.toml",), 0.97, 0.01)


def test_what_went_to_standard_output_is_not_written_again(tmp_path: Path) -> None:
    outputs = build_output_paths(tmp_path / "r.csv", results_json=STDOUT)
    last = parse_outputs(describe_outputs(LastOutputs(outputs)), tmp_path / "r.csv", tmp_path / "r.csv.state")
    assert last.outputs == replace(outputs, results_json=None)


@pytest.mark.parametrize("description", ["", "{", "{}", "[]", '{"csv_style": "latin", "files": {}}'])
def test_any_other_text_is_an_error(tmp_path: Path, description: str) -> None:
    with pytest.raises(DataError, match=r"r\.csv\.state: is damaged; scan the pages again"):
        parse_outputs(description, tmp_path / "r.csv", tmp_path / "r.csv.state")
