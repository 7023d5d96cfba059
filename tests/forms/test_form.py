from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.forms.form import (
    BlankMark,
    FieldKind,
    Form,
    FormColumn,
    FormField,
    FormTable,
    Reference,
    ReferenceState,
)
from scanner.types import Box


def table(width: int, height: int, rows: int, *widths: int | None) -> FormTable:
    columns = tuple(FormColumn(name=f"c{number}", width=each) for number, each in enumerate(widths, start=1))
    return FormTable(name="t", box=Box(10, 20, width, height), columns=columns, rows=rows)


def test_a_table_has_a_field_for_each_row_and_column() -> None:
    fields = table(100, 60, 3, None, None).fields()
    assert [(field.name, field.box) for field in fields] == [
        ("t.1.c1", (10, 20, 50, 20)),
        ("t.1.c2", (60, 20, 50, 20)),
        ("t.2.c1", (10, 40, 50, 20)),
        ("t.2.c2", (60, 40, 50, 20)),
        ("t.3.c1", (10, 60, 50, 20)),
        ("t.3.c2", (60, 60, 50, 20)),
    ]


def test_fields_of_a_table_are_like_their_column() -> None:
    column = FormColumn(
        name="q",
        kind=FieldKind.COMB,
        cells=2,
        blank_marks=frozenset({BlankMark.DASH}),
        required=True,
        minimum=Decimal(0),
        maximum=Decimal(50),
        width=100,
    )
    made = FormTable(name="t", box=Box(1, 2, 100, 30), columns=(column,), rows=1).fields()
    expected = FormField(
        name="t.1.q",
        box=Box(1, 2, 100, 30),
        kind=FieldKind.COMB,
        cells=2,
        blank_marks=frozenset({BlankMark.DASH}),
        required=True,
        minimum=Decimal(0),
        maximum=Decimal(50),
    )
    assert made == (expected,)


def test_columns_without_a_width_share_what_the_others_leave() -> None:
    assert table(100, 10, 1, None, 40, None).column_edges == (10, 40, 80, 110)
    assert table(100, 10, 1, 40, 60).column_edges == (10, 50, 110)


def test_edges_are_rounded_one_by_one_so_that_nothing_adds_up() -> None:
    # Thirds of 100: 33.3 and 66.7
    assert table(100, 100, 3, None, None, None).column_edges == (10, 43, 77, 110)
    assert table(100, 100, 3, None, None, None).row_edges == (20, 53, 87, 120)


@pytest.mark.parametrize(
    "impossible", [table(100, 10, 11, None), table(2, 10, 1, None, None, None), table(9, 9, 1, 9, None)]
)
def test_a_table_without_room_has_no_fields(impossible: FormTable) -> None:
    with pytest.raises(ValueError, match="at least 1 x 1"):
        impossible.fields()


def test_rows_may_have_heights_of_their_own() -> None:
    uneven = replace(table(100, 100, 3, None), row_heights=(50, 20, 30))
    assert uneven.row_edges == (20, 70, 90, 120)
    assert [field.box.height for field in uneven.fields()] == [50, 20, 30]


@given(
    st.integers(200, 5000),
    st.integers(200, 5000),
    st.integers(1, 40),
    st.lists(st.none() | st.integers(1, 20), max_size=8),
)
def test_the_fields_of_a_table_cover_it_without_gap_or_overlap(
    width: int, height: int, rows: int, widths: list[int | None]
) -> None:
    grid = table(width, height, rows, None, *widths)
    boxes = [field.box for field in grid.fields()]
    assert sum(box.width * box.height for box in boxes) == width * height
    assert Box.around(boxes) == grid.box
    columns = boxes[: len(grid.columns)]
    assert all(left.right == right.x for left, right in pairwise(columns))
    shared = [box.width for box, column in zip(columns, grid.columns, strict=True) if column.width is None]
    assert max(shared) - min(shared) <= 1
    assert all(box.width == column.width for box, column in zip(columns, grid.columns, strict=True) if column.width)


def test_fields_outside_of_tables_come_first() -> None:
    field = FormField(name="f", box=Box(0, 0, 5, 5))
    form = Form(name="f", reference=Reference("a.png"), fields=(field,), tables=(table(10, 10, 1, None),))
    assert [each.name for each in form.all_fields()] == ["f", "t.1.c1"]


def test_the_reference_lies_beside_the_form_file() -> None:
    form = Form(name="f", reference=Reference("pages/a.png"), file=Path("forms/tally.toml"))
    assert form.reference_path == Path("forms/pages/a.png")
    assert Form(name="f", reference=Reference("a.png")).reference_path == Path("a.png")


def test_forms_are_equal_wherever_they_were_read() -> None:
    forms = [Form(name="f", reference=Reference("a.png"), file=Path(name)) for name in ("a.toml", "b.toml")]
    assert forms[0] == forms[1]


@pytest.mark.parametrize(
    ("address", "file", "page"),
    [
        ("a.png", "a.png", 1),
        ("a.pdf#2", "a.pdf", 2),
        ("a#2#3.pdf#12", "a#2#3.pdf", 12),
        ("a#2#1", "a#2", 1),
        ("a.pdf#0", "a.pdf#0", 1),
        ("a.pdf#x", "a.pdf#x", 1),
        ("a.pdf#٢", "a.pdf#٢", 1),
        ("a.pdf#" + "9" * 5000, "a.pdf#" + "9" * 5000, 1),
        ("#2", "#2", 1),
        ("", "", 1),
    ],
)
def test_the_page_of_a_reference_stands_behind_its_file(address: str, file: str, page: int) -> None:
    reference = Reference.at(address, ReferenceState.FILLED)
    assert reference == Reference(file, page, ReferenceState.FILLED)
    assert reference.address == address


@given(st.text(st.sampled_from("ab#12."), min_size=1), st.integers(1, 999_999_999))
def test_every_reference_has_an_address(file: str, page: int) -> None:
    assert Reference.at(Reference(file, page).address) == Reference(file, page)
