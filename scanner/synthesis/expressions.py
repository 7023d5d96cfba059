"""Arithmetic worked out by hand, line by line: terms with signs, brackets and powers, close together or far apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.synthesis import cell_writing, page_content, wording, writing
from scanner.synthesis.printed import Block

if TYPE_CHECKING:
    import numpy as np

    from scanner.synthesis.page_content import PageContent
    from scanner.synthesis.page_style import PageStyle
    from scanner.synthesis.writing import Hand
    from scanner.types import Box

    Generator = np.random.Generator

_OUTER_ONE_SHARE = 0.3
"""Share of numbers that begin with a 1, and of those that end with one: apart from the others it looks like a stroke,
a bracket or a rule.  A choice."""


def expressions_block(rng: Generator, page_style: PageStyle, column: Box) -> Block:
    """Lines of arithmetic: terms, each line what the one above comes to."""
    height = max(page_style.hand.height * float(rng.uniform(0.7, 1.8)), 8.0)
    scribe = _Scribe(writing.resize_hand(page_style.hand, height), *_random_gaps(rng))
    step = round(height * float(rng.uniform(1.6, 3.2)))
    lines = max(min(int(rng.integers(1, 12)), column.height // step - 1), 1)
    digits = int(rng.choice([1, 2, 2, 3, 4, 5]))
    inset = float(rng.uniform(0.0, 0.3))
    contents = []
    for line in range(lines):
        start = column.x + round(inset * column.width * float(rng.uniform(0.8, 1.2))), column.y + (line + 1) * step
        contents.append(scribe.write_line(_random_terms(rng, digits), start, column.right, rng))
    return Block(page_content.merge_contents(contents), column.y + (lines + 1) * step)


def digits_with_outer_ones(rng: Generator, count: int) -> str:
    """``count`` digits, more often than by chance with a 1 at either end."""
    digits = wording.random_digits(rng, count)
    if rng.random() < _OUTER_ONE_SHARE:
        digits = "1" + digits[1:]
    return digits[:-1] + "1" if rng.random() < _OUTER_ONE_SHARE else digits


def _random_gaps(rng: Generator) -> tuple[float, float]:
    """The gap between digits, and that beside signs, in digit heights: from touching to a digit's height."""
    between = float(rng.uniform(0.02, 0.3) if rng.random() < 0.6 else rng.uniform(0.3, 1.1))
    return between, max(between * float(rng.uniform(0.8, 1.8)), float(rng.uniform(0.1, 0.9)))


def _random_terms(rng: Generator, digits: int) -> list[str]:
    """The numbers, signs, brackets and powers (after a ``^``) of a line."""
    terms = ["="] if rng.random() < 0.3 else []
    count = int(rng.choice([1, 2, 2, 3, 4]))
    sign = wording.choose(rng, ("+", "-", "x", "x", "mixed"))
    for index in range(count):
        in_brackets = rng.random() < 0.25
        if in_brackets:
            inner = [_random_number(rng, digits), wording.choose(rng, "+-x"), _random_number(rng, digits)]
            terms += ["(", *inner, ")"]
        else:
            terms.append(_random_number(rng, digits))
        if rng.random() < 0.15:
            terms.append(f"^{int(rng.integers(2, 6))}")
        if index < count - 1:
            terms.append(wording.choose(rng, "+-x") if sign == "mixed" else sign)
    if rng.random() < 0.5:
        terms += ["=", _random_number(rng, digits + 1)]
    return terms


def _random_number(rng: Generator, digits: int) -> str:
    return digits_with_outer_ones(rng, int(rng.integers(1, digits + 1)))


@dataclass(frozen=True, slots=True)
class _Scribe:
    """Writes the terms of a line one after the other; gaps are in digit heights."""

    hand: Hand
    digit_gap: float
    sign_gap: float

    def write_line(self, terms: list[str], start: tuple[int, int], right: int, rng: Generator) -> PageContent:
        """Write as many of the terms as there is room for left of ``right``."""
        x, baseline = start
        written = []
        for term in terms:
            part = self._write_term(term, (x, baseline + round(float(rng.normal(0, 0.04)) * self.hand.height)), rng)
            if part.box.right > right:
                break
            written.append(part)
            is_before_power = terms[len(written) : len(written) + 1] and terms[len(written)].startswith("^")
            gap = 0.0 if is_before_power else self.sign_gap * float(rng.uniform(0.7, 1.3))
            x = cell_writing.ink_extent(part)[1] + round(gap * self.hand.height) + 1
        return page_content.merge_contents(written)

    def _write_term(self, term: str, start: tuple[int, int], rng: Generator) -> PageContent:
        if term.isdigit():
            if self.digit_gap < 0.15:
                return self._at(writing.write_characters(term, start, self.hand, rng), start[0])
            return cell_writing.write_spaced_digits(term, start, self.hand, rng, self.digit_gap)
        if term.startswith("^"):
            small = writing.resize_hand(self.hand, max(float(rng.uniform(0.4, 0.65)) * self.hand.height, 5.0))
            raised = start[0], start[1] - round(float(rng.uniform(0.5, 0.8)) * self.hand.height)
            return self._at(writing.write_characters(term[1:], raised, small, rng), start[0])
        size = self.hand.height * float(rng.uniform(0.7, 1.1))
        sign = self._at(writing.write_characters(term, start, writing.resize_hand(self.hand, size), rng), start[0])
        # A sign has no baseline: it stands at half the height of the digits.
        middle = start[1] - round(float(rng.uniform(0.35, 0.5)) * self.hand.height)
        return page_content.move_content(sign, 0, middle - round(sign.box.center[1]))

    def _at(self, content: PageContent, left: int) -> PageContent:
        """The content moved so that its ink begins at ``left``."""
        return page_content.move_content(content, left - cell_writing.ink_extent(content)[0], 0)
