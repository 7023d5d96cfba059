import re

import numpy as np

from scanner.synthesis import wording


def test_running_text_has_the_given_number_of_words() -> None:
    words = wording.random_running_words(np.random.default_rng(0), 50, 0.0)
    assert len(words) == 50
    assert words[0][0].isupper()
    assert not any(character.isdigit() for word in words for character in word)


def test_a_share_of_running_text_is_numbers() -> None:
    words = wording.random_running_words(np.random.default_rng(0), 500, 0.3)
    share = sum(any(character.isdigit() for character in word) for word in words) / 500
    assert 0.2 < share < 0.4


def test_a_written_number_is_one_number() -> None:
    rng = np.random.default_rng(1)
    texts = [wording.random_written_number(rng) for _ in range(300)]
    assert all(re.fullmatch(r"\d+([.,]\d+)*", text) for text in texts)
    assert {len(text) for text in texts} >= {1, 2, 3, 4, 5}
