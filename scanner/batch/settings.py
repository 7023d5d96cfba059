"""Settings of a batch: how the work is done, the limits on a page, and which files are written.

Importing this module takes little time, so the command line can show the defaults in its help.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from scanner.batch.worker_pool import DEFAULT_TASK_LIMITS, TaskLimits
from scanner.results.annotation_style import DEFAULT_ANNOTATION_STYLE, AnnotationStyle
from scanner.safe_csv import CsvStyle, DecimalPoint
from scanner.sources.limits import Limits

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

MEBIBYTE = 2**20
MILLION = 1_000_000
STDOUT = Path("-")
"""Stands for standard output in place of a file."""
TABLE_ENDINGS, DOCUMENT_ENDINGS = (".csv",), (".json",)
"""Endings, in lower case, of the files that tables are written to, and those that everything else is."""
PAGE_TABLE_ENDINGS = (".xlsx", ".csv", ".parquet")
"""Endings, in lower case, of the file that tables as they are on paper are written to."""
ERRORS_SUFFIX, MANIFEST_SUFFIX = ".errors.csv", ".manifest.json"
"""Endings, in place of that of the results, of the default names of the table of errors and of the manifest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputPaths:
    """The files and folders that a batch writes to; None for those that are not written."""

    numbers_csv: Path
    """Table of the numbers, or ``STDOUT``."""
    csv_style: CsvStyle = CsvStyle.PLAIN
    """For which programs the tables are written."""
    results_json: Path | None = None
    """Everything known of each page."""
    digits_csv: Path | None = None
    """Table of the digits."""
    page_tables: Path | None = None
    """The ruled tables of the pages as they are on paper: XLSX, CSV or Parquet, as its ending says."""
    decimal_point: DecimalPoint = DecimalPoint.POINT
    """What stands before decimals in these tables, if they are CSV."""
    errors_csv: Path | None = None
    """Table of the pages that could not be read."""
    manifest_json: Path | None = None
    """Record of the files, programs, models and options."""
    state: Path | None = None
    """Saved state, from which a batch that was interrupted resumes."""
    corrections: Path | None = None
    """What people say of the numbers, which is read and never written here."""
    calibration: Path | None = None
    """What an audit has shown of the confidences, likewise."""
    annotated_folder: Path | None = None
    """Folder for pages with the readings drawn on them."""
    annotation_style: AnnotationStyle = DEFAULT_ANNOTATION_STYLE
    """Format and quality of annotated pages."""
    stages_folder: Path | None = None
    """Folder for pictures of the output of each stage."""

    @property
    def result_files(self) -> tuple[Path, ...]:
        """All files that are written when the pages are read."""
        tables = self.numbers_csv, self.results_json, self.digits_csv, self.errors_csv, self.page_tables
        return tuple(path for path in (*tables, self.manifest_json) if path is not None)

    @property
    def files(self) -> tuple[Path, ...]:
        """All files that are written, the saved state, the corrections and the calibration included."""
        kept = self.state, self.corrections, self.calibration
        return (*self.result_files, *(path for path in kept if path is not None))

    @property
    def picture_folders(self) -> tuple[Path, ...]:
        """All folders that pictures are drawn into."""
        return tuple(folder for folder in (self.annotated_folder, self.stages_folder) if folder is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchSettings:
    """How the work of a batch is done, whatever is read."""

    jobs: int
    """Number of worker processes."""
    cluster: str | None = None
    """Address of a Dask scheduler whose workers read the pages; None for processes on this machine."""
    selected_pages: Container[int] | None = None
    """Numbers of the pages to read of each file; None for all."""
    task_limits: TaskLimits = DEFAULT_TASK_LIMITS
    """Limits on the time and memory of one page."""
    max_error: float | None = None
    """Largest share of wrong numbers, 0-1, among those that are not flagged for review; None for the usual flags."""
    forget_earlier: bool = False
    """Whether to read all pages again, also those that the saved state has."""
    overwrite_changed: bool = False
    """Whether to overwrite result files that were changed since they were written or have rows of files that a watched
    folder lost, and files of other programs."""
    watch: bool = False
    """Whether to keep reading files that arrive in the folders, until interrupted."""
    mirror: bool = False
    """Whether results of a watched folder lose the rows of files that are no longer in it."""


def usable_processor_count() -> int:
    """Return the number of processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def build_limits(max_file_size: float, max_pixels: float, max_pages: int) -> Limits:
    """Build limits from the units that users give.

    Args:
        max_file_size: largest file, MiB.
        max_pixels: largest image, millions of pixels.
        max_pages: largest number of pages of a file.
    """
    return Limits(file_bytes=round(max_file_size * MEBIBYTE), pixels=round(max_pixels * MILLION), pages=max_pages)


def check_ending(path: Path, endings: Sequence[str]) -> None:
    """Check that a file to write has one of these endings, whatever its case.

    Standard output and anything that exists and is not a regular file may have any name.

    Raises:
        ValueError: if it has not.  The message is the end of a sentence that begins with the name of the file.
    """
    if is_regular(path) and path.suffix.lower() not in endings:
        *others, last = endings
        allowed = f"{', '.join(others)} or {last}" if others else last
        raise ValueError(f"can only be written as {allowed}; change the ending")


def build_output_paths(
    out: Path,
    *,
    csv_style: CsvStyle = CsvStyle.PLAIN,
    results_json: Path | None = None,
    digits_csv: Path | None = None,
    page_tables: Path | None = None,
    decimal_point: DecimalPoint = DecimalPoint.POINT,
    errors_csv: Path | None = None,
    manifest_json: Path | None = None,
    annotated_folder: Path | None = None,
    annotation_style: AnnotationStyle = DEFAULT_ANNOTATION_STYLE,
    stages_folder: Path | None = None,
) -> OutputPaths:
    """Add to the paths of a batch the files that are kept beside the results.

    Beside a regular file these are the table of errors, the manifest, the saved state,
    the corrections and the calibration.  Beside standard output, a pipe or a device nothing is kept.

    Args:
        out: table of the numbers.
        csv_style: as in ``OutputPaths``.
        results_json: as in ``OutputPaths``.
        digits_csv: as in ``OutputPaths``.
        page_tables: as in ``OutputPaths``.
        decimal_point: as in ``OutputPaths``.
        errors_csv: table of errors; None for the default path.
        manifest_json: manifest; None for the default path.
        annotated_folder: as in ``OutputPaths``.
        annotation_style: as in ``OutputPaths``.
        stages_folder: as in ``OutputPaths``.
    """
    # Imported here because it loads msgspec, which the defaults do not need.
    from scanner.corrections.calibration_file import calibration_path
    from scanner.corrections.corrections_file import corrections_path

    keeps_others = is_regular(out)
    return OutputPaths(
        numbers_csv=out,
        csv_style=csv_style,
        results_json=results_json,
        digits_csv=digits_csv,
        page_tables=page_tables,
        decimal_point=decimal_point,
        errors_csv=errors_csv or (out.with_suffix(ERRORS_SUFFIX) if keeps_others else None),
        manifest_json=manifest_json or (out.with_suffix(MANIFEST_SUFFIX) if keeps_others else None),
        state=out.with_name(f"{out.name}.state") if keeps_others else None,
        corrections=corrections_path(out) if keeps_others else None,
        calibration=calibration_path(out) if keeps_others else None,
        annotated_folder=annotated_folder,
        annotation_style=annotation_style,
        stages_folder=stages_folder,
    )


def is_regular(path: Path) -> bool:
    """Whether a path is that of a regular file, which may not exist yet."""
    return path != STDOUT and not (path.exists() and not path.is_file())
