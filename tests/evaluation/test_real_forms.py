import pytest

from scanner.errors import DataError
from scanner.evaluation.field_scoring import AskedField
from scanner.evaluation.real_forms import (
    FORM_FILES,
    asked_in_logbook,
    asked_in_table,
    asked_on_tally_sheet,
    main_table,
)
from scanner.forms.form import FieldKind, Form, FormColumn, FormTable, Reference
from scanner.forms.form_file import parse_form
from scanner.types import Box


def table(name: str, columns: str, rows: int) -> FormTable:
    kinds = {"w": FieldKind.NUMBER, "d": FieldKind.DECIMAL, "p": FieldKind.TEXT_IMAGE}
    made = tuple(FormColumn(name=f"c{index}", kind=kinds[kind]) for index, kind in enumerate(columns, start=1))
    return FormTable(name=name, box=Box(0, 0, 100, 100), columns=made, rows=rows)


def test_cells_of_a_table_are_asked_for_row_by_row_but_for_those_nobody_can_read() -> None:
    assert asked_in_table([("1", None), ("3", "4")]) == (
        AskedField(("table_1.1.c1",), "1"),
        AskedField(("table_1.2.c1",), "3"),
        AskedField(("table_1.2.c2",), "4"),
    )


def test_cells_of_a_logbook_that_the_truth_leaves_out_are_empty() -> None:
    asked = asked_in_logbook([("2", "8.6"), (None,)], ("c1", "c3"), table("t", "wpdd", 3))
    assert {each.names[0]: each.written for each in asked} == {
        "t.1.c1": "2",
        "t.1.c3": "8.6",
        "t.1.c4": "",
        "t.2.c3": "",
        "t.2.c4": "",
        "t.3.c1": "",
        "t.3.c3": "",
        "t.3.c4": "",
    }


def test_marks_in_cells_of_a_tally_sheet_are_nothing() -> None:
    asked = asked_on_tally_sheet(["X47", "115", "162", "__2", "X06", "17042019"])
    assert [each.written for each in asked] == ["47", "115", "162", "2", "06", "17042019"]
    assert asked[-1].names == ("day", "month", "year")
    assert len(asked_on_tally_sheet(["X47", "115", "162", "XX2", "164", None])) == 5


def test_the_table_with_the_most_fields_is_the_main_one() -> None:
    small, large = table("small", "ww", 5), table("large", "www", 4)
    form = Form(name="f", reference=Reference("a.png"), tables=(small, large))
    assert main_table(form) is large
    with pytest.raises(DataError, match="no table"):
        main_table(Form(name="f", reference=Reference("a.png")))


@pytest.mark.parametrize("name", ["tally.toml", "report.toml"])
def test_forms_that_come_with_the_benchmark_have_no_mistakes(name: str) -> None:
    form = parse_form((FORM_FILES / name).read_text("utf-8"), name)
    assert form.all_fields()
    assert form.rules
