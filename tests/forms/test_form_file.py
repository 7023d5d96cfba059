"""Form files: what they may say, and what is said of every mistake in them."""

from __future__ import annotations

import os
import unicodedata
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.errors import DataError, FormError
from scanner.forms.check_digits import CheckDigit
from scanner.forms.check_expressions import MAX_CHECK_LENGTH, parse_check
from scanner.forms.form import (
    BlankMark,
    CheckDigitRule,
    CheckRule,
    FieldKind,
    Form,
    FormColumn,
    FormField,
    FormTable,
    Reference,
    ReferenceState,
)
from scanner.forms.form_file import MAX_FILE_BYTES, MAX_MISTAKES, check_reference_size, load_form, parse_form
from scanner.types import Box

HEAD = 'name = "f"\nreference = "a.png"\n'
FIELD = '[[field]]\nname = "a"\nbox = [0, 0, 10, 10]\n'
TABLE = '[[table]]\nname = "t"\nbox = [0, 100, 90, 90]\ncolumns = ["q", "r"]\nrows = 3\n'

WHOLE = """
name = "tally sheet"
reference = "blank.pdf#2"
reference_is = "filled"

[[field]]
name = "votes"
box = [1523, 430, 220, 70]
kind = "comb"
cells = 3
blank_marks = ["x", "-"]
required = true
min = 0
max = 500

[[field]]
name = "rate"
box = [1523, 530, 220, 70]
kind = "decimal"
min = -0.5
max = 0.1

[[table]]
name = "marks"
box = [210, 300, 640, 900]
columns = ["q1", {name = "q2", kind = "decimal", max = 9.5, width = 100}, "total"]
rows = 25

[[rule]]
check = "marks.total == q1 + q2"

[[rule]]
field = "votes"
check_digit = "luhn"
"""


def mistakes(text: str) -> list[str]:
    """What is wrong with a form file called f."""
    try:
        parse_form(text, "f")
    except FormError as error:
        return list(error.mistakes)
    return []


def test_a_whole_form() -> None:
    assert parse_form(WHOLE, "f") == Form(
        name="tally sheet",
        reference=Reference("blank.pdf", 2, ReferenceState.FILLED),
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
            FormField(
                name="rate",
                box=Box(1523, 530, 220, 70),
                kind=FieldKind.DECIMAL,
                minimum=Decimal("-0.5"),
                maximum=Decimal("0.1"),
            ),
        ),
        tables=(
            FormTable(
                name="marks",
                box=Box(210, 300, 640, 900),
                columns=(
                    FormColumn(name="q1"),
                    FormColumn(name="q2", kind=FieldKind.DECIMAL, maximum=Decimal("9.5"), width=100),
                    FormColumn(name="total"),
                ),
                rows=25,
            ),
        ),
        rules=(CheckRule(parse_check("marks.total == q1 + q2")), CheckDigitRule("votes", CheckDigit.LUHN)),
    )


def test_limits_are_exact() -> None:
    field = parse_form(WHOLE, "f").fields[1]
    assert field.maximum == Decimal("0.1")
    assert str(field.minimum) == "-0.5"


def test_what_may_be_left_out() -> None:
    form = parse_form(HEAD + FIELD, "f")
    assert form.reference == Reference("a.png", 1, ReferenceState.BLANK)
    assert form.fields == (FormField(name="a", box=Box(0, 0, 10, 10), kind=FieldKind.NUMBER),)
    assert parse_form(HEAD + TABLE, "f").fields == ()


@pytest.mark.parametrize("name", ["a", "_1", "A_b9", "größe", "面積", "sum", "and", "क्षेत्र"])
def test_names_of_any_script(name: str) -> None:
    check = f'[[rule]]\ncheck = "{name} >= 0"\n'
    assert mistakes(HEAD + FIELD.replace('"a"', f'"{name}"') + check) == []


