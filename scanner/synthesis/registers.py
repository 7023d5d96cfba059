"""Registers, logs and diaries: dense handwriting with columns of numbers beside it, and numbers amid the words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from scanner.synthesis import (
    cell_marks,
    cell_texts,
    cell_writing,
    marks,
    page_content,
    table_columns,
    table_grids,
    wording,
    writing,
)
from scanner.synthesis.page_content import PageContent
from scanner.synthesis.printed import Block
from scanner.types import Box

if TYPE_CHECKING:
    from scanner.synthesis.cell_texts import TextOfRow
    from scanner.synthesis.cell_writing import CellHabit
    from scanner.synthesis.page_style import PageStyle
    from scanner.synthesis.table_grids import RuleStyle
    from scanner.synthesis.writing import Hand

    Generator = np.random.Generator

_OLD_HAND_SHARE = 0.5
"""Share of registers in a slanting, joined hand, as people wrote with steel pens; a choice."""


@dataclass(frozen=True, slots=True)
class RegisterColumn:
    """A column of a register."""

    heading: str
    width: float
    """Width, in digit heights."""
    texts: TextOfRow | None
    """Numbers of the entries, in order; None for a column of words."""
    at_end: bool = False
    """Whether its number stands on the last line of an entry instead of the first."""
    empty_share: float = 0.0
    """Share of the entries without a number."""
    ditto_share: float = 0.0
    """Share of the entries with ditto marks instead of it."""


def register_block(rng: Generator, page_style: PageStyle, column: Box) -> Block:
    """A register: entries of one to five lines of words, with numbers in narrow columns on both sides."""
    pitch = max(page_style.mm_to_pixels(float(rng.uniform(4.5, 9.0))), 14)
    hand = _register_hand(rng, writing.resize_hand(page_style.hand, max(float(rng.uniform(0.4, 0.65)) * pitch, 8.0)))
    columns = _random_columns(rng)
    sizes = _column_sizes(columns, column.width, hand.height)
    head = round(pitch * float(rng.uniform(0.0, 4.0)))
    lines = max((column.height - head) // pitch - 1, 2)
    lines = lines if rng.random() < 0.75 else max(round(lines * float(rng.uniform(0.3, 1.0))), 2)
    grid = table_grids.Grid(
        table_grids.jittered_edges(column.x, sizes, 0.0, rng),
        (column.y, column.y + head, *(column.y + head + pitch * (line + 1) for line in range(lines))),
    )
    contents = [_rule_register(rng, page_style, grid), _print_headings(rng, page_style, grid, columns)]
    habit = replace(cell_writing.random_cell_habit(rng), height=hand.height / pitch, baseline=0.25)
    most_lines, row, entry = int(rng.choice([1, 2, 3, 5])), 1, 0
    number_share = float(rng.choice([0.0, 0.05, 0.12]))
    while row <= lines:
        count = min(int(rng.integers(1, most_lines + 1)), lines + 1 - row)
        if rng.random() < 0.03:
            contents.append(_write_month(rng, grid, row, hand))
        else:
            contents += _write_entry(rng, grid, (row, count), columns, hand, habit, (entry, number_share))
        row += count + int(rng.random() < 0.15)
        entry += 1
    if rng.random() < 0.2 and lines > 5:
        contents.append(_draw_brace(rng, grid, hand))
    return Block(page_content.merge_contents(contents), grid.ys[-1] + page_style.body.size)


def diary_block(rng: Generator, page_style: PageStyle, column: Box) -> Block:
    """Lines of words that begin with a time or a number, or have numbers flush at their ends, as notebooks do."""
    hand = _register_hand(
        rng, writing.resize_hand(page_style.hand, page_style.hand.height * float(rng.uniform(0.6, 1.0)))
    )
    pitch = max(round(hand.height * float(rng.uniform(1.3, 2.2))), 10)
    lines = max(min(int(rng.integers(3, 30)), column.height // pitch - 1), 1)
    in_front = rng.random() < 0.7
    makers = (cell_texts.written_times, cell_texts.rising_numbers, cell_texts.written_dates, cell_texts.small_numbers)
    front = makers[int(rng.integers(len(makers)))](rng)
    at_end = cell_texts.money_amounts(rng) if rng.random() < 0.5 else cell_texts.decimal_numbers(rng)
    end_share = float(rng.choice([0.0, 0.8]))
    indent = round(3.5 * hand.height) if in_front else 0
    end_room = round(5 * hand.height) if end_share else 0
    contents = []
    for line in range(lines):
        baseline = column.y + (line + 1) * pitch
        if in_front and rng.random() < 0.85:
            contents.append(cell_writing.write_number(front(rng, line), (column.x, baseline), hand, rng))
        room = Box(column.x + indent, baseline, max(column.width - indent - end_room, 10), pitch)
        share = float(rng.uniform(0.2, 1.0))
        contents.append(write_line(rng, hand, replace_width(room, round(share * room.width)), 0.08))
        if end_share and rng.random() < end_share:
            amount = cell_writing.write_number(at_end(rng, line), (0, baseline), hand, rng)
            right = cell_writing.ink_extent(amount)[1]
            shift = round(float(rng.normal(0, 0.15)) * hand.height)
            contents.append(page_content.move_content(amount, column.right - right + shift, 0))
    return Block(page_content.merge_contents(contents), column.y + (lines + 1) * pitch)


def write_line(rng: Generator, hand: Hand, room: Box, number_share: float) -> PageContent:
    """Write words on the baseline at the upper edge of ``room``, as wide as it is; some of them are numbers."""
    x, contents = room.x, []
    while x < room.right - 2 * hand.height:
        at = (x, room.y + round(float(rng.normal(0, 0.05)) * hand.height))
        if rng.random() < number_share:
            text = wording.choose(rng, (wording.random_written_number(rng)[:6].rstrip(".,"), str(rng.integers(1, 32))))
            part = page_content.as_optional(writing.write_characters(text, at, hand, rng))
        else:
            part = writing.write_words(wording.random_word(rng), at, hand, rng)
        if part.box.right > room.right + hand.height:
            break
        contents.append(marks.cross_out(part, hand, rng) if rng.random() < 0.01 else part)
        x = part.box.right + round(hand.height * float(rng.uniform(0.2, 0.6)))
    return page_content.merge_contents(contents)


def replace_width(box: Box, width: int) -> Box:
    """A box of another width, with the same left edge."""
    return Box(box.x, box.y, max(width, 1), box.height)


def _register_hand(rng: Generator, hand: Hand) -> Hand:
    if rng.random() > _OLD_HAND_SHARE:
        return hand
    slant = float(rng.uniform(0.3, 0.8))
    style = replace(hand.word_style, slant=slant, joined_share=float(rng.uniform(0.85, 1.0)), all_capitals_share=0.0)
    return replace(hand, word_style=style, writer=replace(hand.writer, slant=slant * float(rng.uniform(0.4, 0.9))))


def _random_columns(rng: Generator) -> tuple[RegisterColumn, ...]:
    left = [RegisterColumn(wording.choose(rng, ("No.", "Nos.", "Entry")), 3.4, cell_texts.rising_numbers(rng))]
    dates = cell_texts.written_dates(rng) if rng.random() < 0.4 else cell_texts.rising_numbers(rng)
    left.append(RegisterColumn("Dates", 3.6, dates, ditto_share=float(rng.choice([0.0, 0.5]))))
    if rng.random() < 0.25:
        left.append(RegisterColumn("Hour", 3.8, cell_texts.written_times(rng), empty_share=0.3))
    words = [RegisterColumn(wording.random_heading(rng), float(rng.uniform(5, 14)), None, empty_share=0.2)]
    words.append(RegisterColumn(wording.random_heading(rng), float(rng.uniform(16, 40)), None))
    right = []
    for _ in range(int(rng.integers(0, 5))):
        makers = (
            cell_texts.money_amounts,
            cell_texts.small_numbers,
            cell_texts.decimal_numbers,
            cell_texts.whole_numbers,
        )
        texts = makers[int(rng.integers(len(makers)))](rng)
        right.append(
            RegisterColumn(
                wording.random_field_name(rng),
                float(rng.uniform(3.0, 5.5)),
                texts,
                at_end=rng.random() < 0.5,
                empty_share=float(rng.choice([0.1, 0.5])),
                ditto_share=float(rng.choice([0.0, 0.0, 0.3])),
            )
        )
    start = int(rng.integers(0, len(left)))
    return (*left[start:], *words[int(rng.random() < 0.4) :], *right)


def _column_sizes(columns: tuple[RegisterColumn, ...], width: int, digit_height: int) -> list[float]:
    """Widths in pixels: number columns as they are, the words take the rest."""
    narrow = sum(one.width for one in columns if one.texts is not None) * digit_height
    wide = sum(one.width for one in columns if one.texts is None)
    rest = max(width - narrow, 0.4 * width)
    scale = (width - rest) / max(narrow, 1.0)
    return [
        one.width * digit_height * min(scale, 1.0) if one.texts is not None else rest * one.width / wide
        for one in columns
    ]


def _rule_register(rng: Generator, page_style: PageStyle, grid: table_grids.Grid) -> PageContent:
    """Vertical rules, single or double; level ones under the heading, and pale or none between lines."""
    style = table_grids.random_rule_style(rng, page_style)
    pale: RuleStyle = replace(
        style, ink=page_content.InkStyle((205, 205, 205), 0.8), width=max(0.1 * page_style.dpi / 25.4, 0.5)
    )
    rules = []
    if rng.random() < 0.9:
        double = page_style.mm_to_pixels(0.7)
        for x in grid.xs:
            rules.append(table_grids.draw_styled_rule((x, grid.ys[0]), (x, grid.ys[-1]), style, rng))
            if rng.random() < 0.2:
                end = (x + double, grid.ys[-1])
                rules.append(table_grids.draw_styled_rule((x + double, grid.ys[0]), end, style, rng))
    bold = replace(style, width=1.6 * style.width)
    rules += [
        table_grids.draw_styled_rule((grid.xs[0], y), (grid.xs[-1], y), bold, rng) for y in (grid.ys[0], grid.ys[1])
    ]
    kind = rng.random()
    if kind < 0.6:
        between = pale if kind < 0.4 else style
        for y in grid.ys[2:]:
            rules.append(table_grids.draw_styled_rule((grid.xs[0], y), (grid.xs[-1], y), between, rng))
    return page_content.merge_contents(rules)


def _print_headings(
    rng: Generator, page_style: PageStyle, grid: table_grids.Grid, columns: tuple[RegisterColumn, ...]
) -> PageContent:
    small = replace(page_style.bold, size=max(round(page_style.bold.size * float(rng.uniform(0.5, 0.9))), 6))
    if grid.ys[1] - grid.ys[0] < small.size:
        return PageContent()
    capitals = rng.random() < 0.6
    return page_content.merge_contents(
        table_columns.typeset_in_cell(
            one.heading.upper() if capitals else one.heading, grid.cell(0, index, 1), small, 0.5
        )
        for index, one in enumerate(columns)
    )


def _write_entry(
    rng: Generator,
    grid: table_grids.Grid,
    span: tuple[int, int],
    columns: tuple[RegisterColumn, ...],
    hand: Hand,
    habit: CellHabit,
    entry: tuple[int, float],
) -> list[PageContent]:
    """Write an entry of ``span[1]`` lines from line ``span[0]`` on.  ``entry``: its index, the share of numbers."""
    row, count = span
    index_of_entry, number_share = entry
    contents = []
    for index, one in enumerate(columns):
        if rng.random() < one.empty_share:
            continue
        if one.texts is None:
            lines = count if one.width > 15 else 1
            for line in range(lines):
                cell = grid.cell(row + line, index, 2)
                room = Box(cell.x, cell.bottom - round(0.25 * cell.height), cell.width, cell.height)
                last = replace_width(room, round(room.width * float(rng.uniform(0.3, 1.0))))
                contents.append(write_line(rng, hand, last if line == lines - 1 else room, number_share))
            continue
        cell = grid.cell(row + (count - 1 if one.at_end else 0), index, 1)
        if index_of_entry and rng.random() < one.ditto_share:
            contents.append(cell_marks.draw_ditto_in_cell(rng, hand, cell))
            continue
        text = one.texts(rng, index_of_entry)
        written = cell_writing.write_number_in_cell(text, cell, hand, rng, habit, (index_of_entry, index))
        if written.numbers and rng.random() < 0.03:
            written += marks.draw_underline(written.numbers[0].box, hand, rng)
        contents.append(written)
    return contents


def _write_month(rng: Generator, grid: table_grids.Grid, row: int, hand: Hand) -> PageContent:
    """A heading by hand in the middle of a line, as the month and the year."""
    large = writing.resize_hand(hand, 1.3 * hand.height)
    middle = grid.xs[0] + (grid.xs[-1] - grid.xs[0]) * float(rng.uniform(0.3, 0.55))
    baseline = grid.ys[row + 1] - 2
    word = writing.write_words(wording.random_name(rng), (round(middle), baseline), large, rng)
    start = word.box.right + round(0.5 * large.height)
    year = page_content.as_optional(
        writing.write_characters(str(int(rng.integers(1790, 2020))), (start, baseline), large, rng)
    )
    return word + year + marks.draw_underline((word + year).box, large, rng)


def _draw_brace(rng: Generator, grid: table_grids.Grid, hand: Hand) -> PageContent:
    """Draw a brace beside a few lines."""
    row = int(rng.integers(1, max(len(grid.ys) - 5, 2)))
    top, bottom = grid.ys[row], grid.ys[min(row + int(rng.integers(2, 5)), len(grid.ys) - 1)]
    x = float(grid.xs[int(rng.integers(1, len(grid.xs)))]) - 0.4 * hand.height
    reach, side = 0.4 * hand.height, float(rng.choice([-1, 1]))
    shares = np.array([(0.0, 0.0), (0.6, 0.12), (0.5, 0.42), (1.0, 0.5), (0.5, 0.58), (0.6, 0.88), (0.0, 1.0)])
    points = np.stack([x + side * reach * shares[:, 0], top + (bottom - top) * shares[:, 1]], axis=1)
    return marks.draw_pen_line(points, hand)
