from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.corrections.correction import Correction, Verdict, from_line, is_same_place, overlap, timestamp, to_line
from scanner.types import Box
from tests.corrections.corrected import BOX, correction

sizes = st.integers(1, 50)
places = st.integers(0, 60)
boxes = st.builds(Box, places, places, sizes, sizes)


@given(
    st.builds(
        correction,
        st.sampled_from(Verdict),
        st.text(),
        file=st.text(),
        by=st.text(),
        field=st.text(),
        read=st.text(),
        moved_to=st.none() | boxes,
        blind=st.booleans(),
        page=st.integers(1, 10**6),
    )
)
def test_a_line_is_read_as_it_was_written(written: Correction) -> None:
    line = to_line(written)
    assert line.isascii()
    assert line.count("\n") == 1
    assert line.endswith("}\n")
    assert from_line(line) == written


def test_a_line_says_only_what_is_known() -> None:
    line = to_line(correction(id="1f"))
    assert line == (
        '{"id": "1f", "at": "2026-05-07T09:30:00Z", "by": "Ada", "file": "a.png", "sha256": "", "page": 1, '
        '"box": [10, 20, 40, 20], "read": "11", "verdict": "corrected", "text": "17"}\n'
    )


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "7",
        "{}",
        "[" * 100_000,
        to_line(correction()).replace("corrected", "mended"),
        to_line(correction()).replace("[10, 20, 40, 20]", "[10, 20, 0, 20]"),
        to_line(correction()).replace("[10, 20, 40, 20]", "[10, 20]"),
        to_line(correction()).replace('"page": 1', '"page": 0'),
        to_line(correction()).replace('"page": 1', '"page": "1"'),
    ],
)
def test_what_is_no_correction_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        from_line(wrong)


def test_the_overlap_of_boxes() -> None:
    # 20 x 20 of 40 x 20 + 20 x 20.
    assert overlap(BOX, Box(10, 20, 20, 20)) == pytest.approx(0.5)
    # 30 x 20 are shared of 50 x 20.
    assert overlap(BOX, Box(20, 20, 40, 20)) == pytest.approx(0.6)
    assert overlap(BOX, Box(50, 20, 40, 20)) == 0


@given(boxes, boxes)
def test_being_one_place_goes_both_ways(first: Box, second: Box) -> None:
    assert is_same_place(first, first)
    assert is_same_place(first, second) == is_same_place(second, first)


@pytest.mark.parametrize(
    ("other", "is_about"),
    [
        (correction(box=Box(12, 20, 40, 20)), True),
        (correction(box=Box(60, 20, 40, 20)), False),
        (correction(page=2), False),
        (correction(file="b.png"), False),
        (correction(sha256="aa"), True),
        (correction(field="total"), False),
    ],
)
def test_a_place_is_a_box_on_a_page_of_a_file(other: Correction, is_about: bool) -> None:
    assert correction().is_about(other) == is_about


def test_a_field_is_a_place_wherever_it_is() -> None:
    assert correction(field="total").is_about(correction(field="total", box=Box(500, 500, 9, 9)))
    assert not correction(sha256="aa").is_about(correction(sha256="bb"))


def test_the_time_is_that_of_utc() -> None:
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ", timestamp())