# Of the file HEAD + FIELD + ..., whose first field is in lines 3 to 5.
@pytest.mark.parametrize(
    ("more", "mistake"),
    [
        (
            "kind = 3",
            'f:6: field 1 ("a"), kind: is 3; write "comb" (one digit to a cell), "number", "decimal", "tick" or ',
        ),
        ('kind = "conb"', 'f:6: field 1 ("a"), kind: is "conb"; write "comb" (one digit'),
        ('kind = "comb"', 'f:3: field 1 ("a"), cells: is missing; write how many cells the comb has'),
        ("cells = 3", 'f:6: field 1 ("a"), cells: is of combs alone; leave it out, or write kind = "comb"'),
        ('kind = "comb"\ncells = 0', 'f:7: field 1 ("a"), cells: is 0; write how many cells the comb has, 1 to 100'),
        (
            'kind = "comb"\ncells = 2.0',
            'f:7: field 1 ("a"), cells: is 2.0; write how many cells the comb has, 1 to 100',
        ),
        ("celsl = 3", 'f:6: field 1 ("a"), celsl: there is no such key; did you mean "cells"?'),
        (
            "colour = 3",
            'f:6: field 1 ("a"), colour: there is no such key; there are name, kind, cells, blank_marks, required, '
            "min, max, box",
        ),
        (
            'required = "yes"',
            'f:6: field 1 ("a"), required: is "yes"; write true if something must be written, or false',
        ),
        (
            'blank_marks = ["x", "o"]',
            'f:6: field 1 ("a"), blank_marks: is ["x", "o"]; write marks that mean the same as nothing: ["x", "-"], or '
            "one of them",
        ),
        (
            'kind = "tick"\nblank_marks = ["x"]',
            'f:7: field 1 ("a"), blank_marks: is not for the kind tick; leave it out',
        ),
        (
            'kind = "text_image"\nmin = 3',
            'f:7: field 1 ("a"), min: is not for the kind text_image, which is no number; leave it out',
        ),
        ("min = 3\nmax = 2", 'f:6: field 1 ("a"), min: is 3, above max = 2; change one of them'),
        (
            "max = 2.5",
            'f:6: field 1 ("a"), max: has decimals, which the kind number has not; write kind = "decimal"',
        ),
        ('min = "3"', 'f:6: field 1 ("a"), min: is "3"; write the smallest number allowed, such as 0'),
        ("min = true", 'f:6: field 1 ("a"), min: is true; write the smallest number allowed, such as 0'),
        (
            "min = 1979-05-27",
            'f:6: field 1 ("a"), min: is a date or time; write the smallest number allowed, such as 0',
        ),
        ("min = {}", 'f:6: field 1 ("a"), min: is a table; write the smallest number allowed, such as 0'),
        (
            'kind = "comb"\ncells = 3\nmin = 1000',
            'f:8: field 1 ("a"), min: has more digits than the 3 cells of the comb; change one of them',
        ),
        (
            'kind = "comb"\ncells = 3\nmax = -1',
            'f:8: field 1 ("a"), max: is below 0; a comb has no cell for a minus sign',
        ),
        ("[field.min]\na = 1", 'f:6: field 1 ("a"), min: is a table; write the smallest'),
    ],
)
def test_mistakes_in_a_field(more: str, mistake: str) -> None:
    [found] = mistakes(HEAD + FIELD + more + "\n")
    assert found.startswith(mistake)


@pytest.mark.parametrize(
    "number",
    [
        "nan",
        "inf",
        "-inf",
        "1e15",
        "-1e15",
        "1e-16",
        "1e999999999",
        "1e9999999999999999999",
        "0.1234567890123456",
        "9" * 30,
    ],
)
def test_limits_that_nobody_writes_by_hand(number: str) -> None:
    [mistake] = mistakes(f'{HEAD}{FIELD}kind = "decimal"\nmin = {number}\nmax = 3\n')
    assert mistake == (
        'f:7: field 1 ("a"), min: is no number with at most 15 digits before and after its point; write one'
    )


