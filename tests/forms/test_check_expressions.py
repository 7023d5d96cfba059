from __future__ import annotations

import pickle
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.forms.check_expressions import (
    MAX_CHECK_LENGTH,
    MAX_DEPTH,
    Addition,
    Check,
    Constant,
    Name,
    Negation,
    Product,
    SumOf,
    parse_check,
)

A, B, C = Name("a"), Name("b"), Name("c")


@pytest.mark.parametrize(
    ("text", "operands", "operators"),
    [
        ("a == b", (A, B), ("==",)),
        ("a!=b", (A, B), ("!=",)),
        (" a\t<=\n b < c", (A, B, C), ("<=", "<")),
        ("a == b + c", (A, Addition((B, C))), ("==",)),
        ("a == b - c", (A, Addition((B, Negation(C)))), ("==",)),
        ("a == b * c + 2", (A, Addition((Product((B, C)), Constant(Decimal(2))))), ("==",)),
        ("a == b * (c + 2)", (A, Product((B, Addition((C, Constant(Decimal(2))))))), ("==",)),
        ("a == b - c * 2", (A, Addition((B, Negation(Product((C, Constant(Decimal(2)))))))), ("==",)),
        ("-a > --b", (Negation(A), B), (">",)),
        ("a >= -(b)", (A, Negation(B)), (">=",)),
        ("a == 0.5 * b", (A, Product((Constant(Decimal("0.5")), B))), ("==",)),
        ("a == sum(b, c)", (A, SumOf((B, C))), ("==",)),
        ("a == sum ( b )", (A, SumOf((B,))), ("==",)),
        ("sum == a", (Name("sum"), A), ("==",)),
        ("marks.total == marks.3.total", (Name("marks.total"), Name("marks.3.total")), ("==",)),
        ("größe == 面積", (Name("größe"), Name("面積")), ("==",)),
    ],
)
def test_what_may_be_written(text: str, operands: tuple[object, ...], operators: tuple[str, ...]) -> None:
    check = parse_check(text)
    assert (check.operands, check.operators, check.text) == (operands, operators, text)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", "character 1: there is nothing; write a comparison such as total == q1 [+] q2"),
        (" \n", "character 1: there is nothing"),
        ("total = q1", 'character 7: "=" has no meaning in a check; write == to compare'),
        ("a === b", 'character 5: "=" has no meaning in a check; write == to compare'),
        ("a => b", 'character 3: "=>" has no meaning in a check; write >='),
        ("a <> b", 'character 3: "<>" has no meaning in a check; write !='),
        ("a ≤ b", 'character 3: "≤" has no meaning in a check; write <='),
        ("a == b \u00d7 c", 'character 8: "\u00d7" has no meaning in a check; write [*]'),
        ("a == b / 2", 'character 8: "/" has no meaning in a check; there is no division'),
        ("a == b ** 2", r'character 8: "\*\*" has no meaning in a check; there are no powers'),
        ("a == .5", 'character 6: "." has no meaning in a check; write a point within a name or a number'),
        ("a == 5.", 'character 7: there are no digits after "."; write 5 or 5.0'),
        ("a == 1,5", 'character 7: a "," stands outside of sum'),
        ("a == b; c", 'character 7: ";" has no meaning in a check; leave it out'),
        ("a == 'b'", 'character 6: "\'" has no meaning in a check'),
        ("a == \x00b", r"character 6: '\\x00' has no meaning"),
        ("a + b", "character 6: nothing is compared; write one of ==, !=, <, <=, >, >= and a value here"),
        ("a ==", "character 5: a number or a name is missing before the end"),
        ("== a", 'character 1: a number or a name is missing before "=="'),
        ("a == b +", "character 9: a number or a name is missing before the end"),
        ("a == * b", r'character 6: a number or a name is missing before "\*"'),
        ("a == +b", r'character 6: a value is missing before "\+"; leave a leading \+ out'),
        ("a == 2 b", 'character 8: a sign is missing before "b"; to multiply, write \\* behind "2"'),
        ("a == 1e5", 'character 7: a sign is missing before "e5"'),
        ("a == b and b == c", 'character 8: a sign is missing before "and"; write a rule for each of the two checks'),
        ("a == b or b == c", 'character 8: a sign is missing before "or"; there is no either-or'),
        ("a && b", 'character 3: "&&" has no meaning in a check; write a rule for each'),
        ("(a == b) == c", "character 4: a comparison stands in parentheses; leave them out"),
        ("a == (b", r'character 6: this "\(" is never closed; write the missing "\)"'),
        ("a == b)", r'character 7: this "\)" closes nothing; leave it out'),
        ("a == (b c)", 'character 9: a sign is missing before "c"'),
        ("a == max(b, c)", r'character 6: there is no function "max"; there is sum\(NAME, ...\)'),
        ("a == sum()", r"character 10: sum\(\) takes names with commas between them; write one here"),
        ("a == sum(b,)", r"character 12: sum\(\) takes names"),
        ("a == sum(2)", r"character 10: sum\(\) takes names"),
        ("a == sum(b + c)", r"character 12: sum\(\) takes names with commas between them, nothing else"),
        ("a == sum(b", r'character 9: this "\(" is never closed'),
        ("a == sum(b == c)", r'character 9: this "\(" is never closed'),
        ("٣ == a", 'character 1: "٣" is no name; names begin with a letter'),
        ("a == b.1c", 'character 6: "b.1c" is no name'),
    ],
)
def test_what_may_not_be_written_is_named_with_its_place(text: str, error: str) -> None:
    with pytest.raises(ValueError, match=f"^{error}"):
        parse_check(text)


