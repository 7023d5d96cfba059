from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from scanner.decision.located_numbers import (
    FoundNumber,
    find_by_contours,
    find_by_line_reader,
    score_strikethroughs,
    select_kind,
)
from scanner.decision.strikethrough import NO_EVIDENCE_SCORE, is_crossed_out
from scanner.image.components import label_components
from scanner.image.measured_ink import MeasuredInk
from scanner.layout.ink_classes import InkClass
from scanner.layout.number_finder import NumberRegion
from scanner.numbers.text_lines import TextLine
from scanner.options import NumberKind
from scanner.recognition.lattice_decoding import ReadDigit
from scanner.recognition.number_reading import ReadSpan
from scanner.recognition.reader_claims import Claim
from scanner.types import Box, Digit, Opinion

BOX = Box(40, 40, 30, 60)


def ink_of(mask: NDArray[np.uint8]) -> MeasuredInk:
    return MeasuredInk(mask, mask, 4.0, label_components(mask), 60.0)


def found() -> FoundNumber:
    return FoundNumber((ReadDigit(0, 0.9, is_punctuation=False, box=BOX),), None, BOX, TextLine((0,), BOX, 60.0), 0)


def test_only_what_may_be_handwritten_is_scored_for_strikethroughs() -> None:
    page = np.zeros((140, 200), np.uint8)
    cv2.ellipse(page, (55, 70), (15, 30), 0, 0, 360, 255, 4)
    clean = ink_of(page.copy())
    cv2.line(page, (15, 72), (95, 68), 255, 4)
    struck = ink_of(page)
    numbers = (found(), replace(found(), kind="handwritten"), replace(found(), kind="printed"))
    in_comb_field = TextLine((0,), BOX, 60.0, NumberRegion(BOX, 0.9, crosses_lines=True))
    all_numbers = (*numbers, replace(found(), text_line=in_comb_field))
    scores = [number.strikethrough_score for number in score_strikethroughs(all_numbers, (), struck)]
    assert [is_crossed_out(score, 1.0) for score in scores] == [True, True, False, False]
    assert scores[2:] == [NO_EVIDENCE_SCORE, NO_EVIDENCE_SCORE]
    assert not is_crossed_out(score_strikethroughs(numbers, (), clean)[0].strikethrough_score, 0.0)


def test_a_point_that_was_not_read_holds_its_number_together() -> None:
    page = np.zeros((80, 300), np.uint8)
    columns = (20, 50, 80, 140, 170)
    for x in columns:
        page[20:60, x : x + 20] = 255
    page[54:60, 118:124] = 255
    components = label_components(page)
    path = tuple(ReadDigit(1, 0.9, is_punctuation=False, box=Box(x, 20, 20, 40)) for x in columns)
    order = np.argsort(components.boxes[:, 0]).tolist()
    whole = TextLine(tuple(order), Box(20, 20, 170, 40), 40.0)
    without = TextLine(tuple(i for i in order if components.boxes[i, 3] == 40), Box(20, 20, 170, 40), 40.0)
    assert [len(one.contour_digits) for one in find_by_contours([whole], [path], components)] == [5]
    assert [len(one.contour_digits) for one in find_by_contours([without], [path], components)] == [3, 2]


def test_only_numbers_of_the_requested_kind_are_selected_with_their_share_of_it() -> None:
    page = np.zeros((140, 200), np.uint8)
    page[40:100, 40:70] = 255
    components = label_components(page)
    shares = np.zeros((1, 6))
    shares[0, [InkClass.DIGIT, InkClass.WRITING]] = 0.75, 0.25
    (kept,) = select_kind([found()], shares, components, NumberKind.HANDWRITTEN)
    assert kept.kind == "handwritten"
    assert kept.kind_share == pytest.approx(0.75)
    assert select_kind([found()], shares, components, NumberKind.PRINTED) == ()


def read_as(text: str, *columns: int) -> Claim:
    """A claim of the line reader, with one digit at each of these columns."""
    digits = tuple(Digit(one, 0.9, Box(x, 20, 20, 40)) for one, x in zip(text, columns, strict=True))
    return Claim(Opinion("number", text, 0.9), digits)


def test_a_text_line_has_the_numbers_that_the_line_reader_splits_it_into() -> None:
    page = np.zeros((80, 300), np.uint8)
    columns = (20, 50, 80, 140, 170)
    for x in columns:
        page[20:60, x : x + 20] = 255
    components = label_components(page)
    path = tuple(ReadDigit(1, 0.9, is_punctuation=False, box=Box(x, 20, 20, 40)) for x in columns)
    line = TextLine(tuple(np.argsort(components.boxes[:, 0]).tolist()), Box(20, 20, 170, 40), 40.0)
    # The line reader takes the middle digit for a sign, reads a number on each side, and reads nothing at the end.
    spans = (
        ReadSpan(read_as("12", 20, 50), 10, 105),
        ReadSpan(read_as("3", 140), 105, 165),
        ReadSpan(Claim(Opinion("number", "", 0.8), ()), 165, 200),
    )
    first, second, unread = find_by_line_reader([line], [path], [spans], components)
    assert [digit.box.x for digit in first.contour_digits] == [20, 50, 80]
    assert first.box == Box(20, 20, 50, 40)
    assert (second.line_claim, second.box) == (spans[1].claim, Box(140, 20, 20, 40))
    assert (unread.line_claim, unread.box) == (spans[2].claim, Box(170, 20, 20, 40))


