from __future__ import annotations

import io
import os
import struct
import threading
import tracemalloc
import warnings
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image
from PIL.TiffImagePlugin import TiffImageFile

from scanner.sources.decoding import PageFailure, decode_bytes
from scanner.sources.limits import Limits
from scanner.types import PageImage

if TYPE_CHECKING:
    from numpy.typing import NDArray

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)


def packed(picture: Image.Image, form: str, **options: Any) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, form, **options)
    return stream.getvalue()


def read(data: bytes) -> NDArray[np.uint8]:
    (page,) = decode_bytes(data, "n")
    assert isinstance(page, PageImage), page
    assert page.page_number == 1
    assert page.image.dtype == np.uint8
    assert page.image.flags.c_contiguous
    assert not page.image.flags.writeable
    return page.image


def gray(data: bytes) -> list[list[int]]:
    image = read(data)
    assert (image[..., :1] == image).all()
    out: list[list[int]] = image[..., 0].tolist()
    return out


def failures(data: bytes, limits: Limits | None = None) -> list[tuple[int, str]]:
    pages = list(decode_bytes(data, "n", limits or Limits()))
    return [(page.page_number, page.error if isinstance(page, PageFailure) else "") for page in pages]


def two_pixels(mode: str, first: Any, second: Any) -> Image.Image:
    picture = Image.new(mode, (2, 1), first)
    picture.putpixel((1, 0), second)
    return picture


@pytest.mark.parametrize("form", ["PNG", "BMP", "TIFF", "WEBP"])
def test_colours_are_bgr(form: str) -> None:
    data = packed(two_pixels("RGB", RED, (1, 2, 3)), form, **({"lossless": True} if form == "WEBP" else {}))
    assert read(data).tolist() == [[[0, 0, 255], [3, 2, 1]]]


def test_jpeg_is_bgr() -> None:
    assert read(packed(Image.new("RGB", (8, 8), RED), "JPEG", quality=100))[4, 4] == pytest.approx([0, 0, 255], abs=3)
    assert gray(packed(Image.new("L", (1, 1), 77), "JPEG")) == [[77]]


def test_two_level_pictures_are_black_and_white() -> None:
    picture = two_pixels("1", 0, 1)
    assert gray(packed(picture, "PNG")) == [[0, 255]]
    assert gray(packed(picture, "TIFF", compression="group4")) == [[0, 255]]


def test_palettes_are_looked_up() -> None:
    picture = two_pixels("P", 0, 1)
    picture.putpalette([*GREEN, *BLUE])
    assert read(packed(picture, "PNG")).tolist() == [[[0, 255, 0], [255, 0, 0]]]
    assert read(packed(picture, "TIFF")).tolist() == [[[0, 255, 0], [255, 0, 0]]]


def test_transparent_parts_are_white_paper() -> None:
    assert gray(packed(two_pixels("RGBA", (0, 0, 0, 0), (0, 0, 0, 255)), "PNG")) == [[255, 0]]
    assert gray(packed(two_pixels("LA", (0, 51), (9, 255)), "PNG")) == [[204, 9]]
    assert gray(packed(two_pixels("L", 7, 9), "PNG", transparency=7)) == [[255, 9]]
    assert gray(packed(two_pixels("RGBA", (0, 0, 0, 0), (0, 0, 0, 255)), "WEBP", lossless=True)) == [[255, 0]]
    assert gray(packed(two_pixels("RGBA", (0, 0, 0, 0), (0, 0, 0, 255)), "TIFF")) == [[255, 0]]
    picture = two_pixels("P", 0, 1)
    picture.putpalette([*GREEN, *BLUE])
    assert read(packed(picture, "PNG", transparency=0)).tolist() == [[[255, 255, 255], [255, 0, 0]]]


def test_cmyk_becomes_rgb() -> None:
    no_ink, black, cyan = (0, 0, 0, 0), (0, 0, 0, 255), (255, 0, 0, 0)
    assert gray(packed(two_pixels("CMYK", no_ink, black), "TIFF")) == [[255, 0]]
    assert read(packed(Image.new("CMYK", (1, 1), cyan), "TIFF")).tolist() == [[[255, 255, 0]]]
    # Pillow writes Adobe's inverted variant of CMYK JPEG.
    data = packed(Image.new("CMYK", (8, 8), no_ink), "JPEG", quality=100)
    assert b"Adobe" in data
    assert read(data).min() >= 252
    assert read(packed(Image.new("CMYK", (8, 8), black), "JPEG", quality=100)).max() <= 3


