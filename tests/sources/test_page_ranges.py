from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.sources.page_ranges import MAX_PAGE_DIGITS, MAX_TEXT_LENGTH, parse_ranges

PAGES = st.integers(1, 30)
SPANS = st.one_of(
    PAGES.map(lambda page: (page, page)),
    st.tuples(PAGES, PAGES).map(lambda pair: (min(pair), max(pair))),
    PAGES.map(lambda page: (page, None)),
)
SPAN_LISTS = st.lists(SPANS, min_size=1, max_size=8)


def written(spans: list[tuple[int, int | None]], gap: str = "") -> str:
    parts = (str(first) if first == last else f"{first}{gap}-{gap}{last or ''}" for first, last in spans)
    return f"{gap},{gap}".join(parts)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("1-3,7,9-", "1-3,7,9-"),
        (" 1 - 3 ,\t7 , 9 - ", "1-3,7,9-"),
        ("3,2,1", "1-3"),
        ("2,2,2-2", "2"),
        ("5-,7,6-9,1", "1,5-"),
        ("1-9,2-3", "1-9"),
        ("007", "7"),
        ("9" * MAX_PAGE_DIGITS, "9" * MAX_PAGE_DIGITS),
    ],
)
def test_what_people_write_is_understood(text: str, canonical: str) -> None:
    assert str(parse_ranges(text)) == canonical


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", "no page is named; write pages as 1-3,7,9-"),
        (" \t", "no page is named"),
        ("1,,2", "nothing before, after or between commas"),
        ("1,", "nothing before, after or between commas"),
        ("0", "no page 0; pages are counted from 1"),
        ("0-3", "no page 0"),
        ("7-3", "7-3 runs backwards; write 3-7"),
        ("-5", "'-5' has no first page; write '1-5'"),
        ("-", "'-' is no page"),
        ("one", "'one' is no page and no range of pages"),
        ("1-2-3", "'1-2-3' is no page"),
        ("1 2", "'1 2' is no page"),
        ("+1", "is no page"),
        ("1.5", "is no page"),
        ("²", "is no page"),
        ("٣", "is no page"),
        ("1\n2", r"'1\n2' is no page"),
        ("1" * (MAX_PAGE_DIGITS + 1), "up to 9 digits"),
        ("x" * MAX_TEXT_LENGTH, "xxx...' is no page"),
        ("1," * MAX_TEXT_LENGTH, "8192 characters are too many, 4096 are the most"),
    ],
)
def test_what_is_no_range_is_explained_in_one_line(text: str, error: str) -> None:
    with pytest.raises(ValueError, match=re.escape(error)) as caught:
        parse_ranges(text)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 120


@given(SPAN_LISTS, st.sampled_from(["", " ", "  "]))
def test_a_page_is_in_if_one_of_the_parts_has_it(spans: list[tuple[int, int | None]], gap: str) -> None:
    ranges = parse_ranges(written(spans, gap))
    naive = {page for first, last in spans for page in range(first, 41 if last is None else last + 1)}
    assert {page for page in range(-1, 41) if page in ranges} == naive


@given(SPAN_LISTS)
def test_the_text_of_pages_means_these_pages_and_is_no_longer(spans: list[tuple[int, int | None]]) -> None:
    text = written(spans)
    ranges = parse_ranges(text)
    assert parse_ranges(str(ranges)) == ranges
    assert len(str(ranges)) <= len(text)


@given(SPAN_LISTS.flatmap(lambda spans: st.tuples(st.just(spans), st.permutations(spans))))
def test_the_order_of_parts_does_not_matter(
    orders: tuple[list[tuple[int, int | None]], list[tuple[int, int | None]]],
) -> None:
    one, other = orders
    assert parse_ranges(written(one)) == parse_ranges(written(other))


@given(SPAN_LISTS)
def test_the_same_pages_are_equal_however_they_are_written(spans: list[tuple[int, int | None]]) -> None:
    first, last = spans[0]
    again = [*spans, (first, first), (first, last)]
    assert parse_ranges(written(again)) == parse_ranges(written(spans))
    assert hash(parse_ranges(written(again))) == hash(parse_ranges(written(spans)))


@given(st.text(alphabet="0123456789-, x\n", max_size=30))
def test_any_text_is_pages_or_an_error_of_one_line(text: str) -> None:
    error = ""
    try:
        assert parse_ranges(text).ranges
    except ValueError as caught:
        error = str(caught)
    assert "\n" not in error
