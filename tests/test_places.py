from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from scanner.combine import Claim
from scanner.components import connected_components
from scanner.decode import Piece
from scanner.kinds import InkKind
from scanner.options import Kind
from scanner.places import Found, as_read, by_contours, looked_for_strikes, of_kind
from scanner.regions import Part
from scanner.runs import Run
from scanner.strike import NONE, is_crossed_out
from scanner.types import Box, Digit, Opinion

BOX = Box(40, 40, 30, 60)


def found() -> Found:
    return Found((Piece(0, 0.9, small=False, box=BOX),), None, BOX, Run((0,), BOX, 60.0), 0)


def test_strikes_are_looked_for_in_what_may_be_handwritten() -> None:
    page = np.zeros((140, 200), np.uint8)
    cv2.ellipse(page, (55, 70), (15, 30), 0, 0, 360, 255, 4)
    clean = connected_components(page)
    cv2.line(page, (15, 72), (95, 68), 255, 4)
    struck = connected_components(page)
    numbers = (found(), replace(found(), kind="handwritten"), replace(found(), kind="printed"))
    in_comb = replace(found(), cells=(1,))
    evidence = [one.struck for one in looked_for_strikes((*numbers, in_comb), (), struck, 4.0)]
    assert [is_crossed_out(one, 1.0) for one in evidence] == [True, True, False, False]
    assert evidence[2:] == [NONE, NONE]
    assert not is_crossed_out(looked_for_strikes(numbers, (), clean, 4.0)[0].struck, 0.0)


def test_points_too_small_to_be_pieces_hold_a_number_together() -> None:
    page = np.zeros((80, 300), np.uint8)
    columns = (20, 50, 80, 140, 170)
    for x in columns:
        page[20:60, x : x + 20] = 255
    page[54:60, 118:124] = 255
    components = connected_components(page)
    path = tuple(Piece(1, 0.9, small=False, box=Box(x, 20, 20, 40)) for x in columns)
    order = np.argsort(components.boxes[:, 0]).tolist()
    whole = Run(tuple(order), Box(20, 20, 170, 40), 40.0)
    without = Run(tuple(i for i in order if components.boxes[i, 3] == 40), Box(20, 20, 170, 40), 40.0)
    assert [len(one.contours) for one in by_contours([whole], [path], components)] == [5]
    assert [len(one.contours) for one in by_contours([without], [path], components)] == [3, 2]


def test_numbers_of_another_kind_are_left_out_and_the_rest_know_their_share() -> None:
    page = np.zeros((140, 200), np.uint8)
    page[40:100, 40:70] = 255
    components = connected_components(page)
    shares = np.zeros((1, 6))
    shares[0, [InkKind.DIGIT, InkKind.WRITING]] = 0.75, 0.25
    (kept,) = of_kind([found()], shares, components, Kind.HANDWRITTEN)
    assert kept.kind == "handwritten"
    assert kept.share == pytest.approx(0.75)
    assert of_kind([found()], shares, components, Kind.PRINTED) == ()


def read_as(text: str, *columns: int) -> Claim:
    """What the number reader says: a digit to each of the columns."""
    digits = tuple(Digit(one, 0.9, Box(x, 20, 20, 40)) for one, x in zip(text, columns, strict=True))
    return Claim(Opinion("number", text, 0.9), digits)


def test_a_run_has_the_numbers_that_the_reader_parts_it_into() -> None:
    page = np.zeros((80, 300), np.uint8)
    columns = (20, 50, 80, 140, 170)
    for x in columns:
        page[20:60, x : x + 20] = 255
    components = connected_components(page)
    path = tuple(Piece(1, 0.9, small=False, box=Box(x, 20, 20, 40)) for x in columns)
    run = Run(tuple(np.argsort(components.boxes[:, 0]).tolist()), Box(20, 20, 170, 40), 40.0)
    # The middle digit is a sign to the reader; of the rest it makes two numbers, of the end nothing.
    parts = (
        Part(read_as("12", 20, 50), 10, 105),
        Part(read_as("3", 140), 105, 165),
        Part(Claim(Opinion("number", "", 0.8), ()), 165, 200),
    )
    first, second, left_over = as_read([run], [path], [parts], components)
    assert [piece.box.x for piece in first.contours] == [20, 50, 80]
    assert first.box == Box(20, 20, 50, 40)
    assert (second.number, second.box) == (parts[1].claim, Box(140, 20, 20, 40))
    assert (left_over.number, left_over.box) == (parts[2].claim, Box(170, 20, 20, 40))


BASE_AND_EXPONENT = (Box(20, 20, 20, 40), Box(50, 20, 20, 40), Box(76, 10, 14, 20))
"""Of 13 to the power of 2."""


def found_with_exponent(text: str, digits: tuple[Digit, ...]) -> tuple[Found, ...]:
    """What is found in such a run, of which the contours read each digit and the number reader says what is given."""
    page = np.zeros((80, 300), np.uint8)
    for box in BASE_AND_EXPONENT:
        page[box.y : box.bottom, box.x : box.right] = 255
    components = connected_components(page)
    path = tuple(Piece(digit, 0.9, False, box) for digit, box in zip((1, 3, 2), BASE_AND_EXPONENT, strict=True))
    run = Run(tuple(np.argsort(components.boxes[:, 0]).tolist()), Box(20, 10, 70, 50), 40.0)
    return as_read([run], [path], [(Part(Claim(Opinion("number", text, 0.9), digits), 10, 100),)], components)


def test_an_exponent_is_a_number_of_its_own_whatever_the_reader_takes_it_for() -> None:
    base, exponent = found_with_exponent(
        "1.32", tuple(Digit(text, 0.9, box) for text, box in zip("132", BASE_AND_EXPONENT, strict=True))
    )
    assert base.number is not None
    assert exponent.number is not None
    assert (base.number.opinion.text, exponent.number.opinion.text) == ("1.3", "2")
    assert [piece.digit for piece in (*base.contours, *exponent.contours)] == [1, 3, 2]
    assert exponent.box == BASE_AND_EXPONENT[2]


def test_an_exponent_that_the_contours_alone_see_has_a_base_of_theirs() -> None:
    base, exponent = found_with_exponent("2", (Digit("2", 0.9, BASE_AND_EXPONENT[2]),))
    assert base.number is not None
    assert exponent.number is not None
    assert (base.number.opinion.text, exponent.number.opinion.text) == ("", "2")
    assert [[piece.digit for piece in found.contours] for found in (base, exponent)] == [[1, 3], [2]]
    assert base.box == Box(20, 20, 50, 40)
