from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from scanner.batch.drawn_pages import DrawnPages, without_annotated
from scanner.results.annotation_style import AnnotationFormat, AnnotationStyle

if TYPE_CHECKING:
    from pathlib import Path


def test_nothing_to_draw_exists(tmp_path: Path) -> None:
    assert DrawnPages().exist("a.png", 1, "")
    assert DrawnPages().exist("a.png", 1, DrawnPages(tmp_path).record)


def test_a_picture_exists_if_it_was_drawn_so_and_is_still_there(tmp_path: Path) -> None:
    drawn = DrawnPages(annotated_folder=tmp_path)
    assert not drawn.exist("a.png", 1, drawn.record)
    (tmp_path / "a.png.p1.jpg").write_bytes(b"")
    assert drawn.exist("a.png", 1, drawn.record)
    assert not drawn.exist("a.png", 2, drawn.record)
    assert not drawn.exist("a.png", 1, "")


@pytest.mark.parametrize("style", [AnnotationStyle(AnnotationFormat.PNG), AnnotationStyle(quality=20)])
def test_a_picture_of_another_style_is_drawn_again(tmp_path: Path, style: AnnotationStyle) -> None:
    (tmp_path / "a.png.p1.jpg").write_bytes(b"")
    (tmp_path / "a.png.p1.png").write_bytes(b"")
    assert not DrawnPages(tmp_path).exist("a.png", 1, DrawnPages(tmp_path, style=style).record)


def test_pictures_of_stages_remain_where_annotated_ones_are_drawn_again(tmp_path: Path) -> None:
    both, stages = DrawnPages(tmp_path / "a", tmp_path / "s"), DrawnPages(None, tmp_path / "s")
    assert without_annotated(both.record) == stages.record
    assert without_annotated(stages.record) == stages.record
    assert without_annotated("") == ""
