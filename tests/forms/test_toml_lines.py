from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.forms import toml_lines
from scanner.forms.toml_lines import (
    MAX_KEY_PARTS,
    MAX_NESTED,
    Place,
    TomlRefusedError,
    find_lines,
    refuse_excess,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

FORM = '''\
# [[field]] in a comment
name = "a # b"  # a comment

reference = """
[[field]]
name = 'no key'
\\"""
"""
[[field]]
name = 'it [[is]] a "text"'
box = [10,  # ] a comment
  20, 30,

  40]
min = 1.5
max=2024-05-27 07:32:00
[[ field ]]
"box" = []
kind.of.it = "b\\"c\\\\"
[[table]]
columns = [
  "a",
  {name = "b", min = 1, more = [{deep = "}"}, []]},

  "c"
]
empty = {}
[[table]]
[[table.columns]]
name = ''
[[table.columns]]
name = ""
[other.'thing']
a = \'''
\'''
b = 1
'''
LINES = {
    ("name",): 2,
    ("reference",): 4,
    ("field", 0): 9,
    ("field", 0, "name"): 10,
    ("field", 0, "box"): 11,
    ("field", 0, "box", 0): 11,
    ("field", 0, "box", 2): 12,
    ("field", 0, "box", 3): 14,
    ("field", 0, "min"): 15,
    ("field", 0, "max"): 16,
    ("field", 1): 17,
    ("field", 1, "box"): 18,
    ("field", 1, "kind", "of", "it"): 19,
    ("table", 0): 20,
    ("table", 0, "columns"): 21,
    ("table", 0, "columns", 0): 22,
    ("table", 0, "columns", 1): 23,
    ("table", 0, "columns", 1, "more", 0, "deep"): 23,
    ("table", 0, "columns", 1, "more", 1): 23,
    ("table", 0, "columns", 2): 25,
    ("table", 0, "empty"): 27,
    ("table", 1): 28,
    ("table", 1, "columns", 0): 29,
    ("table", 1, "columns", 0, "name"): 30,
    ("table", 1, "columns", 1): 31,
    ("table", 1, "columns", 1, "name"): 32,
    ("other", "thing"): 33,
    ("other", "thing", "a"): 34,
    ("other", "thing", "b"): 36,
}


def places_in(value: Any, place: Place = ()) -> Iterator[Place]:
    """The places of all values in a parsed text."""
    if place:
        yield place
    if isinstance(value, dict):
        for key, each in value.items():
            yield from places_in(each, (*place, key))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from places_in(each, (*place, index))


def test_the_text_is_toml() -> None:
    assert set(LINES) <= set(places_in(tomllib.loads(FORM)))


def test_lines_are_found() -> None:
    assert find_lines(FORM, LINES) == LINES


def test_lines_are_found_with_the_line_ends_of_windows() -> None:
    assert find_lines(FORM.replace("\n", "\r\n"), LINES) == LINES


def test_what_is_not_there_is_not_found() -> None:
    assert find_lines(FORM, [("field", 2), ("nam",), ("field", "name"), ()]) == {}


KEYS = st.sampled_from(["a", "b", "c-d", '"e f"', "'g'"])
SCALARS = st.sampled_from(
    ["1", "-2.5", "1e9", "true", "nan", "1979-05-27 07:32:00.5", '""', "''", '"[#"', "'\"'", '"""\n"""', "'''\n'\n'''"]
)


@st.composite
def documents(draw: st.DrawFn) -> str:
    """TOML with headers, dotted keys, nested values, comments and blanks; some has a key twice."""
    gaps = st.sampled_from(["", " ", "\t"])
    breaks = st.sampled_from(["", "\n", " # ]}\n", "\n\n  "])

    def array(items: list[str]) -> str:
        return "[" + "".join(f"{draw(breaks)}{item}{draw(breaks)}," for item in items) + draw(breaks) + "]"

    def inline_table(entries: dict[str, str]) -> str:
        return "{" + ",".join(f"{draw(gaps)}{key}{draw(gaps)}={value}" for key, value in entries.items()) + "}"

    values = st.recursive(
        SCALARS,
        lambda inner: (
            st.lists(inner, max_size=3).map(array) | st.dictionaries(KEYS, inner, max_size=3).map(inline_table)
        ),
        max_leaves=6,
    )
    lines = []
    for part in draw(st.lists(st.sampled_from(["key", "dotted", "header", "array", "comment"]), max_size=8)):
        key = ".".join(draw(st.lists(KEYS, min_size=1, max_size=3)))
        match part:
            case "key":
                lines.append(f"{draw(KEYS)}{draw(gaps)}={draw(gaps)}{draw(values)}{draw(gaps)}# = [")
            case "dotted":
                lines.append(f"{key} = {draw(values)}")
            case "header":
                lines.append(f"[{key}]{draw(gaps)}")
            case "array":
                lines.append(f"[[{key}]]# ]")
            case "comment":
                lines.append("# [[a]] '''")
    return "\n".join(lines)


@given(documents())
def test_every_key_of_any_text_that_the_parser_takes_is_found(text: str) -> None:
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        find_lines(text, ())
        return
    places = set(places_in(document))
    lines = find_lines(text, places)
    # A parent that is only part of a longer key has no line of its own.
    unfound = {place for place in places - lines.keys() if not any(other[: len(place)] == place for other in lines)}
    assert not unfound
    for place, line in lines.items():
        assert isinstance(place[-1], int) or place[-1] in text.splitlines()[line - 1]


@given(st.lists(st.sampled_from([*"ab[]{}=,.#\"'\\\n \t1", '"""', "'''", "[[a]]\n", "a = "]), max_size=40).map("".join))
def test_no_text_is_too_strange(text: str) -> None:
    refuse_excess(text)
    try:
        places = set(places_in(tomllib.loads(text)))
    except tomllib.TOMLDecodeError:
        return
    assert {place[:1] for place in find_lines(text, places)} == {place[:1] for place in places}


@pytest.mark.parametrize(
    "text",
    [
        "a\n.b = 1",
        "[a\n] = 1",
        "a b = 1",
        "a. = 1",
        ".a = 1",
        "[[[a]]]",
        "[a = 1",
        "[a]]",
        "a = ]",
        "a = ,",
        "a = 1,",
        "a = {\nb = 1}",
        "a = {b = 1\n}",
        "a = [1}",
        'a = "\n"',
        'a = """',
        "\x0b",
        "a = 1 [",
        "= 1",
    ],
)
def test_what_is_no_toml_ends_the_walk(text: str) -> None:
    with pytest.raises(tomllib.TOMLDecodeError):
        tomllib.loads(text)
    assert find_lines(f"{text}\nlast = 1", [("last",)]) == {}


def test_values_in_each_other_have_a_limit() -> None:
    refuse_excess("a = " + "[" * MAX_NESTED + "]" * MAX_NESTED)
    for opening in ("[", "{a = "):
        with pytest.raises(TomlRefusedError, match="more than 16 brackets in each other") as raised:
            refuse_excess("\na = " + opening * 1_000_000)
        assert raised.value.line == 2


def test_parts_of_a_key_have_a_limit() -> None:
    refuse_excess(".".join("a" * MAX_KEY_PARTS) + " = 1")
    for text in ("{} = 1", "[{}]", "[[{}]]", "a = {{{} = 1}}", "a = [{{b.{} = 1}}]"):
        with pytest.raises(TomlRefusedError, match="a key has more than 16 parts"):
            refuse_excess(text.format(".".join("a" * 1_000_000)))


def test_words_have_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    # As many as a large form has take some seconds.
    monkeypatch.setattr(toml_lines, "MAX_WORDS", 2_000)
    refuse_excess("a = [\n" + "1," * 900 + "]")
    with pytest.raises(TomlRefusedError, match="more than 2000 words and signs") as raised:
        refuse_excess("a = [\n" + "1," * 1_000)
    assert raised.value.line == 2


@pytest.mark.parametrize(
    "text",
    [
        "'''\n\\'''" * 100_000,
        '"""\n\\"""' * 100_000,
        '"' * 1_000_000,
        "'" * 1_000_001,
        "'\n" * 500_000,
        'a = "' + "\\" * 1_000_001,
        " " * 1_000_000 + "\x00",
        "#" * 1_000_000,
        "[[" * 500_000,
        "a = 1 # " * 100_000,
    ],
)
def test_the_walk_does_not_look_twice(text: str) -> None:
    # With a look back at each word this would take hours.
    refuse_excess(text)
