"""What a worker process does: look into a file, read a page of it, draw a page.

What travels to and from it is small and plain: no picture does.  A worker may
be lost at any time, by a page that crashes it or takes too long; nothing but
that page is lost with it.
"""

from __future__ import annotations

import hashlib
import platform
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from scanner import __version__
from scanner.errors import OutputError
from scanner.options import DEFAULT_OPTIONS, ScanOptions
from scanner.sources.decoding import PageFailure
from scanner.sources.limits import DEFAULT_LIMITS, Limits

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from scanner.batch.page_isolation import ProcessedPage
    from scanner.options import Readers
    from scanner.recognition.models import Models
    from scanner.types import PageImage, PageRef, PageResult


@dataclass(frozen=True, slots=True)
class ReadingRecipe:
    """How the pages of a run are read."""

    options: ScanOptions = DEFAULT_OPTIONS
    classifier: str = "cnn"
    limits: Limits = DEFAULT_LIMITS


@dataclass(frozen=True, slots=True)
class DrawnPages:
    """Which pictures are drawn of each page that is read, and where."""

    annotated_folder: Path | None = None
    """Folder for the page with what was read on it."""
    stages_folder: Path | None = None
    """Folder for what each stage made of it."""


@dataclass(frozen=True, slots=True)
class ReadingSetup:
    """What a worker reads with."""

    versions: tuple[tuple[str, str], ...]
    models: tuple[tuple[str, str], ...]
    """Weights with their sha256."""


@dataclass(frozen=True, slots=True)
class FileInfo:
    """What is in a file, before any of it is decoded."""

    sha256: str
    """Of its bytes; empty if they could not be read."""
    size: int
    """Bytes."""
    page_numbers: range
    """Numbers of the pages it seems to have; 0 alone, which stands for the whole file, where it cannot be opened."""


@dataclass(frozen=True, slots=True)
class PageTaskResult:
    """A page that was read, or could not be."""

    result: PageResult | None
    """None where there is no page."""
    drawing_errors: tuple[str, ...] = ()
    """Why pictures of it could not be written; one line each."""


def load_reading_setup(recipe: ReadingRecipe) -> ReadingSetup:
    """What is read with; loads it, so that the first page need not wait for it."""
    from scanner.recognition.models import weights_checksums

    _cached_models(recipe.classifier, recipe.options.readers)
    return ReadingSetup(_program_versions(), weights_checksums(recipe.classifier, recipe.options.readers))


@cache
def installed_setup() -> ReadingSetup:
    """All that there is to read with, whichever of it a run needs.

    Raises:
        MissingPartError: if weights are not there or damaged.
    """
    from scanner.recognition.digit_classifier import CLASSIFIER_NAMES
    from scanner.recognition.models import weights_checksums

    return ReadingSetup(
        _program_versions(), tuple(sorted({each for name in CLASSIFIER_NAMES for each in weights_checksums(name)}))
    )


def _program_versions() -> tuple[tuple[str, str], ...]:
    """What results may depend on besides the input, the models and the options: the programs and the machine."""
    from importlib.metadata import version

    import cv2

    return (
        ("digitscan", __version__),
        ("python", platform.python_version()),
        ("opencv", cv2.__version__),
        *((name, version(name)) for name in ("numpy", "pillow", "pypdfium2")),
        # Not its release: a system brought up to date is no reason to read ten thousand pages again.
        ("platform", f"{platform.system()} {platform.machine()}"),
    )


def inspect_file(ref: PageRef, limits: Limits) -> FileInfo:
    """Hash a file and find out which pages it seems to have."""
    from scanner.sources.decoding import list_page_numbers

    try:
        data, sha256 = _read_cached(ref, limits)
    except OSError:
        # What is wrong with it is told by whoever reads its pages: it is one, number 0.
        return FileInfo("", 0, range(1))
    return FileInfo(sha256, len(data), list_page_numbers(data, limits))