def test_lab_keeps_its_lightness() -> None:
    assert gray(packed(two_pixels("LAB", (40, 0, 0), (200, 128, 128)), "TIFF")) == [[40, 200]]


def sixteen(*values: int) -> Image.Image:
    return Image.fromarray(np.array([values], np.uint16))


@pytest.mark.parametrize("form", ["PNG", "TIFF"])
def test_sixteen_bits_are_scaled_by_their_depth(form: str) -> None:
    assert gray(packed(sixteen(0, 257 * 100, 65535), form)) == [[0, 100, 255]]
    assert gray(packed(sixteen(0, 2048, 4095), form)) == [[0, 128, 255]]  # 12 bits
    assert gray(packed(sixteen(0, 7, 40), form)) == [[0, 7, 40]]  # 8 bits: a dark page stays dark


def test_negative_sixteen_bits_are_inverted() -> None:
    assert gray(packed(sixteen(0, 65535), "TIFF", tiffinfo={262: 0})) == [[255, 0]]


def test_whole_numbers_and_floats_are_scaled() -> None:
    def tiff(*values: float, kind: type = np.float32) -> bytes:
        return packed(Image.fromarray(np.array([values], kind)), "TIFF")

    assert gray(tiff(0, 0.2, 1.0)) == [[0, 51, 255]]
    assert gray(tiff(0, 51, 255)) == [[0, 51, 255]]
    assert gray(tiff(-1, 0, 1)) == [[0, 128, 255]]
    assert gray(tiff(0, float("nan"), 1)) == [[0, 255, 255]]
    assert gray(tiff(float("nan"))) == [[255]]
    assert gray(tiff(0, 2**24 - 1, kind=np.int32)) == [[0, 255]]


# What EXIF 2.3 says of the stored first pixel: where it belongs in the upright picture.
FIRST_PIXEL = {1: (0, 0), 2: (0, 1), 3: (2, 1), 4: (2, 0), 5: (0, 0), 6: (0, 2), 7: (1, 2), 8: (1, 0)}


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("form", ["PNG", "TIFF", "WEBP", "JPEG"])
def test_pictures_are_turned_upright(form: str, orientation: int) -> None:
    # 2 wide and 3 high, 8 x 8 blocks so that JPEG keeps them apart; only the first is black.
    picture = Image.new("L", (16, 24), 255)
    picture.paste(0, (0, 0, 8, 8))
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = read(packed(picture, form, exif=exif))[4::8, 4::8, 0]
    assert image.shape == ((3, 2) if orientation < 5 else (2, 3))
    assert tuple(np.argwhere(image < 128)[0]) == FIRST_PIXEL[orientation]


@pytest.mark.parametrize("exif", [b"Exif\0\0", b"Exif\0\0junkjunkjunk", b"Exif\0\0II*\0\xff\xff\xff\xff", b"x"])
def test_broken_exif_is_ignored(exif: bytes) -> None:
    assert gray(packed(Image.new("L", (1, 1), 77), "JPEG", exif=exif)) == [[77]]
    assert gray(packed(Image.new("L", (1, 1), 77), "PNG", exif=exif)) == [[77]]


NOISE = Image.fromarray(np.random.default_rng(0).integers(0, 256, (60, 50), np.uint8))


@pytest.mark.parametrize("form", ["PNG", "JPEG", "BMP", "WEBP"])
@pytest.mark.parametrize("share", [0.02, 0.5, 0.99])
def test_a_picture_cut_short_is_an_error(form: str, share: float, capfd: pytest.CaptureFixture[str]) -> None:
    data = packed(NOISE, form)
    ((number, error),) = failures(data[: int(len(data) * share)])
    assert number in {0, 1}
    assert error in {"n: is cut short; copy or scan it again", "n: is damaged; copy or scan it again"}
    if share == 0.5 and form != "WEBP":
        assert (number, error) == (1, "n: is cut short; copy or scan it again")
    assert capfd.readouterr() == ("", "")


def bomb(width: int, height: int) -> bytes:
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))
    return b"\x89PNG\r\n\x1a\n" + chunk + struct.pack(">I", 0) + b"IDAT" + struct.pack(">I", zlib.crc32(b"IDAT"))


def test_too_many_pixels_are_refused_before_decoding() -> None:
    ((number, error),) = failures(bomb(60_000, 60_000))
    assert number == 1
    assert error == (
        "n: has 60000 x 60000 pixels, more than the 150 million that are read; scan it at a lower resolution"
    )
    assert failures(packed(NOISE, "PNG"), Limits(pixels=3000)) == [(1, "")]
    assert "50 x 60 pixels" in failures(packed(NOISE, "PNG"), Limits(pixels=2999))[0][1]
    assert "50 x 60 pixels" in failures(packed(NOISE, "TIFF"), Limits(pixels=2999))[0][1]


