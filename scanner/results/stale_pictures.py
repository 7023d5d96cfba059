"""Remove pictures of annotated pages that no longer show what was read."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from typing import TYPE_CHECKING

from scanner.errors import OutputError
from scanner.results.annotated_files import is_annotated_file
from scanner.results.annotation_style import AnnotationFormat
from scanner.results.picture_names import DOCUMENT_ENDING, picture_stem

if TYPE_CHECKING:
    from collections.abc import Container, Iterable
    from pathlib import Path

    from scanner.results.annotation_style import AnnotationStyle
    from scanner.types import PageResult

_PAGE_PICTURE = re.compile(r"(?P<stem>.*)\.p(?P<page>[0-9]+)(?P<suffix>\.png|\.jpg)", re.DOTALL)


def remove_stale_pictures(
    folder: Path, results: Iterable[PageResult], style: AnnotationStyle, selected_pages: Container[int]
) -> None:
    """Remove pictures of the files of a batch that the batch did not draw.

    These are pictures in another format, and those of pages that a file no longer has or that can no longer be read.
    Pictures of files that are not in the batch stay, and so does whatever this program did not write.

    Args:
        folder: folder of annotated pages.
        results: results of the batch.
        style: how its annotated pages are kept.
        selected_pages: numbers of the pages of each file that the batch was to read; pictures of others stay.

    Raises:
        OutputError: if a picture cannot be removed.
    """
    drawn: defaultdict[str, set[int]] = defaultdict(set)
    for result in results:
        pages = drawn[picture_stem(result.file)]
        if not result.error:
            pages.add(result.page_number)
    # Of a watched folder, of which few files are new, not all the others are looked through.
    for parent in {stem[: stem.rfind("/") + 1] for stem in drawn}:
        for name in _names_in(folder / parent):
            if _is_stale(parent + name, drawn, style, selected_pages):
                path = folder / parent / name
                if is_annotated_file(path):
                    _remove(path)


def _names_in(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)  # noqa: PTH208 - a path of each would take longer than all else
    except OSError:
        # Nothing was drawn there, or it is no folder, or may not be opened.
        return []


def _is_stale(name: str, drawn: dict[str, set[int]], style: AnnotationStyle, selected_pages: Container[int]) -> bool:
    is_document = style.format is AnnotationFormat.PDF
    if name.endswith(DOCUMENT_ENDING):
        pages = drawn.get(name.removesuffix(DOCUMENT_ENDING))
        return pages is not None and not (is_document and pages)
    match = _PAGE_PICTURE.fullmatch(name)
    if match is None or match["stem"] not in drawn:
        return False
    if is_document or match["suffix"] != style.picture_suffix:
        return True
    page = int(match["page"])
    return page in selected_pages and page not in drawn[match["stem"]]


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(f"{path}: is out of date and could not be removed ({error.strerror}); remove it") from error