def test_the_longest_limits() -> None:
    assert mistakes(f'{HEAD}{FIELD}kind = "decimal"\nmin = 0.000000000000001\nmax = 999999999999999\n') == []
    assert mistakes(f'{HEAD}{FIELD}kind = "comb"\ncells = 3\nmin = 999\n') == []
    assert mistakes(f'{HEAD}{FIELD}kind = "comb"\ncells = 3\nmin = -1000\n') == []


@pytest.mark.parametrize(
    ("box", "shown"),
    [
        ("[0, 0, 10]", "[0, 0, 10]"),
        ("[0, 0, 10, 10, 10]", "[0, 0, 10, 10, 10]"),
        ("[0, 0, 0, 10]", "[0, 0, 0, 10]"),
        ("[0, 0, 10, -10]", "[0, 0, 10, -10]"),
        ("[-1, 0, 10, 10]", "[-1, 0, 10, 10]"),
        ("[0, 0, 10.5, 10]", "[0, 0, 10.5, 10]"),
        ('[0, 0, "10", 10]', '[0, 0, "10", 10]'),
        ("[0, 0, true, 10]", "[0, 0, true, 10]"),
        ("[0, 0, 10, 1000001]", "[0, 0, 10, 1000001]"),
        ("[0, 0, 10, nan]", "[0, 0, 10, NaN]"),
        ("[0, 0, 10, 0x" + "f" * 5000 + "]", "[0, 0, 10, a very large number]"),
        ("[0, 0, 10, " + "9" * 30 + "]", "[0, 0, 10, " + "9" * 30 + "]"),
        ("[[0, 0], [10, 10]]", "[[...], [...]]"),
        ("[" + "1, " * 10_000 + "]", "[1, 1, 1, 1, 1, 1, ...]"),
        ('"' + "1" * 100_000 + '"', '"' + "1" * 40 + '"'),
        ("{x = 1}", "a table"),
    ],
)
def test_a_box_that_is_none(box: str, shown: str) -> None:
    assert mistakes(HEAD + FIELD.replace("[0, 0, 10, 10]", box)) == [
        f'f:5: field 1 ("a"), box: is {shown}; write [x, y, width, height] in whole pixels of the reference, '
        "the last two above 0"
    ]


@pytest.mark.parametrize("name", ["", "1a", "a b", "a-b", "a.b", "a\\n", "a\u200b", "é ", "²", "a" * 41])
def test_a_name_that_is_none(name: str) -> None:
    [mistake] = mistakes(HEAD + FIELD.replace('"a"', f'"{name}"'))
    assert mistake.startswith('f:4: field 1 ("')
    assert mistake.endswith(
        (
            "name: may have letters, digits and _, and begins with a letter; call it something else",
            "name: has 41 characters, 40 are the most; shorten it",
        )
    )


def test_a_name_in_another_form_of_unicode() -> None:
    name = unicodedata.normalize("NFD", "größe")
    [mistake] = mistakes(HEAD + FIELD.replace('"a"', f'"{name}"'))
    assert mistake == (f'f:4: field 1 ("{name}"), name: looks like "größe", but is other characters; copy it from here')


@pytest.mark.parametrize("other", ["größe", "GRÖSSE", "Größe", unicodedata.normalize("NFD", "größe")])
def test_names_that_are_the_same_to_a_reader(other: str) -> None:
    second = FIELD.replace('"a"', f'"{other}"').replace("[0, 0,", "[20, 0,")
    assert mistakes(HEAD + FIELD.replace('"a"', '"größe"') + second)[-1] == (
        f'f:7: field 2 ("{other}"), name: is that of field 1 as well, case aside; change one of them'
    )


