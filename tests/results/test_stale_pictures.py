from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image as PillowImage

from scanner.results.annotated_files import write_annotated_document, write_annotated_picture
from scanner.results.annotation_style import AnnotationFormat, AnnotationStyle
from scanner.results.stale_pictures import remove_stale_pictures
from scanner.types import PageResult

if TYPE_CHECKING:
    from collections.abc import Container
    from pathlib import Path

JPEG, PNG, PDF = (AnnotationStyle(format_) for format_ in AnnotationFormat)
ALL = range(1, 1000)
PICTURE = np.zeros((20, 20, 3), np.uint8)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Pictures of all formats, of two files, one in a folder."""
    for stem in ("a.tif", "sub/b.pdf"):
        for page in (1, 2, 3):
            for style in (JPEG, PNG):
                write_annotated_picture(tmp_path / f"{stem}.p{page}{style.picture_suffix}", PICTURE, style)
        write_annotated_document(tmp_path / f"{stem}.annotated.pdf", [tmp_path / f"{stem}.p1.jpg"], "abc")
    return tmp_path


def remaining(
    folder: Path, style: AnnotationStyle, *results: PageResult, selected_pages: Container[int] = ALL
) -> set[str]:
    remove_stale_pictures(folder, results, style, selected_pages)
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def page(file: str, number: int, error: str = "") -> PageResult:
    return PageResult(file, number, 20, 20, error=error)


OTHER_FILE = {f"sub/b.pdf.p{number}{suffix}" for number in (1, 2, 3) for suffix in (".jpg", ".png")} | {
    "sub/b.pdf.annotated.pdf"
}


@pytest.mark.parametrize(
    ("style", "kept"),
    [
        (JPEG, {"a.tif.p1.jpg", "a.tif.p2.jpg", "a.tif.p3.jpg"}),
        (PNG, {"a.tif.p1.png", "a.tif.p2.png", "a.tif.p3.png"}),
        (PDF, {"a.tif.annotated.pdf"}),
    ],
)
def test_pictures_in_other_formats_go_and_those_of_other_files_stay(
    folder: Path, style: AnnotationStyle, kept: set[str]
) -> None:
    assert remaining(folder, style, *(page("a.tif", number) for number in (1, 2, 3))) == kept | OTHER_FILE


def test_pictures_of_pages_that_are_no_longer_there_or_no_longer_read_go(folder: Path) -> None:
    kept = remaining(folder, JPEG, page("a.tif", 1), page("a.tif", 2, "a.tif, page 2: is damaged"))
    assert kept == {"a.tif.p1.jpg"} | OTHER_FILE
    assert remaining(folder, JPEG, page("sub/b.pdf", 0, "sub/b.pdf: is damaged")) == {"a.tif.p1.jpg"}


def test_a_document_of_a_file_that_is_no_longer_read_goes(folder: Path) -> None:
    assert "a.tif.annotated.pdf" not in remaining(folder, PDF, page("a.tif", 0, "a.tif: is damaged"))


def test_pictures_of_pages_that_were_not_selected_stay(folder: Path) -> None:
    assert (
        remaining(folder, JPEG, page("a.tif", 1), selected_pages=(1, 2))
        == {
            "a.tif.p1.jpg",
            "a.tif.p3.jpg",
        }
        | OTHER_FILE
    )


def test_what_somebody_else_made_stays(folder: Path) -> None:
    foreign = folder / "a.tif.p1.png"
    PillowImage.fromarray(PICTURE).save(foreign)
    (folder / "a.tif.p9.jpg").write_text("notes")
    (folder / "a.tif.annotated.pdf").write_bytes(b"%PDF")
    kept = remaining(folder, JPEG, page("a.tif", 1))
    assert kept == {"a.tif.p1.jpg", "a.tif.p1.png", "a.tif.p9.jpg", "a.tif.annotated.pdf"} | OTHER_FILE
