from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from scanner.atomic_write import write_chunks
from scanner.batch.worker_pool import FailureCause
from scanner.results.csv_tables import ResultRow, errors_table, results_csv
from scanner.results.json_results import results_to_json
from scanner.stress.mutations import ScanOutput, check_scan_output, read_scan_output, scan_damaged_files
from scanner.types import Box, PageResult

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def test_damaged_files_are_accounted_for(tmp_path: Path) -> None:
    results = scan_damaged_files(tmp_path, 30, seed=1)
    assert results.problems == ()
    assert results.files == 30
    # One in ten is undamaged.
    assert 3 <= results.files_read < 30
    assert sum(count for _, count in results.failure_reasons) >= 30 - results.files_read


GOOD, BAD = "00000-gray-whole.png", "00001-gray-edited.png"
ERROR = f"{BAD}: is damaged; copy or scan it again"


def row(file: str, text: str = "12") -> ResultRow:
    return ResultRow(file, 1, 1, 0, 1, 1, "", "handwritten", text, 0.9, "", Box(1, 2, 3, 4))


ORIGINALS = {"gray.png": (row("gray.png"),)}
OUTPUT = ScanOutput(
    3,
    (PageResult(GOOD, 1, 9, 9), PageResult(BAD, 0, 0, 0, error=ERROR)),
    ((BAD, ERROR),),
    {GOOD: (row(GOOD),)},
    (),
)


def test_correct_outputs_have_no_problems() -> None:
    results = check_scan_output([GOOD, BAD], OUTPUT, ORIGINALS)
    assert results.problems == ()
    assert (results.files, results.files_read, results.failure_reasons) == (2, 1, (("is damaged", 1),))


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda o: replace(o, pages=o.pages[:1], errors=()), f"{BAD}: is neither in the results nor among the errors"),
        (lambda o: replace(o, exit_code=0), "the batch ended with exit code 0"),
        (lambda o: replace(o, exit_code=1), "the batch ended with exit code 1"),
        (
            lambda o: replace(o, pages=(*o.pages, PageResult("x", 1, 9, 9))),
            "x: is in the results but not in the folder",
        ),
        (lambda o: replace(o, pages=o.pages[:1] * 2), f"{GOOD}, page 1: is in the results 2 times"),
        (lambda o: replace(o, pages=o.pages[:1]), "not those in the JSON"),
        (
            lambda o: replace(o, errors=((BAD, ERROR.replace("00001", "00002")),)),
            "the error does not name this file only",
        ),
        (lambda o: replace(o, rows_by_file={}), f"{GOOD}: is undamaged but not read as when scanned by itself"),
        (
            lambda o: replace(o, rows_by_file={GOOD: (row(GOOD, "13"),)}),
            f"{GOOD}: is undamaged but not read as when scanned by itself",
        ),
        (
            lambda o: replace(o, errors=(*o.errors, (GOOD, f"{GOOD}: no"))),
            f"{GOOD}: is undamaged but not read as when scanned by itself",
        ),
        (lambda o: replace(o, stray_lines=("Bogus marker",)), "to standard error: 'Bogus marker'"),
    ],
)
def test_problems_are_found(change: Callable[[ScanOutput], ScanOutput], problem: str) -> None:
    assert any(problem in line for line in check_scan_output([GOOD, BAD], change(OUTPUT), ORIGINALS).problems)


def test_pages_that_hung_or_crashed_are_counted() -> None:
    causes = (FailureCause.TIMEOUT, FailureCause.CRASH, FailureCause.CRASH, FailureCause.MEMORY)
    results = check_scan_output([GOOD, BAD], replace(OUTPUT, failure_causes=causes), ORIGINALS)
    assert (results.timeouts, results.crashes) == (1, 2)


def test_the_cause_of_a_failure_is_read_from_the_events(tmp_path: Path) -> None:
    write_chunks(tmp_path / "results.json", results_to_json([], "1"))
    write_chunks(tmp_path / "results.errors.csv", errors_table().chunks([]))
    write_chunks(tmp_path / "results.csv", results_csv([]))
    lines = ('{"event": "page", "cause": "timeout"}', '{"event": "page", "cause": ""}', '{"event": "end"}')
    output = read_scan_output(3, tmp_path, "\n".join(lines))
    assert (output.failure_causes, output.stray_lines) == ((FailureCause.TIMEOUT,), ())