def test_names_are_listed_once_in_their_order() -> None:
    assert parse_check("b == sum(c, a) + (b - 2 * d)").names == ("b", "c", "a", "d")


def test_a_name_is_the_same_however_its_accents_are_encoded() -> None:
    assert parse_check("gro\u0308\u00dfe == 1").names == ("größe",)


def test_parentheses_in_each_other_have_a_limit() -> None:
    parse_check("a == " + "(" * MAX_DEPTH + "b" + ")" * MAX_DEPTH)
    with pytest.raises(ValueError, match="character 26: more than 20 parentheses in each other"):
        parse_check("a == " + "(" * (MAX_DEPTH + 1) + "b" + ")" * (MAX_DEPTH + 1))


def test_parentheses_beside_each_other_have_none() -> None:
    parse_check("a == " + " + ".join(["(b)"] * 100))


def test_a_check_of_a_million_characters_is_refused() -> None:
    with pytest.raises(ValueError, match="character 1001: 1000005 characters are too many"):
        parse_check("a == " + "(" * 1_000_000)


def parse(text: str) -> Check | str:
    """The check, or the error."""
    try:
        return parse_check(text)
    except ValueError as error:
        return str(error)


@pytest.mark.parametrize("part", ["(", ")", "-", "a", "9", "a.", "sum(", "a+", "==a", "1.", "é", "\u0301"])
def test_errors_of_the_longest_checks_are_short(part: str) -> None:
    parsed = parse((part * MAX_CHECK_LENGTH)[:MAX_CHECK_LENGTH])
    assert isinstance(parsed, str)
    assert parsed.startswith("character ")
    assert len(parsed) < 150


@pytest.mark.parametrize("operator", ["+", "-", "*", "<", "+-", "*-"])
def test_the_trees_of_the_longest_checks_are_flat(operator: str) -> None:
    count = MAX_CHECK_LENGTH // (len(operator) + 1) - 5
    check = parse_check("a == a" + f"{operator}a" * count)
    # Python walks into trees a thousand levels deep, not deeper.
    assert pickle.loads(pickle.dumps(check)) == check
    assert hash(check) == hash(parse_check(check.text))
    assert len(repr(check)) > count


@given(
    st.lists(st.sampled_from([*"ab12.,+-*()<>=! \n", "sum", "==", "é"]), max_size=30).map("".join)
    | st.text(max_size=20)
)
def test_any_text_is_a_check_or_an_error_with_a_place(text: str) -> None:
    parsed = parse(text)
    if isinstance(parsed, str):
        assert parsed.startswith("character ")
    else:
        assert len(parsed.operands) == len(parsed.operators) + 1 >= 2
