"""Two checkouts of the project, compared by what each reads on the same pages."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from scanner.atomic_write import write_image
from scanner.datasets.data_folder import DataSplit
from scanner.datasets.page_sources import find_held_out_fonts, load_handwriting, synthesize_page_within_dpi
from scanner.errors import DataError, DigitscanError
from scanner.safe_csv import text_of
from scanner.stress.program_under_test import RESULTS_WRITTEN_EXIT_CODES
from scanner.types import Box

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

_SCRIPT_NAME = "cli.py"
"""The script that runs the code of the checkout that contains it."""
_DPI_RANGE = (100.0, 300.0)
"""Lowest and highest resolution of the synthetic pages: from a quick photograph to a good scan."""
_BOX_COLUMNS = ("x", "y", "width", "height")
_REDIRECTING_VARIABLES = frozenset({"PYTHONPATH", "PYTHONSAFEPATH"})
"""Environment variables by which Python would import another checkout, or not look beside the script."""


@dataclass(frozen=True, slots=True)
class ComparedRow:
    """The cells of a results row that are compared, as they stand in the CSV."""

    file: str
    page: str
    text: str
    confidence: str
    review: str
    box: Box


@dataclass(frozen=True, slots=True)
class CheckoutScan:
    """What a checkout read, and how long it took."""

    exit_code: int
    """3 if some of the pages could not be read, otherwise 0."""
    rows: tuple[ComparedRow, ...]
    seconds: float
    user_seconds: float
    """CPU time of its processes outside the kernel, seconds."""


@dataclass(frozen=True, slots=True)
class RowDifferences:
    """The outcome of comparing the rows of two checkouts."""

    compared_rows: int
    identical_rows: int
    descriptions: tuple[str, ...]
    """One line for each difference; empty if there are none."""


@dataclass(frozen=True, slots=True)
class FolderComparison:
    """The outcome of comparing two checkouts on one folder."""

    folder_name: str
    differences: RowDifferences
    old: CheckoutScan
    new: CheckoutScan

    @property
    def passed(self) -> bool:
        """Whether both read the same."""
        return not self.differences.descriptions


def gather_page_folders(
    new: Path, scratch: Path, count: int, seed: int, data: Path | None = None
) -> Mapping[str, Path]:
    """Gather the pages to compare two checkouts on.

    Args:
        new: checkout whose ``samples`` are read.
        scratch: empty folder that the synthetic pages are drawn into.
        count: number of synthetic pages.
        seed: seed of the synthetic pages.
        data: data folder, whose ``pages`` are read too and whose digits and letters the synthetic pages are
            written with; without it, these are written with the pen and there are no ``pages``.

    Returns:
        Folders by name, in the order in which to compare them.

    Raises:
        DataError: if the fonts of the ``train`` extra are not installed, or the data folder lacks something.
        DigitscanError: if the checkout has no samples.
    """
    folders = {"samples": new / "samples"}
    if not folders["samples"].is_dir():
        raise DigitscanError(f"{new}: has no folder samples; name a whole checkout of digitscan")
    folders["synthetic pages"] = scratch / "synthetic"
    _write_synthetic_pages(folders["synthetic pages"], count, seed, data)
    if data is not None:
        folders["shared pages"] = data / "pages"
        if not folders["shared pages"].is_dir():
            raise DataError(f"{data}: has no folder pages; see CONTRIBUTING for what a data folder holds")
    return folders


def compare_checkouts(
    old: Path,
    new: Path,
    folders: Mapping[str, Path],
    scratch: Path,
    jobs: int = 1,
    on_scan: Callable[[str], None] = lambda _: None,
) -> Iterator[FolderComparison]:
    """Scan folders with two checkouts and compare the results.

    Args:
        old: a checkout, as is ``new``: a folder with ``cli.py`` and the package.
        new: the checkout to compare with it.
        folders: pages by a name to report them under; see :func:`gather_page_folders`.
        scratch: folder for the results.
        jobs: pages that a checkout reads at the same time.
        on_scan: called with a line of text before each scan.

    Yields:
        One comparison for each folder, in order.

    Raises:
        DigitscanError: if one of them is not a checkout, or cannot scan the pages.
    """
    for name, folder in folders.items():
        scans = []
        for label, checkout in (("old", old), ("new", new)):
            on_scan(f"{name}: scanning with the {label} checkout, {checkout}")
            scans.append(scan_with_checkout(checkout, folder, scratch / label / name.replace(" ", "_"), jobs))
        yield FolderComparison(name, compare_scans(*scans), *scans)


def scan_with_checkout(checkout: Path, folder: Path, out_folder: Path, jobs: int = 1) -> CheckoutScan:
    """Scan a folder with the code of a checkout, in processes of its own.

    Args:
        checkout: folder with ``cli.py`` and the package.
        folder: the pages.
        out_folder: folder for the results; created if missing.
        jobs: pages read at the same time.

    Raises:
        DigitscanError: if the folder is not a checkout, the scan fails, or its results lack a column.
    """
    script = checkout / _SCRIPT_NAME
    if not script.is_file():
        raise DigitscanError(f"{checkout}: is not a checkout of digitscan; it has no {_SCRIPT_NAME}")
    out_folder.mkdir(parents=True, exist_ok=True)
    out = out_folder.resolve() / "results.csv"
    environment = {name: value for name, value in os.environ.items() if name not in _REDIRECTING_VARIABLES}
    started, user_before = time.monotonic(), os.times().children_user
    scan = subprocess.run(  # noqa: S603 - the checkout that the user named
        [
            *(sys.executable, str(script.resolve()), "scan", str(folder.resolve())),
            *("--out", str(out), "--jobs", str(jobs)),
        ],
        cwd=out_folder,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    seconds, user_seconds = time.monotonic() - started, os.times().children_user - user_before
    if scan.returncode not in RESULTS_WRITTEN_EXIT_CODES or not out.is_file():
        reason = (scan.stderr.strip().splitlines() or ["it says nothing"])[-1]
        raise DigitscanError(f"{checkout}: could not scan {folder} (exit code {scan.returncode}): {reason}")
    return CheckoutScan(scan.returncode, _read_compared_rows(out), seconds, user_seconds)


def compare_scans(old: CheckoutScan, new: CheckoutScan) -> RowDifferences:
    """Compare the rows of two scans, and whether all pages could be read."""
    differences = compare_rows(old.rows, new.rows)
    if old.exit_code == new.exit_code:
        return differences
    checkout = "new" if new.exit_code else "old"
    line = f"the {checkout} checkout could not read all pages"
    return replace(differences, descriptions=(line, *differences.descriptions))


def compare_rows(old: Iterable[ComparedRow], new: Iterable[ComparedRow]) -> RowDifferences:
    """Compare rows page by page; on a page, rows that differ belong together if their boxes are the same.

    ``compared_rows`` is the larger of the two numbers of rows, summed over the pages.
    """
    old_pages, new_pages = _group_by_page(old), _group_by_page(new)
    compared = identical = 0
    descriptions: list[str] = []
    for page in dict.fromkeys((*old_pages, *new_pages)):
        old_rows, new_rows = old_pages.get(page, []), new_pages.get(page, [])
        shared = Counter(old_rows) & Counter(new_rows)
        compared += max(len(old_rows), len(new_rows))
        identical += shared.total()
        if old_rows != new_rows:
            place = f"{page[0]}, page {page[1]}"
            lines = list(_describe(_without(old_rows, shared), _without(new_rows, shared)))
            descriptions += [f"{place}: {line}" for line in lines or ["the same numbers in another order"]]
    return RowDifferences(compared, identical, tuple(descriptions))


def _write_synthetic_pages(folder: Path, count: int, seed: int, data: Path | None) -> None:
    families, handwriting = find_held_out_fonts(), load_handwriting(data, seed, DataSplit.TEST)
    for index in range(count):
        rng = np.random.default_rng((seed, index))
        write_image(
            folder / f"{index:04}.png", synthesize_page_within_dpi(rng, families, handwriting, _DPI_RANGE).image
        )


def _read_compared_rows(path: Path) -> tuple[ComparedRow, ...]:
    with path.open(encoding="utf-8", newline="") as stream:
        try:
            return tuple(
                ComparedRow(
                    text_of(row["file"]),
                    row["page"],
                    text_of(row["text"]),
                    row["confidence"],
                    text_of(row["review"]),
                    Box(*(int(row[column]) for column in _BOX_COLUMNS)),
                )
                for row in csv.DictReader(stream)
            )
        except (KeyError, ValueError) as error:
            raise DigitscanError(f"{path}: is not a results table that can be compared ({error})") from error


def _group_by_page(rows: Iterable[ComparedRow]) -> dict[tuple[str, str], list[ComparedRow]]:
    pages: dict[tuple[str, str], list[ComparedRow]] = {}
    for row in rows:
        pages.setdefault((row.file, row.page), []).append(row)
    return pages


def _without(rows: Iterable[ComparedRow], removed: Counter[ComparedRow]) -> list[ComparedRow]:
    remaining = removed.copy()
    kept = []
    for row in rows:
        if remaining[row]:
            remaining[row] -= 1
        else:
            kept.append(row)
    return kept


def _describe(old_rows: Sequence[ComparedRow], new_rows: Sequence[ComparedRow]) -> Iterator[str]:
    """Describe each difference between rows of a page of which none is in both lists."""
    unmatched = list(new_rows)
    for old in old_rows:
        new = next((row for row in unmatched if row.box == old.box), None)
        if new is None:
            yield f"only the old checkout reads {old.text!r} at {_position(old.box)}"
            continue
        unmatched.remove(new)
        changes = [
            f"{name} {before!r} became {after!r}"
            for name, before, after in (
                ("text", old.text, new.text),
                ("confidence", old.confidence, new.confidence),
                ("review", old.review, new.review),
            )
            if before != after
        ]
        yield f"number at {_position(old.box)}: {', '.join(changes)}"
    for new in unmatched:
        yield f"only the new checkout reads {new.text!r} at {_position(new.box)}"


def _position(box: Box) -> str:
    return f"x {box.x}, y {box.y}, {box.width} x {box.height} pixels"
