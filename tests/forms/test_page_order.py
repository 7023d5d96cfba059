from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.errors import FormError
from scanner.forms.form import Form, FormColumn, FormField, FormTable, Reference
from scanner.forms.page_order import put_in_order, sheet_form
from scanner.types import Box

BOX = Box(0, 0, 90, 90)


def page(name: str, follows: str = "", fields: Sequence[str] = (), tables: Sequence[str] = ()) -> Form:
    return Form(
        name=name,
        reference=Reference("a.png"),
        fields=tuple(FormField(name=field, box=BOX) for field in fields),
        tables=tuple(FormTable(name=table, box=BOX, columns=(FormColumn(name="c"),), rows=2) for table in tables),
        follows=follows,
    )


def names(sheets: Sequence[Sequence[Form]]) -> list[list[str]]:
    return [[form.name for form in sheet] for sheet in sheets]


def test_forms_of_one_page_are_sheets_by_themselves() -> None:
    assert names(put_in_order([page("a"), page("b")])) == [["a"], ["b"]]
    assert put_in_order([]) == ()


def test_pages_follow_one_another_however_they_are_given() -> None:
    forms = [page("back", "middle"), page("alone"), page("front"), page("middle", "front")]
    assert names(put_in_order(forms)) == [["front", "middle", "back"], ["alone"]]


@given(st.permutations(range(5)))
def test_the_order_of_pages_is_that_of_the_sheet(order: list[int]) -> None:
    pages = [page(str(number), str(number - 1) if number else "") for number in range(5)]
    assert put_in_order([pages[number] for number in order]) == (tuple(pages),)


@pytest.mark.parametrize(
    ("forms", "message"),
    [
        ([page("b", "a")], 'b: follows "a", and no form is called that; give it as well'),
        ([page("a"), page("b", "a"), page("c", "a")], 'c: follows "a", and so does b; only one can'),
        (
            [page("a", "b"), page("b", "a")],
            "a: the forms follow one another in a circle; one has to be the first",
        ),
        ([page("a", "a")], "a: the forms follow one another in a circle; one has to be the first"),
        (
            [page("a", fields=["x"]), page("b", "a", tables=["x"])],
            'b: has a field or table "x", as a has; rename one of them',
        ),
    ],
    ids=["nothing to follow", "two follow one", "a circle", "itself", "one name twice"],
)
def test_what_is_no_order_is_told(forms: list[Form], message: str) -> None:
    with pytest.raises(FormError) as raised:
        put_in_order(forms)
    assert str(raised.value) == message


def test_the_form_of_a_sheet_has_the_fields_of_its_pages_in_order() -> None:
    front, back = page("front", fields=["x"], tables=["t"]), page("back", "front", fields=["y"])
    joined = sheet_form([front, back])
    assert joined.name == "front"
    assert [field.name for field in joined.all_fields()] == ["x", "y", "t.1.c", "t.2.c"]
    assert sheet_form([front]) is front