def test_tables_and_their_columns_have_names_as_well() -> None:
    text = HEAD + FIELD + TABLE.replace('"t"', '"a"').replace('"r"', '"Q"')
    end = "case aside; change one of them"
    assert mistakes(text) == [
        f'f:7: table 1 ("a"), name: is that of field 1 as well, {end}',
        f'f:9: table 1 ("a"), column 2 ("Q"), name: is that of table 1, column 1 as well, {end}',
    ]
    # A column may be called as a field is, as long as no rule names it.
    assert mistakes(HEAD + FIELD + TABLE.replace('"q"', '"a"')) == []


@pytest.mark.parametrize(
    ("old", "new", "mistake"),
    [
        ('["q", "r"]', "[]", 'f:6: table 1 ("t"), columns: is empty; write a list of names, or of {name'),
        ('["q", "r"]', '"q"', 'f:6: table 1 ("t"), columns: is "q"; write a list of names'),
        ('["q", "r"]', '["q", 3]', 'f:6: table 1 ("t"), column 2: is 3; write a table with the keys name, kind'),
        (
            '["q", "r"]',
            '["q", {nam = "r"}]',
            'f:6: table 1 ("t"), column 2, nam: there is no such key; did you mean "name"?',
        ),
        ('["q", "r"]', '["q", {kind = "tick"}]', 'f:6: table 1 ("t"), column 2, name: is missing; write letters'),
        (
            '["q", "r"]',
            '["q",\n\n{name = "r", kind = "comb"}]',
            'f:8: table 1 ("t"), column 2 ("r"), cells: is missing; write how many',
        ),
        (
            '["q", "r"]',
            '["q", {name = "r", width = 90}]',
            'f:6: table 1 ("t"), columns: have no room: 90 pixels are given away of the 90 of the box; change one',
        ),
        (
            '["q", "r"]',
            '[{name = "q", width = 40}, {name = "r", width = 40}]',
            'f:6: table 1 ("t"), columns: are 80 pixels wide together, and the box 90; leave out the width of one, or '
            "change the box",
        ),
        ("rows = 3", "rows = 0", 'f:7: table 1 ("t"), rows: is 0; write how many rows there are, 1 to 20000'),
        ("rows = 3", "rows = 1_000_000_000", 'f:7: table 1 ("t"), rows: is 1000000000; write how many'),
        ("rows = 3", "rows = 1e3", 'f:7: table 1 ("t"), rows: is 1E+3; write how many'),
        ("rows = 3", "rows = 91", 'f:7: table 1 ("t"), rows: is 91 in a box 90 pixels high; measure the box again'),
        ("rows = 3", "", 'f:3: table 1 ("t"), rows: is missing; write how many'),
        (
            "rows = 3",
            "rows = 3\nrow_heights = [30, 60]",
            'f:8: table 1 ("t"), row_heights: are 2, and there are 3 rows; write one for each',
        ),
        (
            "rows = 3",
            "rows = 3\nrow_heights = [30, 30, 40]",
            'f:8: table 1 ("t"), row_heights: are 100 pixels together, and the box 90; change one, or leave them out',
        ),
        (
            "rows = 3",
            "rows = 3\nrow_heights = [30, 60, 0]",
            'f:8: table 1 ("t"), row_heights: is [30, 60, 0]; write the height of each row in whole pixels',
        ),
        ("box", "bx", 'f:5: table 1 ("t"), bx: there is no such key; did you mean "box"?'),
    ],
)
def test_mistakes_in_a_table(old: str, new: str, mistake: str) -> None:
    [found] = mistakes(HEAD + TABLE.replace(old, new))
    assert found.startswith(mistake)


def test_widths_may_fill_the_box() -> None:
    columns = '[{name = "q", width = 40}, {name = "r", width = 50}]'
    assert mistakes(HEAD + TABLE.replace('["q", "r"]', columns)) == []


