"""The listed pages of a file; decoded one by one they give the same as the whole file decoded at once."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from scanner.sources.decoding import PageFailure, decode_bytes, list_page_numbers
from scanner.sources.limits import Limits
from scanner.types import PageImage

if TYPE_CHECKING:
    from collections.abc import Iterable


def test_pages_are_counted_without_decoding_any(tmp_path: Path) -> None:
    frames = [Image.new("L", (60, 40), 200 + place) for place in range(5)]
    for name in ("pages.tif", "pages.pdf"):
        frames[0].save(tmp_path / name, save_all=True, append_images=frames[1:])
        data = (tmp_path / name).read_bytes()
        assert list_page_numbers(data) == range(1, 6)
        assert list_page_numbers(data, Limits(pages=3)) == range(1, 5), "one more tells that there are more"


@pytest.mark.parametrize("data", [b"", b"GIF89a", b"%PDF-1.4 nothing", b"II*\0"])
def test_what_cannot_be_opened_is_page_0(data: bytes) -> None:
    (number,) = list_page_numbers(data)
    (failure,) = decode_bytes(data, "n", selected_pages=range(number, number + 1))
    assert isinstance(failure, PageFailure)


def packed(file_format: str, count: int) -> bytes:
    pages = [Image.new("L", (20, 10 + place), 255) for place in range(count)]
    stream = BytesIO()
    pages[0].save(stream, file_format, save_all=True, append_images=pages[1:])
    return stream.getvalue()


FILES = {file_format: packed(file_format, 3) for file_format in ("TIFF", "PDF", "PNG")}


def contents(pages: Iterable[PageImage | PageFailure]) -> list[tuple[int, object]]:
    return [(page.page_number, page.error if isinstance(page, PageFailure) else page.image.shape) for page in pages]


def one_by_one(data: bytes, limits: Limits) -> list[tuple[int, object]]:
    return [
        page
        for number in list_page_numbers(data, limits)
        for page in contents(decode_bytes(data, "n", limits, range(number, number + 1)))
    ]


@pytest.mark.parametrize("most", [1, 2, 3, 4])
@pytest.mark.parametrize("file_format", FILES)
def test_pages_decoded_one_by_one_are_those_of_the_file(file_format: str, most: int) -> None:
    limits = Limits(pages=most)
    assert one_by_one(FILES[file_format], limits) == contents(decode_bytes(FILES[file_format], "n", limits))


@pytest.mark.parametrize("missing", range(8, 40, 4))
def test_what_is_wrong_with_a_pdf_that_is_cut_short_is_reported_once(missing: int) -> None:
    data = FILES["PDF"][:-missing]
    assert one_by_one(data, Limits()) == contents(decode_bytes(data, "n"))


@given(st.sampled_from(sorted(FILES)), st.floats(0, 1), st.binary(max_size=8))
def test_whatever_is_wrong_with_a_file_is_reported_once(file_format: str, share: float, more: bytes) -> None:
    whole = FILES[file_format]
    data = whole[: round(share * len(whole))] + more
    assert one_by_one(data, Limits()) == contents(decode_bytes(data, "n"))


@given(st.sampled_from(sorted(FILES)), st.integers(0, 10_000), st.binary(min_size=1, max_size=8))
def test_a_damaged_file_has_the_same_pages_one_by_one(file_format: str, place: int, change: bytes) -> None:
    data = bytearray(FILES[file_format])
    data[place % len(data) : place % len(data) + len(change)] = change
    assert one_by_one(bytes(data), Limits()) == contents(decode_bytes(bytes(data), "n"))


def test_a_file_that_is_too_large_is_not_opened_to_count_its_pages() -> None:
    assert list_page_numbers(FILES["PDF"], Limits(file_bytes=10)) == range(1)
    assert list_page_numbers(b"", Limits()) == range(1)
    assert list_page_numbers(FILES["PDF"], Limits(pages=1)) == range(1, 3)
