from __future__ import annotations

from pathlib import Path

import pytest

from scanner.batch.corrected_results import CorrectedResults
from scanner.batch.settings import STDOUT
from scanner.corrections.correction import Correction, Verdict
from scanner.corrections.corrections_file import CorrectionsFile, corrections_path
from scanner.errors import DataError
from scanner.forms.check_expressions import parse_check
from scanner.forms.form import CheckRule, Form, FormField, Reference
from scanner.types import Number, PageResult
from tests.corrections.corrected import BOX, correction, undo

PAGE = PageResult("a.png", 1, 500, 500, (Number("11", 0.5, "low confidence", 1, 1, BOX, ()),))


def corrected(tmp_path: Path, *corrections: Correction, forms: tuple[Form, ...] = ()) -> CorrectedResults:
    results = tmp_path / "r.csv"
    CorrectionsFile(corrections_path(results)).append(corrections)
    return CorrectedResults(results, forms)


def test_without_corrections_results_stay_as_they_are(tmp_path: Path) -> None:
    for results in (tmp_path / "r.csv", STDOUT):
        nothing = CorrectedResults(results)
        assert nothing.is_empty
        assert nothing.apply(PAGE, "aa") is PAGE
        assert nothing.count_unplaced({}) == 0


def test_what_was_taken_back_does_not_count(tmp_path: Path) -> None:
    said = correction()
    assert corrected(tmp_path, said, undo(said)).is_empty


def test_corrections_are_of_the_file_that_was_looked_at(tmp_path: Path) -> None:
    said = corrected(tmp_path, correction(sha256="aa"))
    assert said.apply(PAGE, "aa").numbers[0].text == "17"
    assert said.apply(PAGE, "bb") is PAGE
    assert said.count_unplaced({"a.png": "aa"}) == 0
    assert said.count_unplaced({"a.png": "bb"}) == 1
    assert said.count_unplaced({"b.png": "aa"}) == 1


def test_what_is_said_meanwhile_is_read_later(tmp_path: Path) -> None:
    said = corrected(tmp_path)
    assert said.read_new() == frozenset()
    CorrectionsFile(tmp_path / "r.corrections.jsonl").append([correction()])
    assert said.apply(PAGE, "") is PAGE
    assert said.read_new() == {"a.png"}
    assert said.apply(PAGE, "").numbers[0].checked == "corrected"


def test_a_page_that_failed_stays_so(tmp_path: Path) -> None:
    failed = PageResult("a.png", 1, 0, 0, error="a.png: is empty")
    assert corrected(tmp_path, correction(Verdict.ADDED)).apply(failed, "") is failed


def test_the_rules_of_a_form_are_checked_again(tmp_path: Path) -> None:
    form = Form(
        name="sheet",
        reference=Reference("a.png"),
        fields=(FormField(name="a", box=BOX), FormField(name="b", box=BOX)),
        rules=(CheckRule(parse_check("a == b")),),
    )
    broken = "rule does not hold: a == b"
    numbers = tuple(Number(t, 0.9, broken, 1, 1, BOX, (), field) for t, field in (("11", "a"), ("17", "b")))
    page = PageResult("a.png", 1, 500, 500, numbers, form="sheet")
    found = corrected(tmp_path, correction(field="a"), forms=(form,)).apply(page, "")
    assert [number.review_reason for number in found.numbers] == ["", ""]
    assert found.broken_rules == ()


def test_a_wrong_line_is_told(tmp_path: Path) -> None:
    (tmp_path / "r.corrections.jsonl").write_text("{}\n")
    with pytest.raises(DataError, match=r"line 1: is no correction"):
        CorrectedResults(tmp_path / "r.csv")
