"""Many files, one page at a time: whatever is wrong with one page, the others are read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2

from scanner.errors import DigitscanError
from scanner.options import DEFAULT_OPTIONS
from scanner.pipeline import build_page_result, run_stages
from scanner.sources.decoding import PageFailure, decode_file
from scanner.sources.limits import DEFAULT_LIMITS, Limits
from scanner.types import PageImage, PageResult

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from scanner.options import ScanOptions
    from scanner.pipeline import StageOutputs
    from scanner.recognition.models import Models
    from scanner.types import PageRef

_PAGE_ERRORS = (DigitscanError, cv2.error, MemoryError)
"""What one page can raise without anything being wrong with the next."""


@dataclass(frozen=True, slots=True, eq=False)
class ProcessedPage:
    """What became of one page."""

    result: PageResult
    """With ``error`` and no numbers if the page could not be read."""
    page: PageImage | None
    """The picture, to draw on; None if it could not be decoded."""
    stages: StageOutputs | None = None
    """What each stage made of it; None if it could not be read, or if they were not to be kept."""


def scan_file(
    ref: PageRef,
    models: Models,
    options: ScanOptions = DEFAULT_OPTIONS,
    limits: Limits = DEFAULT_LIMITS,
    *,
    keep_stages: bool = False,
) -> Iterator[ProcessedPage]:
    """Scan the pages of one file in order, each when it is asked for; see ``scan_pages``."""
    return scan_pages(
        isolate_decoding_errors(decode_file(ref, limits), ref.file), models, options, keep_stages=keep_stages
    )


def scan_pages(
    pages: Iterable[PageImage | PageFailure],
    models: Models,
    options: ScanOptions = DEFAULT_OPTIONS,
    *,
    keep_stages: bool = False,
) -> Iterator[ProcessedPage]:
    """Scan pages in order, each when it is asked for.

    Nothing is raised for what is on a page.  No page is kept: a caller that
    lets go of each outcome has at most two pictures in memory, the last and
    the one being decoded, and the stages of one page.

    Args:
        pages: from :func:`isolate_decoding_errors`.
        models: what they are read with.
        options: how to read.
        keep_stages: whether outcomes have ``stages``, which take several times the memory of the picture.
    """
    for page in pages:
        if isinstance(page, PageFailure):
            yield ProcessedPage(PageResult(page.file, page.page_number, 0, 0, error=page.error), None)
        else:
            yield _scan_one_page(page, models, options, keep_stages=keep_stages)


def isolate_decoding_errors(pages: Iterable[PageImage | PageFailure], file: str) -> Iterator[PageImage | PageFailure]:
    """The pages of a file, each when it is asked for, with whatever decoding raises as a failure.

    Args:
        pages: from :func:`scanner.sources.decoding.decode_file` or :func:`scanner.sources.decoding.decode_bytes`.
        file: name of their file in results.
    """
    number = 0
    try:
        for page in pages:
            number = page.page_number
            yield page
    except _PAGE_ERRORS as error:
        # A generator that raised is at its end: what follows this page in the file is lost.
        yield PageFailure(file, number + 1, f"{file}, page {number + 1} and after: {_page_error_advice(error)}")


def _scan_one_page(page: PageImage, models: Models, options: ScanOptions, *, keep_stages: bool) -> ProcessedPage:
    try:
        stages = run_stages(page.image, models, options)
        result = build_page_result(page, stages, models, options)
    except _PAGE_ERRORS as error:
        height, width = page.image.shape[:2]
        message = f"{page.file}, page {page.page_number}: {_page_error_advice(error)}"
        return ProcessedPage(PageResult(page.file, page.page_number, width, height, error=message), page)
    return ProcessedPage(result, page, stages if keep_stages else None)


def _page_error_advice(error: Exception) -> str:
    match error:
        case MemoryError():
            return "takes more memory than it may; scan it at a lower resolution, or allow more with --memory"
        case cv2.error():
            return f"cannot be analysed ({error.err or 'OpenCV failed'}); scan it again or leave it out"
        case _:
            return str(error)
