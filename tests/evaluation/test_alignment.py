from __future__ import annotations

import time
from functools import cache
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import Levenshtein

from scanner.evaluation.alignment import align_digits, align_numbers, match_boxes, match_out_of_order
from scanner.types import Box

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from scanner.evaluation.alignment import IndexPair

numbers = st.lists(st.text(alphabet="012", min_size=1, max_size=3), max_size=6)


def test_a_missed_number_does_not_shift_the_rest() -> None:
    assert align_numbers(["78", "76", "75"], ["78", "75"]) == [(0, 0), (1, None), (2, 1)]


def test_a_false_number_does_not_shift_the_rest() -> None:
    assert align_numbers(["78", "75"], ["78", "1300", "75"]) == [(0, 0), (None, 1), (1, 2)]


def test_a_misread_number_keeps_its_partner() -> None:
    assert align_numbers(["595", "91", "504"], ["596", "91", "504"]) == [(0, 0), (1, 1), (2, 2)]


def test_undecided_numbers_accept_any_reading_or_none() -> None:
    assert align_numbers(["96", None, "99"], ["96", "1234", "99"]) == [(0, 0), (1, 1), (2, 2)]
    assert align_numbers(["96", None, "99"], ["96", "99"]) == [(0, 0), (1, None), (2, 1)]


def test_among_equal_costs_most_numbers_are_exact() -> None:
    # Two changed digits, or one missed and one false around an exact number: two edits either way.
    assert align_numbers(["3", "5"], ["5", "3"]) in ([(0, None), (1, 0), (None, 1)], [(None, 0), (0, 1), (1, None)])


def test_among_equal_costs_most_digits_are_right() -> None:
    # Of 76 the 7 alone was read; 2300 beside it is false.  The other way round it is five edits as well.
    assert align_numbers(["77", "76", "75"], ["77", "7", "2300", "75"]) == [(0, 0), (1, 1), (None, 2), (2, 3)]
    assert align_numbers(["77", "76", "75"], ["77", "2300", "7", "75"]) == [(0, 0), (None, 1), (1, 2), (2, 3)]


def test_nothing_pairs_with_nothing() -> None:
    assert align_numbers([], []) == []
    assert align_numbers([], ["1"]) == [(None, 0)]
    assert align_numbers(["1"], []) == [(0, None)]


def test_swapped_numbers_are_found_by_text() -> None:
    true, read = ["12", "34"], ["34", "12"]
    remaining, found = match_out_of_order(true, read, [(0, None), (1, 0), (None, 1)])
    assert (remaining, found) == ([(1, 0)], [(0, 1)])


def test_each_missed_number_is_found_once() -> None:
    remaining, found = match_out_of_order(["7"], ["7", "7"], [(None, 0), (None, 1), (0, None)])
    assert (remaining, found) == ([(None, 1)], [(0, 0)])


def test_boxes_are_paired_by_overlap_not_by_order() -> None:
    true = [Box(0, 0, 10, 10), Box(100, 0, 10, 10)]
    read = [Box(101, 0, 10, 10), Box(0, 1, 10, 10), Box(50, 50, 10, 10)]
    assert match_boxes(true, read) == [(0, 1), (1, 0), (None, 2)]


def test_the_best_overlap_wins() -> None:
    # Halves of 10 x 10: 0.6 and 0.4 of the union.
    assert match_boxes([Box(0, 0, 10, 10)], [Box(0, 0, 4, 10), Box(4, 0, 6, 10)]) == [(0, 1), (None, 0)]


def test_too_little_overlap_is_no_pair() -> None:
    # 20 of 100 pixels.
    assert match_boxes([Box(0, 0, 10, 10)], [Box(0, 0, 2, 10)]) == [(0, None), (None, 0)]


def test_digit_pairs_find_the_lost_digit() -> None:
    assert align_digits("1234", "134") == [(0, 0), (1, None), (2, 1), (3, 2)]
    assert align_digits("17", "71") == [(0, 0), (1, 1)]
    assert align_digits("", "5") == [(None, 0)]