@pytest.mark.parametrize(
    ("head", "mistake"),
    [
        ('reference = "a.png"', "f: name: is missing; write what the form is called, in quotes"),
        ('name = "f"', "f: reference: is missing; write a picture or PDF of the form, beside this file"),
        ('name = ""\nreference = "a.png"', "f:1: name: write one line of text, at most 200 characters"),
        ('name = "a\\nb"\nreference = "a.png"', "f:1: name: write one line of text, at most 200 characters"),
        ('name = "f"\nreference = ""', "f:2: reference: write the name of a file, at most 200 characters in one line"),
        ('name = "f"\nreference = "a\\u0000"', "f:2: reference: write the name of a file"),
        ('name = "f"\nreference = "' + "a" * 1000 + '"', "f:2: reference: write the name of a file"),
        ('name = "f"\nreference = "a\\\\b.png"', "f:2: reference: write / between folders, not \\"),
        ('name = "f"\nreference = "/a/b.png"', "f:2: reference: write where the file is seen from the form file"),
        ('name = "f"\nreference = "C:/b.png"', "f:2: reference: write where the file is seen from the form file"),
        ('name = "f"\nreference = "//host/b.png"', "f:2: reference: write where the file is seen from the form file"),
        (
            'name = "f"\nreference = "a.png"\nreference_is = "empty"',
            'f:3: reference_is: is "empty"; write "blank", or "filled" if somebody has written on it',
        ),
        ('name = "f"\nreferense = "a.png"', 'f:2: referense: there is no such key; did you mean "reference"?'),
        (
            'name = "f"\nreference = "a.png"\n"' + "x" * 5000 + '" = 1',
            "f:3: "
            + "x" * 40
            + "...: there is no such key; there are name, reference, reference_is, follows, field, table, rule",
        ),
        (
            'name = "f"\nreference = "a.png"\nrule = 3',
            "f:3: rule: is 3; write [[rule]] in double brackets, once for each",
        ),
        ('name = "f"\nreference = "a.png"\n[rule]', "f:3: rule: is a table; write [[rule]] in double brackets"),
        ('name = "f"\nreference = "a.png"\nrule = [3]', "f:3: rule 1: is 3; write a table with the keys check, field"),
    ],
)
def test_mistakes_in_the_head(head: str, mistake: str) -> None:
    [found] = mistakes(f"{head}\n{FIELD}")
    assert found.startswith(mistake)


def test_a_form_has_a_field() -> None:
    assert mistakes(HEAD) == ["f: has no field; write a [[field]] or a [[table]]"]
    assert mistakes(HEAD + "[field]\nname = 'a'") == [
        "f:3: field: is a table; write [[field]] in double brackets, once for each field"
    ]


@pytest.mark.parametrize(
    ("rule", "mistake"),
    [
        ('check = "a = q"', 'f:12: rule 1 ("a = q"), check: character 3: "=" has no meaning in a check; write == to'),
        ('check = ""', 'f:12: rule 1 (""), check: character 1: there is nothing; write a comparison'),
        ('check = "aa >= q"', 'f:12: rule 1 ("aa >= q"), check: there is no field or column "aa"; did you mean "a"?'),
        ('check = "1 == 1"', 'f:12: rule 1 ("1 == 1"), check: names no field, so it is always the same'),
        ("check = 3", 'f:12: rule 1, check: is 3; write a comparison such as "total == q1 + q2"'),
        ('chek = "a == q"', 'f:12: rule 1, chek: there is no such key; did you mean "check"?'),
        ("", "f:11: rule 1: says nothing; write a check, or a field and its check_digit"),
        ('field = "a"', 'f:11: rule 1 ("a"), check_digit: is missing; write "luhn", "mod11" or "mod97"'),
        ('check_digit = "luhn"', "f:11: rule 1, field: is missing; write the name of a field, or of a column"),
        (
            'check_digit = "luhn"\nfield = "a"\ncheck = "a == 1"',
            'f:11: rule 1 ("a == 1"): has a check and a check digit; write a rule for each',
        ),
        ('check_digit = "lun"\nfield = "a"', 'f:12: rule 1 ("a"), check_digit: is "lun"; write "luhn", "mod11" or'),
        ('check_digit = "luhn"\nfield = "b"', 'f:13: rule 1 ("b"), field: there is no field or column "b"'),
        (f'check = "{"(" * 1_000_000}"', "f:12: rule 1"),
    ],
)
def test_mistakes_in_a_rule(rule: str, mistake: str) -> None:
    [found] = mistakes(f"{HEAD}{FIELD}{TABLE}[[rule]]\n{rule}\n")
    assert found.startswith(mistake)
    assert len(found) < 300


