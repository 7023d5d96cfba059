from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from scanner.errors import DataError
from scanner.evaluation.comparison import OutcomeCounts, compare_files, compare_with_truth
from scanner.evaluation.ground_truth import PageTruth
from scanner.evaluation.judging import Outcome
from scanner.results.csv_tables import ResultRow, results_csv
from scanner.types import Box, Number, PageResult

if TYPE_CHECKING:
    from pathlib import Path


def row(file: str, number: int, text: str, review: str = "", page: int = 1, box: Box = Box(0, 0, 9, 9)) -> ResultRow:  # noqa: B008 - a box is never changed
    return ResultRow(file, page, number, 0, number, 1, "", "", text, 0.9, review, box)


def rows(file: str, *texts: str) -> list[ResultRow]:
    return [row(file, i, text) for i, text in enumerate(texts, start=1)]


def truth(file: str, *numbers: str | None, page: int = 1) -> PageTruth:
    return PageTruth(file, page, (numbers,) if numbers else ())


def test_each_verdict_once() -> None:
    page = truth("a.png", "12", "345", "6", None, "7")
    evaluation = compare_with_truth(rows("a.png", "12", "346", "99", "7", "8"), [page])
    # 6 read as 99 would be two edits; 6 missed, and 99 taken by the number that is undecided, is one.
    assert evaluation.totals == OutcomeCounts(exact=2, out_of_order=0, wrong=1, missed=1, false=1, undecided=1)
    assert (evaluation.totals.written, evaluation.totals.errors) == (4, 3)


def test_digits_and_confusions_by_hand() -> None:
    evaluation = compare_with_truth(rows("a.png", "346", "71", "5"), [truth("a.png", "345", "7"), truth("b.png", "08")])
    # 345 read 346: 3 and 4 right, 5 as 6.  7 read 71: right, one extra.  5 false.  08 missed.
    assert evaluation.digit_confusions == {
        ("3", "3"): 1,
        ("4", "4"): 1,
        ("5", "6"): 1,
        ("7", "7"): 1,
        ("", "1"): 1,
        ("", "5"): 1,
        ("0", ""): 1,
        ("8", ""): 1,
    }
    assert (evaluation.correct_digit_count, evaluation.written_digit_count) == (3, 6)


def test_undecided_numbers_count_nowhere_else() -> None:
    evaluation = compare_with_truth(rows("a.png", "55"), [truth("a.png", None)])
    assert evaluation.totals == OutcomeCounts(exact=0, out_of_order=0, wrong=0, missed=0, false=0, undecided=1)
    assert not evaluation.digit_confusions


def test_only_digits_are_compared() -> None:
    assert compare_with_truth(rows("a.png", "10200"), [truth("a.png", "10,200")]).totals.exact == 1


def test_leading_zeros_matter() -> None:
    assert compare_with_truth(rows("a.png", "7"), [truth("a.png", "007")]).totals.wrong == 1


def test_rows_are_read_one_after_the_other() -> None:
    page = PageTruth("a.png", 1, (("56", "3"), ("595",)))
    shuffled = rows("a.png", "56", "3", "595")[::-1]
    assert compare_with_truth(shuffled, [page]).totals == OutcomeCounts(3, 0, 0, 0, 0, 0)


def test_another_order_is_exact_but_counted() -> None:
    evaluation = compare_with_truth(rows("a.png", "34", "12"), [truth("a.png", "12", "34")])
    assert evaluation.totals == OutcomeCounts(exact=2, out_of_order=1, wrong=0, missed=0, false=0, undecided=0)


def test_boxes_decide_who_is_who() -> None:
    here, there = Box(0, 0, 20, 20), Box(100, 0, 20, 20)
    page = PageTruth("a.png", 1, (("12", "34"),), (here, there))
    evaluation = compare_with_truth([row("a.png", 1, "34", box=here), row("a.png", 2, "12", box=there)], [page])
    assert evaluation.totals == OutcomeCounts(exact=0, out_of_order=0, wrong=2, missed=0, false=0, undecided=0)


def test_a_page_without_results_is_missed() -> None:
    evaluation = compare_with_truth(
        rows("form.pdf", "1"), [truth("form.pdf", "1"), truth("form.pdf", "2", "3", page=2)]
    )
    assert [page.counts.missed for page in evaluation.pages] == [0, 2]
    assert evaluation.pages[1].name == "form.pdf#2"


def test_pages_that_the_results_lack_are_named() -> None:
    truths = [truth("a.png", "1"), truth("b.png", "2"), truth("blank.png"), truth("unclear.png", None)]
    evaluation = compare_with_truth(rows("a.png", "9"), truths)
    assert evaluation.pages_without_readings == ("b.png",)


