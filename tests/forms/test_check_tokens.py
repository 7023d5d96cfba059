from __future__ import annotations

import pytest

from scanner.forms.check_tokens import Token, is_name, tokenize


def test_words_have_their_places() -> None:
    assert list(tokenize(" a.1.b<=\n10.5")) == [
        Token("a.1.b", 2, is_name=True),
        Token("<=", 7),
        Token("10.5", 10, is_number=True),
        Token("", 14),
    ]


def test_the_longest_sign_counts() -> None:
    assert [token.text for token in tokenize("a<=b==c<d")] == ["a", "<=", "b", "==", "c", "<", "d", ""]


def test_a_point_joins_names_only_where_another_follows() -> None:
    tokens = tokenize("a.b.")
    assert next(tokens).text == "a.b"
    with pytest.raises(ValueError, match=r'character 4: "\." has no meaning'):
        next(tokens)


@pytest.mark.parametrize("name", ["a", "_", "größe", "a1", "sum"])
def test_names(name: str) -> None:
    assert is_name(name)


@pytest.mark.parametrize("name", ["", "1", "1a", "a b", "a.b", "a-b", "gro\u0308ße", "\ufb01x", "a\n"])  # a ligature
def test_what_is_no_name(name: str) -> None:
    assert not is_name(name)


def test_long_words_are_shown_shortened() -> None:
    assert Token("a" * 40, 1).shown() == '"' + "a" * 40 + '"'
    assert Token("a" * 41, 1).shown() == '"' + "a" * 40 + '..."'
    assert Token("", 1).shown() == "the end"