def test_the_limits_of_pillow_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for form in ("PNG", "TIFF", "JPEG"):
            assert failures(packed(NOISE, form)) == [(1, "")]
    assert Image.MAX_IMAGE_PIXELS == 100


def pages(*values: int, **options: Any) -> bytes:
    first, *rest = (Image.new("L", (40, 30), value) for value in values)
    return packed(first, "TIFF", save_all=True, append_images=rest, **options)


def test_the_pages_of_a_tiff_come_in_order() -> None:
    for options in ({}, {"compression": "tiff_lzw"}, {"big_tiff": True}):
        read_pages = list(decode_bytes(pages(1, 2, 3, **options), "n"))
        assert [(p.page_number, int(p.image[0, 0, 0])) for p in read_pages if isinstance(p, PageImage)] == [
            (1, 1),
            (2, 2),
            (3, 3),
        ]


def test_fax_pages_come_in_order() -> None:
    first, *rest = (two_pixels("1", *pair) for pair in ((0, 1), (1, 0), (0, 0)))
    data = packed(first, "TIFF", save_all=True, append_images=rest, compression="group4")
    got = [p.image[0, :, 0].tolist() for p in decode_bytes(data, "n") if isinstance(p, PageImage)]
    assert got == [[0, 255], [255, 0], [0, 0]]


@pytest.mark.parametrize("compression", ["group3", "group4", "tiff_ccitt", "packbits", None])
@pytest.mark.parametrize("white", [0, 1])
def test_two_level_pages_are_read_whichever_value_is_white(compression: str | None, white: int) -> None:
    # As faxes and office scanners store them; 262 says which value is white.
    data = packed(BITS, "TIFF", compression=compression, tiffinfo={262: white})
    assert struct.unpack_from("<H", data, tag_at(data, 0, 262) + 8) == (white,)
    assert (np.array(gray(data)) == np.asarray(BITS.convert("L"))).all()


def test_one_file_may_have_pages_of_several_depths() -> None:
    first, *rest = two_pixels("1", 0, 1), two_pixels("L", 7, 200), sixteen(257 * 7, 65535), two_pixels("RGB", RED, BLUE)
    data = packed(first, "TIFF", save_all=True, append_images=rest)
    got = [page.image[0].tolist() for page in decode_bytes(data, "n") if isinstance(page, PageImage)]
    assert got == [
        *([[0] * 3, [255] * 3], [[7] * 3, [200] * 3], [[7] * 3, [255] * 3]),
        [[0, 0, 255], [255, 0, 0]],
    ]


def directories(data: bytes) -> list[int]:
    places, at = [], 4
    while (place := struct.unpack_from("<I", data, at)[0]) != 0:
        places.append(place)
        at = place + 2 + 12 * struct.unpack_from("<H", data, place)[0]
    return places


def tag_at(data: bytes, page: int, tag: int) -> int:
    """Offset of the entry of a tag of a page, counted from 0."""
    place = directories(data)[page]
    entries = (place + 2 + 12 * entry for entry in range(struct.unpack_from("<H", data, place)[0]))
    return next(at for at in entries if struct.unpack_from("<H", data, at)[0] == tag)


def with_tag(data: bytes, page: int, tag: int, value: int) -> bytes:
    out = bytearray(data)
    struct.pack_into("<I", out, tag_at(data, page, tag) + 8, value)
    return bytes(out)


@pytest.mark.parametrize("bad", [0, 1, 2])
@pytest.mark.parametrize(("tag", "value"), [(259, 9999), (258, 77), (273, 10**8)])  # compression, bits, offset of data
def test_a_bad_page_does_not_stop_the_others(bad: int, tag: int, value: int) -> None:
    got = failures(with_tag(pages(1, 2, 3), bad, tag, value))
    assert [number for number, _ in got] == [1, 2, 3]
    assert [bool(error) for _, error in got] == [page == bad for page in range(3)]
    assert got[bad][1].startswith(f"n, page {bad + 1}: is ")


def test_a_tiff_cut_within_a_page_names_that_page() -> None:
    data = pages(1, 2, 3)
    second, third = directories(data)[1:]
    assert failures(data[: third + 5])[:2] == [(1, ""), (2, "")]
    assert failures(data[: third + 5])[2][1].startswith("n, page 3: is ")
    assert failures(data[: second + 60])[0] == (1, "")
    assert failures(data[: second + 60])[-1][1].startswith("n, page")


