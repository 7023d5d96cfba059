from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.results.annotated_page import (
    CHECKED_COLOUR,
    DOUBTFUL_COLOUR,
    EMPTY_COLOUR,
    FAIR_COLOUR,
    SURE_COLOUR,
    UNREAD_COLOUR,
    annotate_page,
    confidence_colour,
    draw_readings,
)
from scanner.types import PICTURE_KIND, TICK_KIND, Box, Number, PageImage, PageResult

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scanner.types import Image

PAPER = 250


def page_of(width: int, height: int) -> PageImage:
    return PageImage("a.png", 1, np.full((height, width, 3), PAPER, np.uint8))


def result_of(page: PageImage, *numbers: Number) -> PageResult:
    height, width = page.image.shape[:2]
    return PageResult("a.png", 1, width, height, numbers)


def number_at(box: Box, text: str = "42", confidence: float = 0.99, review: str = "") -> Number:
    return Number(text, confidence, review, 1, 1, box, ())


def count(image: Image, colour: tuple[int, int, int]) -> int:
    """Pixels of an RGB colour in a BGR image."""
    return int(np.all(np.equal(image, colour[::-1]), axis=2).sum())


def changed(page: PageImage, image: Image) -> NDArray[np.bool_]:
    difference: NDArray[np.bool_] = np.any(np.not_equal(page.image, image), axis=2)
    return difference


def test_the_page_keeps_its_size_and_is_not_changed() -> None:
    page = page_of(400, 500)
    image = draw_readings(page, result_of(page, number_at(Box(200, 200, 60, 30))))
    assert image.shape == (500, 400, 3)
    assert image.dtype == np.uint8
    assert (page.image == PAPER).all()
    assert changed(page, image).any()


@pytest.mark.parametrize(
    ("confidence", "colour"),
    [
        (1.0, SURE_COLOUR),
        (0.95, SURE_COLOUR),
        (0.949, FAIR_COLOUR),
        (0.8, FAIR_COLOUR),
        (0.79, DOUBTFUL_COLOUR),
        (0.0, DOUBTFUL_COLOUR),
    ],
)
def test_colour_says_how_sure_the_reading_is(confidence: float, colour: tuple[int, int, int]) -> None:
    assert confidence_colour(confidence) == colour
    page = page_of(400, 500)
    image = draw_readings(page, result_of(page, number_at(Box(200, 200, 60, 30), confidence=confidence)))
    assert {c for c in (SURE_COLOUR, FAIR_COLOUR, DOUBTFUL_COLOUR) if count(image, c)} == {colour}


def test_colours_differ_in_lightness_for_a_grey_print() -> None:
    lightness = sorted(np.dot(c, (0.2126, 0.7152, 0.0722)) for c in (SURE_COLOUR, FAIR_COLOUR, DOUBTFUL_COLOUR))
    assert lightness[1] - lightness[0] > 10
    assert lightness[2] - lightness[1] > 50


def test_ink_stays_untouched_and_is_framed_on_all_sides() -> None:
    page, box = page_of(400, 500), Box(200, 200, 60, 30)
    touched = changed(page, draw_readings(page, result_of(page, number_at(box))))
    assert not touched[box.y : box.bottom, box.x : box.right].any()
    assert touched[box.y - 8 : box.y, box.x + 30].any()
    assert touched[box.bottom : box.bottom + 8, box.x + 30].any()
    assert touched[box.y + 15, box.x - 8 : box.x].any()
    assert touched[box.y + 15, box.right : box.right + 8].any()


def test_reading_stands_above_or_beside_where_there_is_no_room() -> None:
    page = page_of(400, 500)
    # The outline spans rows y - 3 to y + 33; the label is opaque, 11 pixel type and a margin.
    for y, label in ((200, np.s_[185:197, 198:212]), (4, np.s_[14:26, 263:275])):
        touched = changed(page, draw_readings(page, result_of(page, number_at(Box(200, y, 60, 30)))))
        assert touched[label].all()


def test_review_is_marked_by_shape_too() -> None:
    page, box = page_of(400, 500), Box(200, 200, 60, 30)
    solid = changed(page, draw_readings(page, result_of(page, number_at(box))))
    dashed = changed(page, draw_readings(page, result_of(page, number_at(box, review="unsure"))))
    # The bottom side, clear of the label: without gaps, and with.
    assert solid[box.bottom : box.bottom + 5, box.x : box.right].any(axis=0).all()
    assert 0.5 < dashed[box.bottom : box.bottom + 5, box.x : box.right].any(axis=0).mean() < 1


def test_a_label_does_not_hide_another_number() -> None:
    page = page_of(600, 800)
    boxes = [Box(200, 300 + 40 * i, 60, 28) for i in range(5)]
    touched = changed(page, draw_readings(page, result_of(page, *(number_at(box) for box in boxes))))
    for box in boxes:
        assert not touched[box.y : box.bottom, box.x : box.right].any()


def test_a_label_keeps_off_other_writing_where_paper_is_free() -> None:
    page, above = page_of(400, 500), np.s_[170:196, 180:300]
    page.image[above] = 40
    touched = changed(page, draw_readings(page, result_of(page, number_at(Box(200, 200, 60, 30)))))
    assert not touched[above].any()
    assert touched[210:222, 263:275].all()


def test_type_grows_with_the_page() -> None:
    heights = []
    for scale in (1, 2, 4):
        page = page_of(827 * scale, 1169 * scale)
        box = Box(400 * scale, 600 * scale, 40 * scale, 8 * scale)
        rows = changed(page, draw_readings(page, result_of(page, number_at(box, text="1"))))[: 650 * scale].any(axis=1)
        heights.append(int(rows.sum()))
    assert heights[1] == pytest.approx(2 * heights[0], rel=0.15)
    assert heights[2] == pytest.approx(4 * heights[0], rel=0.15)


