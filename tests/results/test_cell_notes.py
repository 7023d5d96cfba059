from decimal import Decimal

from scanner.results.cell_notes import cell_notes, row_review
from scanner.results.wide_tables import EMPTY_CELL, WideCell, WideRow

SURE = WideCell("7", Decimal(7), 0.99)
DOUBTFUL = WideCell("1", Decimal(1), 0.8799, "readers disagree", "7 or 4")


def test_a_doubtful_cell_says_why_and_how_sure_it_is() -> None:
    assert cell_notes(DOUBTFUL) == ("readers disagree", "87% sure", "perhaps 7 or 4")
    assert cell_notes(WideCell("", None, 0.0, "unread", "12")) == ("unread", "perhaps 12")
    assert cell_notes(WideCell("", None, 0.75, "crossed out", crossed_out="45")) == ("crossed out: 45",)
    corrected = WideCell("46", Decimal(46), 0.99, "several in one cell, crossed out", crossed_out="45")
    assert cell_notes(corrected) == ("several in one cell, crossed out: 45", "99% sure")
    # What was not read but worked out has no confidence.
    assert cell_notes(WideCell("46", Decimal(46), None, "the sum is 47", "47")) == ("the sum is 47", "perhaps 47")


def test_of_other_cells_nothing_is_said() -> None:
    assert cell_notes(SURE) == ()
    assert cell_notes(EMPTY_CELL) == ()


def test_the_review_of_a_row_names_its_columns() -> None:
    crossed = WideCell("", None, 0.75, "crossed out", crossed_out="45")
    row = WideRow("a.png", 1, (SURE, DOUBTFUL, EMPTY_CELL, crossed))
    columns = ("q1", "q2", "q3", "total", "grade")
    assert row_review(row, columns) == "q2: readers disagree, 87% sure, perhaps 7 or 4; total: crossed out: 45"
    assert row_review(WideRow("a.png", 1, (SURE,)), columns) == ""
