from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.form_reading.comb_reading import CellReading, rank_comb_texts, texts_by_cells
from scanner.types import DigitReading


def cell(classifier: dict[int, float], line: dict[int, float] | None = None, no_digit: float = 0.0) -> CellReading:
    """A cell whose readers give these probabilities to digits; the others have none."""
    probabilities = tuple(classifier.get(digit, 0.0) for digit in range(10))
    by_line = classifier if line is None else line
    return CellReading(DigitReading((*probabilities, no_digit)), tuple(by_line.get(digit, 0.0) for digit in range(10)))


SURE = 1 - 1e-9


def test_both_readers_count_given_that_there_is_a_digit() -> None:
    reading = cell({3: 0.6, 8: 0.2}, {3: 0.5, 5: 0.5}, no_digit=0.2)
    assert reading.log_probability(3) == pytest.approx(math.log(0.75) + math.log(0.5))
    # No reader is surer than one in a thousand.
    assert reading.log_probability(8) == pytest.approx(math.log(0.25) + math.log(0.001))
    assert reading.log_probability(0) == pytest.approx(2 * math.log(0.001))


def test_a_cell_that_is_surely_no_digit_has_digits_still() -> None:
    reading = cell({1: 0.0}, {1: 1.0}, no_digit=1.0)
    assert reading.log_probability(1) == pytest.approx(math.log(0.001))


def test_the_texts_of_cells_are_in_the_order_of_their_probability() -> None:
    cells = [cell({1: 0.7, 7: 0.3}), cell({4: 0.6, 9: 0.4})]
    assert texts_by_cells(cells)[:4] == ("14", "19", "74", "79")


def test_a_cell_has_four_digits_at_most() -> None:
    texts = texts_by_cells([cell(dict.fromkeys(range(10), 0.1))])
    assert len(texts) == 4


def test_long_combs_have_sixty_texts_and_the_best_is_first() -> None:
    texts = texts_by_cells([cell({digit: 0.9, (digit + 1) % 10: 0.1}) for digit in (3, 1, 4, 1, 5, 9, 2, 6)])
    assert texts[0] == "31415926"
    assert len(texts) == len(set(texts)) == 60


def test_three_readings_weigh_alike() -> None:
    # Two readers of the cell say 1 to 7 as 4 to 1, the line reader of the whole as 1 to 2.
    cells = [cell({1: 0.8, 7: 0.2})]
    first, second = rank_comb_texts(cells, {"1": 0.1, "7": 0.2})
    odds = (4 * 4 / 2) ** 0.45
    assert (first.text, second.text) == ("1", "7")
    assert first.probability == pytest.approx(odds / (1 + odds))


def test_the_whole_may_overrule_the_cells() -> None:
    cells = [cell({1: 0.55, 7: 0.45})]
    assert rank_comb_texts(cells, {"1": 0.001, "7": 0.9})[0].text == "7"


def test_texts_of_another_length_or_with_separators_are_left_out() -> None:
    cells = [cell({1: SURE}), cell({2: SURE})]
    ranked = rank_comb_texts(cells, {"12": 0.1, "1": 0.8, "122": 0.05, "1.2": 0.05, "-2": 0.1})
    assert [each.text for each in ranked] == ["12"]
    assert ranked[0].probability == pytest.approx(1)


def test_a_text_that_the_whole_rules_out_is_not_impossible() -> None:
    ranked = rank_comb_texts([cell({5: SURE})], {"5": 0.0, "6": 0.0})
    assert ranked[0].text == "5"
    assert 0 < ranked[1].probability < 0.01


_SHARES = st.lists(st.floats(1e-6, 1.0), min_size=11, max_size=11)


@st.composite
def cells_and_texts(draw: st.DrawFn) -> tuple[list[CellReading], dict[str, float]]:
    cells = []
    for _ in range(draw(st.integers(1, 4))):
        classifier, line = (np.array(draw(_SHARES)) for _ in range(2))
        reading = DigitReading(tuple((classifier / classifier.sum()).tolist()))
        cells.append(CellReading(reading, tuple((line[:10] / line[:10].sum()).tolist())))
    return cells, {text: draw(st.floats(0, 1)) for text in texts_by_cells(cells)}


@given(cells_and_texts())
def test_probabilities_sum_to_one_and_fall(given_cells: tuple[list[CellReading], dict[str, float]]) -> None:
    ranked = rank_comb_texts(*given_cells)
    assert sum(each.probability for each in ranked) == pytest.approx(1)
    assert all(first.probability >= second.probability for first, second in itertools.pairwise(ranked))
    assert {each.text for each in ranked} == set(given_cells[1])


@given(cells_and_texts())
def test_the_most_probable_digits_are_the_first_text(
    given_cells: tuple[list[CellReading], dict[str, float]],
) -> None:
    cells, texts = given_cells
    best = "".join(str(max(range(10), key=each.log_probability)) for each in cells)
    assert next(iter(texts)) == best
    # With nothing said of the whole it stays the first.
    assert rank_comb_texts(cells, dict.fromkeys(texts, 0.5))[0].text == best