def test_pages_not_in_the_truth_are_left_out() -> None:
    evaluation = compare_with_truth(
        [row("a.png", 1, "1"), row("a.png", 1, "2", page=2), row("a.png", 2, "3", page=2), row("b.png", 1, "4")],
        [truth("a.png", "1")],
    )
    assert evaluation.totals == OutcomeCounts(1, 0, 0, 0, 0, 0)
    assert evaluation.pages_not_in_truth == ("a.png#2", "b.png")


@pytest.mark.parametrize(
    ("read", "true"), [("p.png", "logs/p.png"), ("scans/logs/p.png", "logs/p.png"), ("p.png", "./p.png")]
)
def test_a_scan_from_another_folder_is_recognised(read: str, true: str) -> None:
    assert compare_with_truth(rows(read, "1"), [truth(true, "1"), truth("other.png")]).totals.exact == 1


def test_the_whole_path_goes_before_its_end() -> None:
    evaluation = compare_with_truth(
        rows("p.png", "1") + rows("b/p.png", "2"), [truth("p.png", "1"), truth("b/p.png", "2")]
    )
    assert evaluation.totals.exact == 2


@pytest.mark.parametrize(("read", "true"), [("xp.png", "p.png"), ("a/p.png", "b/p.png")])
def test_ends_are_whole_names(read: str, true: str) -> None:
    assert compare_with_truth(rows(read, "1"), [truth(true, "1")]).pages_not_in_truth == (read,)


def test_a_path_that_fits_several_is_refused() -> None:
    with pytest.raises(DataError, match=r"^p\.png: fits a/p\.png and b/p\.png of the truth"):
        compare_with_truth(rows("p.png", "1"), [truth("a/p.png"), truth("b/p.png")])
    with pytest.raises(DataError, match=r"^p\.png: fits a/p\.png and b/p\.png of the results"):
        compare_with_truth(rows("a/p.png", "1") + rows("b/p.png", "1"), [truth("p.png")])


def test_flagged_readings_are_counted_separately() -> None:
    evaluation = compare_with_truth(
        [row("a.png", 1, "12"), row("a.png", 2, "35", "unsure"), row("a.png", 3, "5"), row("a.png", 4, "9", "unsure")],
        [truth("a.png", "12", "34", "5", "6677")],
    )
    assert evaluation.unflagged == OutcomeCounts(exact=2, out_of_order=0, wrong=0, missed=0, false=0, undecided=0)
    assert evaluation.flagged == OutcomeCounts(exact=0, out_of_order=0, wrong=2, missed=0, false=0, undecided=0)
    assert [match.flagged for match in evaluation.pages[0].matches] == [False, True, False, True]


def test_files_are_read_and_compared(tmp_path: Path) -> None:
    number = Number("42", 0.9, "", 1, 1, Box(1, 2, 3, 4), ())
    (tmp_path / "results.csv").write_text(
        "".join(results_csv([PageResult("a.png", 1, 9, 9, (number,))])), encoding="utf-8"
    )
    (tmp_path / "truth.csv").write_text("image,text\na.png,42\n", encoding="utf-8")
    evaluation = compare_files(tmp_path / "results.csv", tmp_path / "truth.csv")
    assert [match.outcome for match in evaluation.matches] == [Outcome.EXACT]


def test_numbers_of_a_table_are_looked_for_in_their_rows() -> None:
    # The first row is the head; a false reading in the table, and an undecided number, are in nobody's row.
    standing = [("78", 2), ("9", 2), ("76", 3), ("4", 4), ("72", 5), ("70", 7)]
    read = [
        ResultRow("a.png", 1, i, 1, line, 3, "", "", text, 0.9, "", Box(0, 0, 9, 9))
        for i, (text, line) in enumerate(standing, start=1)
    ]
    evaluation = compare_with_truth(read, [truth("a.png", "78", "76", None, "72", "70"), truth("b.png", "5")])
    assert evaluation.totals == OutcomeCounts(exact=4, out_of_order=0, wrong=0, missed=1, false=1, undecided=1)
    assert evaluation.rows_correct == (True, True, True, False)


def test_an_empty_form_field_is_no_reading() -> None:
    seven, empty, unread = rows("a.png", "7", "", "")
    read = [seven, replace(empty, field="q1"), replace(unread, field="q2", review="unread")]
    assert compare_with_truth(read, [truth("a.png", "7")]).totals == OutcomeCounts(
        exact=1, out_of_order=0, wrong=0, missed=0, false=1, undecided=0
    )
