from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
import pytest

from scanner.form_making.form_picture import draw_form
from scanner.forms.form import FieldKind, Form, FormColumn, FormField, FormTable, Reference
from scanner.types import Box, Image

WHITE = np.full((900, 700, 3), 255, np.uint8)
FORM = Form(
    name="drawn",
    reference=Reference("a.png"),
    fields=(
        FormField(name="account", box=Box(100, 100, 200, 40), kind=FieldKind.COMB, cells=5),
        FormField(name="agrees", box=Box(400, 100, 30, 30), kind=FieldKind.TICK),
        FormField(name="signature", box=Box(100, 700, 300, 80), kind=FieldKind.TEXT_IMAGE),
    ),
    tables=(
        FormTable(
            name="marks", box=Box(100, 300, 200, 120), columns=(FormColumn(name="a"), FormColumn(name="b")), rows=3
        ),
    ),
)


@pytest.fixture(scope="module")
def picture() -> Image:
    return draw_form(WHITE.copy(), FORM)


def is_drawn(picture: Image, x: int, y: int) -> bool:
    return bool((picture[y, x] < 250).any())


def test_the_page_keeps_its_place_and_has_a_key_below(picture: Image) -> None:
    assert picture.shape[1] == 700
    assert picture.shape[0] > 900
    assert (picture[900:] < 128).any()


def test_every_field_has_an_outline(picture: Image) -> None:
    for field in FORM.all_fields():
        assert is_drawn(picture, field.box.x, field.box.y)
        assert is_drawn(picture, field.box.right - 1, field.box.bottom - 1)


def test_a_comb_has_its_dividers(picture: Image) -> None:
    drawn = [is_drawn(picture, x, 120) for x in range(110, 290)]
    assert [x for x, (before, now) in enumerate(pairwise(drawn), 111) if now and not before] == [
        140,
        180,
        220,
        260,
    ]


def test_the_inside_of_a_field_is_free(picture: Image) -> None:
    assert (picture[710:770, 110:390] == 255).all()


def test_names_are_written_outside_of_the_fields(picture: Image) -> None:
    outside = np.ones(picture.shape[:2], bool)
    outside[900:] = False
    for field in FORM.all_fields():
        outside[field.box.y : field.box.bottom, field.box.x : field.box.right] = False
    # Three fields, a table and its two columns have a label each.
    drawn = np.asarray(outside & (picture != 255).any(axis=2), np.uint8)
    joined = np.asarray(cv2.dilate(drawn, np.ones((5, 5), np.uint8)), np.uint8)
    assert cv2.connectedComponents(joined)[0] - 1 == 6


def test_the_page_is_not_changed() -> None:
    page = WHITE.copy()
    draw_form(page, FORM)
    assert (page == 255).all()
