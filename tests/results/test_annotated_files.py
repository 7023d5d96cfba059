from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pypdfium2
import pytest
from PIL import Image as PillowImage

from scanner.errors import OutputError
from scanner.results.annotated_files import (
    document_fingerprint,
    is_annotated_file,
    write_annotated_document,
    write_annotated_picture,
)
from scanner.results.annotation_style import AnnotationFormat, AnnotationStyle

if TYPE_CHECKING:
    from pathlib import Path

    from scanner.types import Image

PNG = AnnotationStyle(AnnotationFormat.PNG)


def page_picture(level: int = 200) -> Image:
    image = np.full((300, 200, 3), level, np.uint8)
    cv2.putText(image, "42", (20, 150), cv2.FONT_HERSHEY_SIMPLEX, 3, (181, 90, 0), 5)
    return image


def test_a_png_has_every_pixel_as_drawn(tmp_path: Path) -> None:
    write_annotated_picture(tmp_path / "a.png", page_picture(), PNG)
    read = cv2.imread(str(tmp_path / "a.png"))
    assert read is not None
    assert np.array_equal(read, page_picture())


def test_a_jpeg_of_higher_quality_is_larger_and_nearer_to_the_page(tmp_path: Path) -> None:
    sizes, errors = [], []
    for quality in (20, 60, 95):
        path = tmp_path / f"{quality}.jpg"
        write_annotated_picture(path, page_picture(), AnnotationStyle(quality=quality))
        sizes.append(path.stat().st_size)
        read = cv2.imread(str(path))
        assert read is not None
        errors.append(float(np.abs(read.astype(int) - page_picture()).mean()))
    assert sizes == sorted(sizes)
    assert errors == sorted(errors, reverse=True)


def test_a_document_has_its_pages_in_order(tmp_path: Path) -> None:
    levels = (40, 120, 220)
    pages = [tmp_path / f"{level}.jpg" for level in levels]
    for path, level in zip(pages, levels, strict=True):
        write_annotated_picture(path, page_picture(level), AnnotationStyle())
    write_annotated_document(tmp_path / "sub" / "a.pdf", pages, "abc")
    with pypdfium2.PdfDocument(tmp_path / "sub" / "a.pdf") as document:
        assert len(document) == 3
        for page, level in zip(document, levels, strict=True):
            assert page.get_width() / page.get_height() == pytest.approx(2 / 3, rel=1e-3)
            assert np.median(page.render(scale=0.3).to_numpy()) == pytest.approx(level, abs=3)


def test_a_document_can_have_more_pages_than_open_files(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    picture = tmp_path / "a.jpg"
    write_annotated_picture(picture, page_picture(), AnnotationStyle())
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, hard))
    try:
        write_annotated_document(tmp_path / "a.pdf", [picture] * 100, "abc")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    with pypdfium2.PdfDocument(tmp_path / "a.pdf") as document:
        assert len(document) == 100


def test_a_document_has_the_fingerprint_of_its_contents(tmp_path: Path) -> None:
    picture = tmp_path / "a.jpg"
    write_annotated_picture(picture, page_picture(), AnnotationStyle())
    write_annotated_document(tmp_path / "a.pdf", [picture], "12ab")
    assert document_fingerprint(tmp_path / "a.pdf") == "12ab"
    assert document_fingerprint(tmp_path / "none.pdf") == ""
    assert document_fingerprint(picture) == ""


def test_a_document_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    picture = tmp_path / "a.jpg"
    write_annotated_picture(picture, page_picture(), AnnotationStyle())
    (tmp_path / "a.pdf").mkdir()
    with pytest.raises(OutputError, match=r"a\.pdf: is a folder"):
        write_annotated_document(tmp_path / "a.pdf", [picture], "abc")


@pytest.mark.parametrize("suffix", [".png", ".jpg"])
def test_only_what_this_program_wrote_is_known_as_its_own(tmp_path: Path, suffix: str) -> None:
    own, foreign = tmp_path / f"own{suffix}", tmp_path / f"foreign{suffix}"
    style = PNG if suffix == ".png" else AnnotationStyle()
    write_annotated_picture(own, page_picture(), style)
    PillowImage.fromarray(page_picture()).save(foreign)
    assert is_annotated_file(own)
    assert not is_annotated_file(foreign)
    assert not is_annotated_file(tmp_path / f"none{suffix}")


def test_only_a_document_of_this_program_is_known_as_its_own(tmp_path: Path) -> None:
    PillowImage.fromarray(page_picture()).save(tmp_path / "foreign.pdf")
    write_annotated_picture(tmp_path / "a.jpg", page_picture(), AnnotationStyle())
    write_annotated_document(tmp_path / "own.pdf", [tmp_path / "a.jpg"], "abc")
    assert is_annotated_file(tmp_path / "own.pdf")
    assert not is_annotated_file(tmp_path / "foreign.pdf")
