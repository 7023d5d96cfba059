from __future__ import annotations

import math
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from scanner.batch.export import ExportRequest, export_results
from scanner.batch.last_outputs import LastOutputs, describe_outputs
from scanner.batch.resumable_state import open_state
from scanner.batch.settings import build_output_paths
from scanner.corrections.calibration_file import write_calibration
from scanner.corrections.correction import Verdict
from scanner.corrections.corrections_file import CorrectionsFile
from scanner.decision.stack_calibration import StackCalibration
from scanner.errors import DataError, FormError, OutputError
from scanner.results.csv_tables import read_results_csv
from scanner.types import Box, Number, PageResult
from tests.corrections.corrected import BOX, correction

if TYPE_CHECKING:
    from pathlib import Path

PAGE = PageResult(
    "a.png",
    1,
    99,
    99,
    (Number("11", 0.95, "", 1, 1, BOX, ()), Number("12", 0.96, "", 1, 2, Box(60, 20, 40, 20), ())),
)


def left_by_a_scan(
    results: Path, threshold: float | None = None, form: Path | None = None, max_error: float | None = None
) -> None:
    """Leave the state of a batch that has ended."""
    forms = () if form is None else (form,)
    with open_state(results.with_name(f"{results.name}.state"), "a recipe") as state:
        state.begin_batch()
        state.add_input(0, "a.png", "ab", 10)
        state.select_pages(0, (1,))
        state.add_result(0, 1, "ab", PAGE, "")
        last = LastOutputs(build_output_paths(results), forms, threshold, max_error)
        state.set_last_outputs(describe_outputs(last))


def test_flags_are_those_of_the_scan_but_for_what_a_person_has_checked(tmp_path: Path) -> None:
    results = tmp_path / "r.csv"
    left_by_a_scan(results, threshold=0.99)
    outcome = export_results(ExportRequest(results=results))
    assert [row.review for row in read_results_csv(results)] == ["low confidence"] * 2
    assert (outcome.summary.to_look_at, outcome.summary.checked) == (2, 0)
    assert outcome.files == (results, tmp_path / "r.errors.csv")
    CorrectionsFile(tmp_path / "r.corrections.jsonl").append([correction(Verdict.CONFIRMED, "11")])
    outcome = export_results(ExportRequest(results=results))
    assert [(row.text, row.review) for row in read_results_csv(results)] == [("11", ""), ("12", "low confidence")]
    assert (outcome.summary.to_look_at, outcome.summary.checked) == (1, 1)
    # The state has what was read, and nothing of what was said.
    with open_state(tmp_path / "r.csv.state", "a recipe") as state:
        assert list(state.results()) == [PAGE]


def test_a_scan_that_did_not_come_to_its_end_is_not_written(tmp_path: Path) -> None:
    results = tmp_path / "r.csv"
    left_by_a_scan(results)
    with open_state(tmp_path / "r.csv.state", "a recipe") as state:
        state.begin_batch()
        state.add_input(0, "a.png", "ab", 10)
        state.select_pages(0, (1,))
        state.add_result(0, 1, "ab", PAGE, "")
    with pytest.raises(DataError, match="the last scan did not come to its end"):
        export_results(ExportRequest(results=results))
    assert not results.exists()


def test_a_state_of_another_version_or_in_use_is_told(tmp_path: Path) -> None:
    results, path = tmp_path / "r.csv", tmp_path / "r.csv.state"
    left_by_a_scan(results)
    with open_state(path, "a recipe"), pytest.raises(OutputError, match="is in use by another batch"):
        export_results(ExportRequest(results=results))
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA user_version = 1")
    with pytest.raises(DataError, match="was left by another version of digitscan; scan the pages again"):
        export_results(ExportRequest(results=results))


def test_an_empty_state_is_told(tmp_path: Path) -> None:
    (tmp_path / "r.csv.state").write_bytes(b"")
    with pytest.raises(DataError, match="is empty, and results are written from it"):
        export_results(ExportRequest(results=tmp_path / "r.csv"))


def test_a_form_that_is_gone_leaves_all_files_as_they_were(tmp_path: Path) -> None:
    left_by_a_scan(tmp_path / "r.csv", form=tmp_path / "gone.toml")
    with pytest.raises(FormError, match=r"gone\.toml"):
        export_results(ExportRequest(results=tmp_path / "r.csv"))
    assert not (tmp_path / "r.csv").exists()


def test_after_an_audit_as_many_are_flagged_as_the_share_of_errors_then_takes(tmp_path: Path) -> None:
    results = tmp_path / "r.csv"
    left_by_a_scan(results, threshold=0.9, max_error=0.05)
    outcome = export_results(ExportRequest(results=results))
    assert (outcome.summary.to_look_at, outcome.audited) == (0, 0)
    # Odds of an error of 1 to 19 and 1 to 24 become 3 to 19 and 3 to 24: more than 5 in 100 each.
    write_calibration(tmp_path / "r.calibration.json", StackCalibration(shift=-math.log(3), audited=200, errors=20))
    outcome = export_results(ExportRequest(results=results))
    assert [row.confidence for row in read_results_csv(results)] == pytest.approx([19 / 22, 24 / 27], abs=1e-4)
    assert (outcome.summary.to_look_at, outcome.audited) == (2, 200)


def test_a_calibration_that_is_none_leaves_all_files_as_they_were(tmp_path: Path) -> None:
    left_by_a_scan(tmp_path / "r.csv")
    (tmp_path / "r.calibration.json").write_text("{")
    with pytest.raises(DataError, match=r"r\.calibration\.json: is no calibration"):
        export_results(ExportRequest(results=tmp_path / "r.csv"))
    assert not (tmp_path / "r.csv").exists()
