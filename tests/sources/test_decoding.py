from __future__ import annotations

import os
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from scanner.sources.decoding import PageFailure, decode_bytes, decode_file, read_file
from scanner.sources.limits import Limits
from scanner.types import PageImage, PageRef


def a_file(folder: Path) -> PageRef:
    (folder / "1.png").write_bytes(b"x")
    return PageRef(folder / "1.png", "1.png")


needs_pipes = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no pipes and sockets in folders")
needs_permissions = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0,
    reason="the superuser can open everything, and so can anyone on Windows",
)


def test_what_is_refused_is_not_opened(tmp_path: Path) -> None:
    ref = PageRef(tmp_path / "none", "n.png", "is refused")
    assert list(decode_file(ref)) == [PageFailure("n.png", 0, "n.png: is refused")]
    with pytest.raises(PermissionError, match="is refused"):
        read_file(ref)


@needs_pipes
def test_a_file_that_became_a_pipe_does_not_block(tmp_path: Path) -> None:
    ref = a_file(tmp_path)
    ref.path.unlink()
    os.mkfifo(ref.path)
    (page,) = decode_file(ref)
    assert page == PageFailure("1.png", 0, "1.png: is no longer a file; put the file back and try again")


def test_a_file_that_became_a_folder_is_a_failure(tmp_path: Path) -> None:
    ref = a_file(tmp_path)
    ref.path.unlink()
    ref.path.mkdir()
    with pytest.raises(OSError, match=r"1\.png"):
        read_file(ref)


@needs_permissions
def test_a_file_without_permission_is_a_failure_of_its_own(tmp_path: Path) -> None:
    ref = a_file(tmp_path)
    ref.path.chmod(0)
    (page,) = decode_file(ref)
    assert page == PageFailure("1.png", 0, "1.png: cannot be opened; change its permissions")


def test_a_file_is_read_whole_up_to_the_limit(tmp_path: Path) -> None:
    (tmp_path / "1.png").write_bytes(b"12345")
    ref = PageRef(tmp_path / "1.png", "1.png")
    assert read_file(ref) == read_file(ref, Limits(file_bytes=5)) == b"12345"
    assert read_file(ref, Limits(file_bytes=3)) == b"1234"


def only(data: bytes, limits: Limits | None = None) -> PageFailure:
    (failure,) = decode_bytes(data, "n.png", limits or Limits())
    assert isinstance(failure, PageFailure)
    return failure


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", "n.png: is empty; copy or scan it again"),
        (b"GIF89a", "n.png: is not a PNG, JPEG, BMP, WebP, TIFF, HEIC or PDF file; save it as one of these"),
        (
            b"\0" * 2000 + b"%PDF-1.4",
            "n.png: is not a PNG, JPEG, BMP, WebP, TIFF, HEIC or PDF file; save it as one of these",
        ),
    ],
)
def test_bytes_that_are_no_page_are_explained(data: bytes, error: str) -> None:
    assert only(data) == PageFailure("n.png", 0, error)


def test_a_file_over_the_limit_is_refused(tmp_path: Path) -> None:
    limits = Limits(file_bytes=2**20)
    assert "larger than 1 MiB" in only(b"x" * (2**20 + 1), limits).error
    (tmp_path / "n.png").write_bytes(b"x" * (2**20 + 1))
    (failure,) = decode_file(PageRef(tmp_path / "n.png", "n.png"), limits)
    assert failure == only(b"x" * (2**20 + 1), limits)


@pytest.mark.parametrize("name", ["a b.png", "é.png", os.fsdecode(b"\xff.png"), "jpeg in truth.pdf"])
def test_a_file_is_read_by_what_is_in_it(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    Image.new("RGB", (3, 2), (10, 20, 30)).save(path, "PNG")
    (page,) = decode_file(PageRef(path, "n"))
    assert isinstance(page, PageImage)
    assert (page.file, page.page_number, page.image.tolist()) == ("n", 1, [[[30, 20, 10]] * 3] * 2)


def test_a_file_that_cannot_be_opened_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def failure(path: Path) -> str:
        (page,) = decode_file(PageRef(path, "n.png"))
        assert isinstance(page, PageFailure)
        assert page.page_number == 0
        return page.error

    assert failure(tmp_path / "none").startswith("n.png: does not exist any more")
    assert failure(tmp_path).startswith("n.png: is a folder")
    for error, advice in (
        (PermissionError(13, "no"), "permissions"),
        (OSError(5, "I/O error"), "I/O error"),
        (BlockingIOError(11, "no"), "held by another"),
    ):

        def refuse(*_: object, error: OSError = error) -> None:
            raise error

        monkeypatch.setattr(os, "open", refuse)
        assert advice in failure(tmp_path / "n.png")


def test_pictures_do_not_load_pdfium_and_the_module_loads_neither(tmp_path: Path) -> None:
    Image.new("L", (3, 2)).save(tmp_path / "p.png")
    program = (
        "import sys; from pathlib import Path;"
        "from scanner.sources.decoding import decode_file; from scanner.types import PageRef;"
        "print([m for m in ('PIL', 'pypdfium2', 'cv2') if m in sys.modules]);"
        f"print(len(list(decode_file(PageRef(Path({str(tmp_path / 'p.png')!r}), 'p.png')))));"
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
        for page in decode_bytes(start + rest, "n", Limits(pixels=10_000, pages=5)):
            assert isinstance(page, PageImage) or (page.error.startswith("n") and "\n" not in page.error)
