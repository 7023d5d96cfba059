"""Labelled comb fields with a number or a name, one character per cell."""

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
"""Share of comb fields with more than twelve cells, most of them for names and addresses; a choice."""


def comb_block(rng: Generator, page_style: PageStyle, column: Box) -> Block:
    """A label and a comb field, empty or with a number or a name."""
    is_long = rng.random() < _LONG_COMB_SHARE
    count = int(rng.integers(13, 29) if is_long else rng.integers(3, 13))
    cell_width = max(min(page_style.mm_to_pixels(rng.uniform(5, 9.5)), column.width // (count + 1)), 5)
    # From tall boxes to ones that are more than twice as wide as high.
    height = max(round(cell_width * float(np.exp(rng.uniform(np.log(0.42), np.log(1.5))))), 8)
    label = wording.random_field_name(rng)
    label_width = printed.text_width(label, page_style.body) + 2 * page_style.body.size
    top = column.y + page_style.body.size // 2
    if label_width + count * cell_width * 1.2 < column.width and rng.random() < 0.5:
        left = column.x + label_width
        content = printed.typeset_line_in_box(label, Box(column.x, top, label_width, height), page_style.body)
    else:
        left = column.x + round(rng.uniform(0, 1) * max(column.width - count * cell_width * 1.3, 0))
        content = printed.typeset_line(label, (left, top + page_style.body.size), page_style.body)
        top += round(1.6 * page_style.body.size)
    cells, rules = _draw_comb(rng, page_style, Box(left, top, count * cell_width, height), count)
    content += rules
    kind = rng.random()
    if kind < (0.2 if is_long else 0.45):
        content += write_in_comb(rng, page_style.hand, _digits_for_cells(rng, count), cells)
    elif kind < 0.9:
        content += _write_capitals_in_comb(rng, page_style.hand, cells)
    return Block(content, top + height + page_style.body.size)


def write_in_comb(rng: Generator, hand: Hand, digits: str, cells: list[Box], row: int = 0) -> PageContent:
    """Write a number with one digit per cell; fewer digits than cells stand at one end."""
    first = len(cells) - len(digits) if rng.random() < 0.6 else 0
    height = min(cells[0].height * float(rng.uniform(0.5, 0.85)), 1.1 * cells[0].width)
    small = writing.resize_hand(hand, height)
    written = [
        writing.write_characters_in_cell(digit, cell, small, rng)
        for digit, cell in zip(digits, cells[first:], strict=False)
    ]
    merged = page_content.merge_contents(written)
    hull = np.concatenate([number.outline for number in merged.numbers])
    return PageContent(
        merged.elements,
        (
            replace(
                merged.numbers[0],
                text=digits,
                outline=hull,
                row_and_column=(row, first),
                digit_boxes=tuple(box for number in merged.numbers for box in number.digit_boxes),
            ),
        ),
    )


_DROPOUT_COLOUR_SHARE = 0.2
"""Share of comb fields printed in a dropout colour, so that their inner rules are missing in the scan; a choice."""


def _draw_comb(rng: Generator, page_style: PageStyle, area: Box, count: int) -> tuple[list[Box], PageContent]:
    """Cells and rules of a comb field: cells with shared borders, separate cells, or a baseline with ticks."""
    kind, thickness = rng.random(), page_style.rule_width
    cell_width = area.width // count
    if kind < 0.45:
        cells = [Box(area.x + cell_width * index, area.y, cell_width, area.height) for index in range(count)]
        edges = [cell.x for cell in cells] + [cells[-1].right]
        rules = [page_content.draw_rule((x, area.y), (x, area.bottom), thickness, page_style.rule_ink) for x in edges]
        rules += [
            page_content.draw_rule((edges[0], y), (edges[-1], y), thickness, page_style.rule_ink)
            for y in (area.y, area.bottom)
        ]
    elif kind < 0.75:
        gap = max(round(cell_width * rng.uniform(0.06, 0.25)), 1)
        cells = [Box(area.x + (cell_width + gap) * index, area.y, cell_width, area.height) for index in range(count)]
        rules = [page_content.draw_form_frame(cell, thickness, page_style.rule_ink) for cell in cells]
    else:
        cells = [Box(area.x + cell_width * index, area.y, cell_width, area.height) for index in range(count)]
        tick = round(area.height * rng.uniform(0.2, 0.6))
        edges = [cell.x for cell in cells] + [cells[-1].right]
        rules = [
            page_content.draw_rule((edges[0], area.bottom), (edges[-1], area.bottom), thickness, page_style.rule_ink)
        ]
        rules += [
            page_content.draw_rule((x, area.bottom - tick), (x, area.bottom), thickness, page_style.rule_ink)
            for x in edges
        ]
        if rng.random() < 0.4:
            rules.append(
                page_content.draw_form_frame(
                    Box(edges[0], area.y, edges[-1] - edges[0], area.height), thickness, page_style.rule_ink
                )
            )
    if rng.random() < _DROPOUT_COLOUR_SHARE:
        # In a colour that the scanner does not see; only the outline is left, or nothing.
        outline = Box(cells[0].x, area.y, cells[-1].right - cells[0].x, area.height)
        rules = [page_content.draw_form_frame(outline, thickness, page_style.rule_ink)] if rng.random() < 0.7 else []
    return cells, page_content.merge_contents(rules)


def _write_capitals_in_comb(rng: Generator, hand: Hand, cells: list[Box]) -> PageContent:
    """Write a name in capitals, one letter per cell."""
    letters = wording.random_letters(rng, int(rng.integers(2, len(cells) + 1))).upper()
    small = writing.resize_hand(hand, min(0.7 * cells[0].height, cells[0].width))
    return page_content.merge_contents(
        writing.write_words_in_cell(letter, cell, small, rng) for letter, cell in zip(letters, cells, strict=False)
    )


def _digits_for_cells(rng: Generator, count: int) -> str:
    """Digits for all cells, or for fewer."""
    return wording.random_digits(rng, count if rng.random() < 0.7 else int(rng.integers(1, count + 1)))
