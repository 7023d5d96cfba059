import pytest

from scanner.numbers.exponents import is_exponent_digit, is_exponent_line, is_off_line
from scanner.numbers.text_lines import TextLine
from scanner.types import Box

BASE = Box(0, 20, 20, 40)


@pytest.mark.parametrize(
    ("box", "expected"),
    [
        (Box(22, 5, 10, 20), True),
        (Box(22, 5, 10, 14), False),  # smaller than 0.4 of the base
        (Box(22, 29, 10, 20), False),  # ends below 0.7 of the base
        (Box(22, -25, 10, 20), False),  # more than a height above the base
        (Box(60, 5, 10, 20), False),  # too far behind
        (Box(2, 5, 10, 20), False),  # over the base
    ],
)
def test_an_exponent_line_stands_to_the_upper_right_of_its_base(box: Box, *, expected: bool) -> None:
    base, line = (TextLine((0,), each, float(each.height)) for each in (BASE, box))
    assert is_exponent_line(base, line) is expected


def test_an_exponent_digit_ends_above_the_middle_of_its_base() -> None:
    assert is_exponent_digit(BASE, Box(22, 12, 12, 24))
    assert is_exponent_digit(BASE, Box(22, 0, 20, 36)), "some people write them as large"
    assert not is_exponent_digit(BASE, Box(22, 18, 12, 24))
    assert not is_exponent_digit(BASE, Box(22, 46, 12, 24)), "an index"


def test_a_smaller_digit_off_the_line_is_an_exponent_or_an_index() -> None:
    for box in (Box(22, 12, 12, 24), Box(22, 46, 12, 24)):
        assert is_off_line(BASE, box)
        assert is_off_line(box, BASE)
    assert not is_off_line(BASE, Box(22, 34, 12, 26)), "small, but on the line"
    assert not is_off_line(BASE, Box(22, 0, 20, 36)), "nearly as tall as the base"
