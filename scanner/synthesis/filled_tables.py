"""Tables filled in by hand, of many geometries and with columns of many kinds: marks, readings, scores, stock.

Unlike in ``tables``, the numbers may be as large as their cells or larger, the rules pale, dotted, broken, bent or
missing, and the columns are drawn at random from all kinds that people have.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from scanner.synthesis import (
    cell_marks,
    cell_texts,
    cell_writing,
    cursive_words,
    page_content,
    printed,
    printed_rows,
    table_columns,
    table_grids,
    wording,
    writing,
)
from scanner.synthesis.page_content import PageContent
from scanner.synthesis.pen import random_writer
from scanner.synthesis.printed import Block
from scanner.synthesis.tables import TableColumn
from scanner.types import Box

if TYPE_CHECKING:
    from collections.abc import Callable

    from scanner.synthesis.cell_texts import TextOfRow
    from scanner.synthesis.cell_writing import CellHabit
    from scanner.synthesis.page_style import PageStyle
    from scanner.synthesis.table_columns import ColumnMaker
    from scanner.synthesis.table_grids import Grid
    from scanner.synthesis.writing import Hand

    Generator = np.random.Generator
    BlockMaker = Callable[[Generator, PageStyle, Box], Block]
    TextMaker = Callable[[Generator], TextOfRow]

_MIN_ROW_PIXELS = 11
"""Height of the lowest rows: digits of nine pixels, the smallest that can be read."""
_ROW_HEIGHT_MM = 6.2
"""Median height of rows, mm; a choice."""

_OWN_HAND_SHARE = 0.12
"""Share of tables in which rows are filled in by different people, as lists to sign and logs of shifts; a choice."""

_GROUPED_SHARE = 0.2
"""Share of tables with headings over groups of columns; a choice."""

_DARK_HEADING_SHARE = 0.1
"""Share of tables whose heading is white on a dark ground; a choice."""

_SOME_PRINTED_SHARE = 0.1
"""Share of tables of any columns with some printed rows; a choice."""

_COLUMN_KINDS: tuple[tuple[ColumnMaker, float], ...] = (
    (table_columns.number_column, 10.0),
    (table_columns.digit_column, 1.0),
    (table_columns.letter_column, 2.2),
    (table_columns.name_column, 1.8),
    (table_columns.remark_column, 0.8),
    (table_columns.signature_column, 0.5),
    (table_columns.tick_column, 0.7),
    (table_columns.bubble_column, 3.5),
    (table_columns.tally_column, 0.4),
    (table_columns.comb_column, 0.8),
    (table_columns.printed_column, 1.6),
    (table_columns.code_column, 1.3),
)
"""Kinds of columns with their relative frequency."""


def mixed_table_block(rng: Generator, page_style: PageStyle, column: Box) -> Block:
    """A table whose columns are of any kind; often print or names first."""
    habit = cell_writing.random_cell_habit(rng)
    shares = np.array([share for _, share in _COLUMN_KINDS])
    columns = []
    if rng.random() < 0.75:
        first = table_columns.printed_column if rng.random() < 0.65 else table_columns.name_column
        columns.append(first(rng, page_style, habit))
    for _ in range(int(rng.integers(2, 13))):
        maker = _COLUMN_KINDS[int(rng.choice(len(shares), p=shares / shares.sum()))][0]
        columns.append(maker(rng, page_style, habit))
    printed_row_share = 0.2 if rng.random() < _SOME_PRINTED_SHARE else 0.0
    return filled_table_block(rng, page_style, column, tuple(columns), habit, printed_row_share=printed_row_share)


def alike_table_block(rng: Generator, page_style: PageStyle, column: Box) -> Block:
    """A table of names or dates beside many columns of one kind of number, as sheets of marks and of measurements."""
    habit = cell_writing.random_cell_habit(rng)
    kind = rng.random()
    maker, characters = table_columns.random_number_texts(rng)
    columns: list[TableColumn] = []
    if kind < 0.85:
        first = table_columns.printed_column if rng.random() < 0.6 else table_columns.name_column
        columns.append(first(rng, page_style, habit))
    same_text = maker(rng)
    for index in range(int(rng.integers(3, 17))):
        text = same_text if rng.random() < 0.5 else maker(rng)
        made = table_columns.column_of_numbers(rng, habit, text, characters)
        columns.append(replace(made, heading=f"{index + 1}") if kind < 0.3 else made)
    for _ in range(int(rng.integers(1, 4)) if rng.random() < 0.4 else 0):
        columns.insert(int(rng.integers(1, len(columns) + 1)), table_columns.letter_column(rng, page_style, habit))
    if rng.random() < 0.15:
        columns.append(table_columns.signature_column(rng, page_style, habit))
    return filled_table_block(rng, page_style, column, tuple(columns), habit)


def scorecard_block(rng: Generator, page_style: PageStyle, column: Box) -> Block:
    """A scorecard: initials beside nine to eighteen columns of one digit each, printed rows of pars, and totals."""
    habit = replace(cell_writing.random_cell_habit(rng), align=0.5)
    count = int(rng.choice([6, 9, 9, 10, 18]))
    one = table_columns.digit_column(rng, page_style, habit)
    digits = [replace(one, heading=str(number + 1)) for number in range(count)]
    sums = table_columns.column_of_numbers(rng, habit, cell_texts.small_numbers(rng), 2.2)
    players = table_columns.letter_column if rng.random() < 0.5 else table_columns.name_column
    first = players(rng, page_style, habit)
    columns = [first, *digits, replace(sums, heading=wording.choose(rng, ("OUT", "TOT", "Sum", "R")))]
    return filled_table_block(
        rng, page_style, column, tuple(columns), habit, printed_row_share=float(rng.uniform(0.1, 0.6))
    )


def comb_table_block(rng: Generator, page_style: PageStyle, column: Box) -> Block:
    """A table with printed items and boxes for the digits of each count."""
    habit = cell_writing.random_cell_habit(rng)
    columns = [table_columns.printed_column(rng, page_style, habit)]
    if rng.random() < 0.4:
        columns.insert(0, table_columns.printed_column(rng, page_style, habit))
    columns += [table_columns.comb_column(rng, page_style, habit) for _ in range(int(rng.integers(1, 4)))]
    if rng.random() < 0.4:
        columns.append(table_columns.remark_column(rng, page_style, habit))
    wide = tuple(
        replace(
            one, relative_width=one.relative_width * float(rng.uniform(1.0, 3.0)) if index < 1 else one.relative_width
        )
        for index, one in enumerate(columns)
    )
    return filled_table_block(rng, page_style, column, wide, habit, row_scale=float(rng.uniform(1.0, 1.8)))


def filled_table_block(
    rng: Generator,
    page_style: PageStyle,
    column: Box,
    columns: tuple[TableColumn, ...],
    habit: CellHabit,
    *,
    row_scale: float = 1.0,
    printed_row_share: float = 0.0,
) -> Block:
    """A table with the given columns, as many of them and as many rows as there is room for.

    Args:
        rng: source of randomness.
        page_style: what the page is printed and written with.
        column: the room.
        columns: widths in characters.
        habit: how numbers are placed in the cells.
        row_scale: height of the rows relative to the usual one.
        printed_row_share: share of the rows that are printed.
    """
    millimetres = _ROW_HEIGHT_MM * row_scale * float(np.clip(rng.lognormal(0, 0.3), 0.5, 2.2))
    step = max(page_style.mm_to_pixels(millimetres), _MIN_ROW_PIXELS)
    heading_height = _heading_height(rng, page_style, step)
    room = column.bottom - column.y - heading_height
    most = max(room // step - 1, 1)
    row_count = most if rng.random() < 0.5 else max(min(int(rng.integers(2, 40)), most), 1)
    columns = _fit_columns(rng, columns, column.width, habit.height * step)
    sizes = _column_sizes(rng, columns, column.width, habit.height * step)
    left = column.x + round(float(rng.uniform(0, 1)) * max(column.width - sum(sizes), 0))
    jitter = float(rng.choice([0.0, 0.0, 0.0, 0.03, 0.12]))
    rows = [float(step)] * row_count
    grid = table_grids.Grid(
        table_grids.jittered_edges(left, sizes, 0.0, rng),
        table_grids.jittered_edges(column.y + heading_height, rows, jitter, rng),
    )
    whole = table_grids.Grid(grid.xs, (column.y, *grid.ys))
    groups = _group_columns(rng, len(columns)) if rng.random() < _GROUPED_SHARE else ()
    if groups:
        middle = column.y + round(heading_height * float(rng.uniform(0.35, 0.55)))
        whole = table_grids.Grid(grid.xs, (column.y, middle, *grid.ys))
    heading_rows = 2 if groups else 1
    heading_style = page_style
    contents = [table_grids.shade_parts(rng, whole)]
    if rng.random() < _DARK_HEADING_SHARE:
        heading_style = replace(page_style, bold=replace(page_style.bold, ink=printed_rows.WHITE_INK))
        contents.append(table_grids.darken_heading(rng, whole, heading_rows))
    contents += [
        table_grids.draw_grid(rng, page_style, whole, heading_rows, groups),
        _head_groups(rng, heading_style, whole, groups),
        _fill_heading(rng, heading_style, table_grids.Grid(grid.xs, whole.ys[heading_rows - 1 :]), columns, habit),
        _fill_rows(rng, page_style, grid, columns, printed_row_share),
    ]
    return Block(page_content.merge_contents(contents), grid.ys[-1] + page_style.body.size)


def _group_columns(rng: Generator, count: int) -> tuple[tuple[int, int, int], ...]:
    """Groups of columns under a common heading: row 0, first column and count of each."""
    groups, index = [], 0
    while index < count:
        size = min(int(rng.integers(1, 6)), count - index)
        if size > 1:
            groups.append((0, index, size))
        index += size
    return tuple(groups)


def _head_groups(
    rng: Generator, page_style: PageStyle, grid: Grid, groups: tuple[tuple[int, int, int], ...]
) -> PageContent:
    return page_content.merge_contents(
        table_columns.typeset_in_cell(wording.random_heading(rng), grid.cell(row, first, 1, size), page_style.bold, 0.5)
        for row, first, size in groups
    )


def _heading_height(rng: Generator, page_style: PageStyle, step: int) -> int:
    kind = rng.random()
    if kind < 0.5:
        return max(step, round(1.4 * page_style.body.size))
    return round(max(step, page_style.body.size) * float(rng.uniform(1.2, 3.5)))


def _fit_columns(
    rng: Generator, columns: tuple[TableColumn, ...], width: int, digit_height: float
) -> tuple[TableColumn, ...]:
    """Leave out columns that would be too narrow to write in."""
    characters = width / (0.62 * digit_height * float(rng.uniform(0.75, 1.1)))
    kept: list[TableColumn] = []
    for one in columns:
        if sum(other.relative_width for other in kept) + one.relative_width <= characters or not kept:
            kept.append(one)
    return tuple(kept)


def _column_sizes(rng: Generator, columns: tuple[TableColumn, ...], width: int, digit_height: float) -> list[float]:
    """Widths of the columns, pixels; they fill the width, or are as wide as what is written in them."""
    jitter = float(rng.choice([0.0, 0.08, 0.25]))
    parts = np.array([one.relative_width for one in columns]) * np.exp(rng.normal(0, jitter, len(columns)))
    natural = parts * 0.62 * digit_height * float(rng.uniform(0.85, 1.5))
    scale = width / natural.sum()
    if scale > 1.0 and rng.random() < 0.35:
        scale = float(rng.uniform(1.0, scale))
    return [float(size) for size in np.maximum(natural * scale, 6.0)]


def _fill_heading(
    rng: Generator, page_style: PageStyle, grid: Grid, columns: tuple[TableColumn, ...], habit: CellHabit
) -> PageContent:
    """Headings in print, level or upright, or by hand; or none."""
    kind, contents = rng.random(), []
    by_hand = kind < 0.15
    upright = kind > 0.85 and grid.ys[1] - grid.ys[0] > 2.5 * page_style.body.size
    if 0.15 <= kind < 0.22:
        return PageContent()
    years = int(rng.integers(1880, 2020)) if rng.random() < 0.3 else 0
    small = replace(page_style.bold, size=max(round(page_style.bold.size * float(rng.uniform(0.6, 1.0))), 6))
    for index, one in enumerate(columns):
        cell = grid.cell(0, index, 1)
        if by_hand:
            sized = writing.resize_hand(
                page_style.hand, max(min(habit.height * cell.height, page_style.hand.height), 6)
            )
            if years and index:
                contents.append(
                    cell_writing.write_number_in_cell(str(years + index), cell, sized, rng, habit, (-1, index))
                )
            elif one.heading.isalpha():
                contents.append(writing.write_words_in_cell(one.heading, cell, sized, rng))
        elif upright:
            line = printed.shorten_to_width(one.heading, cell.height, small)
            if line and printed.text_width(line, small) <= cell.height:
                turned = printed.turn_quarter_left(printed.typeset_line(line, (0, 0), small), (0, 0))
                x = round(cell.center[0] + 0.35 * small.size)
                contents.append(page_content.move_content(turned, x, cell.bottom - 2))
        else:
            heading = str(years + index) if years and index else one.heading
            contents.append(table_columns.typeset_in_cell(heading, cell, small, 0.5) if heading else PageContent())
    return page_content.merge_contents(contents)


def _fill_rows(
    rng: Generator, page_style: PageStyle, grid: Grid, columns: tuple[TableColumn, ...], printed_row_share: float
) -> PageContent:
    row_count = len(grid.ys) - 1
    filled = row_count if rng.random() < 0.65 else int(rng.integers(1, row_count + 1))
    blocked_share = float(rng.choice([0.0, 0.03, 0.15], p=[0.85, 0.1, 0.05]))
    in_print = {
        row: printed_rows.random_printed_row(rng, page_style)
        for row in range(row_count)
        if rng.random() < printed_row_share
    }
    contents = []
    own_hands = rng.random() < _OWN_HAND_SHARE
    style_of_page = page_style
    for row in range(row_count):
        if own_hands and rng.random() < 0.7:
            page_style = replace(style_of_page, hand=_other_person(rng, style_of_page))
        for index, one in enumerate(columns):
            cell = grid.cell(row, index)
            if row in in_print:
                contents.append(in_print[row].fill(rng, cell, index))
            elif blocked_share and rng.random() < blocked_share:
                contents.append(_block_cell(rng, page_style, cell))
            elif row < filled or index == 0:
                contents.append(one.filler(rng, page_style, cell, (row, index)))
    return page_content.merge_contents(contents)


def _other_person(rng: Generator, page_style: PageStyle) -> Hand:
    """Another hand of about the same size, with one of the two pens of the page."""
    hand, other = page_style.hand, page_style.other_hand
    writer = replace(random_writer(rng), pen_width=hand.writer.pen_width * float(rng.uniform(0.7, 1.4)))
    pool = (hand.digit_pool, other.digit_pool, None)[int(rng.integers(3))]
    style = cursive_words.random_word_style(rng, 0.85 * writer.pen_width)
    ink = hand.ink if rng.random() < 0.6 else other.ink
    return replace(hand, writer=writer, digit_pool=pool, word_style=style, ink=ink, drawn_letters=())


def _block_cell(rng: Generator, page_style: PageStyle, cell: Box) -> PageContent:
    """A cell that is not for numbers: crossed by hand, or shaded in print."""
    if rng.random() < 0.5:
        return cell_marks.cross_cell(rng, writing.resize_hand(page_style.hand, max(cell.height, 5)), cell)
    return cell_marks.shade_cell(rng, page_style, cell)
