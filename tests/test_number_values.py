from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.number_values import decimal_count, is_ambiguous, number_value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", "0"),
        ("7", "7"),
        ("-12", "-12"),
        ("2088", "2088"),
        ("36,5", "36.5"),
        ("36.5", "36.5"),
        ("36,50", "36.50"),
        ("-0,5", "-0.5"),
        ("3.1416", "3.1416"),
        # No group of thousands begins with a zero, and none before a single separator has more than three digits.
        ("0,125", "0.125"),
        ("1234,567", "1234.567"),
        ("1.234.567", "1234567"),
        ("1,234,567", "1234567"),
        ("1.234,50", "1234.50"),
        ("1,234.50", "1234.50"),
        ("12.345,678", "12345.678"),
        ("123456789012345", "123456789012345"),
        ("1234567890123,45", "1234567890123.45"),
    ],
)
def test_a_number_is_understood_whatever_its_separators_are(text: str, value: str) -> None:
    # As texts, because the decimals count as well.
    assert str(number_value(text)) == value


@pytest.mark.parametrize(
    "text",
    [
        *("", "-", ",", "x", "12 ", "\u0663"),
        # Codes: without the zero they are others.
        *("007", "00", "00,5", "-07", "0.123.456", "-0"),
        # The last digits would be lost.
        *("1234567890123456", "12345678901234,56", "1.234.567.890.123.456"),
        # Dates, ranges and prices without cents.
        *("7.5.2026", "07.05.2026", "1-2", "12.-", "12-"),
        # What stands at the other side of the separator may have been missed.
        *(",5", "36,", ".75", "--5"),
        # No groups of three.
        *("12.34.56", "1.23,4", "1234.567,8", "1,234.567,8", "1.234,567.8", "1..234"),
    ],
)
def test_what_is_no_number_for_sure_stays_a_text(text: str) -> None:
    assert number_value(text) is None
    assert not is_ambiguous(text)


@pytest.mark.parametrize("text", ["1.234", "1,234", "12.345", "999,000", "-1.234"])
def test_three_digits_behind_one_separator_may_be_thousands_or_decimals(text: str) -> None:
    assert is_ambiguous(text)
    assert number_value(text) is None


@given(st.decimals(-(10**9), 10**9, places=2))
def test_what_either_half_of_the_world_writes_is_the_number_it_wrote(value: Decimal) -> None:
    written = f"{value:,.2f}"
    if value:
        assert number_value(written) == value
        assert number_value(written.translate(str.maketrans(",.", ".,"))) == value
        assert number_value(written.replace(",", "")) == value


@given(st.text("0123456789.,-", max_size=20))
def test_a_number_has_the_digits_of_its_text(text: str) -> None:
    value = number_value(text)
    if value is not None:
        assert "".join(filter(str.isdigit, f"{value:f}")) == "".join(filter(str.isdigit, text))
        # A spreadsheet holds it exactly.
        assert f"{float(value):.{decimal_count(value)}f}" == f"{value:f}"


def test_decimals_are_counted_as_written() -> None:
    assert [decimal_count(Decimal(text)) for text in ("12", "12.0", "12.50", "1E+3")] == [0, 1, 2, 0]
