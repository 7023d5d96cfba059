"""The words of the language of checks: numbers, names and signs, each with its place in the text."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

COMPARISON_SIGNS = ("==", "!=", "<", "<=", ">", ">=")
"""Signs that compare."""
_MAX_SHOWN_LENGTH = 40
"""Most characters of a wrong part that an error repeats: enough to find it, and still one line."""
_SIGNS = (*COMPARISON_SIGNS, "+", "-", "*", "(", ")", ",")
"""All signs of the language."""
_HINTS = {
    "=>": "write >=",
    "=<": "write <=",
    "<>": "write !=",
    "**": "there are no powers; write the factors with * between them",
    "&&": "write a rule for each of the two checks",
    "||": "there is no either-or in a check",
    "=": "write == to compare",
    "≤": "write <=",
    "≥": "write >=",
    "≠": "write !=",
    "−": "write -",  # noqa: RUF001 - the minus sign that word processors write
    "–": "write -",  # noqa: RUF001 - a dash
    "×": "write *",  # noqa: RUF001 - the sign of multiplication
    "/": "there is no division; multiply the other side of the comparison instead",
    ":": "there is no division; multiply the other side of the comparison instead",
    "÷": "there is no division; multiply the other side of the comparison instead",
    "%": "write a percentage as a factor, such as 0.05 *",
    "!": "write != for unequal",
    ".": "write a point within a name or a number, as in marks.total or 0.5",
}
"""Signs that people write, and what to write instead."""
_LONGEST_SIGNS_FIRST = tuple(sorted((*_SIGNS, *_HINTS), key=len, reverse=True))


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a check."""

    text: str
    """Empty at the end of the check."""
    position: int
    """Of its first character, from 1."""
    is_name: bool = False
    """Whether it is one or more names joined by points; they may not be valid ones."""
    is_number: bool = False

    def shown(self) -> str:
        """Quote it, not too long, for an error."""
        if not self.text:
            return "the end"
        return f'"{self.text}"' if len(self.text) <= _MAX_SHOWN_LENGTH else f'"{self.text[:_MAX_SHOWN_LENGTH]}..."'


def is_name(text: str) -> bool:
    """Whether a text is one name: letters, digits and ``_``, not beginning with a digit, in Unicode's form NFKC."""
    return text.isidentifier() and unicodedata.is_normalized("NFKC", text)


def position_error(position: int, message: str) -> ValueError:
    """Make the error to raise for what is wrong at a character, counted from 1."""
    return ValueError(f"character {position}: {message}")


def tokenize(text: str) -> Iterator[Token]:
    """Cut a check into its words, without the blanks between them.

    Args:
        text: as the user wrote it.

    Yields:
        The words in order, names in Unicode's form NFKC; at last one without text for the end.

    Raises:
        ValueError: at what no check has; the message is for the user.
    """
    start = 0
    while start < len(text):
        first = text[start]
        if first.isspace():
            start += 1
            continue
        if first.isascii() and first.isdigit():
            end = _end_of_number(text, start)
            yield Token(text[start:end], start + 1, is_number=True)
        elif _may_be_in_name(first):
            end = _end_of_names(text, start)
            yield Token(unicodedata.normalize("NFKC", text[start:end]), start + 1, is_name=True)
        else:
            sign = next((each for each in _LONGEST_SIGNS_FIRST if text.startswith(each, start)), None)
            if sign is None:
                raise position_error(start + 1, f"{_shown_character(first)} has no meaning in a check; leave it out")
            if sign in _HINTS:
                raise position_error(start + 1, f'"{sign}" has no meaning in a check; {_HINTS[sign]}')
            end = start + len(sign)
            yield Token(sign, start + 1)
        start = end
    yield Token("", len(text) + 1)


def _shown_character(character: str) -> str:
    return f'"{character}"' if character.isprintable() else ascii(character)


def _may_be_in_name(character: str) -> bool:
    return f"a{character}".isidentifier()


def _end_of_names(text: str, start: int) -> int:
    """End of names joined by points, without blanks."""
    end = start
    while end < len(text) and (
        _may_be_in_name(text[end]) or (text[end] == "." and end + 1 < len(text) and _may_be_in_name(text[end + 1]))
    ):
        end += 1
    return end


def _end_of_number(text: str, start: int) -> int:
    end = _end_of_digits(text, start)
    if text[end : end + 1] == ".":
        decimals_end = _end_of_digits(text, end + 1)
        if decimals_end == end + 1:
            raise position_error(end + 1, 'there are no digits after "."; write 5 or 5.0')
        end = decimals_end
    return end


def _end_of_digits(text: str, start: int) -> int:
    end = start
    while end < len(text) and text[end].isascii() and text[end].isdigit():
        end += 1
    return end
