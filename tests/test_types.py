import subprocess
import sys
from dataclasses import fields, is_dataclass
from typing import get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

import scanner.types
from scanner.options import ScanOptions
from scanner.types import Box, DigitReading

SIDES = st.integers(1, 1000)
PLACES = st.integers(-1000, 1000)
BOXES = st.builds(Box, PLACES, PLACES, SIDES, SIDES)


def test_right_and_bottom_are_outside_the_box() -> None:
    box = Box(2, 3, 10, 20)
    assert (box.right, box.bottom) == (12, 23)
    assert box.center == (7.0, 13.0)


def test_a_box_includes_its_left_and_upper_edge_and_not_its_right_and_lower_one() -> None:
    box = Box(10, 20, 5, 6)
    assert box.includes((10, 20))
    assert box.includes((14.9, 25.9))
    assert not box.includes((15, 20))
    assert not box.includes((10, 26))
    assert not box.includes((9.9, 20))
    assert not box.includes((10, 19.9))


@pytest.mark.parametrize(("width", "height"), [(0, 1), (1, 0), (-1, 5)])
def test_a_box_without_pixels_is_an_error(width: int, height: int) -> None:
    with pytest.raises(ValueError, match="at least 1 x 1"):
        Box(0, 0, width, height)


def test_a_box_is_a_tuple() -> None:
    assert Box(1, 2, 3, 4) == (1, 2, 3, 4)
    assert sorted([Box(5, 0, 1, 1), Box(1, 9, 1, 1)])[0].x == 1


def test_around_two_boxes() -> None:
    assert Box.around([Box(0, 5, 2, 2), Box(10, 0, 1, 3)]) == (0, 0, 11, 7)


def test_around_nothing_is_an_error() -> None:
    with pytest.raises(ValueError, match="no boxes"):
        Box.around(iter(()))


@given(st.lists(BOXES, min_size=1, max_size=6))
def test_around_is_the_smallest_box_that_holds_all(boxes: list[Box]) -> None:
    hull = Box.around(boxes)
    assert all(hull.x <= b.x and hull.y <= b.y and hull.right >= b.right and hull.bottom >= b.bottom for b in boxes)
    assert any(b.x == hull.x for b in boxes)
    assert any(b.y == hull.y for b in boxes)
    assert any(b.right == hull.right for b in boxes)
    assert any(b.bottom == hull.bottom for b in boxes)
    assert Box.around([hull, *boxes]) == hull


def scores(**given: float) -> tuple[float, ...]:
    by_place = {int(name.removeprefix("p")): value for name, value in given.items()}
    return tuple(by_place.get(place, 0.0) for place in range(11))


def test_the_most_probable_digit_is_the_reading() -> None:
    reading = DigitReading(scores(p7=0.9, p1=0.1))
    assert (reading.digit, reading.confidence, reading.is_digit) == (7, 0.9, True)


def test_the_most_probable_digit_is_given_even_if_no_digit_is_more_probable() -> None:
    reading = DigitReading(scores(p3=0.2, p5=0.1, p10=0.7))
    assert (reading.digit, reading.confidence, reading.is_digit) == (3, 0.2, False)


def test_a_reading_is_a_digit_only_if_no_digit_is_less_probable() -> None:
    assert not DigitReading(scores(p4=0.5, p10=0.5)).is_digit


def test_importing_the_types_does_not_import_numpy() -> None:
    code = "import sys, scanner.types; sys.exit('numpy' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_types_with_images_can_be_imported_at_run_time() -> None:
    code = "from scanner.types import Glyph, Image, Ink, PageImage; assert Image.__origin__.__name__ == 'ndarray'"
    subprocess.run([sys.executable, "-c", code], check=True)


PUBLIC = (ScanOptions, *(getattr(scanner.types, name) for name in scanner.types.__all__))


@pytest.mark.parametrize("public", list(filter(is_dataclass, PUBLIC)))
def test_the_annotations_of_public_dataclasses_can_be_resolved(public: type) -> None:
    assert list(get_type_hints(public)) == [field.name for field in fields(public)]


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Picture'"):
        scanner.types.Picture  # noqa: B018 - looking it up is what is tested
