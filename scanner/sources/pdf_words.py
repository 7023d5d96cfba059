"""The words of a PDF page that has text, and where they stand."""

from __future__ import annotations

from ctypes import c_int
from typing import TYPE_CHECKING, NamedTuple

from scanner.sources.pdf import pdfium_lock
from scanner.types import Box

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_MAX_CHARACTERS = 200_000
"""Most characters of a page that are looked at: no page has as many, but a malicious one may."""


class PlacedWord(NamedTuple):
    """A word on a page."""

    text: str
    box: Box
    """Pixels of the page as it was drawn."""


def read_words(data: bytes, page_number: int, width: int, height: int) -> tuple[PlacedWord, ...]:
    """Read the words of a PDF page.

    Args:
        data: the whole file.
        page_number: number of the page, from 1.
        width: width of the page as it was drawn, pixels.
        height: its height, pixels.

    Returns:
        The words in the order of the file; none if it is no PDF, has no such page, or no text.
    """
    import pypdfium2

    with pdfium_lock:
        try:
            document = pypdfium2.PdfDocument(data)
        except pypdfium2.PdfiumError:
            return ()
        try:
            page = document[page_number - 1]
            text_page = page.get_textpage()
            words = tuple(_words(_characters(page, text_page, width, height)))
            text_page.close()
            page.close()
        except (pypdfium2.PdfiumError, IndexError, ArithmeticError):
            return ()
        finally:
            document.close()
    return words


def _characters(page: Any, text_page: Any, width: int, height: int) -> Iterator[tuple[str, Box | None]]:
    """Yield each character with its box on the page as drawn; None for a blank and what has no place."""
    count = min(text_page.count_chars(), _MAX_CHARACTERS)
    text = text_page.get_text_range(0, count) if count > 0 else ""
    if len(text) != count:
        # Characters beyond the basic plane count twice in PDFium: one by one they keep their places.
        text = "".join(text_page.get_text_range(index, 1)[:1] or " " for index in range(count))
    for index, character in enumerate(text):
        yield character, None if character.isspace() else _drawn_box(page, text_page.get_charbox(index), width, height)


def _drawn_box(page: Any, place: tuple[float, float, float, float], width: int, height: int) -> Box | None:
    """Box of (left, bottom, right, top), in points of the page, on the page as drawn: it may be turned."""
    from pypdfium2 import raw

    left, bottom, right, top = place
    x, y = c_int(), c_int()
    corners = []
    for point in ((left, bottom), (right, top)):
        raw.FPDF_PageToDevice(page, 0, 0, width, height, 0, *point, x, y)
        corners.append((x.value, y.value))
    (x1, y1), (x2, y2) = corners
    if x1 == x2 or y1 == y2:
        return None
    return Box(min(x1, x2), min(y1, y2), abs(x2 - x1), abs(y2 - y1))


def _words(characters: Iterator[tuple[str, Box | None]]) -> Iterator[PlacedWord]:
    """Join characters that follow each other without a blank."""
    text, boxes = "", list[Box]()
    for character, box in (*characters, (" ", None)):
        if box is not None:
            text, boxes = text + character, [*boxes, box]
        elif character.isspace() and boxes:
            yield PlacedWord(text, Box.around(boxes))
            text, boxes = "", []