def test_names_are_not_called_unknown_while_some_cannot_be_read() -> None:
    text = HEAD + FIELD.replace("name", "nam") + '[[rule]]\ncheck = "a == 1"\n[[rule]]\ncheck = "a = 1"\n'
    assert [mistake.partition(";")[0] for mistake in mistakes(text)] == [
        "f:4: field 1, nam: there is no such key",
        'f:9: rule 2 ("a = 1"), check: character 3: "=" has no meaning in a check',
    ]


def test_all_mistakes_are_told_at_once_in_the_order_of_their_lines() -> None:
    text = """
name = 3
reference = "a.png"
[[rule]]
check = "a == "
[[field]]
name = "a"
box = [0, 0, 10, 10]
kind = "tick"
max = 3
[[field]]
name = "a"
box = 3
"""
    assert [mistake.split(": ")[:2] for mistake in mistakes(text)] == [
        ["f:2", "name"],
        ["f:5", 'rule 1 ("a == "), check'],
        ["f:10", 'field 1 ("a"), max'],
        ["f:12", 'field 2 ("a"), name'],
        ["f:13", 'field 2 ("a"), box'],
    ]


def overlapping(x: int, y: int) -> list[str]:
    second = FIELD.replace('"a"', '"b"').replace("[0, 0, 10, 10]", f"[{x}, {y}, 20, 20]")
    return mistakes(HEAD + FIELD.replace("[0, 0,", "[100, 100,") + second)


def test_fields_do_not_overlap() -> None:
    # Five by ten of the hundred pixels of the smaller one
    assert overlapping(105, 90) == [
        'f:8: field 2 ("b"), box: overlaps field 1 by 50 %; move one, or make it smaller',
    ]
    assert overlapping(95, 95) == ['f:8: field 2 ("b"), box: overlaps field 1 by 100 %; move one, or make it smaller']
    assert len(overlapping(82, 82)) == 0  # two by two
    assert len(overlapping(109, 95)) == 1  # one by ten
    assert len(overlapping(109, 105)) == 1  # one by five
    assert len(overlapping(109, 106)) == 0  # one by four
    assert overlapping(110, 100) == overlapping(100, 110) == overlapping(80, 80) == []


def test_fields_do_not_overlap_tables() -> None:
    assert mistakes(HEAD + FIELD + TABLE.replace("[0, 100,", "[5, 5,")) == [
        'f:8: table 1 ("t"), box: overlaps field 1 by 25 %; move one, or make it smaller'
    ]


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30), st.integers(1, 12), st.integers(1, 12)), max_size=8))
def test_the_overlaps_found_are_those_of_all_pairs(boxes: list[tuple[int, int, int, int]]) -> None:
    expected = 0
    for i, (ax, ay, aw, ah) in enumerate(boxes):
        for bx, by, bw, bh in boxes[:i]:
            pixels = {(x, y) for x in range(ax, ax + aw) for y in range(ay, ay + ah)}
            shared = pixels & {(x, y) for x in range(bx, bx + bw) for y in range(by, by + bh)}
            expected += len(shared) >= 0.05 * min(aw * ah, bw * bh)
    fields = "".join(f'[[field]]\nname = "f{i}"\nbox = {list(box)}\n' for i, box in enumerate(boxes))
    assert sum("overlaps" in mistake for mistake in mistakes(HEAD + fields)) == expected