def read_page(
    ref: PageRef, page_number: int, sha256: str, recipe: ReadingRecipe, drawn_pages: DrawnPages
) -> PageTaskResult:
    """Read one page of a file and draw what is wanted of it; nothing is raised for what is on it.

    Args:
        ref: the file.
        page_number: of the page, as ``FileInfo`` has it.
        sha256: of the file, likewise.
        recipe: how to read it.
        drawn_pages: which to draw.

    Returns:
        What was read; no result where there is no page, as where a TIFF has a preview.
    """
    from scanner.batch.page_isolation import scan_pages

    models = _cached_models(recipe.classifier, recipe.options.readers)
    pages = _decode_one_page(ref, page_number, sha256, recipe.limits)
    outcomes = list(scan_pages(pages, models, recipe.options, keep_stages=drawn_pages.stages_folder is not None))
    if not outcomes:
        return PageTaskResult(None)
    return PageTaskResult(outcomes[0].result, _draw_pictures(outcomes[0], drawn_pages))


def draw_page(
    ref: PageRef, page_number: int, sha256: str, result: PageResult, limits: Limits, folder: Path
) -> PageTaskResult:
    """Draw what was read of a page before.

    Args:
        ref: the file.
        page_number: of the page.
        sha256: of the file.
        result: of the page.
        limits: on what is opened.
        folder: where the picture goes.
    """
    from scanner.batch.page_isolation import ProcessedPage

    undrawn: tuple[str, ...] = ()
    for page in _decode_one_page(ref, page_number, sha256, limits):
        if isinstance(page, PageFailure):
            undrawn += (page.error,)
        else:
            undrawn += _draw_pictures(ProcessedPage(result, page), DrawnPages(annotated_folder=folder))
    return PageTaskResult(result, undrawn)


def _decode_one_page(ref: PageRef, number: int, sha256: str, limits: Limits) -> Iterator[PageImage | PageFailure]:
    """The page of that number, or why there is none."""
    from scanner.batch.page_isolation import isolate_decoding_errors
    from scanner.sources.decoding import decode_bytes, decode_file

    try:
        data, found = _read_cached(ref, limits)
    except OSError:
        yield from isolate_decoding_errors(decode_file(ref, limits), ref.file)
        return
    if found != sha256:
        yield PageFailure(ref.file, number, f"{ref.file}: was changed while it was read; run it again")
        return
    yield from isolate_decoding_errors(decode_bytes(data, ref.file, limits, range(number, number + 1)), ref.file)


def _draw_pictures(outcome: ProcessedPage, pictures: DrawnPages) -> tuple[str, ...]:
    """Draw the pictures of a page; why they could not be written."""
    complaints = []
    for folder, draw in ((pictures.annotated_folder, _draw_annotated), (pictures.stages_folder, _draw_stages)):
        try:
            if folder is not None:
                draw(outcome, folder)
        except OutputError as error:
            # The pictures are for checking: for want of one, hours of reading are not thrown away.
            complaints.append(str(error))
    return tuple(complaints)


def _draw_annotated(outcome: ProcessedPage, folder: Path) -> None:
    from scanner.atomic_write import write_image
    from scanner.results.annotated_page import annotate_page
    from scanner.results.picture_names import annotated_page_path

    if outcome.page is not None and not outcome.result.error:
        path = folder / annotated_page_path(outcome.page.file, outcome.page.page_number)
        write_image(path, annotate_page(outcome.page, outcome.result))


def _draw_stages(outcome: ProcessedPage, folder: Path) -> None:
    from scanner.atomic_write import write_image
    from scanner.debug import draw_stage_pictures
    from scanner.results.picture_names import stages_folder_path

    if outcome.stages is not None:
        place = folder / stages_folder_path(outcome.result.file, outcome.result.page_number)
        for name, picture in draw_stage_pictures(outcome.stages):
            write_image(place / f"{name}.png", picture)


@cache
def _cached_models(classifier: str, readers: Readers) -> Models:
    """Loaded once for all pages of this process."""
    from scanner.recognition.models import load_models

    return load_models(classifier, readers)


def _read_cached(ref: PageRef, limits: Limits) -> tuple[bytes, str]:
    """The bytes of a file and their hash, kept while its pages are read one by one."""
    at = ref.path.stat()
    return _read_version(ref, limits, at.st_mtime_ns, at.st_size)


@lru_cache(maxsize=1)
def _read_version(ref: PageRef, limits: Limits, changed: int, size: int) -> tuple[bytes, str]:  # noqa: ARG001 - tell files apart
    from scanner.sources.decoding import read_file

    data = read_file(ref, limits)
    return data, hashlib.sha256(data).hexdigest()
