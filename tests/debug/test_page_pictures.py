from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from scanner.debug import page_pictures
from scanner.debug.canvas import BLUE, ORANGE, PURPLE, VERMILLION, WHITE
from scanner.geometry.orientation import Orientation
from scanner.geometry.page_map import quarter_turn_map
from scanner.geometry.rectification import PagePose
from scanner.layout.comb_fields import CombField
from scanner.layout.form_structure import FormStructure
from scanner.layout.line_segments import Direction, Rule
from scanner.layout.tables import Cell, Table

if TYPE_CHECKING:
    from scanner.pipeline import StageOutputs
    from scanner.types import Image

PAGE = (400, 600)
"""Rows and columns of the page, which is shown as it is."""


def with_outputs(page: StageOutputs, **outputs: Any) -> StageOutputs:
    """The stages of the page with other outputs of its preparation."""
    return replace(page, prepared=replace(page.prepared, **outputs))


def on_the_page(picture: Image) -> Image:
    """Without the heading."""
    return picture[-PAGE[0] :, : PAGE[1]]


def colour_at(picture: Image, x: int, y: int) -> tuple[int, ...]:
    """RGB."""
    return tuple(int(value) for value in on_the_page(picture)[y, x, ::-1])


def rule(direction: Direction, begin: float, end: float, across: float) -> Rule:
    return Rule(direction, begin, end, across, across, 2)


def cell(x: float, y: float, width: float, height: float) -> Cell:
    return Cell(1, 1, ((x, y), (x + width, y), (x + width, y + height), (x, y + height)))


UNDERLINE = rule(Direction.HORIZONTAL, 0, 900, 50)
STRUCTURE = FormStructure(
    tables=(Table(1, 2, (cell(100, 100, 200, 50), cell(300, 100, 200, 50))),),
    comb_fields=(CombField((cell(100, 100, 20, 50), cell(120, 100, 20, 50), cell(140, 100, 20, 50))),),
    form_frames=(cell(100, 300, 100, 50),),
    underlines=(UNDERLINE,),
)


@pytest.mark.parametrize(
    ("line", "role"),
    [
        (UNDERLINE, "underline"),
        (rule(Direction.HORIZONTAL, 98, 502, 100), "table"),
        (rule(Direction.VERTICAL, 100, 150, 300), "table"),
        (rule(Direction.VERTICAL, 100, 150, 120), "comb field"),
        (rule(Direction.HORIZONTAL, 100, 200, 300), "frame"),
        (rule(Direction.HORIZONTAL, 100, 600, 125), "none of these"),
        (rule(Direction.VERTICAL, 100, 350, 150), "none of these"),
    ],
)
def test_a_rule_is_part_of_what_it_lies_in(line: Rule, role: str) -> None:
    assert page_pictures.rule_role(line, STRUCTURE, 5) == role


def test_paper_is_white_and_ink_dark_in_all_pictures(page: StageOutputs) -> None:
    for make in (
        page_pictures.draw_gray,
        page_pictures.draw_flat,
        page_pictures.draw_ink,
        page_pictures.draw_rectified,
    ):
        picture = make(page)
        assert picture is not None
        assert colour_at(picture, 30, 30) == WHITE
        assert max(colour_at(picture, 112, 90)) < 100


def test_rules_have_the_colour_of_what_they_are_part_of(page: StageOutputs) -> None:
    picture = page_pictures.draw_rules(page)
    assert colour_at(picture, 400, 160) == BLUE
    assert colour_at(picture, 150, 320) == PURPLE
    assert VERMILLION not in {colour_at(picture, x, y) for x in range(0, 600, 5) for y in (60, 160, 320)}


def test_structure_shows_tables_and_underlines(page: StageOutputs) -> None:
    picture = page_pictures.draw_form_structure(page)
    assert picture is not None
    assert colour_at(picture, 400, 160) == BLUE
    assert colour_at(picture, 150, 320) == PURPLE


