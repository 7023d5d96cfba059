import numpy as np

from scanner.synthesis.ink_sheet import InkSheet


def test_an_empty_sheet_is_all_margin() -> None:
    ink, corner = InkSheet().paint(2)
    assert ink.shape == (5, 5)
    assert not ink.any()
    assert corner == (-2, -2)


def test_crops_lie_at_their_place_and_the_darker_one_on_top() -> None:
    sheet = InkSheet()
    sheet.add_crop(np.full((2, 3), 100, np.uint8), -4, 5)
    sheet.add_crop(np.full((2, 3), 200, np.uint8), -2, 6)
    ink, (left, top) = sheet.paint(1)
    assert (left, top) == (-5, 4)
    assert ink.shape == (5, 7)
    assert ink[1:4, 1:6].tolist() == [[100, 100, 100, 0, 0], [100, 100, 200, 200, 200], [0, 0, 200, 200, 200]]


def test_a_stroke_ends_where_it_should() -> None:
    sheet = InkSheet()
    sheet.add_stroke((-10.0, 3.0), (10.0, 3.0), 1)
    ink, (left, top) = sheet.paint(2)
    inked = np.flatnonzero(ink[3 - top] > 127)
    assert (inked[0] + left, inked[-1] + left) == (-10, 10)