def test_a_file_that_is_no_toml() -> None:
    assert mistakes("a = 1\nb = [1,\n,") == [
        "f:3: is not TOML at column 1: Invalid value; texts stand in quotes, lists in brackets"
    ]
    assert mistakes("a = [") == ["f: is not TOML at the end: Invalid value; texts stand in quotes, lists in brackets"]
    assert mistakes("min = " + "9" * 5000) == ["f: holds a number of too many digits; shorten it"]


def test_a_file_that_is_hostile_to_the_parser() -> None:
    assert mistakes("a = " + "[" * 100_000) == ["f:1: more than 16 brackets in each other; no form has so many"]
    assert mistakes("\n" + "a." * 100_000) == ["f:2: a key has more than 16 parts; no form has such keys"]


def test_there_are_not_more_fields_than_a_page_has() -> None:
    table = '[[table]]\nname = "t{0}"\nbox = [0, {1}, 900000, 10000]\ncolumns = ["a", "b"]\nrows = 2000\n'
    five = HEAD + "".join(table.format(number, number * 10000) for number in range(5))
    assert mistakes(five) == []
    assert mistakes(five + FIELD.replace("[0, 0,", "[0, 900000,")) == [
        "f: has 20001 fields, 20000 are the most; look at the rows of its tables"
    ]


def test_there_are_not_more_rules_than_a_page_is_checked_for() -> None:
    rule = '[[rule]]\ncheck = "a == 1"\n'
    assert mistakes(HEAD + FIELD + rule * 500) == []
    assert mistakes(HEAD + FIELD + rule * 501) == ["f: has 501 rules, 500 are the most; name columns, not their fields"]


def test_rules_do_not_look_at_more_values_than_a_page_is_checked_for() -> None:
    # Each of 5,000 rows sums 5,000 rows.
    table = TABLE.replace("90, 90]", "90, 9000]").replace("rows = 3", "rows = 5000")
    assert mistakes(HEAD + table + '[[rule]]\ncheck = "q == sum(q)"\n') == [
        'f:9: rule 1 ("q == sum(q)"), check: looks at more values than a page is checked for, 200000 with all rules '
        "before; write fewer"
    ]


def test_not_more_mistakes_are_listed_than_anybody_mends() -> None:
    found = mistakes(HEAD + FIELD + "".join(f"x{number} = 1\n" for number in range(10_000)))
    assert len(found) == MAX_MISTAKES + 1
    assert found[-1] == "f: has more mistakes than these 100; mend them first"


def test_fields_on_top_of_each_other_do_not_take_long() -> None:
    fields = "".join(FIELD.replace('"a"', f'"a{number}"') for number in range(2000))
    assert len(mistakes(HEAD + fields)) == MAX_MISTAKES + 1


