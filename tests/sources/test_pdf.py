from __future__ import annotations

import io
import tracemalloc
from typing import Any

import numpy as np
import pypdfium2
import pytest
from PIL import Image

from scanner.sources.decoding import PageFailure, decode_bytes
from scanner.sources.limits import Limits
from scanner.types import PageImage

rng = np.random.default_rng(0)


def noise(width: int, height: int) -> Image.Image:
    return Image.fromarray(rng.random((height, width)) > 0.5)


def packed(*pictures: Image.Image, dpi: float = 72) -> bytes:
    """Write a PDF of scans, one a page."""
    stream = io.BytesIO()
    pictures[0].save(stream, "PDF", resolution=dpi, save_all=True, append_images=pictures[1:])
    return stream.getvalue()


def saved(document: Any) -> bytes:
    stream = io.BytesIO()
    document.save(stream)
    document.close()
    return stream.getvalue()


def add_page(document: Any, size: tuple[float, float], *placed: tuple[Image.Image, tuple[float, ...]]) -> None:
    page = document.new_page(*size)
    for picture, matrix in placed:
        image = pypdfium2.PdfImage.new(document)
        image.set_bitmap(pypdfium2.PdfBitmap.from_pil(picture.convert("L")))
        image.set_matrix(pypdfium2.PdfMatrix(*matrix))
        page.insert_obj(image)
    page.gen_content()


def of_page(size: tuple[float, float], *placed: tuple[Image.Image, tuple[float, ...]]) -> bytes:
    document = pypdfium2.PdfDocument.new()
    add_page(document, size, *placed)
    return saved(document)


def read(data: bytes, limits: Limits | None = None) -> list[tuple[int, Any]]:
    pages = decode_bytes(data, "n.pdf", limits or Limits())
    return [(page.page_number, page.image if isinstance(page, PageImage) else page.error) for page in pages]


def only(data: bytes, limits: Limits | None = None) -> Any:
    ((number, content),) = read(data, limits)
    assert number == (0 if isinstance(content, str) and "page 1" not in content else 1)
    return content


@pytest.mark.parametrize("dpi", [96, 150, 200, 300, 301.7, 303.3, 600])
@pytest.mark.parametrize("size", [(331, 467), (1654, 2339)])
def test_a_scan_is_drawn_pixel_for_pixel(size: tuple[int, int], dpi: float) -> None:
    picture = noise(*size)
    image = only(packed(picture, dpi=dpi))
    assert image.dtype == np.uint8
    assert image.flags.c_contiguous
    assert not image.flags.writeable
    expected = np.asarray(picture.convert("L"))
    assert image.shape == (*size[::-1], 3)
    assert (image == expected[..., None]).all()


def test_a_scan_of_which_the_page_shows_a_fraction_of_a_pixel_more_stays_sharp() -> None:
    # 149.2 x 210.7 points are 414.4 x 585.3 pixels at 200 dpi.
    picture = noise(414, 585)
    image = only(of_page((149.2, 210.7), (picture, (149.04, 0, 0, 210.6, 0, 0))))
    assert image.shape[:2] == (585, 414)
    assert set(np.unique(image)) == {0, 255}


def test_colours_are_bgr() -> None:
    image = only(packed(Image.new("RGB", (40, 40), (255, 0, 0))))
    assert image[20, 20] == pytest.approx([0, 0, 255], abs=3)


def test_a_page_that_is_no_scan_is_drawn_at_300_dpi() -> None:
    logo = (noise(90, 90), (20.0, 0, 0, 20.0, 0, 0))
    assert only(of_page((72, 144))).shape == (600, 300, 3)
    assert only(of_page((72, 144), logo)).shape == (600, 300, 3)
    assert only(of_page((72, 144)), Limits(pdf_dpi=100)).shape == (200, 100, 3)


def test_a_logo_on_a_scan_does_not_set_the_resolution() -> None:
    scan = (noise(200, 400), (72.0, 0, 0, 144.0, 0, 0))
    logo = (noise(90, 90), (10.0, 0, 0, 10.0, 0, 0))
    assert only(of_page((72, 144), scan, logo)).shape == (400, 200, 3)


def test_a_scan_in_stripes_or_layers_has_the_finest_resolution() -> None:
    strips = [(noise(200, 100), (72.0, 0, 0, 36.0, 0, 36.0 * place)) for place in range(4)]
    assert only(of_page((72, 144), *strips)).shape == (400, 200, 3)
    layers = [(noise(width, 2 * width), (72.0, 0, 0, 144.0, 0, 0)) for width in (100, 200)]
    assert only(of_page((72, 144), *layers)).shape == (400, 200, 3)


def test_a_coarse_background_is_no_scan() -> None:
    assert only(of_page((72, 144), (noise(10, 20), (72.0, 0, 0, 144.0, 0, 0)))).shape == (600, 300, 3)


def test_a_turned_scan_keeps_its_resolution() -> None:
    # A quarter turn anticlockwise: the picture's width runs up the page.
    picture = noise(200, 100)
    image = only(of_page((72, 144), (picture, (0, 144.0, -72.0, 0, 72.0, 0))))
    assert image.shape == (200, 100, 3)
    assert (image[..., 0] == np.rot90(np.asarray(picture.convert("L")))).all()


def test_a_page_turned_by_its_viewer_setting_is_upright() -> None:
    picture = noise(200, 100)
    document = pypdfium2.PdfDocument(packed(picture, dpi=100))
    document[0].set_rotation(90)
    image = only(saved(document))
    assert (image[..., 0] == np.rot90(np.asarray(picture.convert("L")), -1)).all()