KEY_COLOURS = (SURE_COLOUR, FAIR_COLOUR, DOUBTFUL_COLOUR)


def test_a_key_to_the_colours_stands_below_the_page_and_never_on_it() -> None:
    page = page_of(800, 1000)
    result = result_of(page, *(number_at(Box(x, y, 60, 29)) for x in (1, 739) for y in (1, 970)))
    image = annotate_page(page, result)
    assert image.shape[1:] == (800, 3)
    assert np.array_equal(image[:1000], draw_readings(page, result))
    assert all(count(image[1000:], colour) for colour in KEY_COLOURS)


def test_a_number_crossed_out_has_its_reading_struck_through_and_an_entry_in_the_key() -> None:
    page = page_of(800, 1000)
    counted = number_at(Box(200, 200, 60, 30), review="crossed out")
    plain, struck = (
        annotate_page(page, result_of(page, replace(counted, crossed_out=crossed_out))) for crossed_out in (False, True)
    )
    assert (plain[:1000] != struck[:1000]).any()
    assert (struck[1000:] != 255).sum() > (plain[1000:] != 255).sum()


def test_a_number_that_could_not_be_read_has_a_look_of_its_own_and_an_entry_in_the_key() -> None:
    page, box = page_of(800, 1000), Box(200, 200, 60, 30)
    doubtful = number_at(box, text="", confidence=0.0, review="unread")
    image = annotate_page(page, result_of(page, doubtful))
    assert count(image[:1000], UNREAD_COLOUR)
    assert not any(count(image[:1000], colour) for colour in KEY_COLOURS)
    assert count(image[1000:], UNREAD_COLOUR)
    touched = changed(page, image[:1000])
    assert not touched[box.y : box.bottom, box.x : box.right].any()
    assert 0.5 < touched[box.bottom : box.bottom + 5, box.x : box.right].any(axis=0).mean() < 1
    read = annotate_page(page, result_of(page, number_at(box, review="low confidence")))
    assert not count(read, UNREAD_COLOUR)


@pytest.mark.parametrize(
    "changes", [{"text": "", "is_empty": True}, {"text": "0", "kind": TICK_KIND}, {"text": "", "kind": PICTURE_KIND}]
)
def test_of_a_field_with_nothing_to_check_there_is_a_thin_grey_box_alone(changes: dict[str, str | bool]) -> None:
    page = page_of(1400, 1400)
    box = Box(600, 600, 200, 90)
    number = replace(number_at(box), **changes)  # type: ignore[arg-type] # of the types of its fields
    image = draw_readings(page, result_of(page, number))
    drawn = changed(page, image)
    assert 0 < count(image, EMPTY_COLOUR) == drawn.sum() < 700
    assert not drawn[:590].any()
    assert count(annotate_page(page, result_of(page, number))[1400:], EMPTY_COLOUR) > 0
    missing = draw_readings(page, result_of(page, replace(number, review_reason="nothing written")))
    assert count(missing, EMPTY_COLOUR) == 0
    assert changed(page, missing)[:590].any()


def test_the_key_of_a_narrow_page_has_several_rows() -> None:
    wide, narrow = (
        annotate_page(page, result_of(page, number_at(Box(20, 20, 60, 30)))).shape[0] - page.image.shape[0]
        for page in (page_of(800, 800), page_of(400, 800))
    )
    assert 0 < wide < narrow


def test_a_page_without_numbers_says_so_and_has_no_key_to_colours() -> None:
    page = page_of(400, 500)
    image = annotate_page(page, result_of(page))
    assert (image[500:] < 100).any()
    assert not any(count(image, colour) for colour in KEY_COLOURS)


@pytest.mark.parametrize(("width", "height"), [(60, 34), (300, 60), (90, 900)])
def test_a_small_picture_has_no_key(width: int, height: int) -> None:
    page = page_of(width, height)
    assert annotate_page(page, result_of(page, number_at(Box(9, 9, 20, 20)))).shape == (height, width, 3)


sides = st.integers(1, 80)


@settings(deadline=None, max_examples=40)
@given(sides, sides, st.lists(st.tuples(st.integers(-20, 90), st.integers(-20, 90), sides, sides), max_size=4))
def test_any_page_and_any_boxes_can_be_drawn(width: int, height: int, boxes: list[tuple[int, int, int, int]]) -> None:
    page = page_of(width, height)
    numbers = [number_at(Box(*box), "123456789" * (i + 1), 0.9, "unsure" * (i % 2)) for i, box in enumerate(boxes)]
    assert draw_readings(page, result_of(page, *numbers)).shape == (height, width, 3)
    annotated = annotate_page(page, result_of(page, *numbers))
    assert annotated.shape[0] >= height
    assert annotated.shape[1:] == (width, 3)


def test_what_a_person_has_checked_has_a_double_box_of_its_own_colour() -> None:
    page, box = page_of(400, 500), Box(200, 200, 60, 30)
    sure = draw_readings(page, result_of(page, number_at(box)))
    checked = draw_readings(page, result_of(page, replace(number_at(box), checked="corrected")))
    assert count(checked, SURE_COLOUR) == 0
    assert count(checked, CHECKED_COLOUR) > 1.3 * count(sure, SURE_COLOUR)


def test_a_number_that_a_person_could_not_read_has_a_box_alone() -> None:
    page, box = page_of(400, 500), Box(200, 200, 60, 30)
    unreadable = replace(number_at(box, ""), checked="unreadable")
    rows, columns = np.nonzero(changed(page, draw_readings(page, result_of(page, unreadable))))
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (195, 234, 195, 264)
