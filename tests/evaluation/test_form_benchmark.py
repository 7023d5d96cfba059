from pathlib import Path

import pytest

from scanner.errors import DataError
from scanner.evaluation.field_scoring import AskedField, JudgedField, JudgedPage
from scanner.evaluation.form_benchmark import measure_calibration, measure_fields, run_form_benchmark


def field(written: str, read: str, confidence: float, *, is_flagged: bool = False) -> JudgedField:
    return JudgedField(AskedField(("a",), written), read, confidence, is_flagged, written == read)


def test_fields_are_measured() -> None:
    right = JudgedPage("a.png", False, (field("12", "12", 0.9), field("", "", 0.9)))
    wrong = JudgedPage("b.png", False, (field("13", "18", 0.6), field("", "7", 0.7, is_flagged=True)))
    figures = {each.name.partition(": ")[2]: each.value for each in measure_fields("logs", [right, wrong])}
    assert figures == {
        "fields right": "1 of 2 (50.0 %)",
        "pages all right": "1 of 2 (50.0 %)",
        "unflagged pages all right": "1 of 1",
        "false": "1 of 2",
        "flagged": "1 of 4 (25.0 %)",
        "wrong of unflagged": "1 of 3 (33.3 %)",
    }


def test_calibration_leaves_out_refused_pages() -> None:
    read = JudgedPage("a.png", False, (field("12", "12", 0.8), field("13", "18", 0.6)))
    refused = JudgedPage("b.png", True, (field("12", "", 0.0, is_flagged=True),))
    expected, largest = measure_calibration("logs", [read, refused])
    # One of 0.6 is wrong, one of 0.8 is right: gaps of 60 and 20 points.
    assert (expected.value, largest.value) == ("40.0 points", "60.0 points")
    assert expected.measured_on == "2 fields"
    assert not list(measure_calibration("logs", [refused]))


def test_a_part_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="talley: there is no such part"):
        next(run_form_benchmark(tmp_path, ["talley"]))
