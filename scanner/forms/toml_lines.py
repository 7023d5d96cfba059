"""Where in a TOML text each key stands, which Python's own parser does not tell.

The text is walked through without being understood.  The walk also refuses what would keep that parser busy for hours,
or exhaust its stack, so it comes first; what is no TOML ends it early, and the parser says why.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

Place = tuple[str | int, ...]
"""Keys and indices that lead to a value, indices from 0: ``("field", 2, "box")``."""

MAX_NESTED = 16
"""Most brackets and braces in each other: a form has three, and the parser's stack allows some hundreds."""
MAX_KEY_PARTS = 16
"""Most parts of a key with points between them: a form has two, and the parser's work grows with their square."""
MAX_WORDS = 2_000_000
"""Most words and signs of a text, which the parser works through in two seconds; the largest form has half of them."""

_WORD = re.compile(
    r"""
      (?P<skip>   (?: [\ \t\r]++ | \#[^\n]*+ )+ )
    | (?P<break>  \n )
    | (?P<sign>   [\[\]{}=,.] )
    | (?P<text>   \"{3} (?: [^"\\]++ | \\. | "(?!"") )* \"{3,5}
                | '{3} (?: [^']++ | '(?!'') )* '{3,5}
                | "(?!"") (?: [^"\\\n]++ | \\. )* "
                | '(?!'') [^'\n]*+ ' )
    | (?P<bare>   [^\s\[\]{}=,.#"']++ )
    """,
    re.VERBOSE | re.DOTALL,
)
"""A word of TOML.  Nothing is tried twice (``++``), so that the time is as the length of the text.  Groups are repeated
with ``*`` alone: what they repeat has one way to match, and Python before 3.11.5 loses the match of a group with
``*+``."""


