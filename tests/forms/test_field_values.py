from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.forms.field_values import field_value, is_within_limits
from scanner.forms.form import FieldContent, FieldKind

COMB = FieldContent(kind=FieldKind.COMB, cells=4)
NUMBER, DECIMAL = FieldContent(kind=FieldKind.NUMBER), FieldContent(kind=FieldKind.DECIMAL)
TICK, PICTURE = FieldContent(kind=FieldKind.TICK), FieldContent(kind=FieldKind.TEXT_IMAGE)


@pytest.mark.parametrize(
    ("text", "content", "expected"),
    [
        ("0042", COMB, "42"),
        ("-7", NUMBER, "-7"),
        ("1.234", NUMBER, "1234"),
        ("1,234.567", NUMBER, None),
        ("1.234.567", NUMBER, "1234567"),
        ("36,5", NUMBER, None),
        ("36,50", DECIMAL, "36.50"),
        ("05", DECIMAL, "5"),
        ("1.234", DECIMAL, None),
        ("1-2", DECIMAL, None),
        ("", NUMBER, None),
        ("1", TICK, "1"),
        ("0", TICK, "0"),
        ("2", TICK, None),
        ("12", PICTURE, None),
    ],
)
def test_the_kind_of_the_field_says_which_number_a_text_is(
    text: str, content: FieldContent, expected: str | None
) -> None:
    assert field_value(text, content) == (None if expected is None else Decimal(expected))


def test_limits_tell_thousands_from_decimals() -> None:
    small = FieldContent(kind=FieldKind.DECIMAL, maximum=Decimal(100))
    large = FieldContent(kind=FieldKind.DECIMAL, minimum=Decimal(100))
    assert field_value("1,234", small) == Decimal("1.234")
    assert field_value("1,234", large) == 1234
    neither = FieldContent(kind=FieldKind.DECIMAL, maximum=Decimal(0))
    assert field_value("1,234", neither) is None


def test_limits_are_within_themselves() -> None:
    content = FieldContent(minimum=Decimal(2), maximum=Decimal(4))
    assert [value for value in range(7) if is_within_limits(Decimal(value), content)] == [2, 3, 4]
    assert is_within_limits(Decimal(-99), NUMBER)


@given(st.text("0123456789", min_size=1, max_size=40))
def test_digits_are_a_number_wherever_numbers_are(digits: str) -> None:
    for content in (COMB, NUMBER, DECIMAL):
        assert field_value(digits, content) == int(digits)
