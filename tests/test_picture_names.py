from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.picture_names import annotated_name, stages_folder


@pytest.mark.parametrize(
    ("file", "page", "name"),
    [
        ("x.png", 1, "x.png.p1.png"),
        ("sub/form.pdf", 2, "sub/form.pdf.p2.png"),
        ("Übung 1/a b.jpg", 12, "Übung 1/a b.jpg.p12.png"),
        ("/absolute/x.png", 1, "absolute/x.png.p1.png"),
    ],
)
def test_annotated_names(file: str, page: int, name: str) -> None:
    assert annotated_name(file, page) == PurePosixPath(name)


def test_the_folder_of_the_stages_of_a_page_is_named_like_its_picture() -> None:
    assert stages_folder("sub/form.pdf", 2) == PurePosixPath("sub/form.pdf.p2")
    assert stages_folder("/absolute/x.png", 1) == PurePosixPath("absolute/x.png.p1")


_parts = st.text("ab.p12", min_size=1).filter(lambda part: part not in {".", ".."})
_files = st.lists(_parts, min_size=1, max_size=3).map("/".join)


@given(st.tuples(_files, st.integers(1, 30)), st.tuples(_files, st.integers(1, 30)))
def test_no_two_pages_share_an_annotated_name(one: tuple[str, int], other: tuple[str, int]) -> None:
    assert (annotated_name(*one) == annotated_name(*other)) == (one == other)
    assert (stages_folder(*one) == stages_folder(*other)) == (one == other)
    assert annotated_name(*one) != stages_folder(*other)