class TomlRefusedError(ValueError):
    """A text asks more of a parser than any form does.  The message says what is wrong and what to do."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line
        """Line of the text, from 1."""


def refuse_excess(text: str) -> None:
    """Refuse a text that would keep the parser busy for hours, or exhaust its stack.

    Raises:
        TomlRefusedError: if it is one.
    """
    for _ in _walk(text):
        pass


def find_lines(text: str, places: Collection[Place]) -> dict[Place, int]:
    """Find the lines where keys, headers and elements of arrays begin.

    Args:
        text: a text that is TOML and was not refused.
        places: what to look for.

    Returns:
        The line, from 1, of each place that was found.
    """
    lines: dict[Place, int] = {}
    for place, line in _walk(text):
        if place in places:
            lines.setdefault(place, line)
    return lines


def _walk(text: str) -> Iterator[tuple[Place, int]]:
    """Yield the place and line of each header, key and element of an array, in order, up to what is no TOML."""
    walker = _Walker()
    try:
        for kind, word, line in _words(text):
            place = walker.step(kind, word, line)
            if place is not None:
                yield place, line
    except _NoTomlError:
        return


def _words(text: str) -> Iterator[tuple[str, str, int]]:
    """Yield kind, text and line of each word, up to what is none."""
    position, line, count = 0, 1, 0
    while (match := _WORD.match(text, position)) is not None:
        kind, word, position = match.lastgroup or "", match[0], match.end()
        if kind == "skip":
            continue
        count += 1
        if count > MAX_WORDS:
            raise TomlRefusedError(line, f"there are more than {MAX_WORDS} words and signs; no form is so large")
        yield kind, word, line
        line += word.count("\n")


class _NoTomlError(Exception):
    """A word stands where TOML has no such word."""


class _Next(Enum):
    """What comes next in a text."""

    KEY = auto()
    VALUE = auto()
    END = auto()
    """What ends a value, or is more of it: numbers have points in them, and dates blanks."""


@dataclass(slots=True)
class _Nested:
    """An array or an inline table that is not closed yet."""

    place: Place
    is_array: bool
    index: int = -1
    """Of the last element of an array."""


class _Walker:
    """Keeps track of the place while it steps from word to word."""

    def __init__(self) -> None:
        self._next = _Next.KEY
        self._header: Place = ()
        self._header_counts: dict[Place, int] = {}
        self._header_brackets = 0
        self._nest: list[_Nested] = []
        self._key: list[str] = []
        self._point_before = True
        self._value_place: Place = ()

    def step(self, kind: str, word: str, line: int) -> Place | None:
        """Take the next word; returns the place that it completes, if it does.

        Raises:
            _NoTomlError: if no such word may come next.
            TomlRefusedError: if a key or a value is nested too deeply.
        """
        match self._next:
            case _Next.KEY:
                return self._step_in_key(kind, word, line)
            case _Next.VALUE:
                return self._step_to_value(kind, word, line)
            case _Next.END:
                self._step_behind_value(kind, word)
                return None

    def _step_in_key(self, kind: str, word: str, line: int) -> Place | None:
        if kind in {"text", "bare"} and self._point_before:
            self._key.append(word.strip("\"'"))
            self._point_before = False
            if len(self._key) > MAX_KEY_PARTS:
                raise TomlRefusedError(line, f"a key has more than {MAX_KEY_PARTS} parts; no form has such keys")
        elif word == "." and not self._point_before:
            self._point_before = True
        elif word == "=" and not self._point_before and not self._header_brackets:
            table = self._nest[-1].place if self._nest else self._header
            self._value_place = (*table, *self._take_key())
            self._next = _Next.VALUE
            return self._value_place
        elif word == "[" and not self._nest and not self._key and self._header_brackets < 2:
            self._header_brackets += 1
        elif word == "]" and self._header_brackets and (self._key or self._header_brackets == 1):
            return self._close_header()
        elif word == "}" and self._nest and not self._key:
            self._close()
        elif kind != "break" or self._nest or self._key or self._header_brackets:
            raise _NoTomlError
        return None

    def _step_to_value(self, kind: str, word: str, line: int) -> Place | None:
        array = self._nest[-1] if self._nest and self._nest[-1].is_array else None
        if array and (kind == "break" or word == "]"):
            if word == "]":
                self._close()
            return None
        if array:
            array.index += 1
            self._value_place = (*array.place, array.index)
        if kind in {"text", "bare"}:
            self._next = _Next.END
        elif word in {"[", "{"}:
            if len(self._nest) >= MAX_NESTED:
                raise TomlRefusedError(line, f"more than {MAX_NESTED} brackets in each other; no form has so many")
            self._nest.append(_Nested(self._value_place, is_array=word == "["))
            self._next = _Next.VALUE if word == "[" else _Next.KEY
        else:
            raise _NoTomlError
        return self._value_place if array else None

    def _step_behind_value(self, kind: str, word: str) -> None:
        nested = self._nest[-1] if self._nest else None
        if kind == "break" and nested is None:
            self._next = _Next.KEY
        elif word == "," and nested is not None:
            self._next = _Next.VALUE if nested.is_array else _Next.KEY
        elif nested is not None and word == ("]" if nested.is_array else "}"):
            self._close()
        elif not (kind == "bare" or word == "." or (kind == "break" and nested is not None and nested.is_array)):
            raise _NoTomlError

    def _close(self) -> None:
        self._nest.pop()
        self._next = _Next.END

    def _take_key(self) -> list[str]:
        key, self._key, self._point_before = self._key, [], True
        return key

    def _close_header(self) -> Place | None:
        place = self._enter_header(self._take_key(), in_array=self._header_brackets == 2) if self._key else None
        self._header_brackets -= 1
        if not self._header_brackets:
            self._next = _Next.END
        return place

    def _enter_header(self, key: list[str], *, in_array: bool) -> Place:
        """Make the place of a header: keys of arrays stand for the last element of each."""
        *parents, last = key
        table: Place = ()
        for part in parents:
            table = (*table, part)
            if table in self._header_counts:
                table = (*table, self._header_counts[table] - 1)
        self._header = (*table, last)
        if in_array:
            index = self._header_counts.get(self._header, 0)
            self._header_counts[self._header] = index + 1
            self._header = (*self._header, index)
        return self._header
