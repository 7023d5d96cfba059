"""Names for the fields of a form: the print beside them, where it is known, or ``field_1`` and so on."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.forms.check_tokens import is_name
from scanner.forms.form_mistakes import MAX_NAME_LENGTH
from scanner.sources.pdf_words import PlacedWord
from scanner.types import Box

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scanner.geometry.page_map import PageMap

_MAX_WORD_GAP_HEIGHTS = 1.5
"""Maximum gap between words of one label, in their heights."""
_MAX_LEFT_GAP_HEIGHTS = 12.0
"""Maximum gap between a label and the field to its right, in heights of the label."""
_MAX_ABOVE_GAP_HEIGHTS = 2.0
"""Maximum gap between a label and the field below it, in heights of the label."""
_NO_NAME_CHARACTERS = re.compile(r"\W+")


class FieldNames:
    """Gives each field and table a name that no other has.

    Args:
        words: what is printed on the page; empty if it is not known.
    """

    def __init__(self, words: Sequence[PlacedWord] = ()) -> None:
        self._words = words
        self._used: set[str] = set()
        self._counts = {"field": 0, "table": 0}

    def of_field(self, box: Box) -> str:
        """Name a field by the label to its left, or else above it."""
        return self._unique(to_name(self._text_left(box)) or to_name(self._text_above(box)), "field")

    def of_tick(self, box: Box) -> str:
        """Name a box to tick by the label to its right, or else as any field."""
        name = to_name(self._text_right(box))
        return self._unique(name, "field") if name else self.of_field(box)

    def of_table(self, box: Box) -> str:
        """Name a table by its number."""
        del box
        return self._unique("", "table")

    def of_columns(self, columns: Sequence[tuple[int, int]], headings: Sequence[Box]) -> tuple[str, ...]:
        """Name the columns of a table by the words above them.

        Args:
            columns: left and right edge of each.
            headings: cells above them.
        """
        names: list[str] = []
        for number, (left, right) in enumerate(columns, start=1):
            words = [
                word
                for heading in headings
                if heading.x < (left + right) / 2 < heading.right
                for word in self._words
                if heading.includes(word.box.center)
            ]
            name = to_name(" ".join(word.text for word in words)) or f"c{number}"
            names.append(_free_name(name, {each.casefold() for each in names}))
        return tuple(names)

    def _unique(self, name: str, kind: str) -> str:
        if not name:
            self._counts[kind] += 1
            name = f"{kind}_{self._counts[kind]}"
        name = _free_name(name, self._used)
        self._used.add(name.casefold())
        return name

    def _text_left(self, box: Box) -> str:
        """The words that end at the left side of a field, in its lines."""
        taken: list[PlacedWord] = []
        edge = float(box.x)
        beside = [word for word in self._words if box.y <= word.box.center[1] < box.bottom and word.box.x < box.x]
        for word in sorted(beside, key=lambda word: -word.box.right):
            gap = (_MAX_WORD_GAP_HEIGHTS if taken else _MAX_LEFT_GAP_HEIGHTS) * word.box.height
            if edge - word.box.right > gap:
                break
            taken.insert(0, word)
            edge = word.box.x
        return " ".join(word.text for word in taken)

    def _text_right(self, box: Box) -> str:
        """The words that begin at the right side of a box, in its lines."""
        taken: list[PlacedWord] = []
        edge = float(box.right)
        beside = [word for word in self._words if box.y <= word.box.center[1] < box.bottom and word.box.x >= box.right]
        for word in sorted(beside, key=lambda word: word.box.x):
            if word.box.x - edge > _MAX_WORD_GAP_HEIGHTS * word.box.height:
                break
            taken.append(word)
            edge = word.box.right
        return " ".join(word.text for word in taken)

    def _text_above(self, box: Box) -> str:
        """The words of the line that is above a field."""
        above = [
            word
            for word in self._words
            if word.box.x < box.right
            and box.x < word.box.right
            and box.y - word.box.bottom + word.box.height / 2 >= 0
            and box.y - word.box.bottom <= _MAX_ABOVE_GAP_HEIGHTS * word.box.height
        ]
        if not above:
            return ""
        lowest = max(word.box.center[1] for word in above)
        line = [word for word in above if lowest - word.box.center[1] <= word.box.height / 2]
        return " ".join(word.text for word in sorted(line, key=lambda word: word.box.x))


def move_words(words: Sequence[PlacedWord], page_map: PageMap) -> tuple[PlacedWord, ...]:
    """Move words to where a map moves the page they are on; those that leave it are left out."""
    if page_map.is_identity or not words:
        return tuple(words)
    moved = []
    width, height = page_map.target_size
    for word in words:
        box = word.box
        corners = np.array([[(box.x, box.y), (box.right, box.y), (box.x, box.bottom), (box.right, box.bottom)]], float)
        xs, ys = cv2.perspectiveTransform(corners, page_map.matrix)[0].T
        x, y = round(xs.min()), round(ys.min())
        if 0 <= x < width and 0 <= y < height:
            moved.append(PlacedWord(word.text, Box(x, y, max(round(np.ptp(xs)), 1), max(round(np.ptp(ys)), 1))))
    return tuple(moved)


def to_name(text: str) -> str:
    """Make a name of the letters and digits of a text, from the first letter on; empty if there is none."""
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    name = "_".join(filter(None, _NO_NAME_CHARACTERS.split(plain))).strip("_")
    while name and (name[0] == "_" or not is_name(name)):
        name = name[1:]
    if len(name) > MAX_NAME_LENGTH:
        # No word is cut in two, unless it is the only one.
        name = name[: MAX_NAME_LENGTH + 1].rpartition("_")[0] or name[:MAX_NAME_LENGTH]
    return name


def _free_name(name: str, used: set[str]) -> str:
    """The name itself, or with the first number behind it that no other has."""
    number, free = 1, name
    while free.casefold() in used:
        number += 1
        free = f"{name[: MAX_NAME_LENGTH - len(str(number)) - 1]}_{number}"
    return free
