"""Reading one file, some bytes or an array in this process."""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from typing import TYPE_CHECKING, Unpack

from scanner.api.documents import Document, Page
from scanner.api.images import ARRAYS, ArraySource, BytesSource, FileSource, Image, to_page_image
from scanner.api.keyword_options import (
    READ_KEYWORDS,
    PageSelection,
    ReadKeywords,
    build_recipe,
    check_count,
    check_keywords,
    check_path,
    check_text,
    select_pages,
)
from scanner.errors import NothingToReadError, PageError

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator
    from pathlib import Path

    from scanner.api.images import ImageSource
    from scanner.batch.recipe import ReadingRecipe
    from scanner.sources.decoding import PageFailure
    from scanner.sources.limits import Limits
    from scanner.types import PageImage, PageRef

    _Decoded = tuple[Iterable[PageImage | PageFailure], Callable[[int], ImageSource]]

Source = str | os.PathLike[str] | bytes | bytearray | memoryview | Image
"""A path, the bytes of a file, or an array: BGR colour or greyscale, uint8."""
_UNNAMED = "page"
"""Name in results of bytes and arrays that were given without one."""
_ACCEPTED = f"a path, the bytes of a file, or {ARRAYS}"
"""What can be read, for errors."""


def read(source: Source, *, pages: PageSelection = None, name: str = "", **options: Unpack[ReadKeywords]) -> Document:
    """Read the numbers in a file.

    The file is read in this process, and a malicious file can crash it or use up its memory; :func:`scanner.scan`
    isolates every page.  Models are loaded at the first call.  Several threads may call this; they take turns.

    Args:
        source: path of an image or PDF file, its bytes, or an image as an array: uint8, shape (height, width, 3) in
            BGR order as OpenCV has it, or (height, width) for greyscale.
        pages: numbers of the pages to read, from 1: one, several, or text such as ``"1-3,7,9-"``; None for all.
        name: name of the file in results and errors; by default that of the file, or ``"page"``.
        **options: how to read; the keywords of ``scanner.api.keyword_options.ReadKeywords``, which are the options of
            the command line: ``reader``, ``layout``, ``charset``, ``kind``, ``straighten``, ``turn``, ``perspective``,
            ``classifier``, ``models``, ``max_pixels``, ``max_file_size``, ``max_pages``.

    Returns:
        The pages in order.  A page that could not be read has an ``error``.

    Raises:
        PageError: if no page could be read.
        NotInstalledError: if a model is missing or damaged.
        ValueError: if an argument has a value that is not allowed.
        TypeError: if there is no such option.
    """
    check_keywords("read", options, ("pages", "name", *READ_KEYWORDS))
    recipe, selected_pages = build_recipe(options), select_pages(pages)
    label, (decoded, image_source) = _open(source, check_text("name", name), recipe, selected_pages)
    found = tuple(_scan(decoded, image_source, recipe))
    if not found:
        raise PageError(f"{label}: does not have page {pages}; it has fewer pages")
    if all(page.error for page in found):
        raise PageError(found[0].error)
    return Document(label, found)


def read_page(source: Source, page: int = 1, *, name: str = "", **options: Unpack[ReadKeywords]) -> Page:
    """Read the numbers on one page of a file; arguments as for :func:`read`.

    Args:
        source: path, bytes or array.
        page: number of the page, from 1.
        name: name of the file in results and errors.
        **options: how to read.

    Raises:
        PageError: if the page could not be read.
        NotInstalledError: if a model is missing or damaged.
        ValueError: if an argument has a value that is not allowed.
        TypeError: if there is no such option.
    """
    check_keywords("read_page", options, ("page", "name", *READ_KEYWORDS))
    return read(source, pages=check_count("page", page), name=name, **options).pages[0]


def _open(
    source: object, name: str, recipe: ReadingRecipe, selected_pages: Container[int] | None
) -> tuple[str, _Decoded]:
    """Return the name of a source, its pages, and a function that returns the image of a page by its number."""
    match source:
        case str() | os.PathLike():
            ref = _find_file(check_path("source", source), name)
            return ref.file, _open_file(ref, recipe.limits, selected_pages)
        case bytes() | bytearray() | memoryview():
            label = name or _UNNAMED
            return label, _open_bytes(bytes(source), label, recipe.limits, selected_pages)
        case _:
            label = name or _UNNAMED
            return label, _open_array(to_page_image(source, "source", _ACCEPTED), label, selected_pages)


def _find_file(path: Path, name: str) -> PageRef:
    from scanner.sources.discovery import find_files

    if path.is_dir():
        raise PageError(f"{path}: is a folder; read its files with scanner.scan")
    try:
        (ref,) = find_files([path])
    except NothingToReadError as error:
        raise PageError(str(error)) from error
    return replace(ref, file=name) if name else ref


def _open_file(ref: PageRef, limits: Limits, selected_pages: Container[int] | None) -> _Decoded:
    from scanner.sources.decoding import decode_file, read_file

    try:
        data = read_file(ref, limits)
    except OSError:
        # Opening it once more yields the error for the user.
        return decode_file(ref, limits), lambda number: FileSource(ref, number, "", limits)
    sha256 = hashlib.sha256(data).hexdigest()
    decoded, _ = _open_bytes(data, ref.file, limits, selected_pages)
    return decoded, lambda number: FileSource(ref, number, sha256, limits)


def _open_bytes(data: bytes, name: str, limits: Limits, selected_pages: Container[int] | None) -> _Decoded:
    from scanner.batch.failure_isolation import isolate_decoding_errors
    from scanner.sources.decoding import ALL_PAGES, decode_bytes

    pages = decode_bytes(data, name, limits, ALL_PAGES if selected_pages is None else selected_pages)
    return isolate_decoding_errors(pages, name), lambda number: BytesSource(data, name, number, limits)


def _open_array(image: Image, name: str, selected_pages: Container[int] | None) -> _Decoded:
    from scanner.types import PageImage

    pages = [PageImage(name, 1, image)] if selected_pages is None or 1 in selected_pages else []
    return pages, lambda _: ArraySource(image)


def _scan(
    decoded: Iterable[PageImage | PageFailure], image_source: Callable[[int], ImageSource], recipe: ReadingRecipe
) -> Iterator[Page]:
    from scanner.batch.batch_forms import load_references
    from scanner.batch.failure_isolation import scan_pages
    from scanner.batch.loaded_models import load_models_once

    loaded = load_models_once(recipe.classifier, recipe.options.readers, recipe.own_weights)
    references = load_references(recipe.forms, loaded.models.page_network)
    with loaded.lock:
        for processed in scan_pages(decoded, loaded.models, recipe.options, references=references):
            yield Page.of_result(processed.result, image_source(processed.result.page_number))
