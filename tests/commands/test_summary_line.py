from __future__ import annotations

import pytest

from scanner.commands.summary_line import summary_line
from scanner.results.summary import Summary


@pytest.mark.parametrize(
    ("summary", "line"),
    [
        (
            Summary(40, 0, 1600, 0, 0, 37.2),
            "40 pages read, 1,600 numbers, 0 flagged; expect about 37 errors among the 1,600 unflagged",
        ),
        (
            Summary(1, 2, 149, 18, 3, 0.66),
            "1 page read, 2 could not be read, 149 numbers, 18 flagged, 3 of them unread; "
            "expect about 0.7 errors among the 131 unflagged",
        ),
        (
            Summary(1, 0, 1, 0, 0, 1e-3),
            "1 page read, 1 number, 0 flagged; expect fewer than 0.1 errors among the 1 unflagged",
        ),
        (
            Summary(1, 0, 149, 8, 0, 0.66, 10),
            "1 page read, 149 numbers, 10 checked by a person, 8 flagged; "
            "expect about 0.7 errors among the 141 unflagged",
        ),
        (Summary(1, 0, 4, 4, 0, 0.0), "1 page read, 4 numbers, 4 flagged"),
        (Summary(0, 1), "0 pages read, 1 could not be read, 0 numbers, 0 flagged"),
    ],
)
def test_the_line_says_what_is_flagged_and_what_to_expect_of_the_rest(summary: Summary, line: str) -> None:
    assert summary_line(summary) == line


def test_it_says_if_what_to_expect_is_by_an_audit() -> None:
    assert summary_line(Summary(1, 0, 149, 18, 0, 12.0), 1200) == (
        "1 page read, 149 numbers, 18 flagged; expect about 12 errors among the 131 unflagged, by an audit of 1,200"
    )
    assert summary_line(Summary(1, 0, 4, 4, 0, 0.0), 200) == "1 page read, 4 numbers, 4 flagged"
