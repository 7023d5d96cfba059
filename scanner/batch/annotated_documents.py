"""Annotated pages as one PDF per file: drawn when all pages are read, and only where their contents have changed."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING

from scanner import __version__
from scanner.batch.drawn_pages import DrawnPages
from scanner.batch.scheduler import draw_files
from scanner.errors import OutputError
from scanner.results.annotated_files import document_fingerprint, write_annotated_document
from scanner.results.json_results import page_to_json
from scanner.results.picture_names import annotated_document_path, annotated_page_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from scanner.batch.recipe import ReadingRecipe
    from scanner.batch.resumable_state import BatchState
    from scanner.batch.scheduler import PageEvent
    from scanner.batch.worker_pool import WorkerPool
    from scanner.results.annotation_style import AnnotationStyle
    from scanner.types import PageRef, PageResult

_PAGES_FOLDER_NAME = ".digitscan-pages"
"""Folder, in that of the documents, of the pictures of pages that are to become documents."""


@dataclass(frozen=True, slots=True)
class _Document:
    """A file whose document is to be made."""

    file: str
    pages: tuple[int, ...]
    """Numbers of its pages, in order."""
    fingerprint: str


def draw_documents(
    refs: Sequence[PageRef],
    results: Iterable[PageResult],
    folder: Path,
    style: AnnotationStyle,
    recipe: ReadingRecipe,
    workers: WorkerPool,
    state: BatchState,
) -> Iterator[PageEvent]:
    """Draw the pages of a batch that has been read as one PDF per file.

    A file is left out if its document shows the same already.  One page at a time is in memory, and the pictures of a
    document's pages are on the disk until it is complete.

    Args:
        refs: the files that exist; the documents of others stay as they are.
        results: the results of the files, in the order of the batch, as they are to be drawn.
        folder: folder for the documents.
        style: quality of the pictures.
        recipe: how the pages were read.
        workers: the pool that does the work.
        state: the state of the batch.

    Yields:
        An event for each page that was drawn, in the order in which they are done.
    """
    outdated = {one.file: one for one in _documents(results, style) if not _is_current(one, folder)}
    pages_left = {file: set(document.pages) for file, document in outdated.items()}
    pages_folder = folder / _PAGES_FOLDER_NAME
    drawn_pages = DrawnPages(pages_folder, style=style)
    try:
        to_draw = (result for result in results if result.file in outdated)
        for event in draw_files(refs, to_draw, drawn_pages, recipe, workers, state):
            file = event.result.file
            if not event.drawing_errors:
                pages_left[file].discard(event.result.page_number)
            if pages_left[file]:
                yield event
            else:
                errors = _write_document(outdated[file], folder, pages_folder, style)
                yield replace(event, drawing_errors=event.drawing_errors + errors)
    finally:
        shutil.rmtree(pages_folder, ignore_errors=True)


def _documents(results: Iterable[PageResult], style: AnnotationStyle) -> Iterator[_Document]:
    for file, pages in groupby(results, key=lambda result: result.file):
        digest, numbers = hashlib.sha256(f"{__version__} {style.quality}".encode()), []
        for page in pages:
            if not page.error:
                digest.update(page_to_json(page).encode("utf-8", "surrogatepass"))
                numbers.append(page.page_number)
        if numbers:
            yield _Document(file, tuple(numbers), digest.hexdigest())


def _is_current(document: _Document, folder: Path) -> bool:
    return document_fingerprint(folder / annotated_document_path(document.file)) == document.fingerprint


def _write_document(document: _Document, folder: Path, pages_folder: Path, style: AnnotationStyle) -> tuple[str, ...]:
    """Make a document of the pictures of its pages and remove them; return why it could not be written."""
    pictures = [
        pages_folder / annotated_page_path(document.file, page, style.picture_suffix) for page in document.pages
    ]
    try:
        write_annotated_document(folder / annotated_document_path(document.file), pictures, document.fingerprint)
    except OutputError as error:
        return (str(error),)
    finally:
        for picture in pictures:
            picture.unlink(missing_ok=True)
    return ()
