from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from scanner.evaluation.alignment import align_digits, align_numbers, match_boxes, match_out_of_order
from scanner.types import Box

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
