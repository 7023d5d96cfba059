from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.safe_csv import WrittenNumber, csv_lines, text_of

ROOT = Path(__file__).parent.parent
STARTS = [
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
    "\n",
    " =",
    "\ufeff@",
    "\0-",
    "\u00a0+",
    "\uff1d",
    "\uff0b",
    "\uff0d",
    "\uff20",
]

TEXTS = st.text(st.characters(codec="utf-8"), max_size=12)
PARTS = TEXTS | st.builds("{}{}".format, st.sampled_from([*STARTS, "./", "././=", "./a"]), TEXTS)
CELLS = PARTS | st.builds("{}{}{}".format, PARTS, st.sampled_from(";\t\r\n"), PARTS)


def cells_of(line: str) -> list[str]:
    (cells,) = csv.reader(io.StringIO(line, newline=""), strict=True)
    return cells


def test_lines_are_quoted_and_end_in_a_line_feed() -> None:
    assert csv_lines([("a", 1, "b,c"), ('"', -2, "")]) == 'a,1,"b,c"\n"""",-2,\n'
    assert csv_lines([]) == ""


@pytest.mark.parametrize("start", STARTS)
def test_no_text_is_a_formula(start: str) -> None:
    assert cells_of(csv_lines([(start + "cmd|' /C calc'!A0", start + "1+A1")])) == [
        *(f"./{start}cmd|' /C calc'!A0", f"./{start}1+A1"),
    ]


@pytest.mark.parametrize("number", ["-40.5", "+1", "-1,000", "007", "0.8678", ".5", "-,5", "1-2"])
def test_numbers_stay_numbers(number: str) -> None:
    assert csv_lines([("x", number)]).replace('"', "") == f"x,{number}\n"


@pytest.mark.parametrize("text", ["-", "+", "-1+A1", "-\u0661", "=1", "@1"])
def test_a_text_that_only_looks_like_a_number_gets_the_prefix(text: str) -> None:
    assert cells_of(csv_lines([(text,)])) == ["./" + text]


@pytest.mark.parametrize("separator", [";", "\t", "\n", "\r"])
def test_no_part_of_a_text_is_a_formula_where_cells_are_parted_otherwise(separator: str) -> None:
    line = csv_lines([("x", f"a{separator}=1+1", f"b{separator} -2", 3)])
    parts = re.split("[;\t\r\n]", line)
    assert not any(re.match(r"\s*[=+@-]", part) for part in parts)
    assert [text_of(cell) for cell in cells_of(line)] == ["x", f"a{separator}=1+1", f"b{separator} -2", "3"]


@pytest.mark.parametrize("text", ["007", "1-2", "-40.5", "1,50", "12345678901234567890"])
def test_a_written_number_is_a_formula_whose_value_is_the_text(text: str) -> None:
    assert cells_of(csv_lines([("x", WrittenNumber(text))])) == ["x", f'="{text}"']
    assert text_of(f'="{text}"') == text


@pytest.mark.parametrize("text", ["", "a", "=1", '1"&A1&"'])
def test_what_is_no_number_is_no_formula_either(text: str) -> None:
    assert cells_of(csv_lines([("x", WrittenNumber(text))])) == cells_of(csv_lines([("x", text)]))


@given(st.lists(CELLS, min_size=1, max_size=4))
def test_every_text_comes_back(texts: list[str]) -> None:
    assert [text_of(cell) for cell in cells_of(csv_lines([texts]))] == texts


@pytest.mark.parametrize("cell", ["./a.png", "a/./=b", "..", "", "a"])
def test_a_cell_from_elsewhere_stays_as_it_is(cell: str) -> None:
    assert text_of(cell) == cell


def test_nothing_else_writes_csv() -> None:
    writing = [path.name for path in (ROOT / "scanner").rglob("*.py") if "csv.writer" in path.read_text("utf-8")]
    assert writing == ["safe_csv.py"]
    assert not [path for path in (ROOT / "scanner").rglob("*.py") if "DictWriter" in path.read_text("utf-8")]
