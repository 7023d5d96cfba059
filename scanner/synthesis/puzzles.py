"""Grids of single numbers: sudokus, number crosswords, bingo cards, calendars, multiplication squares."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from scanner.synthesis import cell_writing, marks, page_content, printed, table_grids, wording, writing
from scanner.synthesis.page_content import InkStyle, PageContent, PixelClass
from scanner.synthesis.printed import Block, TextStyle
from scanner.types import Box

if TYPE_CHECKING:
    from scanner.synthesis.page_style import PageStyle
    from scanner.synthesis.table_grids import Grid

    Generator = np.random.Generator


def sudoku_block(rng: Generator, page_style: PageStyle, column: Box) -> Block:
    """A sudoku, partly printed and partly filled in, with small notes in the corners of some cells."""
    side = int(rng.choice([9, 9, 9, 9, 6, 4]))
    grid = _square_grid(rng, page_style, column, side, side, (5.0, 12.0))
    block = 3 if side == 9 else 2
    height = grid.ys[1] - grid.ys[0]
    print_style = replace(page_style.body, size=max(round(height * float(rng.uniform(0.5, 0.8))), 6))
    habit = replace(cell_writing.random_cell_habit(rng), align=0.5)
    given, filled = float(rng.uniform(0.2, 0.5)), float(rng.uniform(0.1, 1.0))
    noted = float(rng.choice([0.0, 0.0, 0.15, 0.4]))
    contents = [_rule_square(rng, page_style, grid, block)]
    for row in range(side):
        for index in range(side):
            cell, digit = grid.cell(row, index), str(int(rng.integers(1, side + 1)))
            if rng.random() < given:
                contents.append(printed.typeset_line_in_box(digit, cell, print_style, 0.5))
            elif rng.random() < filled:
                contents.append(
                    cell_writing.write_number_in_cell(digit, cell, page_style.hand, rng, habit, (row, index))
                )
            elif rng.random() < noted:
                contents.append(_write_notes(rng, page_style, cell, side))
    return Block(page_content.merge_contents(contents), grid.ys[-1] + page_style.body.size)


def crossword_block(rng: Generator, page_style: PageStyle, column: Box) -> Block:
    """A number crossword: black cells, small printed clue numbers, a digit by hand in most of the others."""
    rows, columns = (int(n) for n in rng.integers(4, 14, 2))
    grid = _square_grid(rng, page_style, column, rows, columns, (5.0, 9.0))
    habit = replace(cell_writing.random_cell_habit(rng), align=0.5)
    tiny = replace(page_style.body, size=max(round(0.28 * (grid.ys[1] - grid.ys[0])), 6))
    black, level = float(rng.uniform(0.05, 0.35)), int(rng.integers(0, 110))
    contents, clue = [], 1
    for row in range(rows):
        for index in range(columns):
            cell = grid.cell(row, index)
            if rng.random() < black:
                contents.append(page_content.fill_box(cell, InkStyle((level, level, level), 0.97), PixelClass.MARK))
                continue
            if rng.random() < 0.25:
                contents.append(printed.typeset_line(str(clue), (cell.x + 2, cell.y + tiny.size), tiny))
                clue += 1
            if rng.random() < 0.8:
                digit = str(int(rng.integers(0, 10)))
                contents.append(
                    cell_writing.write_number_in_cell(digit, cell, page_style.hand, rng, habit, (row, index))
                )
    contents.append(_rule_square(rng, page_style, grid, 0))
    return Block(page_content.merge_contents(contents), grid.ys[-1] + page_style.body.size)


def bingo_block(rng: Generator, page_style: PageStyle, column: Box) -> Block:
    """A card of printed numbers, some of them crossed, ringed or daubed."""
    rows, columns = (5, 5) if rng.random() < 0.6 else (3, 9)
    grid = _square_grid(rng, page_style, column, rows, columns, (8.0, 16.0))
    height = grid.ys[1] - grid.ys[0]
    style = replace(page_style.bold, size=max(round(0.5 * height), 6))
    pen = writing.resize_hand(page_style.hand, max(0.6 * height, 5.0))
    contents = [_rule_square(rng, page_style, grid, 0)]
    for row in range(rows):
        for index in range(columns):
            if rng.random() < 0.12:
                continue
            cell = grid.cell(row, index)
            contents.append(printed.typeset_line_in_box(str(int(rng.integers(1, 91))), cell, style, 0.5))
            kind = rng.random()
            inner = Box(cell.x + height // 5, cell.y + height // 5, max(3 * height // 5, 3), max(3 * height // 5, 3))
            if kind < 0.15:
                contents.append(marks.draw_cross(inner, pen, rng))
            elif kind < 0.22:
                contents.append(marks.draw_ring(inner, pen, rng))
    return Block(page_content.merge_contents(contents), grid.ys[-1] + page_style.body.size)


def calendar_block(rng: Generator, page_style: PageStyle, column: Box) -> Block:
    """A month with printed day numbers, and numbers, times or words by hand in many of its days."""
    width = column.width // 7
    step = max(min(round(width * float(rng.uniform(0.5, 1.1))), column.height // 7), 14)
    weeks = min(int(rng.integers(4, 7)), max(column.height // step - 1, 1))
    xs = table_grids.jittered_edges(column.x, [float(width)] * 7, 0.0, rng)
    grid = table_grids.Grid(xs, table_grids.jittered_edges(column.y, [float(step)] * weeks, 0.0, rng))
    day_style = TextStyle(
        page_style.body.font_path, max(round(step * float(rng.uniform(0.16, 0.4))), 6), page_style.body.ink
    )
    habit = replace(cell_writing.random_cell_habit(rng), height=float(rng.uniform(0.3, 0.7)))
    contents = [table_grids.draw_grid(rng, page_style, grid, 0)]
    day, share = 1 - int(rng.integers(0, 7)), float(rng.uniform(0.1, 0.9))
    for row in range(weeks):
        for index in range(7):
            cell = grid.cell(row, index, 1)
            if 1 <= day <= 31:
                contents.append(printed.typeset_line(str(day), (cell.x + 2, cell.y + day_style.size), day_style))
            day += 1
            if rng.random() >= share:
                continue
            lower = Box(cell.x, cell.y + round(0.35 * cell.height), cell.width, max(round(0.65 * cell.height), 5))
            if rng.random() < 0.25:
                contents.append(writing.write_words_in_cell(wording.random_name(rng), lower, page_style.hand, rng))
                continue
            text = wording.choose(rng, (wording.random_written_number(rng)[:5].rstrip(".,"), str(rng.integers(1, 60))))
            contents.append(cell_writing.write_number_in_cell(text, lower, page_style.hand, rng, habit, (row, index)))
    return Block(page_content.merge_contents(contents), grid.ys[-1] + page_style.body.size)


def multiplication_block(rng: Generator, page_style: PageStyle, column: Box) -> Block:
    """A square of sums or products: printed numbers at the head and on the left, results by hand."""
    rows, columns = (int(n) for n in rng.integers(4, 13, 2))
    grid = _square_grid(rng, page_style, column, rows, columns, (7.0, 13.0))
    habit = replace(cell_writing.random_cell_habit(rng), align=0.5)
    style = replace(page_style.bold, size=max(round(0.5 * (grid.ys[1] - grid.ys[0])), 6))
    filled, factors = float(rng.uniform(0.3, 1.0)), rng.integers(1, 13, (2, 13))
    contents = [table_grids.draw_grid(rng, page_style, grid, 1)]
    for row in range(rows):
        for index in range(columns):
            cell = grid.cell(row, index)
            if row == 0 or index == 0:
                text = "x" if row == index else str(factors[0, index] if row == 0 else factors[1, row])
                contents.append(printed.typeset_line_in_box(text, cell, style, 0.5))
            elif rng.random() < filled:
                product = str(factors[0, index] * factors[1, row])
                contents.append(
                    cell_writing.write_number_in_cell(product, cell, page_style.hand, rng, habit, (row, index))
                )
    return Block(page_content.merge_contents(contents), grid.ys[-1] + page_style.body.size)


def _square_grid(
    rng: Generator, page_style: PageStyle, column: Box, rows: int, columns: int, cell_mm: tuple[float, float]
) -> Grid:
    """A grid of square cells as large as asked for, or as there is room for."""
    side = min(page_style.mm_to_pixels(float(rng.uniform(*cell_mm))), column.width // columns, column.height // rows)
    side = max(side, 8)
    left = column.x + round(float(rng.uniform(0, 1)) * max(column.width - columns * side, 0))
    return table_grids.Grid(
        table_grids.jittered_edges(left, [float(side)] * columns, 0.0, rng),
        table_grids.jittered_edges(column.y, [float(side)] * rows, 0.0, rng),
    )


def _rule_square(rng: Generator, page_style: PageStyle, grid: Grid, block: int) -> PageContent:
    """Rule a grid, every ``block``-th rule bold; 0 for none."""
    style = table_grids.RuleStyle(page_style.rule_ink, page_style.rule_width * float(rng.uniform(0.6, 1.2)))
    bold = replace(style, width=style.width * float(rng.uniform(1.8, 3.5)))
    rules = []
    for index, y in enumerate(grid.ys):
        chosen = bold if block and index % block == 0 else style
        rules.append(table_grids.draw_styled_rule((grid.xs[0], y), (grid.xs[-1], y), chosen, rng))
    for index, x in enumerate(grid.xs):
        chosen = bold if block and index % block == 0 else style
        rules.append(table_grids.draw_styled_rule((x, grid.ys[0]), (x, grid.ys[-1]), chosen, rng))
    return page_content.merge_contents(rules)


def _write_notes(rng: Generator, page_style: PageStyle, cell: Box, side: int) -> PageContent:
    """Write one or two small digits into a corner of a cell; nobody asks for them."""
    height = 0.32 * cell.height
    if height < 5:
        return PageContent()
    small = writing.resize_hand(page_style.hand, height)
    digits = "".join(str(int(n)) for n in rng.integers(1, side + 1, int(rng.integers(1, 3))))
    x = cell.x + round(float(rng.uniform(0.05, 0.5)) * cell.width)
    return page_content.as_optional(writing.write_characters(digits, (x, cell.y + round(1.2 * height)), small, rng))