def test_a_tiff_whose_pages_form_a_cycle_ends() -> None:
    data = bytearray(pages(1, 2))
    first, second = directories(bytes(data))
    struct.pack_into("<I", data, second + 2 + 12 * struct.unpack_from("<H", data, second)[0], first)
    assert failures(bytes(data)) == [(1, ""), (2, "")]


def test_tiffs_without_pages_or_with_too_many() -> None:
    assert failures(b"II*\0\0\0\0\0") == [(0, "n: has no pages; scan it again")]
    assert failures(b"II+\0\x08\0\0\0" + b"\xff" * 8)[0][1].startswith("n, page 1: is ")
    assert failures(b"II*\0")[0][1].startswith("n, page 1: is ")
    assert failures(pages(1, 2, 3), Limits(pages=2)) == [
        (1, ""),
        (2, ""),
        (3, "n, page 3: is one of more than 2 pages; split the file"),
    ]


def test_previews_are_left_out() -> None:
    data = packed(
        Image.new("L", (40, 30), 1),
        "TIFF",
        save_all=True,
        append_images=[Image.new("L", (4, 3), 2), Image.new("L", (40, 30), 3)],
        tiffinfo={254: 0},
    )
    assert failures(with_tag(data, 1, 254, 1)) == [(1, ""), (3, "")]


COMPRESSIONS = ["group4", "tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg", None]
BITS = NOISE.point(lambda value: 255 * (value > 128), "1")


@pytest.mark.parametrize("compression", COMPRESSIONS)
def test_a_strip_cut_short_is_an_error_and_quiet(compression: str | None, capfd: pytest.CaptureFixture[str]) -> None:
    data = packed(BITS if compression == "group4" else NOISE, "TIFF", compression=compression)
    entry = tag_at(data, 0, 273)
    count, strip = struct.unpack_from("<II", data, entry + 4)
    assert count == 1
    # The same file with its one strip at the end, after the tags.
    (length,) = struct.unpack_from("<I", data, tag_at(data, 0, 279) + 8)
    moved = with_tag(data, 0, 273, len(data)) + data[strip : strip + length]
    assert failures(moved) == [(1, "")]
    for share in (0.1, 0.5, 0.9):
        ((number, error),) = failures(moved[: len(data) + int(length * share)])
        assert number == 1
        assert error in {
            "n, page 1: is cut short; copy or scan it again",
            "n, page 1: is damaged; copy or scan it again",
        }
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("compression", ["group4", "tiff_lzw"])
def test_a_bad_code_word_is_an_error_and_quiet(compression: str, capfd: pytest.CaptureFixture[str]) -> None:
    data = bytearray(packed(BITS if compression == "group4" else NOISE, "TIFF", compression=compression))
    (strip,) = struct.unpack_from("<I", data, tag_at(bytes(data), 0, 273) + 8)
    data[strip + 200 : strip + 240] = b"\xa7" * 40
    assert failures(bytes(data)) == [(1, "n, page 1: is damaged; copy or scan it again")]
    assert capfd.readouterr() == ("", "")


def test_what_others_write_to_stderr_meanwhile_is_passed_on(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    load = TiffImageFile.load

    def talk(picture: TiffImageFile) -> object:
        os.write(2, b"12 pages read\n")
        return load(picture)

    monkeypatch.setattr(TiffImageFile, "load", talk)
    assert failures(packed(NOISE, "TIFF")) == [(1, "")]
    assert capfd.readouterr().err.startswith("12 pages read\n")


def test_pages_may_be_read_in_threads() -> None:
    data, got = pages(1, 2, 3, compression="tiff_lzw"), []

    def work() -> None:
        got.append(failures(data))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == [[(1, ""), (2, ""), (3, "")]] * 4


@pytest.mark.parametrize(("number", "copies"), [(1, 0), (2, 1)])
def test_a_large_tiff_is_copied_at_most_once_for_a_page(number: int, copies: int) -> None:
    page, size = Image.new("L", (40, 30), 255), 30_000_000
    data = packed(page, "TIFF", save_all=True, append_images=[page]) + b"\0" * size
    tracemalloc.start()
    try:
        (decoded,) = decode_bytes(data, "n", Limits(), (number,))
        assert tracemalloc.get_traced_memory()[1] < (copies + 0.5) * size
    finally:
        tracemalloc.stop()
    assert isinstance(decoded, PageImage)
