from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pypdfium2
import pytest
from PIL import Image as PillowImage

if TYPE_CHECKING:
    from collections.abc import Callable

    from click.testing import Result

    Run = Callable[..., Result]

STRIP = Path(__file__).parent.parent.parent / "samples" / "box_strip.png"


@pytest.fixture
def scan(succeed: Run, tmp_path: Path) -> Callable[..., set[str]]:
    """Scan the folder ``pages`` and return the files in the folder of annotated pages."""

    def scan(*options: str) -> set[str]:
        place = ("--out", tmp_path / "out.csv", "--annotate", tmp_path / "checked")
        succeed("scan", tmp_path / "pages", *place, "--reader", "contours", *options)
        paths = (tmp_path / "checked").rglob("*")
        return {path.relative_to(tmp_path / "checked").as_posix() for path in paths if path.is_file()}

    return scan


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    folder = tmp_path / "pages"
    (folder / "sub").mkdir(parents=True)
    save_pages(folder / "sub" / "two.tif", 2)
    PillowImage.open(STRIP).save(folder / "one.png")
    return folder


def save_pages(path: Path, count: int) -> None:
    page = PillowImage.open(STRIP).convert("L")
    page.save(path, save_all=True, append_images=[page.rotate(0, fillcolor=255)] * (count - 1))


@pytest.mark.usefixtures("pages")
def test_pictures_of_another_format_replace_those_of_the_last_run(scan: Callable[..., set[str]]) -> None:
    assert scan() == {"one.png.p1.jpg", "sub/two.tif.p1.jpg", "sub/two.tif.p2.jpg"}
    assert scan("--annotate-as", "png") == {"one.png.p1.png", "sub/two.tif.p1.png", "sub/two.tif.p2.png"}
    assert scan("--annotate-as", "pdf") == {"one.png.annotated.pdf", "sub/two.tif.annotated.pdf"}
    assert scan() == {"one.png.p1.jpg", "sub/two.tif.p1.jpg", "sub/two.tif.p2.jpg"}


def test_pictures_of_another_quality_are_drawn_again(
    scan: Callable[..., set[str]], pages: Path, tmp_path: Path
) -> None:
    sizes = []
    for quality in (("--annotate-quality", "20"), ()):
        scan(*quality)
        sizes.append((tmp_path / "checked" / "one.png.p1.jpg").stat().st_size)
    assert sizes[0] < sizes[1] / 1.5


def test_a_page_that_is_gone_leaves_no_picture(scan: Callable[..., set[str]], pages: Path) -> None:
    scan()
    save_pages(pages / "sub" / "two.tif", 1)
    assert scan() == {"one.png.p1.jpg", "sub/two.tif.p1.jpg"}


def test_a_document_has_all_pages_of_its_file(scan: Callable[..., set[str]], pages: Path, tmp_path: Path) -> None:
    scan("--annotate-as", "pdf")
    with pypdfium2.PdfDocument(tmp_path / "checked" / "sub" / "two.tif.annotated.pdf") as document:
        assert len(document) == 2


def test_a_document_is_made_again_only_if_its_contents_have_changed(
    scan: Callable[..., set[str]], pages: Path, tmp_path: Path
) -> None:
    document = tmp_path / "checked" / "sub" / "two.tif.annotated.pdf"
    scan("--annotate-as", "pdf")
    made = document.stat().st_mtime_ns, document.stat().st_ino
    scan("--annotate-as", "pdf")
    assert (document.stat().st_mtime_ns, document.stat().st_ino) == made
    save_pages(pages / "sub" / "two.tif", 3)
    scan("--annotate-as", "pdf")
    with pypdfium2.PdfDocument(document) as changed:
        assert len(changed) == 3


@pytest.mark.usefixtures("pages")
def test_a_document_that_cannot_be_written_is_reported(run: Run, tmp_path: Path) -> None:
    (tmp_path / "checked" / "one.png.annotated.pdf").mkdir(parents=True)
    options = ("--annotate", tmp_path / "checked", "--annotate-as", "pdf", "--reader", "contours")
    result = run("scan", tmp_path / "pages", "--out", tmp_path / "out.csv", *options)
    assert result.exit_code == 5
    assert "one.png.annotated.pdf: is a folder" in result.stderr
    assert (tmp_path / "checked" / "sub" / "two.tif.annotated.pdf").is_file()


@pytest.mark.parametrize("quality", ["0", "96", "fine"])
def test_a_quality_out_of_range_is_wrong_usage(run: Run, quality: str) -> None:
    result = run("scan", STRIP, "--annotate", "checked", "--annotate-quality", quality)
    assert result.exit_code == 2
    assert "--annotate-quality" in result.stderr
