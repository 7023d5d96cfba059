import re
from collections import Counter

import numpy as np
import pytest

from scanner.synthesis import number_texts


@pytest.fixture(scope="module")
def drawn() -> list[str]:
    rng = np.random.default_rng(2)
    return [number_texts.random_number_text(rng) for _ in range(4000)]


def test_texts_are_of_every_kind_and_not_too_long(drawn: list[str]) -> None:
    assert max(map(len, drawn)) <= number_texts.MAX_TEXT_LENGTH
    assert set("".join(drawn)) == set("0123456789,.-")
    assert {len(text) for text in drawn} >= set(range(14))
    assert any(text.startswith("-") for text in drawn)
    assert any(text.startswith((".", ",")) for text in drawn)
    assert any(re.fullmatch(r"0\d+", text) for text in drawn)
    assert any(re.fullmatch(r"\d{1,2}\.\d{1,2}\.\d{2,4}", text) for text in drawn)


def test_one_text_in_ten_is_empty(drawn: list[str]) -> None:
    assert drawn.count("") / len(drawn) == pytest.approx(0.1, abs=0.02)


def test_strings_hardly_repeat_and_every_digit_is_common(drawn: list[str]) -> None:
    long = [text for text in drawn if len(text) >= 4]
    assert len(set(long)) > 0.95 * len(long)
    digits = Counter("".join(drawn))
    shares = [digits[digit] / sum(digits[d] for d in "0123456789") for digit in "0123456789"]
    assert min(shares) > 0.06
    # Amounts are often round.
    assert max(shares) == shares[0] < 0.25
