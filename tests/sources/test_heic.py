"""HEIC pictures, as telephones store them; reading them takes an optional package, writing them one for tests."""

from __future__ import annotations

import io
import struct
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from scanner.sources.decoding import PageFailure, decode_bytes, decode_file, list_page_numbers
from scanner.sources.discovery import find_files
from scanner.sources.limits import Limits
from scanner.types import PageImage

if TYPE_CHECKING:
    from pathlib import Path

pytest.importorskip("pi_heif", reason="pi-heif, which reads HEIC, is not installed")
pillow_heif = pytest.importorskip("pillow_heif", reason="pillow-heif, which writes HEIC to test with, is not installed")

# HEVC encodes blocks, so pictures of a few pixels would not show where each pixel ended up.
SIDE = 64
# As in the tests of other formats: where the first stored square belongs in the upright picture.
FIRST_SQUARE = {1: (0, 0), 2: (0, 1), 3: (2, 1), 4: (2, 0), 5: (0, 0), 6: (0, 2), 7: (1, 2), 8: (1, 0)}


def packed(picture: Image.Image, **options: Any) -> bytes:
    stream = io.BytesIO()
    # Without loss: full colour resolution, no conversion of colours.
    pillow_heif.from_pillow(picture).save(stream, quality=-1, chroma=444, matrix_coefficients=0, **options)
    return stream.getvalue()


def squares(mode: str, *colours: Any) -> Image.Image:
    picture = Image.new(mode, (SIDE * len(colours), SIDE))
    for place, colour in enumerate(colours):
        picture.paste(colour, (SIDE * place, 0, SIDE * (place + 1), SIDE))
    return picture


def read(data: bytes) -> list[list[list[int]]]:
    """Colours in the middle of the squares."""
    (page,) = decode_bytes(data, "n")
    assert isinstance(page, PageImage), page
    assert page.page_number == 1
    assert page.image.flags.c_contiguous
    assert not page.image.flags.writeable
    middles: list[list[list[int]]] = page.image[SIDE // 2 :: SIDE, SIDE // 2 :: SIDE].tolist()
    return middles


def failure(data: bytes, limits: Limits | None = None) -> str:
    (page,) = decode_bytes(data, "n", limits or Limits())
    assert isinstance(page, PageFailure), page
    return page.error


NOISE = Image.fromarray(np.random.default_rng(0).integers(0, 256, (60, 50, 3), np.uint8))


def test_colours_are_bgr_and_grey_stays_grey() -> None:
    assert read(packed(squares("RGB", (255, 0, 0), (1, 2, 3)))) == [[[0, 0, 255], [3, 2, 1]]]
    assert read(packed(squares("L", 7, 200))) == [[[7] * 3, [200] * 3]]


def test_transparent_parts_are_white_paper() -> None:
    assert read(packed(squares("RGBA", (0, 0, 0, 0), (0, 0, 0, 255)))) == [[[255] * 3, [0] * 3]]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_pictures_are_turned_upright(orientation: int) -> None:
    picture = Image.new("L", (2 * SIDE, 3 * SIDE), 255)
    picture.paste(0, (0, 0, SIDE, SIDE))
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = np.array(read(packed(picture, exif=exif.tobytes())))[..., 0]
    assert image.shape == ((3, 2) if orientation < 5 else (2, 3))
    assert tuple(np.argwhere(image < 128)[0]) == FIRST_SQUARE[orientation]


def test_the_main_picture_of_several_is_the_page() -> None:
    several = pillow_heif.from_pillow(squares("L", 10))
    several.add_from_pillow(squares("L", 200))
    stream = io.BytesIO()
    several.save(stream, quality=-1, primary_index=1)
    assert read(stream.getvalue()) == [[[200] * 3]]


@pytest.mark.parametrize("brand", ["heic", "heix", "hevc", "mif1"])
def test_a_file_is_known_by_its_brand(tmp_path: Path, brand: str) -> None:
    data = packed(squares("L", 77))
    (tmp_path / "scan.HEIC").write_bytes(data[:8] + brand.encode() + data[12:])
    (ref,) = find_files([tmp_path])
    assert list_page_numbers(ref.path.read_bytes()) == range(1, 2)
    assert [page.page_number for page in decode_file(ref) if isinstance(page, PageImage)] == [1]


def test_a_file_cut_short_is_an_error_and_quiet(capfd: pytest.CaptureFixture[str]) -> None:
    data = packed(NOISE)
    for share in (0.02, 0.1, 0.5, 0.99):
        assert failure(data[: int(len(data) * share)]) in {
            "n: is cut short; copy or scan it again",
            "n: is damaged; copy or scan it again",
        }
    assert failure(data[:-1]) == "n: is cut short; copy or scan it again"
    assert capfd.readouterr() == ("", "")


def test_too_many_pixels_are_refused_before_decoding() -> None:
    assert "n: has 50 x 60 pixels, more than" in failure(packed(NOISE), Limits(pixels=2999))
    data = packed(squares("L", 7))
    size = data.index(b"ispe") + 8

    def claiming(side: int) -> bytes:
        return data[:size] + struct.pack(">II", side, side) + data[size + 8 :]

    assert "n: has 30000 x 30000 pixels, more than the 150 million" in failure(claiming(30_000))
    assert failure(claiming(8), Limits(pixels=64)) == "n: is damaged; copy or scan it again"


def test_another_format_in_the_same_container_is_named() -> None:
    stream = io.BytesIO()
    NOISE.save(stream, "AVIF")
    assert failure(stream.getvalue()).startswith("n: is not a PNG")
    disguised = stream.getvalue().replace(b"ftypavif", b"ftypmif1")
    assert failure(disguised) == "n: is compressed in a way that is not supported; save it as PNG or JPEG"


def test_without_the_package_the_file_is_a_failure_that_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pi_heif.as_plugin", None)
    (page,) = decode_bytes(packed(NOISE), "n")
    assert page == PageFailure("n", 0, "n: is a HEIC file, which needs the package pi-heif; install digitscan[heic]")


@settings(deadline=None, max_examples=30)
@given(st.data())
def test_a_damaged_file_is_read_or_a_failure(data: st.DataObject) -> None:
    whole = bytearray(packed(squares("L", 7)))
    for place in data.draw(st.lists(st.integers(0, len(whole) - 1), max_size=8)):
        whole[place] = data.draw(st.integers(0, 255))
    for page in decode_bytes(bytes(whole), "n", Limits(pixels=100_000)):
        assert isinstance(page, PageImage) or (page.error.startswith("n: ") and "\n" not in page.error)
