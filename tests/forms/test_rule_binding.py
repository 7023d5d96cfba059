from __future__ import annotations

from decimal import Decimal

import pytest

from scanner.forms.check_digits import CheckDigit
from scanner.forms.check_evaluation import Outcome, evaluate
from scanner.forms.check_expressions import parse_check
from scanner.forms.form import (
    CheckDigitRule,
    CheckRule,
    FieldKind,
    Form,
    FormColumn,
    FormField,
    FormRule,
    FormTable,
    Reference,
)
from scanner.forms.rule_binding import RuleBinder, bind_rules
from scanner.types import Box

BOX = Box(0, 0, 100, 100)


def field(name: str, kind: FieldKind = FieldKind.NUMBER, cells: int | None = None) -> FormField:
    return FormField(name=name, box=BOX, kind=kind, cells=cells)


def table(name: str, *columns: str, rows: int = 2) -> FormTable:
    return FormTable(name=name, box=BOX, columns=tuple(FormColumn(name=each) for each in columns), rows=rows)


def form(*rules: str | CheckDigitRule) -> Form:
    return Form(
        name="f",
        reference=Reference("a.png"),
        fields=(
            field("grand"),
            field("share"),
            field("photo", FieldKind.TEXT_IMAGE),
            field("yes", FieldKind.TICK),
            field("rate", FieldKind.DECIMAL),
            field("digit", FieldKind.COMB, 1),
            field("long", FieldKind.COMB, 11),
            field("both"),
        ),
        tables=(table("marks", "q1", "q2", "total"), table("sums", "total", "rest", "both", rows=3)),
        rules=tuple(rule_of(rule) for rule in rules),
    )


def rule_of(rule: str | CheckDigitRule) -> FormRule:
    return CheckRule(parse_check(rule)) if isinstance(rule, str) else rule


def bound_names(*rules: str) -> list[tuple[int, int | None, tuple[str, ...]]]:
    bound = bind_rules(form(*rules))
    return [(each.number, each.row, each.rule.check.names) for each in bound if isinstance(each.rule, CheckRule)]


def complaints(rule: str | CheckDigitRule) -> list[str]:
    binder = RuleBinder(form())
    unknown = list(binder.unknown_names(rule_of(rule)))
    return unknown or list(binder.misuses(rule_of(rule)))


def test_a_check_of_fields_is_bound_once() -> None:
    assert bound_names("grand == share") == [(1, None, ("grand", "share"))]


def test_a_check_of_columns_is_bound_once_per_row() -> None:
    assert bound_names("grand == share", "q1 <= q2") == [
        (1, None, ("grand", "share")),
        (2, 1, ("marks.1.q1", "marks.1.q2")),
        (2, 2, ("marks.2.q1", "marks.2.q2")),
    ]


def test_fields_elsewhere_are_the_same_in_each_row() -> None:
    assert bound_names("q1 <= grand + marks.2.q2") == [
        (1, 1, ("marks.1.q1", "grand", "marks.2.q2")),
        (1, 2, ("marks.2.q1", "grand", "marks.2.q2")),
    ]


def test_the_table_tells_columns_of_one_name_apart() -> None:
    assert [names for _, _, names in bound_names("sums.total == rest")] == [
        ("sums.1.total", "sums.1.rest"),
        ("sums.2.total", "sums.2.rest"),
        ("sums.3.total", "sums.3.rest"),
    ]


def test_a_column_alone_in_a_sum_is_all_of_it() -> None:
    assert bound_names("grand == sum(q1)") == [(1, None, ("grand", "marks.1.q1", "marks.2.q1"))]
    assert bound_names("grand == sum(marks.q1) + sum(sums.total)") == [
        (1, None, ("grand", "marks.1.q1", "marks.2.q1", "sums.1.total", "sums.2.total", "sums.3.total"))
    ]


def test_columns_in_a_sum_of_several_are_those_of_the_row() -> None:
    assert bound_names("marks.total == sum(q1, q2, share)") == [
        (1, 1, ("marks.1.total", "marks.1.q1", "marks.1.q2", "share")),
        (1, 2, ("marks.2.total", "marks.2.q1", "marks.2.q2", "share")),
    ]


def test_one_column_may_be_of_the_row_and_whole() -> None:
    assert bound_names("q1 <= sum(q1)") == [
        (1, 1, ("marks.1.q1", "marks.2.q1")),
        (1, 2, ("marks.2.q1", "marks.1.q1")),
    ]


def test_a_field_alone_in_a_sum_is_itself() -> None:
    assert bound_names("sum(grand) == sum(marks.1.q1)") == [(1, None, ("grand", "marks.1.q1"))]


def test_bound_checks_are_evaluated_on_fields() -> None:
    first, second = bind_rules(form("marks.total == -q1 * 2 + (q2 - 1)"))
    assert isinstance(first.rule, CheckRule)
    assert isinstance(second.rule, CheckRule)
    values = {"marks.1.total": 2, "marks.1.q1": 1, "marks.1.q2": 5, "marks.2.q1": 0, "marks.2.q2": 0}
    known = {name: Decimal(value) for name, value in values.items()}
    assert evaluate(first.rule.check, known).outcome is Outcome.HOLDS  # 2 is -1 * 2 + 4
    assert evaluate(second.rule.check, known).missing == ("marks.2.total",)
    assert first.rule.check.text == "marks.total == -q1 * 2 + (q2 - 1)"


