from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from xlsxwriter import Workbook

from scanner.results.sheet_names import fit_names, name_sheets


@pytest.mark.parametrize(
    ("table", "name"),
    [
        (("log.png", 1, 1), "log p1 t1"),
        (("2024/May/log.pdf", 12, 3), "log p12 t3"),
        (("no ending", 1, 1), "no ending p1 t1"),
        ((".hidden", 1, 1), ".hidden p1 t1"),
        (("a[1]:*?\\'.png", 1, 1), "a_1______ p1 t1"),
        (("a\nb.png", 1, 1), "a_b p1 t1"),
        # 31 characters: the ellipsis, the last 24 of the name, and six.
        (("2024-05-03 scan of the logbook 0017.png", 1, 1), "\u2026scan of the logbook 0017 p1 t1"),
        # A character that counts as two.
        (("\U0001f600" * 20 + ".png", 1, 1), "\u2026" + "\U0001f600" * 12 + " p1 t1"),
        (("\udcff.png", 1, 1), "_ p1 t1"),
    ],
)
def test_a_sheet_has_the_name_of_its_file_page_and_table(table: tuple[str, int, int], name: str) -> None:
    assert name_sheets([table]) == (name,)


def test_names_that_would_be_the_same_are_numbered() -> None:
    tables = [("a.png", 1, 1), ("sub/A.PNG", 1, 1), ("a.jpg", 1, 1), ("a.png", 1, 2)]
    assert name_sheets(tables) == ("a p1 t1", "A p1 t1 (2)", "a p1 t1 (3)", "a p1 t2")
    long = [(f"{letter}{'x' * 40}.png", 1, 1) for letter in "ab"]
    assert name_sheets(long) == ("\u2026" + "x" * 24 + " p1 t1", "\u2026" + "x" * 20 + " p1 t1 (2)")
    assert name_sheets([("a.png", 1, 1)], ("A p1 T1",)) == ("a p1 t1 (2)",)


@given(st.lists(st.tuples(st.text(max_size=40), st.integers(1, 20), st.integers(1, 3)), max_size=5, unique=True))
def test_a_workbook_takes_all_names(tables: list[tuple[str, int, int]]) -> None:
    book = Workbook("never written.xlsx")
    for name in name_sheets(tables):
        book.add_worksheet(name)
    # What is not closed is not written.
    book.fileclosed = True


def test_any_text_is_made_a_name() -> None:
    assert fit_names(["tally", "a/b:c", "", " x ", "Tally", "y" * 40, "y" * 41]) == (
        *("tally", "a_b_c", "_", "x", "Tally (2)", "y" * 30 + "\u2026", "y" * 26 + "\u2026 (2)"),
    )


@given(st.lists(st.text(max_size=40), max_size=8))
def test_no_two_fitted_names_are_the_same_to_a_spreadsheet(texts: list[str]) -> None:
    book = Workbook(io.BytesIO())
    for name in fit_names(texts):
        book.add_worksheet(name)
