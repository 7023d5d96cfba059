import os
from pathlib import Path

import pytest

from scanner.batch.settings import (
    PAGE_TABLE_ENDINGS,
    STDOUT,
    TABLE_ENDINGS,
    OutputPaths,
    build_limits,
    build_output_paths,
    check_ending,
)
from scanner.batch.worker_pool import DEFAULT_TASK_LIMITS, TaskLimits
from scanner.sources.limits import DEFAULT_LIMITS


def test_errors_manifest_and_state_are_beside_the_results(tmp_path: Path) -> None:
    assert build_output_paths(tmp_path / "r.csv") == OutputPaths(
        numbers_csv=tmp_path / "r.csv",
        errors_csv=tmp_path / "r.errors.csv",
        manifest_json=tmp_path / "r.manifest.json",
        state=tmp_path / "r.csv.state",
        corrections=tmp_path / "r.corrections.jsonl",
        calibration=tmp_path / "r.calibration.json",
    )


def test_named_files_replace_the_defaults(tmp_path: Path) -> None:
    paths = build_output_paths(tmp_path / "r.csv", errors_csv=Path("e"), manifest_json=Path("m"))
    assert (paths.errors_csv, paths.manifest_json) == (Path("e"), Path("m"))


@pytest.mark.parametrize("out", [STDOUT, Path(os.devnull)])
def test_nothing_is_kept_beside_standard_output_or_a_device(out: Path) -> None:
    assert build_output_paths(out) == OutputPaths(numbers_csv=out)


def test_files_and_folders_are_listed_without_those_not_wanted(tmp_path: Path) -> None:
    paths = build_output_paths(STDOUT, results_json=tmp_path / "r.json", stages_folder=tmp_path / "stages")
    assert paths.files == (STDOUT, tmp_path / "r.json")
    assert paths.picture_folders == (tmp_path / "stages",)


def test_an_ending_says_the_format_of_a_regular_file_alone(tmp_path: Path) -> None:
    for name in (tmp_path / "r.csv", tmp_path / "R.CSV", STDOUT, Path(os.devnull), tmp_path):
        check_ending(name, TABLE_ENDINGS)
    for name in (tmp_path / "r.xlsx", tmp_path / "r"):
        with pytest.raises(ValueError, match=r"can only be written as \.csv"):
            check_ending(name, TABLE_ENDINGS)
    with pytest.raises(ValueError, match=r"can only be written as \.csv or \.tsv; change the ending"):
        check_ending(tmp_path / "r", (".csv", ".tsv"))
    with pytest.raises(ValueError, match=r"can only be written as \.xlsx, \.csv or \.parquet; change the ending"):
        check_ending(tmp_path / "r.ods", PAGE_TABLE_ENDINGS)


def test_limits_are_in_mebibytes_and_millions() -> None:
    limits = build_limits(max_file_size=2, max_pixels=0.5, max_pages=3)
    assert (limits.file_bytes, limits.pixels, limits.pages) == (2 * 2**20, 500_000, 3)
    assert limits.rendering_settings == DEFAULT_LIMITS.rendering_settings


def test_default_task_limits_are_those_of_a_new_value() -> None:
    assert TaskLimits() == DEFAULT_TASK_LIMITS
