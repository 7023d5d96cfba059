"""Frames for numbers outside of tables: dates in boxes, codes, scores, single frames in a row."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from scanner.synthesis import cell_writing, comb_cells, page_content, printed, table_grids, wording
from scanner.synthesis.page_content import PageContent
from scanner.synthesis.printed import Block
from scanner.types import Box

if TYPE_CHECKING:
    import numpy as np

    from scanner.synthesis.cell_writing import CellHabit
    from scanner.synthesis.page_style import PageStyle
    from scanner.synthesis.table_grids import RuleStyle

    Generator = np.random.Generator


def date_boxes_block(rng: Generator, page_style: PageStyle, column: Box) -> Block:
    """Rows of labels with dates in boxes: two for the day, two for the month, two or four for the year."""
    return _rows_of_fields(rng, page_style, column, (2, 2, int(rng.choice([2, 4, 4]))))


def code_boxes_block(rng: Generator, page_style: PageStyle, column: Box) -> Block:
    """Rows of labels with boxes for codes, counts, telephone numbers, of any aspect."""
    groups = tuple(int(n) for n in rng.choice([1, 2, 3, 3, 4, 5, 8], int(rng.integers(1, 4))))
    return _rows_of_fields(rng, page_style, column, groups)


def single_frames_block(rng: Generator, page_style: PageStyle, column: Box) -> Block:
    """Frames side by side, each for a whole number, with labels above, below or inside."""
    habit = cell_writing.random_cell_habit(rng)
    count = int(rng.integers(1, 7))
    height = max(page_style.mm_to_pixels(float(rng.uniform(6, 16))), 14)
    width = min(round(height * float(rng.uniform(0.9, 4.0))), column.width // count - 4)
    gap = max((column.width - count * width) // max(count, 1), 2) if rng.random() < 0.5 else max(height // 3, 2)
    style = comb_cells.comb_rule_style(rng, page_style)
    label_place = wording.choose(rng, ("above", "below", "inside", "none"))
    small = replace(page_style.body, size=max(round(0.75 * page_style.body.size), 6))
    top = column.y + round(1.4 * small.size)
    contents = []
    for index in range(count):
        frame = Box(column.x + index * (width + gap), top, max(width, 8), height)
        if frame.right > column.right:
            break
        contents.append(_draw_frame(rng, frame, style))
        label = printed.shorten_to_width(wording.random_field_name(rng), frame.width, small)
        if printed.text_width(label, small) <= frame.width and label_place != "none":
            baseline = {"above": top - small.size // 3, "below": frame.bottom + small.size, "inside": top + small.size}
            contents.append(printed.typeset_line(label, (frame.x + 2, baseline[label_place]), small))
        if rng.random() < 0.85:
            text = wording.random_written_number(rng)[:7].rstrip(".,")
            contents.append(cell_writing.write_number_in_cell(text, frame, page_style.hand, rng, habit))
    return Block(page_content.merge_contents(contents), top + height + 2 * small.size)


def _rows_of_fields(rng: Generator, page_style: PageStyle, column: Box, groups: tuple[int, ...]) -> Block:
    """Rows of labels, each with groups of boxes for a number."""
    habit = cell_writing.random_cell_habit(rng)
    style = comb_cells.comb_rule_style(rng, page_style)
    height = max(page_style.mm_to_pixels(float(rng.uniform(4.5, 10))), 12)
    box_width = max(round(height * float(rng.uniform(0.7, 1.8))), 6)
    apart = round(box_width * float(rng.uniform(0.25, 1.2)))
    total = sum(groups) * box_width + (len(groups) - 1) * apart
    if total > 0.8 * column.width:
        box_width = max(round(box_width * 0.8 * column.width / total), 6)
        total = sum(groups) * box_width + (len(groups) - 1) * apart
    across, gaps = rng.random() < 0.1, rng.random() < 0.25
    letters = "DMY" if len(groups) == 3 and groups[:2] == (2, 2) and rng.random() < 0.4 else ""
    rows = max(min(int(rng.integers(1, 9)), column.height // (2 * height)), 1)
    label_room = max(column.width - total - page_style.body.size, 0)
    left = column.x + min(label_room, round(float(rng.uniform(8, 22)) * page_style.body.size))
    pitch, unused = round(float(rng.uniform(1.3, 2.2)) * height), wording.choose(rng, ("", "", "x", "-", "0"))
    contents = []
    for row in range(rows):
        y = column.y + row * pitch
        label = printed.shorten_to_width(wording.random_heading(rng), left - column.x, page_style.body)
        if printed.text_width(label, page_style.body) <= left - column.x:
            label_box = Box(column.x, y, max(left - column.x, 1), height)
            contents.append(printed.typeset_line_in_box(label, label_box, page_style.body))
        x, filled = left, rng.random() < 0.88
        for index, count in enumerate(groups):
            area = Box(x, y, count * box_width, height)
            contents.append(_draw_boxes(rng, area, count, style, gaps=gaps))
            if letters:
                tiny = replace(page_style.body, size=max(round(0.5 * height), 6))
                for box in comb_cells.split_cell(area, count):
                    below = Box(box.x, box.bottom, box.width, tiny.size)
                    contents.append(printed.typeset_line_in_box(letters[index], below, tiny, 0.5))
            if filled:
                contents.append(_write_group(rng, page_style, area, count, habit, unused, across=across))
            x = area.right + apart
    return Block(page_content.merge_contents(contents), column.y + rows * pitch + height)


def _write_group(
    rng: Generator, page_style: PageStyle, area: Box, count: int, habit: CellHabit, unused: str, *, across: bool
) -> PageContent:
    digits = wording.random_digits(rng, count if rng.random() < 0.75 else int(rng.integers(1, count + 1)))
    if across:
        return cell_writing.write_number_in_cell(digits, area, page_style.hand, rng, habit)
    return comb_cells.write_in_boxes(rng, page_style.hand, digits, comb_cells.split_cell(area, count), habit, unused)


def _draw_boxes(rng: Generator, area: Box, count: int, style: RuleStyle, *, gaps: bool) -> PageContent:
    """Draw boxes that share their borders, or stand apart."""
    if not gaps:
        return _draw_frame(rng, area, style) + comb_cells.draw_dividers(area, count, style, rng)
    inset = max(round(0.06 * area.width / count), 1)
    return page_content.merge_contents(
        _draw_frame(rng, Box(box.x + inset, box.y, max(box.width - 2 * inset, 2), box.height), style)
        for box in comb_cells.split_cell(area, count)
    )


def _draw_frame(rng: Generator, frame: Box, style: RuleStyle) -> PageContent:
    corners = [(frame.x, frame.y), (frame.right, frame.y), (frame.right, frame.bottom), (frame.x, frame.bottom)]
    return page_content.merge_contents(
        table_grids.draw_styled_rule(corners[index], corners[(index + 1) % 4], style, rng) for index in range(4)
    )
