"""A run over damaged files of every format, with good ones among them."""

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
from scanner.csv_lines import text_of
from scanner.results.csv_tables import read_results_csv, results_csv
from scanner.results.json_results import results_from_json
from scanner.stress.damage import DAMAGE_NAMES, damage_bytes
from scanner.stress.drawn import draw_small_page
from scanner.stress.originals import encode_originals
from scanner.stress.program import RESULTS_WRITTEN_EXIT_CODES, find_stray_lines, start_scan, wait_for_exit
from scanner.types import PageRef

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from scanner.results.csv_tables import ResultRow
    from scanner.types import PageResult

_FILES_PER_UNDAMAGED_ONE = 10
"""So many files there are for one that is left as it is."""
_PAGE_TIMEOUT_SECONDS = 20
"""Seconds after which a page hangs: the page takes some hundredths of one."""
_STARTUP_TIMEOUT_SECONDS = 600
"""Seconds a run may take, whatever is in it."""
_EXTRA_SECONDS_PER_FILE = 1
"""Seconds more for each file: ten times what it takes, and time for one in twenty to hang."""
_UNDAMAGED = "whole"
"""In the names of files that are left as they are."""
_FILE_NAME_PATTERN = re.compile(r"\d{5}-\w+-\w+\.\w+")
"""What a file of the run is called, wherever it is named."""
_TIMEOUT_REASON_START, _CRASH_REASON_START = "took more than N s", "crashed the program that read it"
"""How a reason begins, for a page that was given up and for one that took the worker with it."""


@dataclass(frozen=True, slots=True)
class ScanOutput:
    """What a run made of a folder."""

    exit_code: int
    """Exit code."""
    pages: tuple[PageResult, ...]
    """As the JSON has them."""
    errors: tuple[tuple[str, str], ...]
    """File and error of each row of the table of errors."""
    rows_by_file: Mapping[str, Sequence[ResultRow]]
    """Of the table of numbers, by file."""
    stray_lines: tuple[str, ...]
    """Lines on standard error that the program did not write."""


@dataclass(frozen=True, slots=True)
class MutationResults:
    """What came of damaged files."""

    files: int
    files_read: int
    """Files of which all pages were read, the untouched ones included."""
    failure_reasons: tuple[tuple[str, int], ...]
    """Why pages were not read, with how many, the commonest first; numbers are left out of the reasons."""
    problems: tuple[str, ...]
    """What is not as it should be, a line each."""

    @property
    def timeouts(self) -> int:
        """Pages that were given up."""
        return self._count_reasons(_TIMEOUT_REASON_START)

    @property
    def crashes(self) -> int:
        """Pages that took a worker with them."""
        return self._count_reasons(_CRASH_REASON_START)

    def _count_reasons(self, start: str) -> int:
        return sum(count for reason, count in self.failure_reasons if reason.startswith(start))


def scan_damaged_files(scratch: Path, count: int, seed: int) -> MutationResults:
    """Damage files, read them in one run, and check what comes of it.

    Args:
        scratch: an empty folder to write to.
        count: of files.
        seed: of the page and of the damage.
    """
    made = encode_originals(draw_small_page(np.random.default_rng(seed)))
    folder = scratch / "files"
    names = tuple(_write_damaged_files(folder, made, count, seed))
    process = start_scan(folder, scratch / "run", "--page-timeout", f"{_PAGE_TIMEOUT_SECONDS}")
    patience = _STARTUP_TIMEOUT_SECONDS + _EXTRA_SECONDS_PER_FILE * count
    try:
        stderr = wait_for_exit(process, patience)
    except subprocess.TimeoutExpired:
        return MutationResults(count, 0, (), (f"the run took more than {patience} s",))
    if process.returncode not in RESULTS_WRITTEN_EXIT_CODES:
        return MutationResults(count, 0, (), (f"the run ended with {process.returncode}: {stderr[-2000:]}",))
    outcome = read_scan_output(process.returncode, scratch / "run", stderr)
    return check_scan_output(names, outcome, _scan_originals(made, scratch / "alone"))


def read_scan_output(exit_code: int, out_folder: Path, stderr: str) -> ScanOutput:
    """What a run wrote.

    Args:
        exit_code: it ended with.
        out_folder: where its results are.
        stderr: what it said.
    """
    pages = results_from_json((out_folder / "results.json").read_text("utf-8"))
    with (out_folder / "errors.csv").open(encoding="utf-8", newline="") as stream:
        errors = tuple((text_of(row["file"]), text_of(row["error"])) for row in csv.DictReader(stream))
    return ScanOutput(
        exit_code,
        pages,
        errors,
        _group_by_file(read_results_csv(out_folder / "results.csv")),
        tuple(find_stray_lines(stderr.splitlines())),
    )


