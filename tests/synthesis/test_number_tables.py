from __future__ import annotations

import numpy as np
import pytest

from scanner.synthesis.fonts import FontFamily
from scanner.synthesis.number_tables import synthesize_number_table


@pytest.mark.parametrize("seed", range(4))
def test_a_table_has_two_digit_numbers_in_rows_and_columns(families: tuple[FontFamily, ...], seed: int) -> None:
    page = synthesize_number_table(np.random.default_rng(seed), families, (), 100.0)
    assert page.page_type == "number table"
    assert len(page.numbers) >= 8
    for number in page.numbers:
        assert number.kind == "handwritten"
        assert 10 <= int(number.text) <= 99
    places = [number.row_and_column for number in page.numbers]
    assert None not in places
    assert len(set(places)) == len(places)


def test_a_table_is_the_same_for_the_same_state(families: tuple[FontFamily, ...]) -> None:
    one, other = (synthesize_number_table(np.random.default_rng(5), families, (), 80.0) for _ in range(2))
    assert np.array_equal(one.image, other.image)
