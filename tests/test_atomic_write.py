import errno
import hashlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.atomic_write import write_binary_chunks, write_bytes, write_chunks, write_image, write_text
from scanner.errors import DataError, OutputError


def test_writing_makes_folders_and_replaces(tmp_path: Path) -> None:
    path = tmp_path / "new" / "deep" / "r.csv"
    write_bytes(path, b"one")
    write_text(path, "two\r\n\udcff")
    assert path.read_bytes() == b"two\r\n\\udcff"
    assert [child.name for child in path.parent.iterdir()] == ["r.csv"]


def test_a_written_file_has_the_usual_permissions(tmp_path: Path) -> None:
    write_bytes(tmp_path / "ours", b"")
    (tmp_path / "plain").write_bytes(b"")
    assert stat.S_IMODE((tmp_path / "ours").stat().st_mode) == stat.S_IMODE((tmp_path / "plain").stat().st_mode)


def test_a_long_name_can_be_written(tmp_path: Path) -> None:
    write_bytes(tmp_path / ("n" * 255), b"x")
    with pytest.raises(OutputError, match="too long"):
        write_bytes(tmp_path / ("n" * 256), b"x")


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"old")
    (tmp_path / "link").symlink_to("real")
    write_bytes(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"new"


@pytest.mark.skipif(not Path(os.devnull).is_char_device(), reason="needs a device file")
def test_a_device_is_written_to_not_replaced() -> None:
    write_bytes(Path(os.devnull), b"x")
    assert Path(os.devnull).is_char_device()


@pytest.mark.parametrize(
    ("number", "advice"),
    [(errno.EACCES, "permissions"), (errno.ENOSPC, "disk is full"), (errno.EIO, "another folder")],
)
def test_a_failure_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, advice: str
) -> None:
    path = tmp_path / "r.csv"
    path.write_bytes(b"old")

    def fail(_: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OutputError, match=rf"r\.csv: .*{advice}"):
        write_bytes(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_an_interrupt_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_bytes(tmp_path / "r.csv", b"new")
    assert list(tmp_path.iterdir()) == []


@given(st.lists(st.text(st.characters()), max_size=5))
def test_a_text_in_chunks_is_the_same_text(tmp_path_factory: pytest.TempPathFactory, chunks: list[str]) -> None:
    folder = tmp_path_factory.getbasetemp()
    write_chunks(folder / "pieces", iter(chunks))
    write_text(folder / "whole", "".join(chunks))
    assert (folder / "pieces").read_bytes() == (folder / "whole").read_bytes()


def test_the_old_text_stays_until_the_last_chunk_is_written(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_bytes(b"old")

    def chunks() -> Iterator[str]:
        for chunk in ("a\r\n", "\udcff"):
            yield chunk
            assert path.read_bytes() == b"old"

    write_chunks(path, chunks())
    assert path.read_bytes() == b"a\r\n\\udcff"


@pytest.mark.parametrize(
    "error",
    [DataError("the results are damaged"), OSError(errno.EIO, "no medium"), ValueError("no"), KeyboardInterrupt()],
)
def test_an_error_in_making_the_text_is_passed_on_and_leaves_the_old_file(tmp_path: Path, error: BaseException) -> None:
    path = tmp_path / "r.csv"
    path.write_bytes(b"old")

    def chunks() -> Iterator[str]:
        yield "new"
        raise error

    with pytest.raises(type(error)) as raised:
        write_chunks(path, chunks())
    assert raised.value is error
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="needs a device that is always full")
def test_a_full_device_is_distinguished_from_an_error_in_making_the_text() -> None:
    with pytest.raises(OutputError, match=r"/dev/full: .*disk is full"):
        write_chunks(Path("/dev/full"), ("x" * 1000 for _ in range(1000)))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_gets_the_chunks_and_stays_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = Thread(target=lambda: read.append(pipe.read_bytes()), daemon=True)
    reader.start()
    write_chunks(pipe, ("one\n", "two\n"))
    reader.join(10)
    assert read == [b"one\ntwo\n"]
    assert pipe.is_fifo()


def test_impossible_places_are_explained(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OutputError, match="is a folder"):
        write_bytes(tmp_path, b"")
    with pytest.raises(OutputError, match="part of its path is a file"):
        write_bytes(tmp_path / "file" / "r.csv", b"")
    with pytest.raises(OutputError, match="part of its path is a file"):
        write_bytes(tmp_path / "file" / "deep" / "r.csv", b"")
    with pytest.raises(OutputError, match="not a possible file name"):
        write_bytes(tmp_path / "a\0b", b"")


@pytest.mark.parametrize("name", ["p.png", "p.JPG", "p.jpeg"])
def test_images_are_written(tmp_path: Path, name: str) -> None:
    image = np.full((5, 7, 3), (200, 100, 50), np.uint8)
    write_image(tmp_path / name, image)
    back = cv2.imdecode(np.frombuffer((tmp_path / name).read_bytes(), np.uint8), cv2.IMREAD_COLOR)
    assert back is not None
    assert back.shape == (5, 7, 3)
    assert int(np.abs(back.astype(int) - image).max()) <= (0 if name == "p.png" else 3)


@pytest.mark.parametrize(
    ("name", "image"),
    [
        ("p.gif", np.zeros((2, 2, 3), np.uint8)),
        ("p", np.zeros((2, 2, 3), np.uint8)),
        ("p.png", np.zeros((0, 2, 3), np.uint8)),
        ("p.jpg", np.zeros((1, 70_000), np.uint8)),
    ],
)
def test_images_that_cannot_be_written_are_refused(tmp_path: Path, name: str, image: np.ndarray) -> None:
    with pytest.raises(OutputError, match="p"):
        write_image(tmp_path / name, image)
    assert list(tmp_path.iterdir()) == []


def test_the_hash_of_a_new_file_is_known_before_it_replaces_the_old_one(tmp_path: Path) -> None:
    path, seen = tmp_path / "r.csv", []
    path.write_bytes(b"old")
    write_binary_chunks(path, [b"one", b"\xc3\xa4"], lambda sha256: seen.append((sha256, path.read_bytes())))
    assert seen == [(hashlib.sha256(path.read_bytes()).hexdigest(), b"old")]
    write_binary_chunks(Path(os.devnull), [b"one"], lambda sha256: pytest.fail("a device has no content"))
