from __future__ import annotations

import errno
import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.errors import NothingToReadError
from scanner.sources.decoding import PageFailure, decode_file
from scanner.sources.discovery import ALL_FILES, FilePatterns, _printable, find_files
from scanner.types import PageRef

if TYPE_CHECKING:
    from collections.abc import Callable


def touch(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


needs_pipes = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no pipes and sockets in folders")
needs_permissions = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0,
    reason="the superuser can open everything, and so can anyone on Windows",
)
LEADS_OUT = "is a link that leads out of the folder; name the file itself to read it"


def names(*inputs: Path, patterns: FilePatterns = ALL_FILES) -> list[str]:
    return [ref.file for ref in find_files(inputs, patterns)]


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


def test_anything_but_a_file_is_skipped_in_a_folder(tmp_path: Path) -> None:
    touch(tmp_path, "1.png", "folder.png/2.png")
    os.mkfifo(tmp_path / "fifo.png")
    (tmp_path / "broken.png").symlink_to("nowhere")
    (tmp_path / "circle.png").symlink_to("circle.png")
    assert names(tmp_path) == ["1.png", "folder.png/2.png"]


def test_a_link_that_leads_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    touch(tmp_path, "in/1.png", "in/sub/2.png", "out/3.png")
    (tmp_path / "in" / "sub" / "link.png").symlink_to(tmp_path / "out" / "3.png")
    (tmp_path / "in" / "relative.png").symlink_to("../out/3.png")
    (tmp_path / "in" / "nowhere.png").symlink_to("../out/4.png")
    (tmp_path / "in" / "device.png").symlink_to(os.devnull)
    refs = find_files([tmp_path / "in"])
    refused = ["device.png", "nowhere.png", "relative.png", "sub/link.png"]
    assert [ref.file for ref in refs if not ref.refusal_reason] == ["1.png", "sub/2.png"]
    assert [ref.file for ref in refs if ref.refusal_reason] == refused
    failures = [page for ref in refs if ref.refusal_reason for page in decode_file(ref)]
    assert failures == [PageFailure(file, 0, f"{file}: {LEADS_OUT}") for file in refused]


def test_a_folder_beside_with_a_longer_name_is_not_the_folder(tmp_path: Path) -> None:
    touch(tmp_path, "in2/1.png", "in/2.png")
    (tmp_path / "in" / "1.png").symlink_to("../in2/1.png")
    assert [(ref.file, bool(ref.refusal_reason)) for ref in find_files([tmp_path / "in"])] == [
        ("1.png", True),
        ("2.png", False),
    ]


def test_a_link_named_directly_is_taken(tmp_path: Path) -> None:
    touch(tmp_path, "in/1.png", "out/2.png")
    (tmp_path / "in" / "link.png").symlink_to(tmp_path / "out" / "2.png")
    assert find_files([tmp_path / "in" / "link.png"]) == (PageRef(tmp_path / "in" / "link.png", "link.png"),)
    assert [(ref.file, ref.refusal_reason) for ref in find_files([tmp_path / "in", tmp_path / "in" / "link.png"])] == [
        ("1.png", ""),
        ("link.png", ""),
    ]


def test_a_folder_that_is_a_link_is_the_folder_it_leads_to(tmp_path: Path) -> None:
    touch(tmp_path, "real/1.png")
    (tmp_path / "real" / "2.png").symlink_to("1.png")
    (tmp_path / "link").symlink_to("real")
    assert [(ref.file, ref.refusal_reason) for ref in find_files([tmp_path / "link"])] == [("1.png", "")]


def test_a_link_to_what_is_read_anyway_is_not_reported(tmp_path: Path) -> None:
    touch(tmp_path, "b/1.png", "a/2.png")
    (tmp_path / "a" / "1.png").symlink_to("../b/1.png")
    assert [(ref.file, ref.refusal_reason) for ref in find_files([tmp_path / "a", tmp_path / "b"])] == [
        ("a/2.png", ""),
        ("b/1.png", ""),
    ]
    assert [(ref.file, ref.refusal_reason) for ref in find_files([tmp_path / "a", tmp_path / "a"])] == [
        ("1.png", LEADS_OUT),
        ("2.png", ""),
    ]


def test_patterns_choose_among_refused_links_too(tmp_path: Path) -> None:
    touch(tmp_path, "in/1.png", "2.png")
    (tmp_path / "in" / "link.png").symlink_to("../2.png")
    assert names(tmp_path / "in", patterns=FilePatterns(exclude=("link*",))) == ["1.png"]


@needs_pipes
def test_a_socket_is_skipped_in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    touch(tmp_path, "1.png")
    monkeypatch.chdir(tmp_path)  # the name of a socket is a hundred characters at most
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket.png")
        assert names(tmp_path) == ["1.png"]
        (page,) = decode_file(PageRef(Path("socket.png"), "socket.png"))
    assert page == PageFailure("socket.png", 0, "socket.png: is no longer a file; put the file back and try again")


