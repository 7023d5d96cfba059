"""Comb fields, labelled and filled in with numbers or names, a character to a cell."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from scanner.synthesis import page_content, printed, wording, writing
from scanner.synthesis.page_content import PageContent
from scanner.synthesis.printed import Block
from scanner.types import Box

if TYPE_CHECKING:
    from scanner.synthesis.page_style import PageStyle
    from scanner.synthesis.writing import Hand

    Generator = np.random.Generator

_LONG_COMB_SHARE = 0.22
"""Share of strips with more than a dozen boxes: those are for names and addresses, few for numbers."""


def comb_block(rng: Generator, page_style: PageStyle, column: Box) -> Block:
    """A label and a strip of boxes with one number, a digit to a box; or with a name."""
    long = rng.random() < _LONG_COMB_SHARE
    count = int(rng.integers(13, 29) if long else rng.integers(3, 13))
    side = max(min(page_style.mm_to_pixels(rng.uniform(5, 9.5)), column.width // (count + 1)), 5)
    tall = round(side * float(rng.uniform(0.9, 1.5)))
    label = wording.random_field_name(rng)
    beside = printed.text_width(label, page_style.body) + 2 * page_style.body.size
    top = column.y + page_style.body.size // 2
    if beside + count * side * 1.2 < column.width and rng.random() < 0.5:
        left = column.x + beside
        content = printed.typeset_line_in_box(label, Box(column.x, top, beside, tall), page_style.body)
    else:
        left = column.x + round(rng.uniform(0, 1) * max(column.width - count * side * 1.3, 0))
        content = printed.typeset_line(label, (left, top + page_style.body.size), page_style.body)
        top += round(1.6 * page_style.body.size)
    boxes, lines = _draw_comb(rng, page_style, Box(left, top, count * side, tall), count)
    content += lines
    kind = rng.random()
    if kind < (0.2 if long else 0.45):
        content += write_in_comb(rng, page_style.hand, _digits_for_cells(rng, count), boxes)
    elif kind < 0.9:
        content += _write_capitals_in_comb(rng, page_style.hand, boxes)
    return Block(content, top + tall + page_style.body.size)


def write_in_comb(rng: Generator, hand: Hand, digits: str, boxes: list[Box], row: int = 0) -> PageContent:
    """Digits, one to a box; together they are one number.  Fewer digits than boxes stand at one end."""
    first = len(boxes) - len(digits) if rng.random() < 0.6 else 0
    height = min(boxes[0].height * float(rng.uniform(0.5, 0.85)), 1.1 * boxes[0].width)
    small = writing.resize_hand(hand, height)
    drawn = [
        writing.write_characters_in_cell(digit, box, small, rng)
        for digit, box in zip(digits, boxes[first:], strict=False)
    ]
    whole = page_content.merge_contents(drawn)
    hull = np.concatenate([number.outline for number in whole.numbers])
    return PageContent(
        whole.elements, (replace(whole.numbers[0], text=digits, outline=hull, row_and_column=(row, first)),)
    )


_DROPOUT_COLOUR_SHARE = 0.2
"""Share of strips whose inner lines are not to be seen on the scan."""


def _draw_comb(rng: Generator, page_style: PageStyle, area: Box, count: int) -> tuple[list[Box], PageContent]:
    """The boxes of a strip and their lines: with shared borders, standing apart, or a comb of ticks."""
    kind, thick = rng.random(), page_style.rule_width
    side = area.width // count
    if kind < 0.45:
        boxes = [Box(area.x + side * place, area.y, side, area.height) for place in range(count)]
        edges = [box.x for box in boxes] + [boxes[-1].right]
        lines = [page_content.draw_rule((x, area.y), (x, area.bottom), thick, page_style.rule_ink) for x in edges]
        lines += [
            page_content.draw_rule((edges[0], y), (edges[-1], y), thick, page_style.rule_ink)
            for y in (area.y, area.bottom)
        ]
    elif kind < 0.75:
        gap = max(round(side * rng.uniform(0.06, 0.25)), 1)
        boxes = [Box(area.x + (side + gap) * place, area.y, side, area.height) for place in range(count)]
        lines = [page_content.draw_form_frame(box, thick, page_style.rule_ink) for box in boxes]
    else:
        boxes = [Box(area.x + side * place, area.y, side, area.height) for place in range(count)]
        tooth = round(area.height * rng.uniform(0.2, 0.6))
        edges = [box.x for box in boxes] + [boxes[-1].right]
        lines = [page_content.draw_rule((edges[0], area.bottom), (edges[-1], area.bottom), thick, page_style.rule_ink)]
        lines += [
            page_content.draw_rule((x, area.bottom - tooth), (x, area.bottom), thick, page_style.rule_ink)
            for x in edges
        ]
        if rng.random() < 0.4:
            lines.append(
                page_content.draw_form_frame(
                    Box(edges[0], area.y, edges[-1] - edges[0], area.height), thick, page_style.rule_ink
                )
            )
    if rng.random() < _DROPOUT_COLOUR_SHARE:
        # Printed in a colour the scanner does not see: the outline is left of it, or nothing.
        whole = Box(boxes[0].x, area.y, boxes[-1].right - boxes[0].x, area.height)
        lines = [page_content.draw_form_frame(whole, thick, page_style.rule_ink)] if rng.random() < 0.7 else []
    return boxes, page_content.merge_contents(lines)


def _write_capitals_in_comb(rng: Generator, hand: Hand, boxes: list[Box]) -> PageContent:
    """A name in capitals, a letter to a box."""
    letters = wording.random_letters(rng, int(rng.integers(2, len(boxes) + 1))).upper()
    small = writing.resize_hand(hand, min(0.7 * boxes[0].height, boxes[0].width))
    return page_content.merge_contents(
        writing.write_words_in_cell(letter, box, small, rng) for letter, box in zip(letters, boxes, strict=False)
    )


def _digits_for_cells(rng: Generator, count: int) -> str:
    """Digits for as many cells, or for fewer."""
    return wording.random_digits(rng, count if rng.random() < 0.7 else int(rng.integers(1, count + 1)))
