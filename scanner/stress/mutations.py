"""A batch of damaged files of every format, with undamaged ones among them."""

from __future__ import annotations

import csv
import random
import re
import subprocess
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from scanner.atomic_write import write_bytes, write_chunks
from scanner.batch.worker_pool import FailureCause
from scanner.results.csv_tables import read_results_csv, results_csv
from scanner.results.json_results import results_from_json
from scanner.safe_csv import text_of
from scanner.sources.decoding import page_label
from scanner.stress.damage import DAMAGE_NAMES, damage_bytes
from scanner.stress.program_under_test import (
    ERRORS_CSV,
    RESULTS_CSV,
    RESULTS_JSON,
    RESULTS_WRITTEN_EXIT_CODES,
    find_stray_lines,
    parse_events,
    start_scan,
    wait_for_exit,
)
from scanner.stress.small_pages import draw_small_page
from scanner.stress.undamaged_files import encode_originals
from scanner.types import PageRef

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from scanner.results.csv_tables import ResultRow
    from scanner.types import PageResult

_FILES_PER_UNDAMAGED_ONE = 10
"""One in this many files is left undamaged."""
_PAGE_TIMEOUT_SECONDS = 20
"""Seconds after which a page counts as hanging: reading it takes some hundredths of a second."""
_BASE_TIMEOUT_SECONDS = 600
"""Seconds that any batch may take."""
_EXTRA_SECONDS_PER_FILE = 1
"""Further seconds per file: ten times what it takes, so that one file in twenty may hang."""
_UNDAMAGED = "whole"
"""Part of the names of undamaged files."""
_FILE_NAME_PATTERN = re.compile(r"\d{5}-\w+-\w+\.\w+")
"""Pattern of the names of the files."""


@dataclass(frozen=True, slots=True)
class ScanOutput:
    """Outputs of a batch."""

    exit_code: int
    """Exit code of the program."""
    pages: tuple[PageResult, ...]
    """Pages in the JSON results."""
    errors: tuple[tuple[str, str], ...]
    """File and error of each row in the CSV of errors."""
    rows_by_file: Mapping[str, Sequence[ResultRow]]
    """Rows in the CSV of numbers, by file."""
    stray_lines: tuple[str, ...]
    """Lines on standard error that are not events of the program."""
    failure_causes: tuple[FailureCause, ...] = ()
    """Why workers did not finish pages."""


@dataclass(frozen=True, slots=True)
class MutationResults:
    """Results of a batch of damaged files."""

    files: int
    """Number of files."""
    files_read: int
    """Files of which all pages were read, including undamaged files."""
    failure_reasons: tuple[tuple[str, int], ...]
    """Reasons why pages could not be read with the number of pages, the most frequent first; numbers in the reasons are
    replaced by N."""
    problems: tuple[str, ...]
    """Violations found, one line each."""
    timeouts: int = 0
    """Pages that took too long."""
    crashes: int = 0
    """Pages that crashed their worker."""


def scan_damaged_files(scratch: Path, count: int, seed: int) -> MutationResults:
    """Damage files, scan them in one batch, and check the outputs.

    Args:
        scratch: empty folder to write to.
        count: number of files.
        seed: seed of the page and of the damage.
    """
    originals = encode_originals(draw_small_page(np.random.default_rng(seed)))
    folder = scratch / "files"
    names = tuple(_write_damaged_files(folder, originals, count, seed))
    process = start_scan(folder, scratch / "run", "--page-timeout", f"{_PAGE_TIMEOUT_SECONDS}")
    timeout = _BASE_TIMEOUT_SECONDS + _EXTRA_SECONDS_PER_FILE * count
    try:
        stderr = wait_for_exit(process, timeout)
    except subprocess.TimeoutExpired:
        return MutationResults(count, 0, (), (f"the batch took more than {timeout} s",))
    if process.returncode not in RESULTS_WRITTEN_EXIT_CODES:
        return MutationResults(
            count, 0, (), (f"the batch ended with exit code {process.returncode}: {stderr[-2000:]}",)
        )
    output = read_scan_output(process.returncode, scratch / "run", stderr)
    return check_scan_output(names, output, _scan_originals(originals, scratch / "alone"))


def read_scan_output(exit_code: int, out_folder: Path, stderr: str) -> ScanOutput:
    """Read the outputs of a batch.

    Args:
        exit_code: exit code of the program.
        out_folder: folder with the results.
        stderr: its standard error.
    """
    pages = results_from_json((out_folder / RESULTS_JSON).read_text("utf-8"))
    with (out_folder / ERRORS_CSV).open(encoding="utf-8", newline="") as stream:
        errors = tuple((text_of(row["file"]), text_of(row["error"])) for row in csv.DictReader(stream))
    return ScanOutput(
        exit_code,
        pages,
        errors,
        _group_by_file(read_results_csv(out_folder / RESULTS_CSV)),
        tuple(find_stray_lines(stderr.splitlines())),
        tuple(FailureCause(event["cause"]) for event in parse_events(stderr.splitlines()) if event.get("cause")),
    )


