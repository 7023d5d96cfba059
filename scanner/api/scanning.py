"""Reading whole folders with worker processes into result files."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Unpack

from scanner.api.keyword_options import (
    READ_KEYWORDS,
    PageSelection,
    ReadKeywords,
    build_recipe,
    check_choice,
    check_count,
    check_flag,
    check_keywords,
    check_path,
    check_positive,
    check_text,
    optional_path,
    select_pages,
)
from scanner.batch.cluster_address import is_scheduler_address
from scanner.batch.settings import (
    DOCUMENT_ENDINGS,
    MEBIBYTE,
    PAGE_TABLE_ENDINGS,
    STDOUT,
    TABLE_ENDINGS,
    BatchSettings,
    build_output_paths,
    check_ending,
    usable_processor_count,
)
from scanner.batch.worker_pool import DEFAULT_TASK_LIMITS, TaskLimits
from scanner.results.annotation_style import (
    DEFAULT_JPEG_QUALITY,
    MAX_JPEG_QUALITY,
    AnnotationFormat,
    AnnotationStyle,
)
from scanner.results.summary import Summary
from scanner.safe_csv import CsvStyle, DecimalPoint
from scanner.sources.discovery import FilePatterns

if TYPE_CHECKING:
    from pathlib import Path

    from scanner.batch.job import BatchOutcome
    from scanner.batch.scheduler import PageEvent
    from scanner.types import PageResult

AnyPath = str | os.PathLike[str]

_OWN_KEYWORDS = (
    *("out", "csv", "json", "digits", "table", "decimal_point", "errors", "manifest"),
    *("annotate", "annotate_as", "annotate_quality", "debug"),
    *("pages", "include", "exclude", "max_error", "jobs", "page_timeout", "memory", "cluster", "fresh", "force"),
    "progress",
)
"""The keywords of ``scan`` itself; those of ``ReadKeywords`` come after them."""


@dataclass(frozen=True, slots=True)
class ScanProgress:
    """A page of a batch that is done."""

    file: str
    """Name of the file in results: relative to the scanned folder, with ``/``."""
    page: int
    """Page number within the file, from 1; 0 if the file could not be opened at all."""
    numbers: int
    """How many numbers were found on the page, those that could not be read included."""
    error: str
    """Why the page could not be read, in one line; empty if it was read."""
    drawing_errors: tuple[str, ...]
    """Why pictures of the page could not be written, one line each."""
    known: bool
    """Whether the page was read by an earlier call."""
    done: int
    """How many pages are done, this one included."""
    total: int
    """How many pages there are; a file that was not opened yet counts as one page."""


@dataclass(frozen=True, slots=True)
class ScanSummary(Summary):
    """The counts of a batch."""

    drawing_errors: int = 0
    """How many pictures could not be written."""


def scan(
    inputs: AnyPath | Iterable[AnyPath],
    *,
    out: AnyPath,
    csv: str = CsvStyle.PLAIN.value,
    json: AnyPath | None = None,
    digits: AnyPath | None = None,
    table: AnyPath | None = None,
    decimal_point: str = DecimalPoint.POINT.value,
    errors: AnyPath | None = None,
    manifest: AnyPath | None = None,
    annotate: AnyPath | None = None,
    annotate_as: str = AnnotationFormat.JPEG.value,
    annotate_quality: int = DEFAULT_JPEG_QUALITY,
    debug: AnyPath | None = None,
    pages: PageSelection = None,
    include: Iterable[str] = (),
    exclude: Iterable[str] = (),
    max_error: float | None = None,
    jobs: int | None = None,
    page_timeout: float = DEFAULT_TASK_LIMITS.timeout_seconds,
    memory: float = DEFAULT_TASK_LIMITS.memory_bytes / MEBIBYTE,
    cluster: str | None = None,
    fresh: bool = False,
    force: bool = False,
    progress: Callable[[ScanProgress], None] | None = None,
    **options: Unpack[ReadKeywords],
) -> ScanSummary:
    """Read the pages of many files and write the results; the same as ``digitscan scan``.

    Pages are read by worker processes, so that one which crashes or takes too long
    affects no other.  The workers do not import the script that calls this, so the
    script needs no guard.  After an interruption the same call resumes where it
    stopped.

    Args:
        inputs: files and folders to read.
        out: CSV of the numbers; the table of errors, the manifest and the saved state are written beside it.
        csv: how the tables are written: ``"plain"`` for programs, ``"excel"`` for spreadsheets.
        json: JSON of everything known of each page.
        digits: CSV of the digits.
        table: the ruled tables of the pages as they are on paper, or of a form a column for each field: XLSX, CSV or
            Parquet, as its ending says.
        decimal_point: what stands before decimals in these tables, if they are CSV: ``"."`` or ``","``.
        errors: CSV of the pages that could not be read; by default beside ``out``.
        manifest: JSON record of files, versions, models and options; by default beside ``out``.
        annotate: folder for pages with the readings drawn on them.
        annotate_as: ``"jpeg"`` or ``"png"`` for one picture per page, ``"pdf"`` for one PDF per file.
        annotate_quality: JPEG quality of these pictures, 1-95.
        debug: folder for pictures of the output of each stage.
        pages: numbers of the pages to read of each file, from 1: one, several, or text such as ``"1-3,7,9-"``.
        include: patterns of files in folders to read, such as ``"2024/*.pdf"``.
        exclude: patterns of files in folders to leave out.
        max_error: flag so many numbers for review that at most this share of the others is wrong, 0-1.
        jobs: number of worker processes; by default the number of processors.
        page_timeout: seconds after which a page counts as failed.
        memory: largest memory of a worker, MiB.  Only on Linux.
        cluster: address of a Dask scheduler, such as ``"tcp://host:8786"``, whose workers read instead.
        fresh: whether to read all pages again, also those that were read before.
        force: whether to overwrite results that were changed since they were written or have rows that ``--watch``
            kept, and files of other programs.
        progress: called with each page when it is done, in the thread that called this.
        **options: how to read, as for :func:`scanner.read`.

    Returns:
        The counts.  Pages that could not be read are counted in ``failed``; they raise nothing.

    Raises:
        NothingToReadError: if there is no file to read, or no file has a page of ``pages``.
        OutputError: if a result cannot be written; checked before the work starts where possible.
        DigitscanError: if a model, the cluster or a package that a result needs is not available.
        ValueError: if an argument has a value that is not allowed.
        TypeError: if there is no such keyword.
    """
    from scanner.batch.job import Batch, run_batch

    check_keywords("scan", options, (*_OWN_KEYWORDS, *READ_KEYWORDS))
    out_path = _result_path("out", out, TABLE_ENDINGS)
    if out_path == STDOUT:
        raise ValueError(f"out={out!r}: give the name of a file")
    _check_batch_keywords(max_error, cluster, progress)
    batch = Batch(
        inputs=_paths(inputs),
        patterns=FilePatterns(_patterns("include", include), _patterns("exclude", exclude)),
        recipe=build_recipe(options),
        outputs=build_output_paths(
            out_path,
            csv_style=check_choice("csv", csv, CsvStyle),
            results_json=_optional_result_path("json", json, DOCUMENT_ENDINGS),
            digits_csv=_optional_result_path("digits", digits, TABLE_ENDINGS),
            page_tables=_optional_result_path("table", table, PAGE_TABLE_ENDINGS),
            decimal_point=check_choice("decimal_point", decimal_point, DecimalPoint),
            errors_csv=_optional_result_path("errors", errors, TABLE_ENDINGS),
            manifest_json=_optional_result_path("manifest", manifest, DOCUMENT_ENDINGS),
            annotated_folder=optional_path("annotate", annotate),
            annotation_style=_annotation_style(annotate_as, annotate_quality),
            stages_folder=optional_path("debug", debug),
        ),
        settings=BatchSettings(
            jobs=usable_processor_count() if jobs is None else check_count("jobs", jobs),
            cluster=cluster,
            selected_pages=select_pages(pages),
            task_limits=TaskLimits(
                check_positive("page_timeout", page_timeout), round(check_positive("memory", memory) * MEBIBYTE)
            ),
            max_error=max_error,
            forget_earlier=check_flag("fresh", fresh),
            overwrite_changed=check_flag("force", force),
        ),
    )
    outcome = run_batch(batch, _CallbackReporter(progress))
    return ScanSummary(**asdict(outcome.summary), drawing_errors=outcome.drawing_error_count)


def _annotation_style(format_name: str, quality: int) -> AnnotationStyle:
    if check_count("annotate_quality", quality) > MAX_JPEG_QUALITY:
        raise ValueError(f"annotate_quality={quality!r}: give a whole number from 1 to {MAX_JPEG_QUALITY}")
    return AnnotationStyle(check_choice("annotate_as", format_name, AnnotationFormat), quality)


@dataclass(frozen=True, slots=True)
class _CallbackReporter:
    callback: Callable[[ScanProgress], None] | None

    def page_done(self, event: PageEvent) -> None:
        if self.callback is not None:
            result = event.result
            self.callback(
                ScanProgress(
                    file=result.file,
                    page=result.page_number,
                    numbers=len(result.numbers),
                    error=result.error,
                    drawing_errors=event.drawing_errors,
                    known=event.was_known,
                    done=event.done_pages,
                    total=event.total_pages,
                )
            )

    def picture_done(self, event: PageEvent) -> None:
        pass

    def results_written(self, outcome: BatchOutcome, results: Iterable[PageResult]) -> None:
        pass


def _paths(inputs: AnyPath | Iterable[AnyPath]) -> tuple[Path, ...]:
    if isinstance(inputs, str | os.PathLike):
        return (check_path("inputs", inputs),)
    if not isinstance(inputs, Iterable) or isinstance(inputs, bytes):
        raise ValueError(f"inputs={inputs!r}: give a path, or a list of paths")
    return tuple(check_path("inputs", path) for path in inputs)


def _result_path(name: str, value: object, endings: Sequence[str]) -> Path:
    path = check_path(name, value)
    try:
        check_ending(path, endings)
    except ValueError as error:
        raise ValueError(f"{name}={value!r}: {error}") from error
    return path


def _optional_result_path(name: str, value: object, endings: Sequence[str]) -> Path | None:
    return None if value is None else _result_path(name, value, endings)


def _patterns(name: str, patterns: Iterable[str]) -> tuple[str, ...]:
    if not isinstance(patterns, Iterable) or isinstance(patterns, str | bytes):
        raise ValueError(f"{name}={patterns!r}: give a list of patterns")
    return tuple(check_text(name, pattern) for pattern in patterns)


def _check_batch_keywords(max_error: object, cluster: object, progress: object) -> None:
    is_share = isinstance(max_error, int | float) and not isinstance(max_error, bool) and 0 <= max_error < 1
    if max_error is not None and not is_share:
        raise ValueError(f"max_error={max_error!r}: give a share from 0, and less than 1, such as 0.01")
    if cluster is not None and not (isinstance(cluster, str) and is_scheduler_address(cluster)):
        raise ValueError(f"cluster={cluster!r}: give the address of a Dask scheduler, such as 'tcp://host:8786'")
    if progress is not None and not callable(progress):
        raise ValueError(f"progress={progress!r}: give a function that takes a ScanProgress")
