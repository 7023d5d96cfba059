"""Lines with a label on the left and a number on the right: bills, meter cards, tax forms, menus, lists of scores."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from scanner.synthesis import cell_writing, page_content, printed, table_columns, table_grids, wording, writing
from scanner.synthesis.page_content import PageContent
from scanner.synthesis.printed import Block
from scanner.types import Box

if TYPE_CHECKING:
    from scanner.synthesis.page_style import PageStyle

    Generator = np.random.Generator


def amount_lines_block(rng: Generator, page_style: PageStyle, column: Box) -> Block:
    """Printed or written labels, led by dots, a rule or nothing to numbers by hand, often with a total below."""
    step = max(page_style.mm_to_pixels(float(rng.uniform(4.5, 10))), round(1.25 * page_style.body.size), 12)
    lines = max(min(int(rng.integers(2, 16)), column.height // step - 2), 1)
    habit = cell_writing.random_cell_habit(rng)
    habit = replace(habit, align=float(rng.choice([0.05, 0.95])), baseline=float(rng.uniform(0.05, 0.25)))
    maker, characters = table_columns.random_number_texts(rng)
    texts = maker(rng)
    room = min(round(characters * 0.75 * habit.height * step) + step, column.width // 2)
    right = column.right if rng.random() < 0.6 else min(column.x + round(2.5 * room), column.right)
    leader = wording.choose(rng, ("dots", "dots", "rule", "box", "none"))
    by_hand = rng.random() < 0.2
    currency = wording.choose(rng, ("", "", "", "$", "EUR", "kg"))
    rule_style = table_grids.random_rule_style(rng, page_style)
    contents = []
    for line in range(lines):
        y = column.y + line * step
        label_box, cell = Box(column.x, y, max(right - room - column.x, 8), step), Box(right - room, y, room, step)
        label = wording.random_field_name(rng) if rng.random() < 0.6 else wording.random_heading(rng)
        if by_hand:
            sized = writing.resize_hand(page_style.hand, max(habit.height * step, 6))
            contents.append(writing.write_words_in_cell(label, label_box, sized, rng))
        else:
            contents.append(_lead_label(page_style, label, label_box, dotted=leader == "dots"))
        if leader == "rule":
            contents.append(
                table_grids.draw_styled_rule((cell.x, cell.bottom), (cell.right, cell.bottom), rule_style, rng)
            )
        elif leader == "box":
            frame = Box(cell.x, cell.y + 1, cell.width, max(cell.height - 3, 3))
            contents.append(page_content.draw_form_frame(frame, rule_style.width, rule_style.ink))
        if currency:
            contents.append(
                printed.typeset_line(currency, (cell.x - 2 * page_style.body.size, y + step - 2), page_style.body)
            )
        if rng.random() < 0.88:
            contents.append(cell_writing.write_number_in_cell(texts(rng, line), cell, page_style.hand, rng, habit))
    bottom = column.y + lines * step
    if rng.random() < 0.4:
        cell = Box(right - room, bottom + step // 4, room, step)
        contents.append(table_grids.draw_styled_rule((cell.x, cell.y - 1), (cell.right, cell.y - 1), rule_style, rng))
        contents.append(cell_writing.write_number_in_cell(texts(rng, lines), cell, page_style.hand, rng, habit))
        bottom = cell.bottom
    return Block(page_content.merge_contents(contents), bottom + page_style.body.size)


def _lead_label(page_style: PageStyle, label: str, box: Box, *, dotted: bool) -> PageContent:
    """A printed label, with dots from its end to the right edge of the box."""
    text = printed.shorten_to_width(label, box.width, page_style.body)
    baseline = box.bottom - max(round(0.25 * box.height), 2)
    width = printed.text_width(text, page_style.body)
    if width > box.width:
        return PageContent()
    content = printed.typeset_line(text, (box.x, baseline), page_style.body)
    dot = max(printed.text_width("." * 20, page_style.body) / 20, 1.0)
    count = int((box.width - width) / dot) - 3
    if dotted and count > 1:
        start = (box.x + width + round(dot), baseline)
        content += printed.typeset_line("." * count, start, page_style.body)
    return content
