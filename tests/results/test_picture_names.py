from __future__ import annotations

import ntpath
import unicodedata
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scanner.results import picture_names
from scanner.results.picture_names import annotated_document_path, stages_folder_path


def annotated_page_path(file: str, page: int) -> PurePosixPath:
    return picture_names.annotated_page_path(file, page, ".png")


def document_path(file: str, page: int) -> PurePosixPath:
    return annotated_document_path(file)


@pytest.mark.parametrize(
    ("file", "page", "name"),
    [
        ("x.png", 1, "x.png.p1.png"),
        ("sub/form.pdf", 2, "sub/form.pdf.p2.png"),
        ("übung 1/a b (2), c_d-e.jpg", 12, "übung 1/a b (2), c_d-e.jpg.p12.png"),
        (".hidden", 1, ".hidden.p1.png"),
        ("con1/nullen.png", 1, "con1/nullen.png.p1.png"),
        ("Scan 1.png", 1, "Scan 1.png.p1.png"),
        ("IMG_0001.JPG", 1, "IMG_0001.JPG.p1.png"),
        ("a/B/Übergröße.PDF", 3, "a/B/Übergröße.PDF.p3.png"),
        ("A" * 99, 1, "A" * 99 + ".p1.png"),
    ],
)
def test_ordinary_names_stay(file: str, page: int, name: str) -> None:
    assert annotated_page_path(file, page) == PurePosixPath(name)


@pytest.mark.parametrize(
    ("file", "safe"),
    [
        ("e\u0301.png", "e\u0301.png"),
        ("/absolute/x.png", "absolute/x.png"),
        ("C:/scans/x.png", "C_/scans/x.png"),
        ("C:x.png", "C_x.png"),
        ("//server/share/x.png", "server/share/x.png"),
        ("//?/C:/x.png", "_/C_/x.png"),
        (r"\\server\share\x.png", "__server_share_x.png"),
        ("../../x.png", "_/_/x.png"),
        (r"..\..\x.png", ".._.._x.png"),
        ("a/./x.png", "a/_/x.png"),
        ("a//x.png", "a/x.png"),
        ("nul", "_nul"),
        ("aux.png", "_aux.png"),
        ("com1 .tar.gz/lpt\u00b3.png", "_com1 .tar.gz/_lpt\u00b3.png"),
        ("con/x.png", "_con/x.png"),
        ("x.png:stream", "x.png_stream"),
        ("a. ./x.png", "a/x.png"),
        ("x. ", "x"),
        ("a\nb\x7f\u202e.png", "a_b__.png"),
        ("scans~1/x.png", "scans_1/x.png"),
        ("a.png.p1.png/x.png", "a.png.p1.png_/x.png"),
        ("a.png.p1.jpg/x.png", "a.png.p1.jpg_/x.png"),
        ("a.png.annotated.pdf/x.png", "a.png.annotated.pdf_/x.png"),
        ("", "_"),
    ],
)
def test_of_any_other_the_safe_part_stays(file: str, safe: str) -> None:
    name = annotated_page_path(file, 1).as_posix()
    assert (name[: len(safe)], name[len(safe)], name[-7:]) == (safe, "~", ".p1.png")
    assert len(name) == len(safe) + len("~0123456789abcdef.p1.png")


def test_the_folder_of_the_stages_of_a_page_is_named_like_its_picture() -> None:
    assert stages_folder_path("sub/form.pdf", 2) == PurePosixPath("sub/form.pdf.p2")
    for file in ("/absolute/x.png", "Sub/Form.pdf"):
        assert f"{stages_folder_path(file, 1)}.png" == f"{annotated_page_path(file, 1)}"


def test_a_long_name_fits() -> None:
    for file in ("ü" * 127, "x" * 255, "x" * 255 + "/y.png"):
        (annotated,) = {max(len(part.encode()) for part in annotated_page_path(file, 10**6).parts)}
        assert annotated <= 255
    assert annotated_page_path("x" * 254 + "a", 1) != annotated_page_path("x" * 254 + "b", 1)


