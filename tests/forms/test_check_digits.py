import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from scanner.forms.check_digits import MOD11_MAX_DIGITS, CheckDigit, has_valid_check_digits

# Published numbers.
VALID = [
    ("79927398713", CheckDigit.LUHN),  # the usual example of the algorithm
    ("4111111111111111", CheckDigit.LUHN),  # a card to test payments with
    ("378282246310005", CheckDigit.LUHN),  # another, with an odd number of digits
    ("0306406152", CheckDigit.MOD11),  # ISBN 0-306-40615-2
    ("3598215088", CheckDigit.MOD11),  # ISBN 3-598-21508-8
    ("03785955", CheckDigit.MOD11),  # ISSN 0378-5955
    ("79444", CheckDigit.MOD97),  # the example of ISO/IEC 7064: 794 and the check digits 44
    ("3214282912345698765432161182", CheckDigit.MOD97),  # IBAN GB82 WEST 1234 5698 7654 32, letters as numbers
    ("370400440532013000131489", CheckDigit.MOD97),  # IBAN DE89 3704 0044 0532 0130 00
]


def with_check_digits(payload: str, scheme: CheckDigit) -> str | None:
    """The number with the check digits that make it valid, tried one by one; None if there are none."""
    width = 2 if scheme is CheckDigit.MOD97 else 1
    numbers = (payload + str(digits).zfill(width) for digits in range(10**width))
    return next((number for number in numbers if has_valid_check_digits(number, scheme)), None)


@st.composite
def valid_numbers(draw: st.DrawFn, scheme: CheckDigit) -> str:
    payload = draw(st.text("0123456789", min_size=1, max_size=(scheme.max_digits or 30) - 1))
    number = with_check_digits(payload, scheme)
    assume(number is not None)
    assert number is not None
    return number


@pytest.mark.parametrize(("number", "scheme"), VALID)
def test_published_numbers_are_valid(number: str, scheme: CheckDigit) -> None:
    assert has_valid_check_digits(number, scheme)


@pytest.mark.parametrize(("number", "scheme"), VALID)
def test_published_numbers_with_a_wrong_last_digit_are_not(number: str, scheme: CheckDigit) -> None:
    assert not has_valid_check_digits(number[:-1] + str((int(number[-1]) + 1) % 10), scheme)


def test_luhn_by_hand() -> None:
    # 18: 1 doubled is 2, and 8 is 10.  59: 5 doubled is 10, whose digits are 1 and 0, and 9 is 10.
    assert has_valid_check_digits("18", CheckDigit.LUHN)
    assert has_valid_check_digits("59", CheckDigit.LUHN)
    assert not has_valid_check_digits("95", CheckDigit.LUHN)


def test_mod11_whose_check_digit_is_ten_is_never_valid() -> None:
    # ISBN 0-8044-2957-X
    assert with_check_digits("080442957", CheckDigit.MOD11) is None
    assert not has_valid_check_digits("080442957X", CheckDigit.MOD11)


def test_mod11_has_no_weight_for_an_eleventh_digit() -> None:
    assert has_valid_check_digits("0" * MOD11_MAX_DIGITS, CheckDigit.MOD11)
    assert not has_valid_check_digits("0" * (MOD11_MAX_DIGITS + 1), CheckDigit.MOD11)


@pytest.mark.parametrize("scheme", CheckDigit)
@pytest.mark.parametrize("number", ["", "0", " 18", "1-8", "-18", "١٨", "¹8", "1.8", "18\n"])
def test_what_is_no_number_of_digits_is_not_valid(number: str, scheme: CheckDigit) -> None:
    assert not has_valid_check_digits(number, scheme)


def test_mod97_needs_a_digit_before_its_two() -> None:
    assert has_valid_check_digits("001", CheckDigit.MOD97)
    assert not has_valid_check_digits("01", CheckDigit.MOD97)


def test_a_very_long_number_is_checked() -> None:
    assert has_valid_check_digits("0" * 100_000 + "18", CheckDigit.LUHN)
    assert has_valid_check_digits("0" * 100_000 + "79444", CheckDigit.MOD97)


@pytest.mark.parametrize("scheme", CheckDigit)
@given(data=st.data())
def test_any_other_digit_makes_a_number_invalid(scheme: CheckDigit, data: st.DataObject) -> None:
    number = data.draw(valid_numbers(scheme))
    place = data.draw(st.integers(0, len(number) - 1))
    other = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != number[place]]))
    assert not has_valid_check_digits(number[:place] + other + number[place + 1 :], scheme)


@pytest.mark.parametrize("scheme", [CheckDigit.MOD11, CheckDigit.MOD97])
@given(data=st.data())
def test_swapping_two_neighbours_makes_a_number_invalid(scheme: CheckDigit, data: st.DataObject) -> None:
    number = data.draw(valid_numbers(scheme))
    place = data.draw(st.integers(0, len(number) - 2))
    assume(number[place] != number[place + 1])
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    assert not has_valid_check_digits(swapped, scheme)


@given(data=st.data())
def test_luhn_sees_every_swap_of_neighbours_but_of_0_and_9(data: st.DataObject) -> None:
    number = data.draw(valid_numbers(CheckDigit.LUHN))
    place = data.draw(st.integers(0, len(number) - 2))
    first, second = number[place], number[place + 1]
    assume(first != second)
    swapped = number[:place] + second + first + number[place + 2 :]
    assert has_valid_check_digits(swapped, CheckDigit.LUHN) == ({first, second} == {"0", "9"})
