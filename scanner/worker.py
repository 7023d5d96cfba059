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
from scanner.limits import DEFAULT_LIMITS, Limits
from scanner.options import DEFAULT_OPTIONS, ScanOptions
from scanner.sources import PageFailure

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from scanner.batch import PageOutcome
    from scanner.models import Models
    from scanner.options import Readers
    from scanner.types import Page, PageRef, PageResult


@dataclass(frozen=True, slots=True)
class Recipe:
    """How the pages of a run are read."""

    options: ScanOptions = DEFAULT_OPTIONS
    classifier: str = "cnn"
    limits: Limits = DEFAULT_LIMITS


@dataclass(frozen=True, slots=True)
class Pictures:
    """Which pictures are drawn of each page that is read, and where."""

    annotate: Path | None = None
    """Folder for the page with what was read on it."""
    debug: Path | None = None
    """Folder for what each stage made of it."""


@dataclass(frozen=True, slots=True)
class About:
    """What a worker reads with."""

    versions: tuple[tuple[str, str], ...]
    models: tuple[tuple[str, str], ...]
    """Weights with their sha256."""


@dataclass(frozen=True, slots=True)
class Look:
    """What is in a file, before any of it is decoded."""

    sha256: str
    """Of its bytes; empty if they could not be read."""
    size: int
    """Bytes."""
    pages: range
    """Numbers of the pages it seems to have; 0 alone, which stands for the whole file, where it cannot be opened."""


@dataclass(frozen=True, slots=True)
class PageDone:
    """A page that was read, or could not be."""

    result: PageResult | None
    """None where there is no page."""
    undrawn: tuple[str, ...] = ()
    """Why pictures of it could not be written; one line each."""


def about(recipe: Recipe) -> About:
    """What is read with; loads it, so that the first page need not wait for it."""
    from scanner.models import weights_of

    _models(recipe.classifier, recipe.options.readers)
    return About(_versions(), weights_of(recipe.classifier, recipe.options.readers))


@cache
def installed() -> About:
    """All that there is to read with, whichever of it a run needs.

    Raises:
        MissingPartError: if weights are not there or damaged.
    """
    from scanner.classify import CLASSIFIERS
    from scanner.models import weights_of

    return About(_versions(), tuple(sorted({each for name in CLASSIFIERS for each in weights_of(name)})))


def _versions() -> tuple[tuple[str, str], ...]:
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


def look_into(ref: PageRef, limits: Limits) -> Look:
    """Hash a file and find out which pages it seems to have."""
    from scanner.sources import page_numbers

    try:
        data, sha256 = _file(ref, limits)
    except OSError:
        # What is wrong with it is told by whoever reads its pages: it is one, number 0.
        return Look("", 0, range(1))
    return Look(sha256, len(data), page_numbers(data, limits))


def read_page(ref: PageRef, number: int, sha256: str, recipe: Recipe, pictures: Pictures) -> PageDone:
    """Read one page of a file and draw what is wanted of it; nothing is raised for what is on it.

    Args:
        ref: the file.
        number: of the page, as ``Look`` has it.
        sha256: of the file, likewise.
        recipe: how to read it.
        pictures: which to draw.

    Returns:
        What was read; no result where there is no page, as where a TIFF has a preview.
    """
    from scanner.batch import scan_pages

    models = _models(recipe.classifier, recipe.options.readers)
    pages = _pages(ref, number, sha256, recipe.limits)
    outcomes = list(scan_pages(pages, models, recipe.options, keep_stages=pictures.debug is not None))
    if not outcomes:
        return PageDone(None)
    return PageDone(outcomes[0].result, _undrawn(outcomes[0], pictures))


def draw_page(ref: PageRef, number: int, sha256: str, result: PageResult, limits: Limits, folder: Path) -> PageDone:
    """Draw what was read of a page before.

    Args:
        ref: the file.
        number: of the page.
        sha256: of the file.
        result: of the page.
        limits: on what is opened.
        folder: where the picture goes.
    """
    from scanner.batch import PageOutcome

    undrawn: tuple[str, ...] = ()
    for page in _pages(ref, number, sha256, limits):
        if isinstance(page, PageFailure):
            undrawn += (page.error,)
        else:
            undrawn += _undrawn(PageOutcome(result, page), Pictures(annotate=folder))
    return PageDone(result, undrawn)


def _pages(ref: PageRef, number: int, sha256: str, limits: Limits) -> Iterator[Page | PageFailure]:
    """The page of that number, or why there is none."""
    from scanner.batch import decoded
    from scanner.sources import pages_of, pages_of_bytes

    try:
        data, found = _file(ref, limits)
    except OSError:
        yield from decoded(pages_of(ref, limits), ref.file)
        return
    if found != sha256:
        yield PageFailure(ref.file, number, f"{ref.file}: was changed while it was read; run it again")
        return
    yield from decoded(pages_of_bytes(data, ref.file, limits, range(number, number + 1)), ref.file)


def _undrawn(outcome: PageOutcome, pictures: Pictures) -> tuple[str, ...]:
    """Draw the pictures of a page; why they could not be written."""
    complaints = []
    for folder, draw in ((pictures.annotate, _draw), (pictures.debug, _draw_stages)):
        try:
            if folder is not None:
                draw(outcome, folder)
        except OutputError as error:
            # The pictures are for checking: for want of one, hours of reading are not thrown away.
            complaints.append(str(error))
    return tuple(complaints)


def _draw(outcome: PageOutcome, folder: Path) -> None:
    from scanner.annotate import annotate
    from scanner.files import write_image
    from scanner.picture_names import annotated_name

    if outcome.page is not None and not outcome.result.error:
        path = folder / annotated_name(outcome.page.file, outcome.page.number)
        write_image(path, annotate(outcome.page, outcome.result))


def _draw_stages(outcome: PageOutcome, folder: Path) -> None:
    from scanner.debug import debug_pictures
    from scanner.files import write_image
    from scanner.picture_names import stages_folder

    if outcome.stages is not None:
        place = folder / stages_folder(outcome.result.file, outcome.result.page)
        for name, picture in debug_pictures(outcome.stages):
            write_image(place / f"{name}.png", picture)


@cache
def _models(classifier: str, readers: Readers) -> Models:
    """Loaded once for all pages of this process."""
    from scanner.models import load_models

    return load_models(classifier, readers)


def _file(ref: PageRef, limits: Limits) -> tuple[bytes, str]:
    """The bytes of a file and their hash, kept while its pages are read one by one."""
    at = ref.path.stat()
    return _file_as_of(ref, limits, at.st_mtime_ns, at.st_size)


@lru_cache(maxsize=1)
def _file_as_of(ref: PageRef, limits: Limits, changed: int, size: int) -> tuple[bytes, str]:  # noqa: ARG001 - tell files apart
    from scanner.sources import read_file

    data = read_file(ref, limits)
    return data, hashlib.sha256(data).hexdigest()
