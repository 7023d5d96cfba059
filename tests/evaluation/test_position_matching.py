import time

from hypothesis import given
from hypothesis import strategies as st

from scanner.evaluation.ground_truth import Point
from scanner.evaluation.position_matching import match_boxes_loosely, match_places
from scanner.types import Box

BOXES = st.builds(Box, st.integers(0, 60), st.integers(0, 60), st.integers(1, 40), st.integers(1, 40))


def test_middle_in_a_loose_box_is_enough() -> None:
    # Overlap: 200 of 10,000 pixels.
    assert match_boxes_loosely([Box(0, 0, 100, 100)], ["7"], [Box(40, 40, 10, 20)], ["7"]) == [(0, 0)]
    assert match_boxes_loosely([Box(0, 0, 100, 100)], ["7"], [Box(95, 40, 12, 20)], ["7"]) == [(0, None), (None, 0)]


def test_overlap_is_enough_if_the_middle_lies_outside() -> None:
    # The middle is at x = 10.5; they share half of the larger box.
    assert match_boxes_loosely([Box(0, 0, 10, 10)], ["7"], [Box(0, 0, 21, 10)], ["71"]) == [(0, 0)]


def test_of_two_readings_in_a_box_the_right_one_is_taken() -> None:
    small, large = Box(10, 10, 20, 20), Box(40, 10, 50, 80)
    assert match_boxes_loosely([Box(0, 0, 100, 100)], ["12"], [large, small], ["99", "12"]) == [(0, 1), (None, 0)]
    assert match_boxes_loosely([Box(0, 0, 100, 100)], ["12"], [small, large], ["98", "99"]) == [(0, 1), (None, 0)]


def test_a_reading_belongs_to_the_box_it_overlaps_most() -> None:
    # Both middles lie in both boxes; each reading has the text of the other number.
    upper, lower = Box(0, 0, 100, 60), Box(0, 20, 100, 60)
    read = [Box(0, 10, 100, 40), Box(0, 30, 100, 40)]
    assert match_boxes_loosely([upper, lower], ["12", "34"], read, ["34", "12"]) == [(0, 0), (1, 1)]


def test_a_reading_goes_to_its_second_box_if_the_first_is_taken() -> None:
    upper, lower = Box(0, 0, 100, 60), Box(0, 20, 100, 60)
    read = [Box(0, 2, 100, 52), Box(0, 4, 100, 54)]
    assert match_boxes_loosely([upper, lower], ["12", "34"], read, ["12", "34"]) == [(0, 0), (1, 1)]


def test_what_was_not_read_comes_last() -> None:
    true, unread, read = Box(0, 0, 50, 50), Box(0, 0, 50, 50), Box(20, 20, 10, 10)
    assert match_boxes_loosely([true], ["5"], [unread, read], ["", "6"]) == [(0, 1), (None, 0)]
    assert match_places([Point(25, 25)], [unread, read], ["", "6"]) == [(0, 1), (None, 0)]
    assert match_places([Point(25, 25)], [unread], [""]) == [(0, 0)]


def test_a_number_is_found_within_its_height() -> None:
    box = Box(0, 0, 10, 20)
    assert match_places([Point(5, 30)], [box], ["1"]) == [(0, 0)]
    assert match_places([Point(5, 31)], [box], ["1"]) == [(0, None), (None, 0)]


def test_a_wide_number_is_found_anywhere_in_its_box() -> None:
    assert match_places([Point(5, 5)], [Box(0, 0, 200, 20)], ["123456"]) == [(0, 0)]


def test_texts_do_not_decide_between_places() -> None:
    # Digits in neighbouring cells, each read as the other.
    places, boxes = [Point(10, 10), Point(25, 10)], [Box(5, 0, 10, 20), Box(20, 0, 10, 20)]
    assert match_places(places, boxes, ["6", "5"]) == [(0, 0), (1, 1)]


def test_a_reading_over_two_places_is_of_the_nearer() -> None:
    assert match_places([Point(10, 10), Point(40, 10)], [Box(0, 0, 60, 20)], ["56"]) == [(0, None), (1, 0)]


@given(st.lists(BOXES, max_size=5), st.lists(BOXES, max_size=5), st.data())
def test_each_number_and_each_reading_occurs_once(true: list[Box], read: list[Box], data: st.DataObject) -> None:
    texts = data.draw(st.lists(st.sampled_from(["", "1", "2"]), min_size=len(read), max_size=len(read)))
    for pairs in (
        match_boxes_loosely(true, ["1"] * len(true), read, texts),
        match_places([Point(*box.center) for box in true], read, texts),
    ):
        assert sorted(i for i, _ in pairs if i is not None) == list(range(len(true)))
        assert sorted(j for _, j in pairs if j is not None) == list(range(len(read)))


def test_a_thousand_numbers_are_paired_at_once() -> None:
    boxes = [Box(60 * (k % 20), 40 * (k // 20), 50, 30) for k in range(1000)]
    texts = [f"{k}" for k in range(1000)]
    begun = time.process_time()
    assert match_boxes_loosely(boxes, texts, boxes, texts) == [(k, k) for k in range(1000)]
    assert match_places([Point(*box.center) for box in boxes], boxes, texts) == [(k, k) for k in range(1000)]
    # They take a tenth of a second each; pair by pair the boxes took four.
    assert time.process_time() - begun < 2.0
