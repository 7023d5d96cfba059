"""Reading files page by page, so that whatever is wrong with one page, the others are read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2

from scanner.errors import DigitscanError
from scanner.form_pipeline import build_form_result, run_form_stages
from scanner.memory_limit import current_limit
from scanner.options import DEFAULT_OPTIONS
from scanner.pipeline import build_page_result, run_stages
from scanner.sources.decoding import PageFailure, decode_file, page_label
from scanner.sources.limits import DEFAULT_LIMITS, Limits
from scanner.types import PageImage, PageResult

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from scanner.form_reading.reference_page import ReferencePage
    from scanner.options import ScanOptions
    from scanner.pipeline import StageOutputs
    from scanner.reading_models import Models
    from scanner.types import PageRef

PAGE_ERRORS = (DigitscanError, cv2.error, MemoryError)
"""Exceptions that concern one page only; the next page may be fine."""


@dataclass(frozen=True, slots=True, eq=False)
class ProcessedPage:
    """The result of one page, with what is needed to draw it."""

    result: PageResult
    """The numbers; or ``error`` and no numbers if the page could not be read."""
    page: PageImage | None
    """The decoded image; None if the page could not be decoded."""
    stages: StageOutputs | None = None
    """The output of every stage; None if the page could not be read or the stages were not to be kept."""


def scan_file(
    ref: PageRef,
    models: Models,
    options: ScanOptions = DEFAULT_OPTIONS,
    limits: Limits = DEFAULT_LIMITS,
    *,
    keep_stages: bool = False,
) -> Iterator[ProcessedPage]:
    """Read the pages of one file in order, each when the caller asks for it; see ``scan_pages``."""
    return scan_pages(
        isolate_decoding_errors(decode_file(ref, limits), ref.file), models, options, keep_stages=keep_stages
    )


def scan_pages(
    pages: Iterable[PageImage | PageFailure],
    models: Models,
    options: ScanOptions = DEFAULT_OPTIONS,
    *,
    references: Sequence[ReferencePage] = (),
    keep_stages: bool = False,
) -> Iterator[ProcessedPage]:
    """Read pages in order, each when the caller asks for it.

    Nothing is raised because of what is on a page.  No page is kept: a caller
    that drops each result before it asks for the next has at most two images in
    memory, the last one and the one that is being decoded, and the stages of one page.

    Args:
        pages: decoded pages, from :func:`isolate_decoding_errors`.
        models: the models to read with.
        options: how to read.
        references: the forms of which each page is one; none if nothing is known of the pages.
        keep_stages: whether to return the ``stages``, which take several times the memory of the image.
    """
    for page in pages:
        if isinstance(page, PageFailure):
            yield ProcessedPage(page.to_result(), None)
        else:
            # No name for it here, which would keep its stages while the caller is at work.
            yield _scan_one_page(page, models, options, references, keep_stages=keep_stages)


def isolate_decoding_errors(pages: Iterable[PageImage | PageFailure], file: str) -> Iterator[PageImage | PageFailure]:
    """Decode the pages of a file and turn an exception of the decoder into a ``PageFailure``.

    Args:
        pages: from :func:`scanner.sources.decoding.decode_file` or :func:`scanner.sources.decoding.decode_bytes`.
        file: name of the file in results.
    """
    number = 0
    try:
        for page in pages:
            number = page.page_number
            yield page
    except PAGE_ERRORS as error:
        # A generator that raised has ended: the pages after this one are lost.
        yield PageFailure(file, number + 1, f"{page_label(file, number + 1)} and after: {page_error_advice(error)}")


def _scan_one_page(
    page: PageImage, models: Models, options: ScanOptions, references: Sequence[ReferencePage], *, keep_stages: bool
) -> ProcessedPage:
    try:
        result, stages = _read(page, models, options, references)
    except PAGE_ERRORS as error:
        height, width = page.image.shape[:2]
        message = f"{page_label(page.file, page.page_number)}: {page_error_advice(error)}"
        return ProcessedPage(PageResult(page.file, page.page_number, width, height, error=message), page)
    return ProcessedPage(result, page, stages if keep_stages else None)


def _read(
    page: PageImage, models: Models, options: ScanOptions, references: Sequence[ReferencePage]
) -> tuple[PageResult, StageOutputs | None]:
    """The result of a page and the outputs of its stages; none of a page that is none of the forms."""
    if references:
        outputs = run_form_stages(page.image, references, models, options)
        return build_form_result(page, outputs, references), None if outputs is None else outputs.stages
    stages = run_stages(page.image, models, options)
    return build_page_result(page, stages, models, options), stages


def page_error_advice(error: Exception) -> str:
    """Say what is wrong with a page, and what to do, for one of ``PAGE_ERRORS``."""
    match error:
        case MemoryError() | cv2.error(code=cv2.Error.StsNoMem):
            return current_limit().failure_reason()
        case cv2.error():
            return f"cannot be analysed ({error.err or 'OpenCV failed'}); scan it again or leave it out"
        case _:
            return str(error)
