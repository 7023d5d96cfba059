from dataclasses import replace

import numpy as np
import pytest

from scanner.synthesis import paper
from scanner.synthesis.paper import SheetHand, SheetNumber
from scanner.synthesis.pen import random_writer
from scanner.types import Box

WHITE, BLACK = (255, 255, 255), (0, 0, 0)


@pytest.fixture
def hand() -> SheetHand:
    writer = replace(random_writer(np.random.default_rng(2)), pen_width=0.1)
    return SheetHand(writer, 30, BLACK, opacity=1.0, grain=0.0)


def ink_box(image: np.ndarray) -> Box:
    rows, columns = np.nonzero(image[:, :, 0] <= 255 - 32)
    return Box(int(columns.min()), int(rows.min()), int(np.ptp(columns)) + 1, int(np.ptp(rows)) + 1)


def test_the_box_of_an_outline_holds_whole_pixels() -> None:
    number = SheetNumber("1", np.array([[2.0, 3.0], [4.0, 9.0]]))
    assert number.box == Box(2, 3, 3, 7)


def test_the_box_of_a_written_number_is_tight(hand: SheetHand) -> None:
    sheet = paper.handwrite_text(paper.blank_sheet(300, 100, WHITE), "0472", (40, 70), hand, np.random.default_rng(0))
    assert [number.text for number in sheet.numbers] == ["0472"]
    assert sheet.numbers[0].box == ink_box(sheet.image)


def test_digits_are_numbers_and_signs_are_not(hand: SheetHand) -> None:
    sheet = paper.handwrite_text(
        paper.blank_sheet(700, 100, WHITE), "(17 + 4) x 2 = 42", (20, 70), hand, np.random.default_rng(0)
    )
    assert [number.text for number in sheet.numbers] == ["17", "4", "2", "42"]
    lefts = [number.box.x for number in sheet.numbers]
    assert lefts == sorted(lefts)


def test_the_sheet_before_writing_is_not_changed(hand: SheetHand) -> None:
    before = paper.blank_sheet(200, 100, WHITE)
    paper.handwrite_text(before, "1", (40, 70), hand, np.random.default_rng(0))
    assert before.image.min() == 255
    assert before.numbers == ()


def test_digits_stand_on_the_baseline(hand: SheetHand) -> None:
    sheet = paper.handwrite_text(paper.blank_sheet(400, 100, WHITE), "258036", (20, 70), hand, np.random.default_rng(0))
    assert abs(sheet.numbers[0].box.bottom - 70) <= 4


def test_flush_right_text_ends_at_the_given_point(hand: SheetHand) -> None:
    for text in ("7", "123456"):
        sheet = paper.write_flush_right(
            paper.blank_sheet(400, 100, WHITE), text, (300, 70), hand, np.random.default_rng(0)
        )
        assert 290 <= sheet.numbers[0].box.right <= 300


def test_digits_in_cells_are_one_number(hand: SheetHand) -> None:
    cells = [Box(20 + 60 * i, 20, 50, 60) for i in range(3)]
    sheet = paper.write_in_cells(paper.blank_sheet(240, 100, WHITE), "042", cells, hand, np.random.default_rng(0))
    (number,) = sheet.numbers
    assert number.text == "042"
    assert number.box == ink_box(sheet.image)
    for cell in cells:
        assert sheet.image[cell.y : cell.bottom, cell.x : cell.right].min() < 100
    assert sheet.image[:, 70:80].min() == 255


def test_there_must_be_as_many_cells_as_digits(hand: SheetHand) -> None:
    with pytest.raises(ValueError, match="shorter"):
        paper.write_in_cells(
            paper.blank_sheet(99, 99, WHITE), "12", [Box(9, 9, 70, 70)], hand, np.random.default_rng(0)
        )


def test_writing_beyond_the_edge_is_an_error(hand: SheetHand) -> None:
    with pytest.raises(ValueError, match="do not fit"):
        paper.handwrite_text(paper.blank_sheet(60, 60, WHITE), "123456", (5, 40), hand, np.random.default_rng(0))


def test_rules_frames_and_print_are_drawn() -> None:
    sheet = paper.print_rule(paper.blank_sheet(100, 60, WHITE), (10, 20), (89, 20), BLACK)
    assert sheet.image[20, 50].max() < 60
    sheet = paper.print_form_frame(sheet, Box(10, 30, 20, 20), BLACK)
    assert sheet.image[49, 15].tolist() == [0, 0, 0]
    assert sheet.image[50, 15].tolist() == [255, 255, 255]
    assert paper.print_words(sheet, "H", (60, 55), 20, BLACK).image[30:56, 55:90].min() < 60
