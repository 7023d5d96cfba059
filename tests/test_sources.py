from __future__ import annotations

import os
import subprocess
import sys
import warnings
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from scanner.errors import NothingToReadError
from scanner.sources import Limits, PageFailure, find_files, page_numbers, pages_of, pages_of_bytes
from scanner.types import Page, PageRef

if TYPE_CHECKING:
    from collections.abc import Iterable


def touch(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def names(*inputs: Path) -> list[str]:
    return [ref.file for ref in find_files(inputs)]


def test_folders_are_searched_to_any_depth_in_natural_order(tmp_path: Path) -> None:
    touch(tmp_path, "page10.png", "page2.png", "Page1.PNG", "sub/9.tif", "sub/10.TIFF", "sub/deep/a.pdf", "b.Jpe")
    touch(tmp_path, "notes.txt", "sub/x.gif", "png", ".hidden.png", ".git/x.png", "._page1.png")
    assert names(tmp_path) == [
        *("b.Jpe", "Page1.PNG", "page2.png", "page10.png"),
        *("sub/9.tif", "sub/10.TIFF", "sub/deep/a.pdf"),
    ]


def test_every_suffix_is_taken(tmp_path: Path) -> None:
    files = ["a.png", "b.jpg", "c.jpeg", "d.jpe", "e.bmp", "f.webp", "g.tif", "h.tiff", "i.pdf"]
    touch(tmp_path, *files)
    assert names(tmp_path) == files


def test_a_file_is_taken_whatever_it_is_called(tmp_path: Path) -> None:
    touch(tmp_path, "scan", ".hidden")
    assert names(tmp_path / "scan") == ["scan"]
    assert names(tmp_path / ".hidden", tmp_path / "scan") == [".hidden", "scan"]


def test_names_are_relative_to_the_deepest_common_folder(tmp_path: Path) -> None:
    touch(tmp_path, "a/x/1.png", "a/y/1.png", "b/1.png")
    assert names(tmp_path / "a") == ["x/1.png", "y/1.png"]
    assert names(tmp_path / "a" / "x", tmp_path / "a" / "y") == ["x/1.png", "y/1.png"]
    assert names(tmp_path / "b" / "1.png", tmp_path / "a") == ["a/x/1.png", "a/y/1.png", "b/1.png"]
    assert names(tmp_path / "a" / "x" / "1.png", tmp_path / "a") == ["x/1.png", "y/1.png"]
    assert names(tmp_path / "a" / "x" / ".." / "y") == ["1.png"]


def test_a_relative_input_gives_the_same_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    touch(tmp_path, "a/1.png")
    monkeypatch.chdir(tmp_path)
    assert names(Path()) == ["a/1.png"]
    assert names(Path("a/1.png")) == ["1.png"]
    assert find_files([Path("a")]) == (PageRef(Path("a/1.png"), "1.png"),)


def test_a_file_reached_twice_is_taken_once(tmp_path: Path) -> None:
    touch(tmp_path, "a/1.png")
    (tmp_path / "a" / "2.png").symlink_to("1.png")
    (tmp_path / "a" / "loop").symlink_to(tmp_path / "a")
    assert names(tmp_path, tmp_path / "a", tmp_path / "a" / "1.png") == ["a/1.png"]


def test_what_is_no_file_is_passed_over_in_a_folder(tmp_path: Path) -> None:
    touch(tmp_path, "1.png", "folder.png/2.png")
    os.mkfifo(tmp_path / "fifo.png")
    (tmp_path / "broken.png").symlink_to("nowhere")
    (tmp_path / "circle.png").symlink_to("circle.png")
    assert names(tmp_path) == ["1.png", "folder.png/2.png"]


def test_inputs_that_hold_nothing_are_named(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo.png")
    touch(tmp_path, "empty/notes.txt")
    with pytest.raises(NothingToReadError, match="no input"):
        find_files([])
    with pytest.raises(NothingToReadError, match=r"empty: holds no pages; put \.png"):
        find_files([tmp_path / "empty"])
    with pytest.raises(NothingToReadError, match=r"fifo\.png: is neither"):
        find_files([tmp_path / "fifo.png"])
    with pytest.raises(NothingToReadError, match=r"none\\n\.png: does not exist"):
        find_files([tmp_path / "none\n.png"])


def test_a_folder_that_cannot_be_opened_is_not_left_out_silently(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    touch(tmp_path, "1.png", "shut/2.png")
    scan = os.scandir

    def scandir(path: str) -> object:
        if str(path).endswith("shut"):
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", scandir)
    with pytest.raises(NothingToReadError, match=r"shut: cannot be opened .*permissions"):
        find_files([tmp_path])


def test_odd_names_can_be_written_down(tmp_path: Path) -> None:
    odd = os.fsdecode(b"\xff\xc3\xa9.png")
    touch(tmp_path, "a b.png", "é\u202f1.png", odd, "line\nbreak.png")
    assert names(tmp_path) == ["\\xffé.png", "a b.png", "line\\nbreak.png", "é\u202f1.png"]
    assert all(ref.path.read_bytes() == b"x" for ref in find_files([tmp_path]))
    "".join(names(tmp_path)).encode("utf-8")


@given(st.lists(st.integers(0, 10**6), unique=True, min_size=1, max_size=5))
def test_numbers_in_names_sort_as_numbers(tmp_path_factory: pytest.TempPathFactory, numbers: list[int]) -> None:
    folder = tmp_path_factory.mktemp("natural")
    touch(folder, *(f"p{number}.png" for number in numbers))
    assert names(folder) == [f"p{number}.png" for number in sorted(numbers)]


def only(data: bytes, limits: Limits | None = None) -> PageFailure:
    (failure,) = pages_of_bytes(data, "n.png", limits or Limits())
    assert isinstance(failure, PageFailure)
    return failure


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", "n.png: is empty; copy or scan it again"),
        (b"GIF89a", "n.png: is not a PNG, JPEG, BMP, WebP, TIFF or PDF file; save it as one of these"),
        (b"\0" * 2000 + b"%PDF-1.4", "n.png: is not a PNG, JPEG, BMP, WebP, TIFF or PDF file; save it as one of these"),
    ],
)
def test_what_is_no_page_is_explained(data: bytes, error: str) -> None:
    assert only(data) == PageFailure("n.png", 0, error)


def test_a_file_over_the_limit_is_refused(tmp_path: Path) -> None:
    limits = Limits(file_bytes=2**20)
    assert "larger than 1 MiB" in only(b"x" * (2**20 + 1), limits).error
    (tmp_path / "n.png").write_bytes(b"x" * (2**20 + 1))
    (failure,) = pages_of(PageRef(tmp_path / "n.png", "n.png"), limits)
    assert failure == only(b"x" * (2**20 + 1), limits)


@pytest.mark.parametrize("name", ["a b.png", "é.png", os.fsdecode(b"\xff.png"), "jpeg in truth.pdf"])
def test_a_file_is_read_by_what_is_in_it(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    Image.new("RGB", (3, 2), (10, 20, 30)).save(path, "PNG")
    (ref,) = find_files([path])
    (page,) = pages_of(ref)
    assert isinstance(page, Page)
    assert (page.file, page.number, page.image.tolist()) == (ref.file, 1, [[[30, 20, 10]] * 3] * 2)


def test_a_file_that_cannot_be_opened_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def failure(path: Path) -> str:
        (page,) = pages_of(PageRef(path, "n.png"))
        assert isinstance(page, PageFailure)
        assert page.number == 0
        return page.error

    assert failure(tmp_path / "none").startswith("n.png: is not there any more")
    assert failure(tmp_path).startswith("n.png: is a folder")
    for error, advice in ((PermissionError(13, "no"), "permissions"), (OSError(5, "I/O error"), "I/O error")):

        def refuse(*_: object, error: OSError = error) -> None:
            raise error

        monkeypatch.setattr(Path, "open", refuse)
        assert advice in failure(tmp_path / "n.png")


def test_pictures_do_not_load_pdfium_and_the_module_loads_neither(tmp_path: Path) -> None:
    Image.new("L", (3, 2)).save(tmp_path / "p.png")
    program = (
        "import sys; from pathlib import Path; from scanner.sources import *;"
        "print([m for m in ('PIL', 'pypdfium2', 'cv2') if m in sys.modules]);"
        f"print(len(list(pages_of(PageRef(Path({str(tmp_path / 'p.png')!r}), 'p.png')))));"
        "print('pypdfium2' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["[]", "1", "False"]


@given(
    st.sampled_from([b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"BM", b"II*\0", b"MM\0+", b"%PDF-", b"RIFF\0\0\0\0WEBP"]),
    st.binary(max_size=200),
)
def test_no_bytes_raise_or_warn(start: bytes, rest: bytes) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for page in pages_of_bytes(start + rest, "n", Limits(pixels=10_000, pages=5)):
            assert isinstance(page, Page) or (page.error.startswith("n") and "\n" not in page.error)


# Pages asked for one by one


def packed(kind: str, count: int) -> bytes:
    pages = [Image.new("L", (20, 10 + place), 255) for place in range(count)]
    stream = BytesIO()
    pages[0].save(stream, kind, save_all=True, append_images=pages[1:])
    return stream.getvalue()


FILES = {kind: packed(kind, 3) for kind in ("TIFF", "PDF", "PNG")}


def told(pages: Iterable[Page | PageFailure]) -> list[tuple[int, object]]:
    return [(page.number, page.error if isinstance(page, PageFailure) else page.image.shape) for page in pages]


def one_by_one(data: bytes, limits: Limits) -> list[tuple[int, object]]:
    return [
        page
        for number in page_numbers(data, limits)
        for page in told(pages_of_bytes(data, "n", limits, range(number, number + 1)))
    ]


@pytest.mark.parametrize("most", [1, 2, 3, 4])
@pytest.mark.parametrize("kind", FILES)
def test_pages_asked_for_one_by_one_are_those_of_the_file(kind: str, most: int) -> None:
    limits = Limits(pages=most)
    assert one_by_one(FILES[kind], limits) == told(pages_of_bytes(FILES[kind], "n", limits))


@pytest.mark.parametrize("missing", range(8, 40, 4))
def test_what_is_wrong_with_a_pdf_that_is_cut_is_told_once(missing: int) -> None:
    data = FILES["PDF"][:-missing]
    assert one_by_one(data, Limits()) == told(pages_of_bytes(data, "n"))


@given(st.sampled_from(sorted(FILES)), st.floats(0, 1), st.binary(max_size=8))
def test_whatever_is_wrong_with_a_file_is_told_once(kind: str, share: float, more: bytes) -> None:
    whole = FILES[kind]
    data = whole[: round(share * len(whole))] + more
    assert one_by_one(data, Limits()) == told(pages_of_bytes(data, "n"))


@given(st.sampled_from(sorted(FILES)), st.integers(0, 10_000), st.binary(min_size=1, max_size=8))
def test_a_damaged_file_has_the_same_pages_one_by_one(kind: str, place: int, change: bytes) -> None:
    data = bytearray(FILES[kind])
    data[place % len(data) : place % len(data) + len(change)] = change
    assert one_by_one(bytes(data), Limits()) == told(pages_of_bytes(bytes(data), "n"))


def test_a_file_that_is_too_large_is_not_opened_to_count_its_pages() -> None:
    assert page_numbers(FILES["PDF"], Limits(file_bytes=10)) == range(1, 2)
    assert page_numbers(b"", Limits()) == range(1, 2)
    assert page_numbers(FILES["PDF"], Limits(pages=1)) == range(1, 3)
