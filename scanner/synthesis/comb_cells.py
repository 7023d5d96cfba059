"""Comb fields in the cells of tables: two to six boxes to a number, with crosses, dashes or nothing in unused ones."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from scanner.synthesis import cell_writing, marks, page_content, table_grids, wording, writing
from scanner.synthesis.page_content import InkStyle, PageContent
from scanner.types import Box

if TYPE_CHECKING:
    from scanner.synthesis.cell_writing import CellHabit
    from scanner.synthesis.page_content import RowAndColumn
    from scanner.synthesis.page_style import PageStyle
    from scanner.synthesis.table_grids import RuleStyle
    from scanner.synthesis.tables import CellFiller
    from scanner.synthesis.writing import Hand

    Generator = np.random.Generator


def comb_filler(rng: Generator, page_style: PageStyle, habit: CellHabit, count: int) -> CellFiller:
    """A function that divides cells into ``count`` boxes and writes numbers into them."""
    style = comb_rule_style(rng, page_style)
    unused = wording.choose(rng, ("x", "x", "x", "-", "0", ""))
    across_share = float(rng.choice([0.0, 0.0, 0.15, 0.6]))
    tick = float(rng.choice([1.0, 1.0, 1.0, 0.35, 0.6]))
    hand = page_style.hand if rng.random() < 0.85 else page_style.other_hand
    low = int(rng.choice([1, 10, 100]))

    def fill(rng: Generator, _: PageStyle, cell: Box, row_and_column: RowAndColumn) -> PageContent:
        content = draw_dividers(cell, count, style, rng, tick)
        if rng.random() < 0.06:
            return content
        digits = str(int(rng.integers(min(low, 10**count - 1), 10 ** int(rng.integers(1, count + 1)) + low)))[:count]
        if rng.random() < across_share:
            return content + cell_writing.write_number_in_cell(digits, cell, hand, rng, habit, row_and_column)
        return content + write_in_boxes(rng, hand, digits, split_cell(cell, count), habit, unused, row_and_column)

    return fill


def comb_rule_style(rng: Generator, page_style: PageStyle) -> RuleStyle:
    """Draw how the dividers of a comb look: mostly as print, many in pale hair lines, some dotted."""
    kind = rng.random()
    hair = max(0.1 * page_style.dpi / 25.4, 0.45)
    style = table_grids.RuleStyle(page_style.rule_ink, page_style.rule_width * float(rng.uniform(0.7, 1.3)))
    if kind < 0.3:
        level = int(rng.integers(140, 215))
        return replace(style, ink=InkStyle((level, level, level), 0.9), width=hair)
    if kind < 0.4:
        return replace(style, width=hair)
    if kind < 0.48:
        return replace(style, pattern=table_grids.RulePattern.DOTTED)
    return style


def split_cell(cell: Box, count: int) -> list[Box]:
    """Split a cell into ``count`` boxes of equal width."""
    edges = [cell.x + round(index * cell.width / count) for index in range(count + 1)]
    return [Box(left, cell.y, max(right - left, 2), cell.height) for left, right in pairwise(edges)]


def draw_dividers(cell: Box, count: int, style: RuleStyle, rng: Generator, tick: float = 1.0) -> PageContent:
    """Draw the dividers between the boxes of a cell; ``tick`` is their length, as a share of its height."""
    top = cell.bottom - round(tick * cell.height)
    return page_content.merge_contents(
        table_grids.draw_styled_rule((box.x, top), (box.x, cell.bottom), style, rng)
        for box in split_cell(cell, count)[1:]
    )


def write_in_boxes(
    rng: Generator,
    hand: Hand,
    digits: str,
    boxes: list[Box],
    habit: CellHabit,
    unused: str,
    row_and_column: RowAndColumn | None = None,
) -> PageContent:
    """Write a number one digit to a box, flush right or left, with ``unused`` in boxes left over.

    Args:
        rng: source of randomness.
        hand: who writes.
        digits: not more than there are boxes.
        boxes: from the left.
        habit: how digits are placed in them.
        unused: ``x`` or ``-`` for a mark in unused boxes, ``0`` for leading zeros, empty for nothing.
        row_and_column: position of the number in a table.
    """
    flush_right = unused == "0" or rng.random() < 0.8
    if unused == "0":
        digits = digits.rjust(len(boxes), "0")
    first = len(boxes) - len(digits) if flush_right else 0
    height = min(max(habit.height, 0.4) * boxes[0].height, 1.5 * boxes[0].width)
    sized = writing.resize_hand(hand, max(height, 5.0))
    centred = replace(habit, align=0.5, height=height / boxes[0].height, smallest=1.0)
    written, extra = [], []
    for index, box in enumerate(boxes):
        if first <= index < first + len(digits):
            digit = digits[index - first]
            written.append(cell_writing.write_number_in_cell(digit, box, hand, rng, centred, row_and_column))
        elif unused == "x":
            side = min(0.6 * box.height, 0.9 * box.width, 1.2 * height) * float(rng.uniform(0.6, 1.2))
            square = Box(
                round(box.center[0] - side / 2),
                round(box.center[1] - side / 2),
                max(round(side), 3),
                max(round(side), 3),
            )
            extra.append(marks.draw_cross(square, sized, rng))
        elif unused == "-":
            middle = Box(box.x, box.y + box.height // 3, box.width, max(box.height // 3, 2))
            extra.append(marks.draw_dash(middle, sized, rng))
    merged = page_content.merge_contents(written)
    if not merged.numbers:
        return page_content.merge_contents(extra)
    number = cell_writing.combine_numbers("".join(one.text for one in merged.numbers), merged.numbers, row_and_column)
    return PageContent(merged.elements, (number,)) + page_content.merge_contents(extra)
