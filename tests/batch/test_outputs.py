from pathlib import Path

import pytest

from scanner.batch.outputs import check_outputs
from scanner.batch.settings import STDOUT, OutputPaths
from scanner.errors import OutputError
from scanner.types import PageRef


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
        (OutputPaths(numbers_csv=STDOUT, stages_folder=tmp_path / "pages" / "x"), "read as pages next time"),
    ):
        with pytest.raises(OutputError, match=message):
            check_outputs(bad, inputs, refs)