@pytest.mark.parametrize(("crosses_lines", "texts"), [(True, ["13"]), (False, ["1", "3"])])
def test_a_number_in_a_comb_field_is_not_split_at_what_is_left_of_a_divider(
    crosses_lines: bool, texts: list[str]
) -> None:
    boxes = (Box(20, 20, 20, 40), Box(50, 20, 20, 40), Box(80, 20, 20, 40))
    page = np.zeros((80, 300), np.uint8)
    for box in boxes:
        page[box.y : box.bottom, box.x : box.right] = 255
    components = label_components(page)
    path = tuple(ReadDigit(digit, 0.9, False, box) for digit, box in zip((1, None, 3), boxes, strict=True))
    region = NumberRegion(Box(20, 10, 90, 60), 0.9, crosses_lines=crosses_lines)
    line = TextLine((0, 1, 2), Box(20, 20, 80, 40), 40.0, region)
    digits = (Digit("1", 0.9, boxes[0]), Digit("3", 0.9, boxes[2]))
    span = ReadSpan(Claim(Opinion("number", "13", 0.9), digits), 10, 110)
    numbers = find_by_line_reader([line], [path], [(span,)], components)
    assert [number.line_claim and number.line_claim.opinion.text for number in numbers] == texts


def test_the_contours_read_one_number_in_a_comb_field_with_empty_cells() -> None:
    # Six heights apart.
    boxes = (Box(20, 20, 20, 40), Box(260, 20, 20, 40))
    page = np.zeros((80, 300), np.uint8)
    for box in boxes:
        page[box.y : box.bottom, box.x : box.right] = 255
    path = tuple(ReadDigit(digit, 0.9, False, box) for digit, box in zip((1, 3), boxes, strict=True))
    region = NumberRegion(Box(20, 10, 260, 60), 0.9, crosses_lines=True)
    for expected, each in ((1, region), (2, replace(region, crosses_lines=False))):
        line = TextLine((0, 1), Box(20, 20, 260, 40), 40.0, each)
        assert len(find_by_contours([line], [path], label_components(page))) == expected


def test_a_region_in_which_nothing_is_read_is_still_a_number() -> None:
    page = np.zeros((80, 300), np.uint8)
    components = label_components(page)
    box = Box(20, 20, 60, 40)
    nothing = ReadSpan(Claim(Opinion("number", "", 0.8), ()), 0, 300)
    chain, region = TextLine((), box, 40.0), TextLine((), box, 40.0, NumberRegion(box, 0.7))
    assert find_by_line_reader([chain], [()], [[nothing]], components) == ()
    (number,) = find_by_line_reader([region], [()], [[nothing]], components)
    assert number.box == box
    assert number.contour_digits == ()
    assert number.line_claim == nothing.claim


def test_a_number_that_the_page_network_has_found_is_handwritten_whatever_its_ink() -> None:
    page = np.zeros((140, 200), np.uint8)
    page[40:100, 40:70] = 255
    line = TextLine((0,), BOX, 60.0, NumberRegion(BOX, 0.9))
    shares = np.eye(len(InkClass))[[InkClass.PRINT]]
    components = label_components(page)
    (kept,) = select_kind([replace(found(), text_line=line)], shares, components, NumberKind.HANDWRITTEN)
    assert (kept.kind, kept.kind_share) == ("handwritten", 0)
    without_ink = replace(found(), text_line=replace(line, component_indices=()))
    (kept,) = select_kind([without_ink], shares, components, NumberKind.HANDWRITTEN)
    assert (kept.kind, kept.kind_share) == ("handwritten", 0)


def test_a_sign_that_neither_reader_takes_for_a_digit_parts_two_numbers() -> None:
    page = np.zeros((80, 300), np.uint8)
    for x in (20, 80, 140):
        page[20:60, x : x + 20] = 255
    components = label_components(page)
    box = Box(20, 20, 140, 40)
    line = TextLine((0, 1, 2), box, 40.0, NumberRegion(box, 0.9))
    span = ReadSpan(read_as("23", 20, 140), 0, 300)

    def path(sign: int | None, width: int, confidence: float) -> tuple[ReadDigit, ...]:
        return (
            ReadDigit(2, 0.9, is_punctuation=False, box=Box(20, 20, 20, 40)),
            ReadDigit(sign, confidence, is_punctuation=False, box=Box(80, 20, width, 40)),
            ReadDigit(3, 0.9, is_punctuation=False, box=Box(140, 20, 20, 40)),
        )

    def texts(*readings: ReadDigit, span: ReadSpan = span) -> list[str]:
        found = find_by_line_reader([line], [readings], [[span]], components)
        return [number.line_claim.opinion.text for number in found if number.line_claim is not None]

    assert texts(*path(None, 20, 0.95)) == ["2", "3"]
    # A divider, a doubtful sign, a digit.
    assert texts(*path(None, 6, 0.95)) == ["23"]
    assert texts(*path(None, 20, 0.6)) == ["23"]
    assert texts(*path(4, 20, 0.95)) == ["23"]
    # The line reader reads the same digits, but takes the sign for a part of the first.
    misplaced = ReadSpan(read_as("23", 80, 140), 0, 300)
    assert texts(*path(None, 20, 0.95), span=misplaced) == ["2", "3"]
