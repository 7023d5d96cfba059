"""What is wrong with a form; ``test_form_file`` has an example of each mistake."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scanner.forms.check_expressions import parse_check
from scanner.forms.form import CheckRule, FieldKind, Form, FormColumn, FormField, FormTable, Reference
from scanner.forms.form_mistakes import find_mistakes, outside_mistakes, place_words
from scanner.types import Box

FIELD = FormField(name="a", box=Box(10, 10, 100, 20))
TABLE = FormTable(name="t", box=Box(10, 100, 100, 50), columns=(FormColumn(name="q"),), rows=5)
FORM = Form(name="f", reference=Reference("a.png"), fields=(FIELD,), tables=(TABLE,))


def places(form: Form, *stand_ins: tuple[str | int, ...]) -> list[tuple[str | int, ...]]:
    return [mistake.place for mistake in find_mistakes(form, stand_ins)]


def test_a_form_without_mistakes() -> None:
    assert places(FORM) == []
    assert places(replace(FORM, fields=())) == places(replace(FORM, tables=())) == []


@pytest.mark.parametrize(
    ("form", "mistake", "stand_in"),
    [
        (replace(FORM, name=""), ("name",), ("name",)),
        (replace(FORM, reference=Reference("")), ("reference",), ("reference",)),
        (replace(FORM, fields=(), tables=()), (), ("field",)),
        (replace(FORM, fields=(), tables=()), (), ("table",)),
        (replace(FORM, fields=(replace(FIELD, name=""),)), ("field", 0, "name"), ("field", 0, "name")),
        (replace(FORM, fields=(FIELD, replace(FIELD, name="b"))), ("field", 1, "box"), ("field", 1, "box")),
        (replace(FORM, fields=(FIELD, replace(FIELD, name="b"))), ("field", 1, "box"), ("field", 0, "box")),
        (replace(FORM, fields=(replace(FIELD, cells=3),)), ("field", 0, "cells"), ("field", 0, "kind")),
        (
            replace(FORM, fields=(replace(FIELD, kind=FieldKind.COMB),)),
            ("field", 0, "cells"),
            ("field", 0, "cells"),
        ),
        (replace(FORM, tables=(replace(TABLE, rows=51),)), ("table", 0, "rows"), ("table", 0, "box")),
        (
            replace(FORM, tables=(replace(TABLE, columns=(FormColumn(name="q", width=90),)),)),
            ("table", 0, "columns"),
            ("table", 0, "columns", 0, "width"),
        ),
        *(
            (replace(FORM, rules=(CheckRule(parse_check("b == 1")),)), ("rule", 0, "check"), stand_in)
            for stand_in in (
                ("field", 0, "name"),
                ("field", 0),
                ("field",),
                ("table",),
                ("table", 0, "columns"),
                ("table", 0, "columns", 2),
                ("rule", 0),
                ("rule", 0, "check"),
            )
        ),
        (
            replace(FORM, rules=(CheckRule(parse_check("t.9.q == 1")),)),
            ("rule", 0, "check"),
            ("table", 0, "rows"),
        ),
    ],
)
def test_nothing_is_said_of_values_that_stand_in_for_others(
    form: Form, mistake: tuple[str | int, ...], stand_in: tuple[str | int, ...]
) -> None:
    assert places(form) == [mistake]
    assert places(form, stand_in) == []


def test_an_unknown_name_is_told_though_a_box_is_missing() -> None:
    form = replace(FORM, rules=(CheckRule(parse_check("b == 1")),))
    assert places(form, ("field", 0, "box"), ("name",)) == [("rule", 0, "check")]


def test_what_lies_outside_of_the_reference() -> None:
    assert list(outside_mistakes(FORM, 110, 150)) == []
    assert [mistake.place for mistake in outside_mistakes(FORM, 109, 150)] == [("field", 0, "box"), ("table", 0, "box")]
    assert [mistake.place for mistake in outside_mistakes(FORM, 110, 149)] == [("table", 0, "box")]
    above = replace(FORM, fields=(replace(FIELD, box=Box(0, -1, 5, 5)),), tables=())
    assert [mistake.place for mistake in outside_mistakes(above, 110, 150)] == [("field", 0, "box")]


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ((), ""),
        (("reference",), "reference"),
        (("field", 2), "field 3"),
        (("field", 0, "box"), 'field 1 ("a"), box'),
        (("table", 0, "columns", 0, "min"), 'table 1 ("t"), column 1 ("q"), min'),
        (("table", 0, "columns", 1), 'table 1 ("t"), column 2 ("r")'),
        (("rule", 0, "check"), 'rule 1 ("a == 1"), check'),
        (("rule", 1), 'rule 2 ("a")'),
        (("rule", 2, "check"), 'rule 3 ("' + "1" * 40 + '..."), check'),
        (("rule", 3), "rule 4"),
    ],
)
def test_places_in_words(place: tuple[str | int, ...], words: str) -> None:
    document = {
        "field": [{"name": "a"}],
        "table": [{"name": "t", "columns": [{"name": "q"}, "r"]}],
        "rule": [{"check": "a == 1"}, {"field": "a", "check_digit": "luhn"}, {"check": "1" * 100}, {"check": 3}],
    }
    assert place_words(place, document) == words