@needs_permissions
def test_files_that_may_be_listed_but_not_looked_at_are_failures(tmp_path: Path) -> None:
    touch(tmp_path, "in/1.png")
    (tmp_path / "in").chmod(0o400)
    try:
        (ref,) = find_files([tmp_path / "in"])
        (page,) = decode_file(ref)
        with pytest.raises(NothingToReadError, match=r"1\.png: cannot be opened .*permissions"):
            find_files([tmp_path / "in" / "1.png"])
    finally:
        (tmp_path / "in").chmod(0o700)
    assert isinstance(page, PageFailure)
    assert "permissions" in page.error


def test_names_that_no_file_can_have_do_not_exist(tmp_path: Path) -> None:
    for name in ("x" * 5000, "a\0b"):
        with pytest.raises(NothingToReadError, match="does not exist"):
            find_files([tmp_path / name])


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


@pytest.fixture
def shut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, OSError], None]:
    """Have a folder below ``tmp_path`` fail when it is opened; the superuser can open any."""
    scan = os.scandir

    def shut(name: str, error: OSError) -> None:
        def scandir(path: str) -> object:
            if Path(path) == tmp_path / name:
                error.filename = str(path)
                raise error
            return scan(path)

        monkeypatch.setattr(os, "scandir", scandir)

    return shut


def test_a_folder_that_may_not_be_opened_is_a_failure_of_its_own(
    tmp_path: Path, shut: Callable[[str, OSError], None]
) -> None:
    touch(tmp_path, "1.png", "in/shut/2.png", "z.png")
    shut("in/shut", PermissionError(errno.EACCES, "Permission denied"))
    refs = find_files([tmp_path])
    assert [(ref.file, bool(ref.refusal_reason)) for ref in refs] == [
        ("1.png", False),
        ("in/shut", True),
        ("z.png", False),
    ]
    message = "in/shut: is a folder that cannot be opened; change its permissions"
    assert list(decode_file(refs[1])) == [PageFailure("in/shut", 0, message)]
    # Whether files in it are selected is unknown, unless all are excluded.
    assert [ref.file for ref in find_files([tmp_path], FilePatterns(include=("z*",)))] == ["in/shut", "z.png"]
    assert [ref.file for ref in find_files([tmp_path], FilePatterns(exclude=("in/*",)))] == ["1.png", "z.png"]


def test_an_input_folder_that_may_not_be_opened_is_an_error(
    tmp_path: Path, shut: Callable[[str, OSError], None]
) -> None:
    touch(tmp_path, "1.png")
    shut("", PermissionError(errno.EACCES, "Permission denied"))
    with pytest.raises(NothingToReadError, match=r"cannot be opened \(Permission denied\); change its permissions"):
        find_files([tmp_path])


def test_a_folder_that_is_removed_meanwhile_has_no_pages(tmp_path: Path, shut: Callable[[str, OSError], None]) -> None:
    touch(tmp_path, "1.png", "gone/2.png")
    shut("gone", FileNotFoundError(errno.ENOENT, "No such file or directory"))
    assert names(tmp_path) == ["1.png"]


def test_odd_names_can_be_written_down(tmp_path: Path) -> None:
    odd = os.fsdecode(b"\xff\xc3\xa9.png")
    touch(tmp_path, "a b.png", "é\u202f1.png", odd, "line\nbreak.png")
    assert names(tmp_path) == ["\\xffé.png", "a b.png", "line\\nbreak.png", "é\u202f1.png"]
    assert all(ref.path.read_bytes() == b"x" for ref in find_files([tmp_path]))
    "".join(names(tmp_path)).encode("utf-8")


PAIRS = [
    (b"a\n.png", rb"a\n.png"),
    (b"a\xff.png", rb"a\xff.png"),
    (b"a\xff.png", rb"a\\xff.png"),
    (b"a\x85.png", "a\x85.png".encode()),
    (b"a\x7f.png", rb"a\x7f.png"),
    ("a\u2028.png".encode(), rb"a\u2028.png"),
    (rb"a\.png", rb"a\\.png"),
    (b"a\xed\xb2\x85.png", b"a\x85.png"),
]


@pytest.mark.parametrize("pair", PAIRS)
def test_two_files_have_two_names(tmp_path: Path, pair: tuple[bytes, bytes]) -> None:
    touch(tmp_path, *map(os.fsdecode, pair))
    assert len(set(names(tmp_path))) == 2


BITS = st.sampled_from([bit for pair in PAIRS for bit in pair]) | st.binary(min_size=1, max_size=4)
NAMES = st.lists(BITS | st.text("\\nxu0285\n\x85\xff\u2028", min_size=1).map(str.encode), min_size=1, max_size=3)


