from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.form_making.marked_boxes import find_boxes_like
from scanner.form_making.printed_cells import PrintedLines
from scanner.types import Box

if TYPE_CHECKING:
    from scanner.types import Image

SIDE = 30
EMPTY = (Box(100, 50, SIDE, SIDE), Box(200, 50, SIDE, SIDE))


def lines_of(*boxes: Box) -> PrintedLines:
    """Lines three pixels wide around paper of these boxes."""
    horizontal, vertical = np.zeros((300, 400), np.uint8), np.zeros((300, 400), np.uint8)
    for box in boxes:
        for y in (box.y - 2, box.bottom + 1):
            _line(horizontal, (box.x - 2, y), (box.right + 1, y))
        for x in (box.x - 2, box.right + 1):
            _line(vertical, (x, box.y - 2), (x, box.bottom + 1))
    return PrintedLines(horizontal, vertical)


def _line(mask: Image, first: tuple[int, int], last: tuple[int, int]) -> None:
    cv2.line(mask, first, last, 255, 3)


def test_boxes_beside_and_below_are_found() -> None:
    ticked = (Box(300, 50, SIDE, SIDE), Box(100, 150, SIDE, SIDE))
    found = sorted(find_boxes_like(EMPTY, lines_of(*EMPTY, *ticked), EMPTY), key=lambda box: box.y)
    assert [box[2:] for box in found] == [(SIDE, SIDE)] * 2
    offsets = [abs(own - other) for a, b in zip(found, ticked, strict=True) for own, other in zip(a, b, strict=True)]
    assert max(offsets) <= 1


def test_boxes_of_another_size_or_elsewhere_are_not() -> None:
    others = (Box(300, 50, 50, 50), Box(330, 230, SIDE, SIDE))
    assert find_boxes_like(EMPTY, lines_of(*EMPTY, *others), EMPTY) == ()


def test_three_sides_are_no_box() -> None:
    lines = lines_of(*EMPTY, Box(300, 50, SIDE, SIDE))
    lines.horizontal[70:, 290:] = 0
    assert find_boxes_like(EMPTY, lines, EMPTY) == ()


def test_of_one_box_alone_no_others_are_looked_for() -> None:
    assert find_boxes_like(EMPTY[:1], lines_of(*EMPTY), EMPTY[:1]) == ()
    assert find_boxes_like((), lines_of(*EMPTY), ()) == ()


def test_a_size_larger_than_the_page_fits_nowhere() -> None:
    huge = (Box(0, 0, 400, 300), Box(0, 0, 400, 300))
    assert find_boxes_like(huge, lines_of(*EMPTY), ()) == ()
