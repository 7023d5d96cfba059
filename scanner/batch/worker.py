"""The tasks of a worker process: inspect a file, read a page, draw a page.

Arguments and results are small and plain; no image travels between processes.  A worker may be lost at any time because
a page crashes it or takes too long; only that page is lost with it.
"""

from __future__ import annotations

import hashlib
import platform
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from scanner import __version__
from scanner.batch.batch_forms import load_references
from scanner.batch.loaded_models import load_models_once
from scanner.batch.recipe import ReadingSetup
from scanner.errors import OutputError
from scanner.options import CLASSIFIER_NAMES
from scanner.sources.decoding import WHOLE_FILE, PageFailure
from scanner.weights import folder_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scanner.batch.drawn_pages import DrawnPages
    from scanner.batch.failure_isolation import ProcessedPage
    from scanner.batch.recipe import ReadingRecipe
    from scanner.sources.limits import Limits
    from scanner.types import PageImage, PageRef, PageResult


@dataclass(frozen=True, slots=True)
class FileInfo:
    """What is known of a file before any page is decoded."""

    sha256: str
    """SHA-256 of the bytes in hexadecimal; empty if they could not be read."""
    size: int
    """Size in bytes; 0 if the file could not be read."""
    page_numbers: range
    """Numbers of the pages the file seems to have; 0 alone stands for the whole file if it cannot be opened."""


UNREADABLE_FILE = FileInfo("", 0, WHOLE_FILE)
"""Stands for a file that cannot be read or whose inspection failed: a single page with the number 0."""


@dataclass(frozen=True, slots=True)
class PageTaskResult:
    """The result of reading or drawing a page."""

    result: PageResult | None
    """The numbers or the error of the page; None if there is no such page."""
    drawing_errors: tuple[str, ...] = ()
    """Why pictures of the page could not be written, one line each."""


def load_reading_setup(recipe: ReadingRecipe) -> ReadingSetup:
    """Load the models for a recipe, so that the first page need not wait for them; return the programs and models.

    Raises:
        NotInstalledError: if weights are missing or damaged.
        FormError: if the reference of a form cannot be read.
    """
    from scanner.reading_models import weights_checksums

    loaded = load_models_once(recipe.classifier, recipe.options.readers, recipe.own_weights)
    load_references(recipe.forms, loaded.models.page_network)
    folder = folder_of(recipe.own_weights)
    return ReadingSetup(_program_versions(), weights_checksums(recipe.classifier, recipe.options.readers, folder))


@cache
def installed_setup() -> ReadingSetup:
    """Return the programs and all models that are installed, whichever of them a batch needs.

    Raises:
        NotInstalledError: if weights are missing or damaged.
    """
    from scanner.reading_models import weights_checksums

    checksums = {each for name in CLASSIFIER_NAMES for each in weights_checksums(name)}
    return ReadingSetup(_program_versions(), tuple(sorted(checksums)))


def _program_versions() -> tuple[tuple[str, str], ...]:
    """Versions of the programs and the machine, on which results may depend besides input, models and options."""
    from importlib.metadata import version

    import cv2

    return (
        ("digitscan", __version__),
        ("python", platform.python_version()),
        ("opencv", cv2.__version__),
        *((name, version(name)) for name in ("numpy", "pillow", "pypdfium2")),
        # Not the release: an update of the system is no reason to read ten thousand pages again.
        ("platform", f"{platform.system()} {platform.machine()}"),
    )


def inspect_file(ref: PageRef, limits: Limits) -> FileInfo:
    """Compute the hash of a file and find out which pages it seems to have."""
    from scanner.sources.decoding import list_page_numbers

    try:
        data, sha256 = _read_cached(ref, limits)
    except OSError:
        # Reading page 0 reports what is wrong.
        return UNREADABLE_FILE
    return FileInfo(sha256, len(data), list_page_numbers(data, limits))


