"""Forms as text: it reads as the same form, and says what each key may be."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scanner.errors import FormError
from scanner.forms.check_digits import CheckDigit
from scanner.forms.check_expressions import Check, Constant, parse_check
from scanner.forms.form import (
    BlankMark,
    CheckDigitRule,
    CheckRule,
    FieldKind,
    Form,
    FormColumn,
    FormField,
    FormRule,
    FormTable,
    Reference,
    ReferenceState,
)
from scanner.forms.form_file import parse_form
from scanner.forms.form_writing import to_toml, write_form
from scanner.types import Box

if TYPE_CHECKING:
    from collections.abc import Sequence

TALLY = Form(
    name='the "tally" sheet',
    reference=Reference("blank.pdf", 2),
    fields=(
        FormField(
            name="votes",
            box=Box(1523, 430, 220, 70),
            kind=FieldKind.COMB,
            cells=3,
            blank_marks=frozenset(BlankMark),
            required=True,
            minimum=Decimal(0),
            maximum=Decimal(500),
        ),
        FormField(name="rate", box=Box(1523, 530, 220, 70), kind=FieldKind.DECIMAL, maximum=Decimal("1.50")),
    ),
    tables=(
        FormTable(
            name="marks",
            box=Box(210, 300, 640, 900),
            columns=(FormColumn(name="q1"), FormColumn(name="q2", kind=FieldKind.COMB, cells=2, width=100)),
            rows=25,
        ),
        FormTable(
            name="sums", box=Box(210, 1300, 640, 900), columns=(FormColumn(name="a"), FormColumn(name="b")), rows=2
        ),
    ),
    rules=(CheckRule(parse_check("votes == sum(q1)")), CheckDigitRule("votes", CheckDigit.MOD97)),
)
TALLY_TEXT = """\
# A form. Each key is explained where it is first used.
name = "the \\"tally\\" sheet"  # what the form is called, in quotes
reference = "blank.pdf#2"  # a picture or PDF of the form, beside this file; "blank.pdf#2" is page 2 of one
reference_is = "blank"  # "blank", or "filled" if somebody has written on it

[[field]]
name = "votes"  # letters, digits and _, beginning with a letter
box = [1523, 430, 220, 70]  # [x, y, width, height] in whole pixels of the reference, the last two above 0
kind = "comb"  # "comb" (one digit to a cell), "number", "decimal", "tick" or "text_image"
cells = 3  # how many cells the comb has, 1 to 100
blank_marks = ["x", "-"]  # marks that mean the same as nothing: ["x", "-"], or one of them
required = true  # true if something must be written, or false
min = 0  # the smallest number allowed, such as 0
max = 500  # the largest number allowed, such as 99.5

[[field]]
name = "rate"
box = [1523, 530, 220, 70]
kind = "decimal"
max = 1.50

[[table]]
name = "marks"
box = [210, 300, 640, 900]
# a list of names, or of {name = "q1", kind = "comb", cells = 2, width = 80} and the like
columns = [
    "q1",
    # width: width in whole pixels; columns without share what is left
    {name = "q2", kind = "comb", cells = 2, width = 100},
]
rows = 25  # how many rows there are, 1 to 20000

[[table]]
name = "sums"
box = [210, 1300, 640, 900]
columns = ["a", "b"]
rows = 2

[[rule]]
check = "votes == sum(q1)"  # a comparison such as "total == q1 + q2"