def test_check_digits_of_a_column_are_bound_once_per_row() -> None:
    rules = CheckDigitRule("grand", CheckDigit.LUHN), CheckDigitRule("rest", CheckDigit.MOD97)
    bound = bind_rules(form(*rules))
    assert [(each.number, each.row) for each in bound] == [(1, None), (2, 1), (2, 2), (2, 3)]
    assert bound[0].rule == CheckDigitRule("grand", CheckDigit.LUHN)
    assert bound[3].rule == CheckDigitRule("sums.3.rest", CheckDigit.MOD97)


@pytest.mark.parametrize(
    ("rule", "complaint"),
    [
        ("grnd == 1", 'there is no field or column "grnd"; did you mean "grand"?'),
        ("xyz == 1", 'there is no field or column "xyz"'),
        ("total == q1", '"total" is a column of 2 tables; write marks.total or sums.total'),
        (
            "both == 1",
            '"both" is a field, and a column of "sums"; write sums.both for the column, or rename the field',
        ),
        ("marks == 1", '"marks" is a table; write marks.COLUMN for one of its columns'),
        ("mark.q1 == 1", 'there is no table "mark"; did you mean "marks"?'),
        ("grand.q1 == 1", 'there is no table "grand"'),
        ("marks.q3 == 1", 'there is no column "q3" in "marks"'),
        ("marks.totl == 1", 'there is no column "totl" in "marks"; did you mean "total"?'),
        ("marks.1.q3 == 1", 'there is no column "q3" in "marks"'),
        ("marks.3.q1 == 1", 'there is no row "3" of "marks"; it has the rows 1 to 2'),
        ("marks.0.q1 == 1", 'there is no row "0" of "marks"; it has the rows 1 to 2'),
        ("marks.01.q1 == 1", 'there is no row "01" of "marks"; it has the rows 1 to 2'),
        ("marks.a.q1 == 1", 'there is no row "a" of "marks"; it has the rows 1 to 2'),
        ("marks.1.2.q1 == 1", 'there is no "marks.1.2.q1"; fields of a table are called TABLE.ROW.COLUMN'),
        ("photo == 1", '"photo" is a text_image, which is not read; name fields with numbers, or ticks'),
        ("1 + 1 == 2", "names no field, so it is always the same; write the name of one"),
        (
            "q1 == rest",
            'names columns of "marks" and "sums"; a check is of the rows of one table; sum(COLUMN) is of all rows',
        ),
        (CheckDigitRule("grnd", CheckDigit.LUHN), 'there is no field or column "grnd"; did you mean "grand"?'),
        (
            CheckDigitRule("rate", CheckDigit.LUHN),
            '"rate" is of the kind decimal; check digits are of a comb or a number',
        ),
        (CheckDigitRule("yes", CheckDigit.LUHN), '"yes" is of the kind tick; check digits are of a comb or a number'),
        (
            CheckDigitRule("digit", CheckDigit.MOD97),
            '"digit" has too few cells; numbers with mod97 have 3 digits or more',
        ),
        (
            CheckDigitRule("long", CheckDigit.MOD11),
            '"long" has too many cells; numbers with mod11 have at most 10 digits',
        ),
    ],
)
def test_what_a_rule_cannot_be_of_is_said(rule: str | CheckDigitRule, complaint: str) -> None:
    assert complaints(rule) == [complaint]


def test_every_unknown_name_is_named() -> None:
    assert len(complaints("abc == def + grand")) == 2


@pytest.mark.parametrize("rule", ["sum(yes, grand) == 1", "grand == 1", CheckDigitRule("long", CheckDigit.LUHN)])
def test_what_a_rule_may_be_of(rule: str | CheckDigitRule) -> None:
    assert complaints(rule) == []


@pytest.mark.parametrize(
    ("rule", "lookups"),
    [
        ("grand == grand + share", 3),
        ("q1 == q2 + grand", 6),  # 3 in each of 2 rows
        ("grand == sum(rest)", 4),  # 1 and 3 rows
        ("q1 == sum(rest)", 8),  # 1 and 3, in each of 2 rows
        ("-(q1 * 2) < sum(q1, q2)", 6),
        (CheckDigitRule("grand", CheckDigit.LUHN), 1),
        (CheckDigitRule("rest", CheckDigit.LUHN), 3),
    ],
)
def test_lookups_are_counted_in_all_rows(rule: str | CheckDigitRule, lookups: int) -> None:
    assert RuleBinder(form()).lookups(rule_of(rule)) == lookups


def test_binding_an_unknown_name_is_an_error() -> None:
    with pytest.raises(ValueError, match='no field or column "grnd"'):
        bind_rules(form("grnd == 1"))
