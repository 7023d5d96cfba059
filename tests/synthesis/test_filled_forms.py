from dataclasses import replace

import numpy as np
import pytest

from scanner.forms.form import BlankMark, FieldKind, Form, FormField, Reference
from scanner.synthesis.cell_writing import random_cell_habit
from scanner.synthesis.filled_forms import FormWriter, fill_in_form
from scanner.synthesis.writing import random_hand
from scanner.types import Box

DASH = frozenset({BlankMark.DASH})
FORM = Form(
    name="f",
    reference=Reference("a.png"),
    fields=(
        FormField(name="comb", box=Box(100, 100, 300, 60), kind=FieldKind.COMB, cells=5, blank_marks=DASH),
        FormField(name="number", box=Box(100, 300, 300, 60), kind=FieldKind.NUMBER, blank_marks=DASH),
        FormField(name="decimal", box=Box(100, 500, 300, 60), kind=FieldKind.DECIMAL),
        FormField(name="tick", box=Box(100, 700, 40, 40), kind=FieldKind.TICK),
        FormField(name="signature", box=Box(100, 900, 300, 90), kind=FieldKind.TEXT_IMAGE),
    ),
)


@pytest.fixture
def writer() -> FormWriter:
    rng = np.random.default_rng(1)
    hand = random_hand(rng, (), 30, 0.17)
    return FormWriter(hand, random_cell_habit(rng), unused_mark="-", dashes=True, crosses=True)


def test_each_text_is_written_in_its_field(writer: FormWriter) -> None:
    texts = {"comb": "123", "number": "-45", "decimal": "6.7", "tick": "1", "signature": "signed"}
    content = fill_in_form(FORM, texts, writer, np.random.default_rng(2))
    written = {FORM.fields[(each.row_and_column or (9, 9))[0]].name: each for each in content.numbers}
    assert {name: each.text for name, each in written.items()} == {"comb": "123", "number": "-45", "decimal": "6.7"}
    for name, number in written.items():
        box = next(field.box for field in FORM.fields if field.name == name)
        assert box.y - 40 < number.box.center[1] < box.bottom + 40
    rows = {element.box.center[1] // 200 for element in content.elements}
    assert rows == {0, 1, 2, 3, 4}


def test_fields_without_a_text_are_dashed_where_that_is_allowed(writer: FormWriter) -> None:
    dashed = fill_in_form(FORM, {"tick": "0"}, writer, np.random.default_rng(2))
    assert not dashed.numbers
    # Five cells of the comb, and the number; the decimal may not be dashed.
    assert [int(element.box.center[1]) // 200 for element in dashed.elements] == [0] * 5 + [1]
    others = replace(writer, unused_mark="", dashes=False)
    assert not fill_in_form(FORM, {}, others, np.random.default_rng(2)).elements