def test_pages_are_drawn_no_larger_than_the_limit() -> None:
    assert only(of_page((72, 144)), Limits(pdf_pixels=20_000)).shape == (200, 100, 3)
    assert only(packed(noise(200, 400), dpi=2000), Limits(pdf_pixels=20_000)).shape == (200, 100, 3)


@pytest.mark.parametrize("size", [(28.8, 1e8), (1e8, 28.8), (0.001, 1e8), (72.0, 640_000.0)])
def test_an_extremely_thin_page_is_drawn_no_larger_either(size: tuple[float, float]) -> None:
    # At this resolution the other side is less than a pixel, or rounded up to two.
    height, width, _ = only(of_page(size), Limits(pdf_pixels=20_000, pdf_dpi=15)).shape
    assert height * width <= 20_000


def test_pictures_over_the_limit_are_refused() -> None:
    error = "n.pdf, page 1: holds a picture of more than the 0.01 million pixels that are read"
    assert only(packed(noise(100, 101)), Limits(pixels=10_000)).startswith(error)
    assert not isinstance(only(packed(noise(100, 100)), Limits(pixels=10_000)), str)


def test_pages_come_in_order_and_no_more_than_the_limit() -> None:
    data = packed(*(Image.new("1", (10 * n, 10)) for n in (1, 2, 3)))
    assert [(number, image.shape[1]) for number, image in read(data)] == [(1, 10), (2, 20), (3, 30)]
    assert read(data, Limits(pages=2))[2:] == [(3, "n.pdf, page 3: is one of more than 2 pages; split the file")]


def test_a_reader_may_stop_early() -> None:
    pages = decode_bytes(packed(noise(10, 10), noise(10, 10)), "n.pdf")
    assert isinstance(next(pages), PageImage)
    del pages


def pdf(*objects: bytes, trailer: bytes = b"") -> bytes:
    """Write a PDF by hand; the first object is the catalog."""
    out, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    return b"%sxref\n0 %d\n0000000000 65535 f \n%strailer\n<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n" % (
        *(out, size, table, size, trailer, len(out)),
    )


CATALOG = b"<</Type/Catalog/Pages 2 0 R>>"
BLANK = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 72 72]>>"


def test_a_bad_page_does_not_stop_the_others() -> None:
    tree = b"<</Type/Pages/Count 3/Kids[3 0 R 9 0 R 4 0 R]>>"
    got = read(pdf(CATALOG, tree, BLANK, BLANK))
    assert [number for number, _ in got] == [1, 2, 3]
    assert got[1][1] == "n.pdf, page 2: is damaged; copy or scan it again"
    assert got[0][1].shape == got[2][1].shape == (300, 300, 3)


def test_a_pdf_without_pages_is_an_error() -> None:
    assert isinstance(only(pdf(CATALOG, b"<</Type/Pages/Count 0/Kids[]>>")), str)


def test_a_locked_pdf_says_so() -> None:
    tree = b"<</Type/Pages/Count 1/Kids[3 0 R]>>"
    lock = b"/Encrypt<</Filter/Standard/V 1/R 2/O<%s>/U<%s>/P -4>>/ID[<00><00>]" % (b"11" * 32, b"22" * 32)
    data = pdf(CATALOG, tree, BLANK, trailer=lock)
    assert only(data) == "n.pdf: is locked with a password; save it without one"
    assert not isinstance(only(pdf(CATALOG, tree, BLANK)), str)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_pdf_cut_short_is_an_error(share: float, capfd: pytest.CaptureFixture[str]) -> None:
    data = packed(noise(300, 300), noise(300, 300))
    assert only(data[: int(len(data) * share)]) == "n.pdf: is cut short; copy or scan it again"
    assert len(read(data + b"\0" * 5000)) == 2
    assert capfd.readouterr() == ("", "")


def test_what_only_begins_and_ends_like_a_pdf_is_damaged() -> None:
    assert only(b"%PDF-1.4 nonsense %%EOF") == "n.pdf: is damaged; copy or scan it again"


def test_a_scan_that_cannot_be_decoded_is_not_a_blank_page() -> None:
    data = packed(Image.fromarray(rng.integers(0, 256, (300, 300), np.uint8)))
    start = data.index(b"\xff\xd8\xff")
    broken = data[:start] + b"\0" * 600 + data[start + 600 :]
    assert only(broken) == "n.pdf, page 1: is damaged; copy or scan it again"
    assert only(packed(Image.new("1", (30, 30), 1))).min() == 255


def test_failures_are_values() -> None:
    (failure,) = decode_bytes(b"%PDF-", "n.pdf")
    assert failure == PageFailure("n.pdf", 0, "n.pdf: is cut short; copy or scan it again")


@pytest.mark.parametrize("padding", [b"", b"\n", b"\0" * 5000])
def test_a_large_file_is_not_copied_for_each_page(padding: bytes) -> None:
    whole = packed(noise(40, 30))
    end = whole.rindex(b"startxref")
    data = whole[:end] + b"%" + b"x" * 30_000_000 + b"\n" + whole[end:] + padding
    tracemalloc.start()
    try:
        (page,) = decode_bytes(data, "a.pdf", Limits(), (1,))
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()
    assert isinstance(page, PageImage)


@pytest.mark.parametrize("padding", [b"", b"\r\n", b"\0" * 2048, b" " * 5000])
def test_a_pdf_whose_end_is_missing_is_cut_short_whatever_follows(padding: bytes) -> None:
    whole = packed(noise(40, 30))
    assert all(isinstance(page, PageImage) for page in decode_bytes(whole + padding, "a.pdf", Limits()))
    (page,) = decode_bytes(whole[: whole.rindex(b"startxref")] + padding, "a.pdf", Limits())
    assert isinstance(page, PageFailure)
    assert "is cut short" in page.error