def test_the_longest_check_of_a_long_table_does_not_take_long() -> None:
    check = "q == " + "+".join(["sum(q)"] * (MAX_CHECK_LENGTH // 7 - 1))
    table = TABLE.replace("90, 90]", "90, 9000]").replace("rows = 3", "rows = 9000")
    assert len(mistakes(f'{HEAD}{table}[[rule]]\ncheck = "{check}"\n')) == 1


@settings(deadline=None)
@given(st.text(max_size=60) | st.lists(st.sampled_from([HEAD, FIELD, TABLE, *WHOLE]), max_size=30).map("".join))
def test_any_text_is_a_form_or_an_error(text: str) -> None:
    found = mistakes(text)
    assert all(mistake.startswith("f") and "\n" not in mistake for mistake in found)


VALUES = st.recursive(
    st.sampled_from(
        [
            "3",
            "-1",
            "1.5",
            "nan",
            "1e400",
            "true",
            '"a"',
            '""',
            '"luhn"',
            '"comb"',
            '"q == 1"',
            "1979-05-27",
            "07:32:00",
        ]
    ),
    lambda inner: (
        st.lists(inner, max_size=4).map(lambda items: f"[{', '.join(items)}]")
        | st.dictionaries(st.sampled_from("abn"), inner, max_size=2).map(
            lambda table: "{" + ", ".join(f"{key} = {value}" for key, value in table.items()) + "}"
        )
    ),
    max_leaves=5,
)


@settings(deadline=None)
@given(st.sampled_from([line for line in (WHOLE + TABLE).splitlines() if "=" in line]), VALUES)
def test_any_value_of_any_key_is_a_form_or_an_error(line: str, value: str) -> None:
    text = WHOLE.replace(line, f"{line.partition('=')[0]}= {value}")
    assert all(mistake.startswith("f:") for mistake in mistakes(text))


def load_error(path: Path) -> str:
    with pytest.raises(FormError) as raised:
        load_form(path)
    return str(raised.value)


def test_a_form_is_loaded_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "tally.toml"
    path.write_text(WHOLE, "utf-8")
    (tmp_path / "blank.pdf").touch()
    form = load_form(path)
    assert form == parse_form(WHOLE, "f")
    assert form.reference_path == tmp_path / "blank.pdf"


def test_a_file_with_a_byte_order_mark_is_loaded(tmp_path: Path) -> None:
    path = tmp_path / "tally.toml"
    path.write_text("\ufeff" + HEAD + FIELD, "utf-8")
    (tmp_path / "a.png").touch()
    assert load_form(path).name == "f"


@pytest.mark.parametrize("make", [lambda path: None, Path.mkdir])
def test_a_reference_that_is_no_file(make: object, tmp_path: Path) -> None:
    assert callable(make)
    path = tmp_path / "tally.toml"
    path.write_text(HEAD + FIELD, "utf-8")
    make(tmp_path / "a.png")
    assert load_error(path) == (
        f"{path}:2: reference: there is no file {tmp_path / 'a.png'}; put it there, or change the name"
    )


def test_a_reference_is_not_missed_whose_name_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "tally.toml"
    path.write_text(HEAD.replace("a.png", "b\\\\a.png") + FIELD, "utf-8")
    assert load_error(path) == f"{path}:2: reference: write / between folders, not \\"


def test_a_name_too_long_for_the_file_system(tmp_path: Path) -> None:
    path = tmp_path / "tally.toml"
    path.write_text(HEAD.replace("a.png", "é" * 200) + FIELD, "utf-8")
    assert "there is no file" in load_error(path)


def test_a_form_file_that_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "a\nb.toml"
    assert load_error(path) == f"{tmp_path}/a\\nb.toml: cannot be read (No such file or directory); check the name"
    assert load_error(tmp_path).endswith("check the name")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert load_error(tmp_path / "pipe").endswith("check the name")


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "tally.toml"
    path.write_text(HEAD + FIELD, "utf-16")
    assert load_error(path) == f"{path}: is not UTF-8 text; save it as UTF-8"


def test_a_file_that_is_too_large(tmp_path: Path) -> None:
    path = tmp_path / "tally.toml"
    path.write_bytes(b"#" * (MAX_FILE_BYTES + 1))
    assert load_error(path) == f"{path}: is larger than 8 MiB; no form file is, so check the name"


def test_fields_lie_on_the_reference() -> None:
    form = parse_form(WHOLE, "f")
    check_reference_size(form, 1743, 1200)
    with pytest.raises(FormError) as raised:
        check_reference_size(form, 1742, 1199)
    end = "and the reference at 1742, 1199; measure it again there"
    assert raised.value.mistakes == (
        f'tally sheet: field 1 ("votes"), box: ends at 1743, 500, {end}',
        f'tally sheet: field 2 ("rate"), box: ends at 1743, 600, {end}',
        f'tally sheet: table 1 ("marks"), box: ends at 850, 1200, {end}',
    )


def test_an_error_of_the_size_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "tally.toml"
    path.write_text(HEAD + FIELD, "utf-8")
    (tmp_path / "a.png").touch()
    with pytest.raises(FormError, match=r"tally\.toml: field 1"):
        check_reference_size(load_form(path), 5, 5)


def test_the_exit_code_is_that_of_wrong_data() -> None:
    assert FormError.exit_code == DataError.exit_code
