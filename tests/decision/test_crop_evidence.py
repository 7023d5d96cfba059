from __future__ import annotations

import math

import pytest

from scanner.decision.crop_evidence import CROP_EVIDENCE_NAMES, crop_evidence, load_crop_model
from scanner.recognition.reader_claims import Claim
from scanner.types import Box, Digit, Opinion


def claim(text: str, confidence: float, worst: float | None = None) -> Claim:
    found = [character for character in text if character.isdigit()]
    confidences = [confidence if worst is None or place else worst for place in range(len(found))]
    digits = tuple(
        Digit(digit, of_digit, Box(10 * place, 0, 8, 10))
        for place, (digit, of_digit) in enumerate(zip(found, confidences, strict=True))
    )
    return Claim(Opinion("any", text, confidence), digits)


def evidence(contours: Claim, crop: Claim, text_line: Claim) -> dict[str, float]:
    return dict(zip(CROP_EVIDENCE_NAMES, crop_evidence(contours, crop, text_line).tolist(), strict=True))


def test_what_each_reader_says() -> None:
    found = evidence(claim("4550", 0.5, worst=0.2), claim("45,50", 0.9), claim("45,50", 0.75))
    assert found["crop reader"] == pytest.approx(math.log(9))
    assert found["text line reader"] == pytest.approx(math.log(3))
    assert found["contour reader"] == pytest.approx(0)
    assert found["worst digit"] == pytest.approx(math.log(0.25))
    assert found["digits"] == pytest.approx(math.log(5))
    assert found["separators"] == 1
    agree = ("line readers agree", "crop and contour reader agree", "text line and contour reader agree")
    assert [found[name] for name in agree] == [1, 1, 1]


def test_line_readers_must_agree_on_separators_and_contours_cannot() -> None:
    found = evidence(claim("455", 0.5), claim("45,5", 0.9), claim("455", 0.9))
    agree = ("line readers agree", "crop and contour reader agree", "text line and contour reader agree")
    assert [found[name] for name in agree] == [0, 1, 1]


def test_a_reader_that_sees_nothing_and_one_that_is_certain_are_finite() -> None:
    found = evidence(claim("", 0.0), claim("1", 1.0), claim("", 0.0))
    assert all(math.isfinite(value) for value in found.values())
    assert found["text line and contour reader agree"] == 1


def test_the_model_that_comes_with_the_program_believes_three_readers_and_doubts_one() -> None:
    model = load_crop_model()
    agreed = crop_evidence(claim("4550", 0.99), claim("4550", 0.99), claim("4550", 0.99))
    disputed = crop_evidence(claim("4558", 0.9), claim("4550", 0.9), claim("4530", 0.9))
    high, low = (float(model.probabilities(each[None])[0]) for each in (agreed, disputed))
    assert high > 0.98
    assert low < 0.9
