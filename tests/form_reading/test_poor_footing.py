from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import numpy as np

from scanner.form_reading.poor_footing import PLACE_UNCLEAR, flag_poor_footing
from scanner.forms.form import Form, FormColumn, FormField, FormTable, Reference
from scanner.registration.registration import Registration
from scanner.types import Box, Number

FORM = Form(
    name="form",
    reference=Reference("blank.png"),
    fields=(FormField(name="a", box=Box(90, 90, 20, 20)),),
    tables=(FormTable(name="t", box=Box(700, 100, 200, 800), columns=(FormColumn(name="c"),), rows=2),),
)
"""A field at the top left, and a table of two fields on the right; their middles are (100, 100), (800, 300) and
(800, 700)."""


def laid(places: list[tuple[float, float, bool]]) -> Registration:
    """A registration with ten landmarks at each of these places, shares of a page, which are found or not."""
    landmarks = np.array([place[:2] for place in places for _ in range(10)], np.float64).reshape(-1, 2)
    found = np.array([place[2] for place in places for _ in range(10)], np.bool_)
    return cast("Registration", cast("Any", SimpleNamespace(landmarks=landmarks, is_found=found)))


def reasons(registration: Registration, first_reason: str = "", form: Form = FORM) -> list[str]:
    tables = [0, *[1] * form.tables[0].rows]
    numbers = tuple(
        Number("7", 0.99, first_reason if table == 0 else "", 1, 1, Box(0, 0, 5, 5), (), table=table)
        for table in tables
    )
    return [number.review_reason for number in flag_poor_footing(numbers, form, registration, (1000, 1000))]


def test_a_field_with_its_landmarks_is_well_placed() -> None:
    assert reasons(laid([(0.1, 0.1, True), (0.8, 0.3, True), (0.8, 0.7, True)])) == ["", "", ""]


def test_one_without_is_not_and_a_table_slips_as_a_whole() -> None:
    assert reasons(laid([(0.1, 0.1, False), (0.8, 0.3, True), (0.8, 0.7, True)])) == [PLACE_UNCLEAR, "", ""]
    assert reasons(laid([(0.1, 0.1, True), (0.8, 0.3, True), (0.8, 0.7, False)])) == ["", PLACE_UNCLEAR, PLACE_UNCLEAR]


def test_one_of_four_fields_without_does_not_make_a_table_slip() -> None:
    form = replace(FORM, tables=(replace(FORM.tables[0], rows=4),))
    rows = [(0.8, 0.2, True), (0.8, 0.4, False), (0.8, 0.6, True), (0.8, 0.8, True)]
    assert reasons(laid([(0.1, 0.1, True), *rows]), form=form) == ["", "", PLACE_UNCLEAR, "", ""]


def test_two_of_five_landmarks_are_enough() -> None:
    two_of_four = [(0.1, 0.1, True), (0.1, 0.1, True), (0.1, 0.1, False), (0.1, 0.1, False)]
    assert reasons(laid(two_of_four))[0] == ""
    assert reasons(laid([*two_of_four, (0.1, 0.1, False), (0.1, 0.1, False)]))[0] == PLACE_UNCLEAR


def test_where_there_are_hardly_any_landmarks_nothing_is_said() -> None:
    # At three times the reach each counts 0.011.
    assert reasons(laid([(0.4, 0.1, False)])) == ["", "", ""]
    assert reasons(laid([])) == ["", "", ""]


def test_another_reason_stays() -> None:
    assert reasons(laid([(0.1, 0.1, False)]), "low confidence")[0] == "low confidence"