def check_scan_output(
    names: Sequence[str], output: ScanOutput, rows_of_originals: Mapping[str, Sequence[ResultRow]]
) -> MutationResults:
    """Check the outputs of a batch of damaged files.

    Args:
        names: names of all files; those with ``whole`` in their name are undamaged.
        output: outputs of the batch.
        rows_of_originals: rows of each original by its name, scanned by itself.
    """
    failed = {file for file, _ in output.errors}
    files = {page.file for page in output.pages}
    reasons = Counter(_normalized_reason(file, error) for file, error in output.errors)
    return MutationResults(
        len(names),
        len(files - failed),
        tuple(reasons.most_common()),
        tuple(_find_problems(names, output, rows_of_originals)),
        output.failure_causes.count(FailureCause.TIMEOUT),
        output.failure_causes.count(FailureCause.CRASH),
    )


def _find_problems(
    names: Sequence[str], output: ScanOutput, rows_of_originals: Mapping[str, Sequence[ResultRow]]
) -> Iterator[str]:
    read = {page.file for page in output.pages if not page.error}
    failed = {file for file, _ in output.errors}
    if output.exit_code not in RESULTS_WRITTEN_EXIT_CODES or (output.exit_code == 0) != (not failed):
        yield f"the batch ended with exit code {output.exit_code}, but {len(failed)} files failed"
    for name in sorted(set(names) - read - failed):
        yield f"{name}: is neither in the results nor among the errors"
    for name in sorted((read | failed) - set(names)):
        yield f"{name}: is in the results but not in the folder"
    for (name, number), times in Counter((page.file, page.page_number) for page in output.pages).items():
        if times > 1:
            yield f"{page_label(name, number)}: is in the results {times} times"
    json_errors = sorted((page.file, page.error) for page in output.pages if page.error)
    if json_errors != sorted(output.errors):
        yield "the errors in the CSV are not those in the JSON"
    for file, error in output.errors:
        if set(_FILE_NAME_PATTERN.findall(error)) != {file}:
            yield f"{file}: the error does not name this file only: {error!r}"
    for name in names:
        original = _undamaged_original(name)
        if original and (
            name in failed
            or _without_file(output.rows_by_file.get(name, ())) != _without_file(rows_of_originals[original])
        ):
            yield f"{name}: is undamaged but not read as when scanned by itself"
    for line in output.stray_lines:
        yield f"a library wrote to standard error: {line!r}"


def _write_damaged_files(folder: Path, originals: Mapping[str, bytes], count: int, seed: int) -> Iterator[str]:
    """Write files of random formats with random damage; their names, which say both."""
    rng = random.Random(seed)  # noqa: S311 - not for secrets
    for index in range(count):
        original = rng.choice(tuple(originals))
        damage = rng.choice(DAMAGE_NAMES) if index % _FILES_PER_UNDAMAGED_ONE else _UNDAMAGED
        data = originals[original]
        if damage != _UNDAMAGED:
            data = damage_bytes(data, damage, rng)
        stem, suffix = original.split(".")
        name = f"{index:05}-{stem}-{damage}.{suffix}"
        write_bytes(folder / name, data)
        yield name


def _undamaged_original(name: str) -> str:
    """Name of the original if the file is an undamaged copy, otherwise empty."""
    _, stem, damage = name.split("-")
    return f"{stem}.{damage.removeprefix(_UNDAMAGED + '.')}" if damage.startswith(_UNDAMAGED + ".") else ""


def _scan_originals(originals: Mapping[str, bytes], folder: Path) -> Mapping[str, Sequence[ResultRow]]:
    """Scan each original by itself in this process; its rows."""
    from scanner.batch.failure_isolation import scan_file
    from scanner.options import Readers
    from scanner.reading_models import load_models

    models = load_models("cnn", Readers.BOTH)
    for name, data in originals.items():
        write_bytes(folder / name, data)
        results = [outcome.result for outcome in scan_file(PageRef(folder / name, name), models)]
        write_chunks(folder / f"{name}.csv", results_csv(results))
    return {name: read_results_csv(folder / f"{name}.csv") for name in originals}


def _group_by_file(rows: Iterable[ResultRow]) -> Mapping[str, Sequence[ResultRow]]:
    by_file: defaultdict[str, list[ResultRow]] = defaultdict(list)
    for row in rows:
        by_file[row.file].append(row)
    return by_file


def _without_file(rows: Iterable[ResultRow]) -> list[ResultRow]:
    return [replace(row, file="") for row in rows]


def _normalized_reason(file: str, error: str) -> str:
    """An error without its file, page and advice, and with N for its numbers."""
    text = re.sub(r"^(, page \d+)?( and after)?: ", "", error.removeprefix(file))
    return re.sub(r"\d+(\.\d+)?", "N", text.split(";")[0])