def test_removed_rules_have_another_colour_than_ink(page: StageOutputs) -> None:
    picture = page_pictures.draw_ink_without_rules(page)
    red, green, blue = colour_at(picture, 400, 160)
    assert red > green > blue > 100
    assert colour_at(picture, 112, 90) == (0, 0, 0)
    assert colour_at(picture, 30, 30) == WHITE


def test_components_left_out_are_grey(page: StageOutputs) -> None:
    first, *others = page.prepared.candidates.component_indices.tolist()
    candidates = replace(page.prepared.candidates, component_indices=np.array([first]))
    picture = page_pictures.draw_components(with_outputs(page, candidates=candidates))
    for index in (first, *others):
        ys, xs = np.nonzero(page.prepared.cell_assignment.components.labels == index + 1)
        grey = len(set(colour_at(picture, int(xs[0]), int(ys[0])))) == 1
        assert grey == (index != first)


def test_text_lines_are_boxed(page: StageOutputs) -> None:
    picture = page_pictures.draw_text_lines(page)
    assert picture is not None
    assert len(page.prepared.candidates.text_lines) == 2
    for line in page.prepared.candidates.text_lines:
        assert colour_at(picture, line.box.right, line.box.bottom) == BLUE


def test_numbers_are_boxed_on_the_rectified_page(page: StageOutputs) -> None:
    assert [number.text for number in page.numbers] == ["777", "777"]
    with_numbers = on_the_page(page_pictures.draw_numbers(page))
    without = on_the_page(page_pictures.draw_numbers(replace(page, decisions=())))
    # Below, the count of the numbers stands in a corner.
    rows, columns = np.nonzero((with_numbers != without).any(axis=2)[:360])
    assert 80 < columns.min() < columns.max() < 330
    assert rows.max() > 230


def test_rejected_readings_are_left_out(page: StageOutputs) -> None:
    first, second = page.numbers
    rejected = replace(page.decisions[0], number=None)
    only = on_the_page(page_pictures.draw_numbers(replace(page, decisions=(rejected, page.decisions[1]))))
    both = on_the_page(page_pictures.draw_numbers(page))
    rows, _ = np.nonzero((only != both).any(axis=2)[:360])
    assert rows.min() < first.box.bottom
    assert rows.max() < second.box.y


def test_a_turned_page_is_shown_beside_the_original(page: StageOutputs) -> None:
    turned = quarter_turn_map(600, 400, 1)
    rectified = replace(page.prepared.rectified, page_map=turned, pose=PagePose(orientation=Orientation(1)))
    picture = page_pictures.draw_rectified(with_outputs(page, rectified=rectified))
    left = page_pictures.draw_rectified(page)
    assert picture is not None
    assert left is not None
    assert picture.shape[1] > left.shape[1]
    # Turned counter-clockwise, what was at the right is on top.
    page_itself = picture[-600:-200, :600, ::-1]
    assert (page_itself[50:350, 590:] == VERMILLION).all(axis=2).any()
    assert not (page_itself[50:350, :10] == VERMILLION).all(axis=2).any()
    assert (page_itself[50:350, :10] == ORANGE).all(axis=2).any()


def test_a_number_that_could_not_be_read_is_boxed_on_the_rectified_page(page: StageOutputs) -> None:
    first = page.numbers[0]
    unread = replace(first, text="", confidence=0.0, review_reason="unread", digits=())
    decision = page.decisions[0]
    nothing = replace(decision.reading, text="", digits=())
    decisions = (replace(decision, number=unread, reading=nothing),)
    drawn = on_the_page(page_pictures.draw_numbers(replace(page, decisions=decisions)))
    without = on_the_page(page_pictures.draw_numbers(replace(page, decisions=())))
    rows, columns = np.nonzero((drawn != without).any(axis=2)[:360])
    assert rows.min() < first.box.y
    assert rows.max() >= first.box.bottom
    assert columns.min() < first.box.x < first.box.right <= columns.max()