def check_scan_output(
    names: Sequence[str], output: ScanOutput, rows_of_originals: Mapping[str, Sequence[ResultRow]]
) -> MutationResults:
    """Check what a run made of damaged files.

    Args:
        names: of all files; those that are ``whole`` by their name were left as they were.
        output: of the run.
        rows_of_originals: the rows of each original, by its name, read by itself.
    """
    failed = {file for file, _ in output.errors}
    named = {page.file for page in output.pages}
    reasons = Counter(_normalized_reason(file, error) for file, error in output.errors)
    return MutationResults(
        len(names),
        len(named - failed),
        tuple(reasons.most_common()),
        tuple(_find_problems(names, output, rows_of_originals)),
    )


def _find_problems(
    names: Sequence[str], outcome: ScanOutput, alone: Mapping[str, Sequence[ResultRow]]
) -> Iterator[str]:
    read = {page.file for page in outcome.pages if not page.error}
    failed = {file for file, _ in outcome.errors}
    if outcome.exit_code not in RESULTS_WRITTEN_EXIT_CODES or (outcome.exit_code == 0) != (not failed):
        yield f"the run ended with {outcome.exit_code}, {len(failed)} files failed"
    for name in sorted(set(names) - read - failed):
        yield f"{name}: is neither read nor among the errors"
    for name in sorted((read | failed) - set(names)):
        yield f"{name}: is in the results and was not in the folder"
    for (name, number), times in Counter((page.file, page.page_number) for page in outcome.pages).items():
        if times > 1:
            yield f"{name}, page {number}: is in the results {times} times"
    told = sorted((page.file, page.error) for page in outcome.pages if page.error)
    if told != sorted(outcome.errors):
        yield "the errors of the table are not those of the JSON"
    for file, error in outcome.errors:
        if set(_FILE_NAME_PATTERN.findall(error)) != {file}:
            yield f"{file}: is said to have failed by {error!r}"
    for name in names:
        original = _undamaged_original(name)
        if original and (
            name in failed or _without_file(outcome.rows_by_file.get(name, ())) != _without_file(alone[original])
        ):
            yield f"{name}: is not read as it is alone"
    for line in outcome.stray_lines:
        yield f"a line of a library on standard error: {line!r}"


def _write_damaged_files(folder: Path, made: Mapping[str, bytes], count: int, seed: int) -> Iterator[str]:
    """Files by turns of every format and every damage; their names, which say both."""
    rng = random.Random(seed)  # noqa: S311 - damage, no secrets
    for place in range(count):
        original = rng.choice(tuple(made))
        damage = rng.choice(DAMAGE_NAMES) if place % _FILES_PER_UNDAMAGED_ONE else _UNDAMAGED
        data = damage_bytes(made[original], damage, rng) if place % _FILES_PER_UNDAMAGED_ONE else made[original]
        stem, suffix = original.split(".")
        name = f"{place:05}-{stem}-{damage}.{suffix}"
        write_bytes(folder / name, data)
        yield name


def _undamaged_original(name: str) -> str:
    """Of which original a file is an untouched copy; empty if it is none."""
    _, stem, damage = name.split("-")
    return f"{stem}.{damage.removeprefix(_UNDAMAGED + '.')}" if damage.startswith(_UNDAMAGED + ".") else ""


def _scan_originals(made: Mapping[str, bytes], folder: Path) -> Mapping[str, Sequence[ResultRow]]:
    """The rows of each original, read by itself in this process, without the program around it."""
    from scanner.batch.page_isolation import scan_file
    from scanner.options import Readers
    from scanner.recognition.models import load_models

    models = load_models("cnn", Readers.BOTH)
    for name, data in made.items():
        write_bytes(folder / name, data)
        results = [outcome.result for outcome in scan_file(PageRef(folder / name, name), models)]
        write_chunks(folder / f"{name}.csv", results_csv(results))
    return {name: read_results_csv(folder / f"{name}.csv") for name in made}


def _group_by_file(rows: Iterable[ResultRow]) -> Mapping[str, Sequence[ResultRow]]:
    found: defaultdict[str, list[ResultRow]] = defaultdict(list)
    for row in rows:
        found[row.file].append(row)
    return found


def _without_file(rows: Iterable[ResultRow]) -> list[ResultRow]:
    return [replace(row, file="") for row in rows]


def _normalized_reason(file: str, error: str) -> str:
    """What an error says but for the file, the page, the numbers and the advice."""
    text = re.sub(r"^(, page \d+)?( and after)?: ", "", error.removeprefix(file))
    return re.sub(r"\d+(\.\d+)?", "N", text.split(";")[0])