[[rule]]
field = "votes"  # the name of a field, or of a column for each of its rows
check_digit = "mod97"  # "luhn", "mod11" or "mod97"
"""


def test_a_form_as_people_edit_it() -> None:
    assert write_form(TALLY) == TALLY_TEXT
    assert parse_form(TALLY_TEXT, "f") == TALLY


def test_a_comment_that_does_not_fit_stands_above() -> None:
    check = "votes == " + " + ".join(["q1"] * 20)
    lines = write_form(replace(TALLY, rules=(CheckRule(parse_check(check)),))).splitlines()
    assert lines[-2:] == ['# a comparison such as "total == q1 + q2"', f'check = "{check}"']


def test_many_names_of_columns_stand_in_a_line_each() -> None:
    columns = tuple(FormColumn(name=f"a_long_name_of_a_column_{number}") for number in range(6))
    table = replace(TALLY.tables[1], columns=columns)
    assert '\n    "a_long_name_of_a_column_0",\n' in write_form(replace(TALLY, tables=(table,), rules=()))


@pytest.mark.parametrize(
    ("form", "mistake"),
    [
        (replace(TALLY, name=""), "name: write one line of text"),
        (replace(TALLY, name="\ud800"), "name: write one line of text"),
        (replace(TALLY, fields=(), tables=(), rules=()), "has no field"),
        (replace(TALLY, fields=(replace(TALLY.fields[0], cells=None),)), "cells: is missing"),
        (replace(TALLY, fields=(replace(TALLY.fields[0], cells=0),)), "cells: is 0"),
        (replace(TALLY, fields=(replace(TALLY.fields[1], maximum=Decimal("inf")),)), "max: is no number with at most"),
        (
            replace(TALLY, fields=(replace(TALLY.fields[1], maximum=Decimal("1e999999999")),)),
            "max: is no number with at most",
        ),
        (replace(TALLY, tables=(replace(TALLY.tables[0], rows=0),)), "rows: is 0"),
        (replace(TALLY, reference=Reference("a.png", 0)), "is another form when it is read again"),
        (
            replace(TALLY, rules=(CheckRule(Check("votes == 1", (Constant(Decimal(1)),) * 2, ("==",))),)),
            "is another form when it is read again",
        ),
    ],
)
def test_what_no_file_can_hold_is_not_written(form: Form, mistake: str) -> None:
    with pytest.raises(FormError, match=mistake):
        write_form(form)


def names(first: str) -> st.SearchStrategy[str]:
    """Names that begin with a letter, so that those of fields, tables and columns differ."""
    return st.text("abAB_019éß面", max_size=5).map(lambda rest: f"{first}{rest}")


def case_aside(name: str) -> str:
    return name.casefold()


LIMITS = st.integers(-999_999_999, 999_999_999).map(lambda number: Decimal(number).scaleb(-3))
LINES = st.text("aé面😀 '\"#$.=[]{}1", max_size=12).map(lambda text: f"a{text}")


@st.composite
def contents(draw: st.DrawFn) -> dict[str, Any]:
    kind = draw(st.sampled_from(FieldKind))
    content: dict[str, Any] = {"kind": kind, "required": draw(st.booleans())}
    if kind is FieldKind.COMB:
        content["cells"] = draw(st.integers(3, 100))
    if kind.is_numeric:
        content["blank_marks"] = draw(st.frozensets(st.sampled_from(BlankMark)))
        limits = st.integers(0, 999).map(Decimal) if kind.is_whole else LIMITS
        lowest, highest = sorted(draw(st.tuples(limits, limits)))
        content["minimum"] = draw(st.none() | st.just(lowest))
        content["maximum"] = draw(st.none() | st.just(highest))
    return content


@st.composite
def columns(draw: st.DrawFn) -> tuple[FormColumn, ...]:
    drawn = draw(st.lists(names("c"), min_size=1, max_size=4, unique_by=case_aside))
    widths = [None, *(draw(st.none() | st.integers(1, 50)) for _ in drawn[1:])]
    return tuple(
        FormColumn(name=name, width=width, **draw(contents())) for name, width in zip(drawn, widths, strict=True)
    )


@st.composite
def tables_at(draw: st.DrawFn, name: str, box: Box) -> FormTable:
    """A table in a box, some with rows of different heights."""
    rows = draw(st.integers(1, 40))
    even = box.height // rows
    heights = draw(st.sampled_from([(), (*[even] * (rows - 1), box.height - even * (rows - 1))]))
    return FormTable(name=name, box=box, columns=draw(columns()), rows=rows, row_heights=heights)


@st.composite
def forms(draw: st.DrawFn) -> Form:
    """Forms whose fields and tables lie below each other."""

    def box(number: int) -> Box:
        """The place of a field or table, below those before it."""
        y = st.integers(1000 * number, 1000 * number + 99)
        return draw(st.builds(Box, st.integers(0, 999), y, st.integers(200, 999), st.integers(200, 800)))

    field_names = draw(st.lists(names("f"), min_size=1, max_size=4, unique_by=case_aside))
    table_names = draw(st.lists(names("t"), max_size=2, unique_by=case_aside))
    fields = tuple(FormField(name=name, box=box(number), **draw(contents())) for number, name in enumerate(field_names))
    tables = tuple(draw(tables_at(name, box(number))) for number, name in enumerate(table_names, start=len(fields)))
    return Form(
        name=draw(LINES),
        reference=Reference(
            draw(LINES),
            draw(st.integers(1, 3)),
            draw(st.sampled_from(ReferenceState)),
        ),
        fields=fields,
        tables=tables,
        rules=draw(rules(fields, tables)),
    )


def rules(fields: Sequence[FormField], tables: Sequence[FormTable]) -> st.SearchStrategy[tuple[FormRule, ...]]:
    read = [each.name for each in fields if each.kind is not FieldKind.TEXT_IMAGE]
    cells = [
        f"{table.name}.{place}{column.name}"
        for table in tables
        for column in table.columns
        for place in ("", "1.")
        if column.kind is not FieldKind.TEXT_IMAGE
    ]
    whole = [each.name for each in fields if each.kind.is_whole and (each.cells is None or each.cells <= 10)]
    choices: list[st.SearchStrategy[FormRule]] = []
    if read:
        operands = st.sampled_from(
            [*read, "0.50", "sum({})".format(", ".join(read)), *(f"sum({cell})" for cell in cells)]
        )
        texts = st.builds(
            lambda name, *rest: f"{name} {' '.join(rest)}",
            st.sampled_from(read),
            st.sampled_from(["==", "<=\n", "- 1 >"]),
            operands,
            st.sampled_from(["+", "*\t", "<"]),
            operands,
        )
        choices.append(texts.map(lambda text: CheckRule(parse_check(text))))
    if whole:
        choices.append(st.builds(CheckDigitRule, st.sampled_from(whole), st.sampled_from(CheckDigit)))
    return st.lists(st.one_of(choices), max_size=4).map(tuple) if choices else st.just(())


# A form takes a while to make up, and the machine may be busy.
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(forms())
def test_every_form_reads_as_it_was_written(form: Form) -> None:
    assert parse_form(write_form(form), "f") == form


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_every_text_reads_as_it_was_written(text: str) -> None:
    # Unless they are escaped, line ends of Windows become those of others.
    assert tomllib.loads(f"a = {to_toml(text)}") == {"a": text}


@given(st.decimals(allow_nan=False, allow_infinity=False) | st.integers().map(Decimal))
def test_every_number_reads_as_it_was_written(number: Decimal) -> None:
    [read] = tomllib.loads(f"a = {to_toml(number)}", parse_float=Decimal).values()
    assert Decimal(read) == number
