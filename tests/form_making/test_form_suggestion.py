"""Forms suggested for drawn pages, without the page network: nothing on them is known to be print or handwriting."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from scanner.form_making.form_suggestion import suggest_form
from scanner.form_making.levelling import LEVEL_OPTIONS
from scanner.forms.form import FieldKind, Form, Reference, ReferenceState
from scanner.forms.form_writing import write_form
from scanner.preparation import prepare
from scanner.reading_models import Models, load_digit_classifier
from scanner.sources.pdf_words import PlacedWord
from scanner.types import Box

if TYPE_CHECKING:
    from scanner.types import Image
    from tests.form_making.conftest import Draw


@pytest.fixture(scope="module")
def models() -> Models:
    return Models(load_digit_classifier("cnn"))


def form_of(gray: Image, models: Models, words: tuple[PlacedWord, ...] = ()) -> Form:
    image = np.asarray(cv2.cvtColor(gray, cv2.COLOR_GRAY2BGR), np.uint8)
    return suggest_form(prepare(image, models, LEVEL_OPTIONS), "drawn", Reference("a.png"), words)


def with_print(gray: Image) -> Image:
    """Lines of capitals 18 pixels high below everything, so that there is a character height."""
    for line in range(4):
        cv2.putText(gray, "LINES OF CAPITALS AS PRINTED", (60, 700 + 30 * line), cv2.FONT_HERSHEY_SIMPLEX, 0.8, 0, 2)
    return gray


@pytest.fixture
def blank(paper: Draw) -> Image:
    """A comb of six cells, a box, two boxes to tick, and a table of three columns with headings."""
    comb = ((60 + 40 * i, 60, 41, 44) for i in range(6))
    table = ((60 + 100 * c, 300 + 40 * r, 101, 41) for r in range(6) for c in range(3))
    gray = paper(800, 900, *comb, (400, 60, 140, 44), (60, 180, 28, 28), (160, 180, 28, 28), *table)
    for column in range(3):
        cv2.putText(gray, "ABC", (80 + 100 * column, 330), cv2.FONT_HERSHEY_SIMPLEX, 0.8, 0, 2)
    return with_print(gray)


def test_combs_boxes_ticks_and_tables(blank: Image, models: Models) -> None:
    form = form_of(blank, models)
    assert [(field.kind, field.cells) for field in form.fields] == [
        (FieldKind.COMB, 6),
        (FieldKind.NUMBER, None),
        (FieldKind.TICK, None),
        (FieldKind.TICK, None),
    ]
    (table,) = form.tables
    assert (table.rows, [column.name for column in table.columns]) == (5, ["c1", "c2", "c3"])
    assert form.reference.state is ReferenceState.BLANK
    drawn = (Box(60, 60, 240, 44), Box(60, 340, 300, 200))
    for box, other in zip((form.fields[0].box, table.box), drawn, strict=True):
        assert max(abs(a - b) for a, b in zip(box, other, strict=True)) <= 8


def test_the_form_can_be_written(blank: Image, models: Models) -> None:
    assert "cells = 6" in write_form(form_of(blank, models))


def test_words_give_names(blank: Image, models: Models) -> None:
    words = (
        PlacedWord("Account", Box(60, 36, 80, 18)),
        PlacedWord("Agreed", Box(200, 184, 60, 18)),
        PlacedWord("Left", Box(80, 312, 40, 18)),
    )
    form = form_of(blank, models, words)
    assert [field.name for field in form.fields] == ["account", "field_1", "field_2", "agreed"]
    assert [column.name for column in form.tables[0].columns] == ["left", "c2", "c3"]


def test_a_ticked_box_is_one(blank: Image, models: Models) -> None:
    cv2.rectangle(blank, (260, 180), (287, 207), 0, 2)
    cv2.line(blank, (258, 178), (290, 210), 0, 3)
    cv2.line(blank, (290, 178), (258, 210), 0, 3)
    kinds = [field.kind for field in form_of(blank, models).fields]
    assert kinds.count(FieldKind.TICK) == 3


def test_rows_of_different_heights_are_written_with_them(paper: Draw, models: Models) -> None:
    edges = (100, 140, 220, 260, 340)
    boxes = ((60 + 100 * c, top, 101, bottom - top + 1) for top, bottom in pairwise(edges) for c in (0, 1))
    (table,) = form_of(with_print(paper(800, 900, *boxes)), models).tables
    assert sum(table.row_heights) == table.box.height
    assert [round(height / 10) for height in table.row_heights] == [4, 8, 4, 8]


def test_an_empty_page_has_no_fields(models: Models) -> None:
    form = form_of(np.full((600, 500), 255, np.uint8), models)
    assert (form.fields, form.tables) == ((), ())