@given(numbers, numbers)
def test_each_index_comes_once_and_in_order(true: list[str], read: list[str]) -> None:
    pairs = align_numbers(true, read)
    assert [i for i, _ in pairs if i is not None] == list(range(len(true)))
    assert [j for _, j in pairs if j is not None] == list(range(len(read)))


@given(numbers, numbers)
def test_alignment_does_not_depend_on_the_side(true: list[str], read: list[str]) -> None:
    def edits(a: list[str], b: list[str]) -> int:
        pairs = align_numbers(a, b)
        texts = [("" if i is None else a[i], "" if j is None else b[j]) for i, j in pairs]
        return sum(x is None or y is None or s[x] != t[y] for s, t in texts for x, y in align_digits(s, t))

    assert edits(true, read) == edits(read, true)


@given(numbers, numbers)
def test_no_equal_texts_stay_apart(true: list[str], read: list[str]) -> None:
    remaining, _ = match_out_of_order(true, read, align_numbers(true, read))
    missed = {true[i] for i, j in remaining if i is not None and j is None}
    false = {read[j] for i, j in remaining if i is None and j is not None}
    assert not missed & false


def plain_alignment(length: int, other_length: int, cost: Callable[[int | None, int | None], int]) -> list[IndexPair]:
    """What is aligned at the least cost, item by item, as textbooks have it."""
    table = [[0] * (other_length + 1) for _ in range(length + 1)]
    for i in range(length + 1):
        for j in range(other_length + 1):
            steps = [table[i - 1][j - 1] + cost(i - 1, j - 1)] if i and j else []
            steps += [table[i - 1][j] + cost(i - 1, None)] if i else []
            steps += [table[i][j - 1] + cost(None, j - 1)] if j else []
            table[i][j] = min(steps, default=0)
    pairs: list[IndexPair] = []
    i, j = length, other_length
    while i or j:
        if i and j and table[i][j] == table[i - 1][j - 1] + cost(i - 1, j - 1):
            i, j = i - 1, j - 1
            pairs.append((i, j))
        elif i and table[i][j] == table[i - 1][j] + cost(i - 1, None):
            i -= 1
            pairs.append((i, None))
        else:
            j -= 1
            pairs.append((None, j))
    return pairs[::-1]


def plainly_aligned_numbers(true: Sequence[str | None], read: Sequence[str]) -> list[IndexPair]:
    exact_weight = sum(len(text or "") for text in true) + 1
    edit_weight = exact_weight * (len(true) + 2)

    @cache
    def text_cost(true_text: str, read_text: str) -> int:
        weight = min(len(true_text), len(read_text)) + 1
        distance = Levenshtein.distance(true_text, read_text, weights=(weight, weight, weight + 1))
        edits, substitutions = divmod(distance, weight)
        return edit_weight * edits - (len(true_text) + len(read_text) - edits - substitutions) // 2

    def cost(i: int | None, j: int | None) -> int:
        true_text, read_text = "" if i is None else true[i], "" if j is None else read[j]
        if true_text is None:
            return 0
        return text_cost(true_text, read_text) - exact_weight * (i is not None and true_text == read_text)

    return plain_alignment(len(true), len(read), cost)


few_digits = st.text(alphabet="01", max_size=4)


@given(st.lists(st.none() | few_digits, max_size=8), st.lists(few_digits, max_size=8))
def test_numbers_are_aligned_as_one_by_one(true: list[str | None], read: list[str]) -> None:
    assert align_numbers(true, read) == plainly_aligned_numbers(true, read)


@given(few_digits, few_digits)
def test_digits_are_aligned_as_one_by_one(true: str, read: str) -> None:
    def cost(i: int | None, j: int | None) -> int:
        return 0 if i is not None and j is not None and true[i] == read[j] else 1

    assert align_digits(true, read) == plain_alignment(len(true), len(read), cost)


def test_a_thousand_numbers_are_aligned_at_once() -> None:
    true = [f"{k * 7919 % 100_000}" for k in range(1000)]
    begun = time.process_time()
    pairs = align_numbers(true, true[:500] + true[501:])
    # It takes a tenth of a second; number by number it took five.
    assert time.process_time() - begun < 2.0
    assert pairs == [(k, k if k < 500 else None if k == 500 else k - 1) for k in range(1000)]