_texts = st.text(max_size=8) | st.text(st.characters(codec="ascii"), max_size=8)
_ODD = (
    *("", ".", "..", "...", "C:", "c:", "D:x", "con", "NUL", "nul.png", "COM1", "com1.x", "lpt9 .a", "CONIN$", "a."),
    *("a ", "x:y", "\\", "..\\..", "\\\\server\\share", "\\\\?\\C:\\", "?", "*", "~1", "a~1", "A~x1", "a.p1.png"),
    *("a.P1", "\n", "\0", "É", "é", "E\u0301", "e\u0301", "ß", "ss", "ẞ", "\ufb01", "fi", "\u0131", "I", "i", "İ"),
    *("\u03c3", "ς", "\u212a", "k", "\u01c4", "\u01c5", "\u01c6", "\uab70", "\u13a0", "aA", "Aa", "AA", "aa"),
)
_odd = st.sampled_from(_ODD)
_files = st.lists(_texts | _odd | st.builds("{}{}".format, _odd, _odd), min_size=1, max_size=4).map("/".join)
_pages = st.tuples(_files, st.integers(1, 12))

WHOLE = {"windows": PureWindowsPath("C:/out/checked"), "posix": PurePosixPath("/out/checked")}


@pytest.mark.parametrize("system", WHOLE)
@given(page=_pages)
@example(page=("//server/share/x.png", 1))
def test_a_picture_is_in_its_folder(system: str, page: tuple[str, int]) -> None:
    folder: PurePath = WHOLE[system]
    for name in (annotated_page_path(*page), stages_folder_path(*page)):
        path = folder / name
        assert path.parts[: len(folder.parts)] == folder.parts
        assert len(path.parts) > len(folder.parts)
        assert ".." not in path.parts
        for part in path.parts[len(folder.parts) :]:
            assert not set(part) & set('<>:"|?*\\/')
            assert part.isprintable()
            assert part == part.rstrip(". ")
            assert len(part.encode()) <= 255
    if system == "windows":
        assert ntpath.normpath(folder / annotated_page_path(*page)).startswith("C:\\out\\checked\\")
        assert not (PureWindowsPath(annotated_page_path(*page))).is_reserved()


def alike(path: PurePosixPath) -> str:
    """What a system compares to which the encodings of an accent are the same, but not capitals and small letters."""
    return unicodedata.normalize("NFC", path.as_posix())


def alike_without_case(path: PurePosixPath) -> str:
    """What a system compares to which capitals and small letters are the same too."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", path.as_posix()).casefold())


@given(_pages, _pages)
@example(("a.png", 1), ("A.png", 1))
@example(("a/x.png", 1), ("A/x.png", 1))
@example(("é", 1), ("e\u0301", 1))
@example(("ß", 1), ("ss", 1))
@example(("/x.png", 1), ("x.png", 1))
@example(("C:/x.png", 1), ("C_/x.png", 1))
@example(("a?", 1), ("a*", 1))
def test_no_two_files_share_a_document(one: tuple[str, int], other: tuple[str, int]) -> None:
    first, second = annotated_document_path(one[0]), annotated_document_path(other[0])
    assert (alike(first) == alike(second)) == (one[0] == other[0])
    assert first.suffix == ".pdf"


@given(_pages, _pages)
def test_no_two_pages_share_a_picture(one: tuple[str, int], other: tuple[str, int]) -> None:
    for make in (annotated_page_path, stages_folder_path):
        first, second = make(*one), make(*other)
        assert (alike(first) == alike(second)) == (one == other)
    assert alike_without_case(annotated_page_path(*one)) != alike_without_case(stages_folder_path(*other))


@pytest.mark.parametrize("name", ["a?.png", "a:.png", "e\u0301.png", "con"])
def test_unsafe_names_are_distinct_in_capitals_alone(name: str) -> None:
    lower, upper = annotated_page_path(name, 1), annotated_page_path(name.upper(), 1)
    assert alike_without_case(lower) != alike_without_case(upper)


@given(_pages, _pages)
@example(("a.png", 1), ("a.png.p1.png/b.png", 1))
@example(("a.png", 1), ("a.png.p1/b.png", 1))
@example(("a.png", 1), ("A.PNG.P1.PNG/b.png", 1))
@example(("a.png", 1), ("a.png.annotated.pdf/b.png", 1))
def test_no_picture_is_where_a_folder_is_to_be(one: tuple[str, int], other: tuple[str, int]) -> None:
    for make in (annotated_page_path, stages_folder_path, document_path):
        folders = {alike_without_case(folder) for folder in make(*other).parents}
        assert alike_without_case(make(*one)) not in folders


@given(_pages)
def test_a_picture_can_be_written(tmp_path_factory: pytest.TempPathFactory, page: tuple[str, int]) -> None:
    folder = Path(tmp_path_factory.mktemp("checked"))
    place = folder / annotated_page_path(*page)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(b"")
    assert place.resolve().is_relative_to(folder.resolve())
