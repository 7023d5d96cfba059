from __future__ import annotations

import ctypes
import io
from typing import Any

import numpy as np
import pypdfium2
import pytest
from pypdfium2 import raw

from scanner.sources.decoding import decode_bytes
from scanner.sources.pdf_words import read_words
from scanner.types import PageImage


def pdf_with(*texts: tuple[str, float, float], rotation: int = 0) -> bytes:
    """A page of 200 x 300 points with texts, each at (x, y) from the lower left corner."""
    document = pypdfium2.PdfDocument.new()
    page = document.new_page(200, 300)
    for text, x, y in texts:
        written: Any = raw.FPDFPageObj_NewTextObj(document, b"Helvetica", 12)
        encoded = ctypes.create_string_buffer(text.encode("utf-16-le") + b"\0\0")
        raw.FPDFText_SetText(written, ctypes.cast(encoded, ctypes.POINTER(ctypes.c_ushort)))
        raw.FPDFPageObj_Transform(written, 1, 0, 0, 1, x, y)
        raw.FPDFPage_InsertObject(page, written)
    page.set_rotation(rotation)
    page.gen_content()
    stream = io.BytesIO()
    document.save(stream)
    document.close()
    return stream.getvalue()


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_words_are_where_they_are_drawn(rotation: int) -> None:
    data = pdf_with(("Total votes", 30, 200), rotation=rotation)
    (page,) = decode_bytes(data, "a.pdf")
    assert isinstance(page, PageImage)
    height, width = page.image.shape[:2]
    words = read_words(data, 1, width, height)
    assert [word.text for word in words] == ["Total", "votes"]
    inked = np.zeros((height, width), bool)
    for word in words:
        box = word.box
        inked[box.y - 2 : box.bottom + 2, box.x - 2 : box.right + 2] = True
        assert (page.image[box.y : box.bottom, box.x : box.right] < 128).any()
    assert not (page.image[~inked] < 128).any()


@pytest.mark.parametrize("data", [b"", b"no PDF", pdf_with()], ids=["nothing", "no PDF", "no text"])
def test_what_has_no_text_has_no_words(data: bytes) -> None:
    assert read_words(data, 1, 100, 100) == ()


def test_a_page_that_is_not_there_has_no_words() -> None:
    assert read_words(pdf_with(("a", 10, 10)), 2, 100, 100) == ()