@given(NAMES.map(b"".join), NAMES.map(b"".join))
def test_no_two_names_are_shown_alike(one: bytes, other: bytes) -> None:
    shown, also = (_printable(os.fsdecode(name)) for name in (one, other))
    assert (shown == also) == (one == other)
    assert len(shown.splitlines()) == 1


@pytest.mark.parametrize(
    "name", ["Übung 1/a (2)_b-c~1 [x] #3 50%.png", "C:/scans/a.png", "//server/share/a.png", "ä\u202f"]
)
def test_ordinary_names_are_shown_as_they_are(name: str) -> None:
    assert _printable(name) == name


def test_a_file_behind_a_link_and_back_differs_from_one_beside_it(tmp_path: Path) -> None:
    touch(tmp_path, "in/1.png", "far/1.png", "far/deep/2.png")
    (tmp_path / "in" / "link").symlink_to(tmp_path / "far" / "deep")
    behind = tmp_path / "in" / "link" / ".." / "1.png"
    assert names(tmp_path / "in" / "1.png", behind) == ["far/1.png", "in/1.png"]
    assert names(behind) == ["1.png"]
    assert names(tmp_path / "in" / "link" / "..") == ["1.png", "deep/2.png"]


@given(st.lists(st.integers(0, 10**6), unique=True, min_size=1, max_size=5))
def test_numbers_in_names_sort_as_numbers(tmp_path_factory: pytest.TempPathFactory, numbers: list[int]) -> None:
    folder = tmp_path_factory.mktemp("natural")
    touch(folder, *(f"p{number}.png" for number in numbers))
    assert names(folder) == [f"p{number}.png" for number in sorted(numbers)]


@pytest.mark.parametrize(
    ("patterns", "left"),
    [
        (FilePatterns(), ["a1.png", "B2.PDF", "sub/a3.png", "sub/deep/b4.tif"]),
        (FilePatterns(include=("a*",)), ["a1.png", "sub/a3.png"]),
        (FilePatterns(include=("A?.png", "*.pdf")), ["a1.png", "B2.PDF", "sub/a3.png"]),
        (FilePatterns(include=("SUB/*",)), ["sub/a3.png", "sub/deep/b4.tif"]),
        (FilePatterns(include=("sub/a3.png",)), ["sub/a3.png"]),
        (FilePatterns(exclude=("*.tif", "b[2]*")), ["a1.png", "sub/a3.png"]),
        (FilePatterns(include=("sub/*",), exclude=("a*",)), ["sub/deep/b4.tif"]),
        (FilePatterns(exclude=("sub",)), ["a1.png", "B2.PDF", "sub/a3.png", "sub/deep/b4.tif"]),
    ],
)
def test_patterns_choose_files_by_name_or_path(tmp_path: Path, patterns: FilePatterns, left: list[str]) -> None:
    touch(tmp_path, "in/a1.png", "in/B2.PDF", "in/sub/a3.png", "in/sub/deep/b4.tif")
    assert names(tmp_path / "in", patterns=patterns) == left


def test_patterns_see_the_path_from_the_input_folder_alone(tmp_path: Path) -> None:
    touch(tmp_path, "x/1.png", "y/2.png")
    assert names(tmp_path / "x", tmp_path / "y", patterns=FilePatterns(exclude=("x/*",))) == ["x/1.png", "y/2.png"]


def test_a_file_named_directly_is_taken_whatever_the_patterns(tmp_path: Path) -> None:
    touch(tmp_path, "1.png", "2.png")
    assert names(tmp_path, tmp_path / "2.png", patterns=FilePatterns(exclude=("*",))) == ["2.png"]
    assert names(tmp_path / "1.png", patterns=FilePatterns(include=("x",))) == ["1.png"]


def test_patterns_that_leave_nothing_are_blamed_for_it(tmp_path: Path) -> None:
    touch(tmp_path, "in/1.png", "in/2.png", "empty/notes.txt")
    patterns = FilePatterns(include=("x*",))
    with pytest.raises(NothingToReadError, match=r"in: the patterns leave nothing to read of 2 found; include more"):
        find_files([tmp_path / "in"], patterns)
    with pytest.raises(NothingToReadError, match="empty: holds no pages"):
        find_files([tmp_path / "empty"], patterns)


def test_patterns_know_an_accent_however_it_is_encoded() -> None:
    assert FilePatterns(include=("é?.png",)).accepts("E\u03011.png")
    assert FilePatterns(include=("sub/e\u0301*",)).accepts("sub/É.png")


PARTS = st.text(st.characters(exclude_characters="/[]*?"), min_size=1, max_size=8)


@given(PARTS, PARTS)
def test_a_name_is_a_pattern_for_itself(folder: str, name: str) -> None:
    path = f"{folder}/{name}"
    for pattern in (name, path, f"{folder}/*", "*"):
        assert FilePatterns(include=(pattern,)).accepts(path)
        assert not FilePatterns(exclude=(pattern,)).accepts(path)
        assert not FilePatterns((pattern,), (pattern,)).accepts(path)
