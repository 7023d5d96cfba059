from __future__ import annotations

import unicodedata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.form_making.field_names import FieldNames, move_words, to_name
from scanner.forms.check_tokens import is_name
from scanner.forms.form_mistakes import MAX_NAME_LENGTH
from scanner.geometry.page_map import PageMap, identity_map
from scanner.sources.pdf_words import PlacedWord
from scanner.types import Box

FIELD = Box(200, 100, 80, 30)


def word(text: str, x: int, y: int) -> PlacedWord:
    return PlacedWord(text, Box(x, y, 10 * len(text), 16))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Total", "total"),
        ("Date of birth:", "date_of_birth"),
        ("1. Name (in full)", "name_in_full"),
        ("Größe", "grösse"),
        ("Жители", "жители"),
        ("№ 12", "no_12"),
        ("12 %", ""),
        ("...", ""),
        ("", ""),
        ("a " * 30, "a" + "_a" * 19),
        ("x" * 60, "x" * 40),
    ],
)
def test_texts_become_names(text: str, name: str) -> None:
    assert to_name(text) == name


@given(st.text(max_size=80))
def test_whatever_is_printed_the_name_is_one(text: str) -> None:
    name = to_name(text)
    assert not name or (is_name(name) and len(name) <= MAX_NAME_LENGTH)
    assert unicodedata.is_normalized("NFKC", name)


def test_fields_are_numbered_without_words() -> None:
    names = FieldNames()
    assert [names.of_field(FIELD), names.of_field(FIELD), names.of_table(FIELD)] == ["field_1", "field_2", "table_1"]


def test_a_label_to_the_left_is_preferred_to_one_above() -> None:
    above, left = word("Above", 200, 78), (word("Total", 80, 106), word("votes:", 134, 107))
    assert FieldNames([above]).of_field(FIELD) == "above"
    assert FieldNames([above, *left]).of_field(FIELD) == "total_votes"


def test_a_box_to_tick_is_named_by_the_label_to_its_right() -> None:
    box = Box(200, 100, 24, 24)
    words = [word("Left", 150, 104), word("Agreed", 240, 104), word("now", 310, 104), word("Next", 500, 104)]
    assert FieldNames(words).of_tick(box) == "agreed_now"
    assert FieldNames(words[:1]).of_tick(box) == "left"


@pytest.mark.parametrize("far", [word("Total", 0, 20), word("Total", 300, 106), word("Total", 200, 140)])
def test_words_elsewhere_are_no_label(far: PlacedWord) -> None:
    assert FieldNames([far]).of_field(FIELD) == "field_1"


def test_two_fields_of_one_label_have_two_names() -> None:
    names = FieldNames([word("Total", 140, 106)])
    assert [names.of_field(FIELD), names.of_field(FIELD)] == ["total", "total_2"]


def test_columns_are_named_by_what_is_in_their_headings() -> None:
    headings = (Box(0, 0, 100, 30), Box(100, 0, 200, 30))
    names = FieldNames([word("Left", 10, 8), word("Right", 150, 8)])
    assert names.of_columns([(0, 100), (100, 200), (200, 300), (300, 400)], headings) == (
        "left",
        "right",
        "right_2",
        "c4",
    )


def test_words_move_with_the_page() -> None:
    shift = PageMap(np.array([[1, 0, -20], [0, 1, 5], [0, 0, 1]], np.float64), (100, 100), (100, 100))
    words = (PlacedWord("a", Box(50, 50, 10, 8)), PlacedWord("b", Box(5, 50, 10, 8)))
    assert move_words(words, shift) == (PlacedWord("a", Box(30, 55, 10, 8)),)
    assert move_words(words, identity_map(100, 100)) == words
