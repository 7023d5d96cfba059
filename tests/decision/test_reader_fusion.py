import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.decision.reader_fusion import accept_claim, fuse_claims, weigh_second_opinion
from scanner.options import PageOrCrop
from scanner.recognition.confidence_calibration import AgreementCalibration, Calibration
from scanner.recognition.reader_claims import Claim
from scanner.types import Box, Digit, Opinion


def claim(reader: str, text: str, confidence: float) -> Claim:
    characters = [character for character in text if character.isdigit()]
    digits = tuple(Digit(digit, confidence, Box(10 * place, 0, 8, 10)) for place, digit in enumerate(characters))
    return Claim(Opinion(reader, text, confidence), digits)


def contours(text: str, confidence: float) -> Claim:
    return claim("contours", text, confidence)


def number(text: str, confidence: float) -> Claim:
    return claim("number", text, confidence)


TRUST = AgreementCalibration(
    confirmed=Calibration((0.0, 1.0), (0.5, 1.0)), disputed=Calibration((0.0, 1.0), (0.0, 0.5))
)
"""Halves the doubt where readers agree, and the confidence where they disagree."""


def test_the_only_reader_is_right() -> None:
    answer = accept_claim(number("42", 0.7))
    assert (answer.text, answer.confidence) == ("42", 0.7)
    assert answer.opinions == (Opinion("number", "42", 0.7),)


@pytest.mark.parametrize("layout", [PageOrCrop.PAGE, PageOrCrop.CROP])
def test_agreement_confirms_the_number_reader_and_has_the_contours_boxes(layout: PageOrCrop) -> None:
    cut, whole = contours("42", 0.6), number("42", 0.8)
    answer = fuse_claims(cut, whole, layout, TRUST)
    assert answer.text == "42"
    assert answer.confidence == pytest.approx(0.9)
    assert answer.digits == cut.digits
    assert answer.opinions == (cut.opinion, whole.opinion)


def test_separators_come_from_the_line_reader_and_are_no_disagreement() -> None:
    answer = fuse_claims(contours("450", 0.99), number("4,50", 0.8), PageOrCrop.PAGE, TRUST)
    assert answer.text == "4,50"
    assert answer.confidence == pytest.approx(0.9)


@pytest.mark.parametrize(
    ("layout", "cut", "whole", "text", "chosen"),
    [
        (PageOrCrop.CROP, ("17422", 0.9), ("17427", 0.6), "17427", 0.6),
        (PageOrCrop.CROP, ("1", 0.9), ("", 0.6), "", 0.6),
        (PageOrCrop.CROP, ("", 0.0), ("8", 0.6), "8", 0.6),
        (PageOrCrop.PAGE, ("17422", 0.9), ("17427", 0.6), "17422", 0.9),
        # Contours with another number of digits: 0.75 x 0.9 is less than 0.7 and more than 0.65.
        (PageOrCrop.PAGE, ("1742", 0.9), ("17422", 0.7), "17422", 0.7),
        (PageOrCrop.PAGE, ("1742", 0.9), ("17422", 0.65), "1742", 0.9),
        (PageOrCrop.PAGE, ("17422", 0.9), ("1742", 0.7), "1742", 0.7),
        (PageOrCrop.PAGE, ("17422", 0.9), ("1742", 0.65), "17422", 0.9),
        (PageOrCrop.PAGE, ("17422", 0.5), ("17427", 0.6), "17427", 0.6),
        (PageOrCrop.PAGE, ("0", 0.3), ("", 0.9), "", 0.9),
        (PageOrCrop.PAGE, ("0", 0.9), ("", 0.3), "0", 0.9),
    ],
)
def test_the_chosen_claim_gives_text_digits_and_half_its_confidence(
    layout: PageOrCrop, cut: tuple[str, float], whole: tuple[str, float], text: str, chosen: float
) -> None:
    answer = fuse_claims(contours(*cut), number(*whole), layout, TRUST)
    assert answer.text == text
    assert answer.confidence == pytest.approx(chosen / 2)
    assert "".join(digit.text for digit in answer.digits) == text


def test_a_digit_without_ink_of_its_own_does_not_lower_the_weight_of_the_contours() -> None:
    whole = number("2581", 0.7)
    edge = Digit("2", 0.7, Box(0, 0, 1, 60))
    imagined = Claim(whole.opinion, (edge, *whole.digits[1:]))
    assert fuse_claims(contours("581", 0.9), imagined, PageOrCrop.PAGE, TRUST).text == "581"
    assert fuse_claims(contours("581", 0.9), whole, PageOrCrop.PAGE, TRUST).text == "2581"


texts = st.text("0123", max_size=3)
chances = st.floats(0, 1)


@given(texts, chances, texts, chances, st.sampled_from([PageOrCrop.PAGE, PageOrCrop.CROP]))
def test_the_fused_text_is_that_of_one_of_the_readers(
    cut: str, p: float, whole: str, q: float, layout: PageOrCrop
) -> None:
    answer = fuse_claims(contours(cut, p), number(whole, q), layout, AgreementCalibration())
    assert (answer.text, answer.confidence) in {(cut, p), (whole, q)}
    assert answer.text in {cut, whole}


def test_a_second_opinion_changes_how_sure_a_crop_is_and_not_its_text() -> None:
    reading = fuse_claims(contours("42", 0.6), number("42", 0.8), PageOrCrop.CROP, TRUST)
    weighed = weigh_second_opinion(reading, claim("any", "47", 0.95), 0.7)
    assert (weighed.text, weighed.confidence, weighed.digits) == ("42", 0.7, reading.digits)
    assert weighed.opinions == (*reading.opinions, Opinion("text line", "47", 0.95))


def test_a_second_opinion_makes_nothing_no_surer() -> None:
    nothing = accept_claim(number("", 0.6))
    assert weigh_second_opinion(nothing, claim("any", "7", 0.5), 0.9).confidence == 0.6