def read_page(
    ref: PageRef, page_number: int, sha256: str, recipe: ReadingRecipe, drawn_pages: DrawnPages
) -> PageTaskResult:
    """Read one page of a file and draw pictures of it; nothing is raised because of what is on it.

    Args:
        ref: the file.
        page_number: number of the page, from ``FileInfo.page_numbers``.
        sha256: hash of the file, from ``FileInfo``.
        recipe: how to read the page.
        drawn_pages: which pictures to draw.

    Returns:
        The numbers or the error of the page; no result if there is no such page, for example if it is the preview in
        a TIFF file.
    """
    from scanner.batch.failure_isolation import scan_pages

    loaded = load_models_once(recipe.classifier, recipe.options.readers, recipe.own_weights)
    pages = _decode_one_page(ref, page_number, sha256, recipe.limits)
    keep_stages = drawn_pages.stages_folder is not None
    references = load_references(recipe.forms, loaded.models.page_network)
    with loaded.lock:
        processed = list(
            scan_pages(pages, loaded.models, recipe.options, references=references, keep_stages=keep_stages)
        )
    if not processed:
        return PageTaskResult(None)
    return PageTaskResult(processed[0].result, _draw_pictures(processed[0], drawn_pages))


def draw_page(
    ref: PageRef, page_number: int, sha256: str, result: PageResult, limits: Limits, drawn_pages: DrawnPages
) -> PageTaskResult:
    """Draw the readings of a page that was read before.

    Args:
        ref: the file.
        page_number: number of the page.
        sha256: hash of the file.
        result: what was read on the page.
        limits: limits on the file.
        drawn_pages: which pictures to draw; none of stages, which are not kept.
    """
    from scanner.batch.failure_isolation import ProcessedPage

    drawing_errors: tuple[str, ...] = ()
    for page in _decode_one_page(ref, page_number, sha256, limits):
        if isinstance(page, PageFailure):
            drawing_errors += (page.error,)
        else:
            drawing_errors += _draw_pictures(ProcessedPage(result, page), drawn_pages)
    return PageTaskResult(result, drawing_errors)


def _decode_one_page(ref: PageRef, number: int, sha256: str, limits: Limits) -> Iterator[PageImage | PageFailure]:
    """Decode the page with this number; nothing if there is no such page."""
    from scanner.batch.failure_isolation import isolate_decoding_errors
    from scanner.sources.decoding import decode_bytes, decode_file

    try:
        data, actual_sha256 = _read_cached(ref, limits)
    except OSError:
        yield from isolate_decoding_errors(decode_file(ref, limits), ref.file)
        return
    if actual_sha256 != sha256:
        yield PageFailure(ref.file, number, f"{ref.file}: was changed while it was read; read it again")
        return
    yield from isolate_decoding_errors(decode_bytes(data, ref.file, limits, (number,)), ref.file)


def _draw_pictures(processed: ProcessedPage, drawn_pages: DrawnPages) -> tuple[str, ...]:
    """Draw the pictures of a page; return why some could not be written."""
    errors = []
    for draw in (_draw_annotated, _draw_stages):
        try:
            draw(processed, drawn_pages)
        except OutputError as error:
            # Pictures are for checking: hours of reading are not discarded because one is missing.
            errors.append(str(error))
    return tuple(errors)


def _draw_annotated(processed: ProcessedPage, drawn_pages: DrawnPages) -> None:
    from scanner.results.annotated_files import write_annotated_picture
    from scanner.results.annotated_page import annotate_page
    from scanner.results.picture_names import annotated_page_path

    folder, style, page = drawn_pages.annotated_folder, drawn_pages.style, processed.page
    if folder is not None and page is not None and not processed.result.error:
        path = folder / annotated_page_path(page.file, page.page_number, style.picture_suffix)
        write_annotated_picture(path, annotate_page(page, processed.result), style)


def _draw_stages(processed: ProcessedPage, drawn_pages: DrawnPages) -> None:
    from scanner.atomic_write import write_image
    from scanner.debug import draw_stage_pictures
    from scanner.results.picture_names import stages_folder_path

    folder = drawn_pages.stages_folder
    if folder is not None and processed.stages is not None:
        page_folder = folder / stages_folder_path(processed.result.file, processed.result.page_number)
        for name, picture in draw_stage_pictures(processed.stages):
            write_image(page_folder / f"{name}.png", picture)


def _read_cached(ref: PageRef, limits: Limits) -> tuple[bytes, str]:
    """Read a file and compute its hash; both are kept while its pages are read one by one."""
    status = ref.path.stat()
    return _read_version(ref, limits, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=1)
def _read_version(ref: PageRef, limits: Limits, changed: int, size: int) -> tuple[bytes, str]:  # noqa: ARG001 - identify the version
    from scanner.sources.decoding import read_file

    data = read_file(ref, limits)
    return data, hashlib.sha256(data).hexdigest()
