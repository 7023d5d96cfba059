"""Print: lines of text and what is set from them, with the numbers in it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from scanner.synthesis import fonts, ink, wording
from scanner.synthesis.ink import Content, Ink, Label, Layer, PageNumber, Piece
from scanner.types import Box

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    Generator = np.random.Generator

NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
"""A number in a text: digits, with points and commas within."""

_TOKENS = re.compile(r"\d+(?:[.,]\d+)*|[^\d\s]+(?: [^\d\s]+)*|\s+")
# Distance of two baselines, in ems.
_LEADING = (1.08, 1.5)


@dataclass(frozen=True, slots=True)
class Type:
    """What a text is set in."""

    font: Path
    size: int
    """Pixels to the em."""
    ink: Ink

    @property
    def leading(self) -> int:
        """Usual distance of two baselines, pixels."""
        return round(1.25 * self.size)


@dataclass(frozen=True, slots=True)
class Block:
    """Content that fills a column from its top down to ``bottom``."""

    content: Content
    bottom: int


def width(text: str, kind: Type) -> int:
    """How wide a line of text is, pixels."""
    return int(np.ceil(fonts.opened(kind.font, kind.size).getlength(text)))


def line(text: str, at: tuple[int, int], kind: Type) -> Content:
    """A line of text from ``at``, the (x, y) where its baseline begins; numbers in it are printed numbers.

    Spaces at either end are left out.
    """
    pieces: list[Piece] = []
    numbers: list[PageNumber] = []
    x = float(at[0])
    for token in _TOKENS.findall(text.strip()):
        if token.isspace():
            x += fonts.opened(kind.font, kind.size).getlength(token)
            continue
        cover, left, top, advance = fonts.drawn(token, kind.font, kind.size)
        is_number = token[0].isdigit()
        label = Label.PRINTED_DIGIT if is_number else Label.PRINT
        piece = Piece(cover, round(x) + left, at[1] + top, label, Layer.PRESS, kind.ink)
        pieces.append(piece)
        if is_number:
            numbers.append(PageNumber(token, ink.outline(cover, piece.left, piece.top), "printed"))
        x += advance
    return Content(tuple(pieces), tuple(numbers))


def line_in(text: str, box: Box, kind: Type, align: float = 0.0) -> Content:
    """A line of text within the height of a box; ``align`` 0 is flush left, 0.5 centred, 1 flush right."""
    x = box.x + round((box.width - width(text, kind)) * align)
    return line(text, (x, round(box.y + box.height / 2 + 0.35 * kind.size)), kind)


def shortened(text: str, room: int, kind: Type) -> str:
    """The text without the words at its end that have no room; the first word stays."""
    words = text.split()
    while len(words) > 1 and width(" ".join(words), kind) > room:
        words.pop()
    return " ".join(words)


def paragraph(words: Sequence[str], column: Box, kind: Type, rng: Generator) -> Block:
    """Words set in a column, flush left or justified; those that have no room are left out."""
    leading = round(kind.size * rng.uniform(*_LEADING))
    space = width(" ", kind) or round(0.3 * kind.size)
    justified = rng.random() < 0.5
    rows = _broken(words, column.width, space, kind, round(rng.choice([0.0, 1.5]) * kind.size))
    y, contents = column.y + kind.size, []
    for index, (indent, row) in enumerate(rows):
        if y > column.bottom:
            break
        gap = float(space)
        loose = column.width - indent - sum(width(word, kind) for word in row)
        if justified and index < len(rows) - 1 and len(row) > 1:
            gap = loose / (len(row) - 1)
            x = float(column.x + indent)
            for word in row:
                contents.append(line(word, (round(x), y), kind))
                x += width(word, kind) + gap
        else:
            contents.append(line(" ".join(row), (column.x + indent, y), kind))
        y += leading
    return Block(ink.together(contents), min(y - leading + round(0.4 * kind.size), column.bottom))


def numbered_questions(column: Box, kind: Type, bold: Type, rng: Generator) -> Block:
    """Questions with their numbers and, now and then, marks in brackets, with room for answers."""
    style = wording.chosen(rng, ("{}.", "{})", "Q{}", "({})", "{}"))
    room = float(rng.uniform(0, 6))
    number, y = int(rng.integers(1, 9)), column.y
    contents = []
    while y < column.bottom - 3 * kind.size:
        label = style.format(number)
        contents.append(line(label, (column.x, y + kind.size), bold))
        words = wording.sentences(rng, int(rng.integers(4, 24)), 0.08)
        if rng.random() < 0.4:
            words.append(f"[{rng.integers(1, 21)} marks]")
        if rng.random() < 0.3:
            words += wording.formula(rng).split()
        inset = round(2.2 * kind.size)
        block = paragraph(words, _lower(column, y, inset), kind, rng)
        contents.append(block.content)
        y, number = block.bottom + round((0.8 + room) * kind.size), number + 1
        if rng.random() < 0.15:
            break
    return Block(ink.together(contents), min(y, column.bottom))


def bullets(column: Box, kind: Type, rng: Generator) -> Block:
    """A list with points or dashes before each item."""
    sign = wording.chosen(rng, ("-", "*", "o", "+"))
    y, contents = column.y, []
    for _ in range(int(rng.integers(2, 6))):
        if y > column.bottom - 2 * kind.size:
            break
        words = wording.sentences(rng, int(rng.integers(4, 20)), 0.06)
        contents.append(line(sign, (column.x + kind.size, y + kind.size), kind))
        block = paragraph(words, _lower(column, y, 2 * kind.size), kind, rng)
        contents.append(block.content)
        y = block.bottom + round(0.4 * kind.size)
    return Block(ink.together(contents), min(y, column.bottom))


def formulas(column: Box, kind: Type, rng: Generator) -> Block:
    """A few equations, or a matrix in brackets, in the middle of the column."""
    y, contents = column.y, []
    if rng.random() < 0.5:
        return _matrix(column, kind, rng)
    for _ in range(int(rng.integers(1, 4))):
        y += round(1.8 * kind.size)
        text = wording.formula(rng)
        contents.append(line(text, (column.x + max((column.width - width(text, kind)) // 2, 0), y), kind))
    return Block(ink.together(contents), y + kind.size)


def _matrix(column: Box, kind: Type, rng: Generator) -> Block:
    rows, columns = int(rng.integers(2, 5)), int(rng.integers(2, 5))
    step, pitch = round(1.35 * kind.size), round(2.6 * kind.size)
    left, top = column.x + max((column.width - columns * pitch) // 2, 0), column.y + kind.size
    contents = [line("A = ", (left - round(2.4 * kind.size), top + rows * step // 2 + kind.size // 3), kind)]
    for row in range(rows):
        for place in range(columns):
            text = str(int(rng.integers(-30, 70)))
            box = Box(left + place * pitch, top + row * step, pitch, step)
            contents.append(line_in(text, box, kind, 0.5))
    hook, thick = round(0.3 * kind.size), max(kind.size / 16, 1)
    for x, way in ((left, 1), (left + columns * pitch, -1)):
        corners = [(x + way * hook, top), (x, top), (x, top + rows * step), (x + way * hook, top + rows * step)]
        contents.append(ink.stroke(np.array(corners, np.float64), thick, kind.ink, Label.PRINT, Layer.PRESS))
    return Block(ink.together(contents), top + rows * step + kind.size)


def foreign(rng: Generator, count: int, at: tuple[int, int], kind: Type) -> Content:
    """``count`` signs of a script that no font at hand has, from ``at``, the left end of their baseline.

    Each is a few strokes in a square, upright, level and slanting, as in the scripts of East Asia.
    """
    side, thick = 0.92 * kind.size, max(kind.size * float(rng.uniform(0.04, 0.1)), 0.7)
    contents = []
    for place in range(count):
        left, top = at[0] + place * kind.size, at[1] - 0.85 * kind.size
        for _ in range(int(rng.integers(3, 11))):
            start, reach = rng.uniform(0.05, 0.8, 2), float(rng.uniform(0.2, 0.9))
            way = float(rng.choice([0.0, 0.0, 0.5, 0.5, 0.28, 0.72])) * np.pi + float(rng.normal(0, 0.03))
            end = np.clip(start + reach * np.array([np.cos(way), np.sin(way)]), 0.02, 0.98)
            path = np.stack([start, end]) * side + (left, top)
            contents.append(ink.stroke(path, thick, kind.ink, Label.PRINT, Layer.PRESS))
    return ink.together(contents)


def upright(content: Content, pivot: tuple[int, int]) -> Content:
    """The content turned a quarter to the left about ``pivot``: print that runs up the page."""
    px, py = pivot
    pieces = tuple(
        replace(
            piece,
            cover=np.ascontiguousarray(np.rot90(piece.cover)),
            left=px + (piece.top - py),
            top=py - (piece.left - px) - piece.cover.shape[1],
        )
        for piece in content.pieces
    )
    numbers = tuple(
        replace(
            number, outline=np.stack([px + number.outline[:, 1] - py, py - 1 - (number.outline[:, 0] - px)], axis=1)
        )
        for number in content.numbers
    )
    return Content(pieces, numbers)


def _broken(words: Sequence[str], room: int, space: int, kind: Type, indent: int) -> list[tuple[int, list[str]]]:
    """Lines of words with the indent of each."""
    rows: list[tuple[int, list[str]]] = []
    row: list[str] = []
    used = indent
    for word in words:
        wide = width(word, kind)
        if row and used + wide > room:
            rows.append((indent if not rows else 0, row))
            row, used = [], 0
        row.append(word)
        used += wide + space
    if row:
        rows.append((indent if not rows else 0, row))
    return rows


def _lower(column: Box, y: int, inset: int) -> Box:
    """What is left of a column below ``y``, without ``inset`` on its left."""
    return Box(column.x + inset, y, max(column.width - inset, 1), max(column.bottom - y, 1))
