"""Tables with printed headings, filled in by hand or printed: logs, mark sheets, ledgers, tally sheets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scanner.synthesis import forms, marks, page_content, printed, wording, writing
from scanner.synthesis.page_content import PageContent
from scanner.synthesis.printed import Block
from scanner.types import Box

if TYPE_CHECKING:
    from collections.abc import Callable

    from scanner.synthesis.page_content import RowAndColumn
    from scanner.synthesis.page_style import PageStyle

    Generator = np.random.Generator
    CellFiller = Callable[[Generator, PageStyle, Box, RowAndColumn], PageContent]


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column of a table."""

    heading: str
    relative_width: float
    """Width relative to the other columns."""
    filler: CellFiller
    """Function that fills in a cell."""


def log_block(rng: Generator, page_style: PageStyle, column: Box) -> Block:
    """A log: printed times, one to three readings by hand, and the name of the reader."""
    start, step = int(rng.integers(0, 12)), int(rng.choice([1, 1, 1, 2]))
    time_format = wording.choose(rng, ("{:02d}00", "{:02d}:00", "{}.00", "{}:30", "{}"))

    def hour(_: Generator, page_style: PageStyle, cell: Box, row_and_column: RowAndColumn) -> PageContent:
        return printed.typeset_line_in_box(
            time_format.format((start + step * row_and_column[0]) % 24), cell, page_style.body, 0.5
        )

    low = int(rng.choice([10, 40, 60, 200, 980]))
    spread, decimals = int(rng.choice([5, 30])), int(rng.choice([0, 0, 1]))

    def reading(rng: Generator, page_style: PageStyle, cell: Box, row_and_column: RowAndColumn) -> PageContent:
        return write_number_in_cell(
            rng, page_style, cell, row_and_column, f"{low + spread * rng.random():.{decimals}f}"
        )

    columns = [TableColumn(wording.choose(rng, ("Time", "Hour", "Date", "Day")), 1.0, hour)]
    columns += [TableColumn(wording.random_field_name(rng), 1.2, reading) for _ in range(int(rng.integers(1, 4)))]
    columns += [TableColumn(wording.choose(rng, ("Name", "Initials", "Signature", "Remarks")), 1.6, _fill_name)]
    return table_block(rng, page_style, column, tuple(columns), int(rng.integers(5, 26)))


def mark_sheet_block(rng: Generator, page_style: PageStyle, column: Box) -> Block:
    """A mark sheet: names, a small number for each question, and the total."""
    names = _fill_printed_name if rng.random() < 0.6 else _fill_name
    questions = int(rng.integers(3, 9))

    def points(rng: Generator, page_style: PageStyle, cell: Box, row_and_column: RowAndColumn) -> PageContent:
        text = str(int(rng.integers(0, 21)))
        return write_number_in_cell(rng, page_style, cell, row_and_column, text + ".5" if rng.random() < 0.08 else text)

    columns = [TableColumn("Name", 3.0, names)]
    columns += [
        TableColumn(f"Q{number + 1}" if rng.random() < 0.9 else str(number + 1), 1.0, points)
        for number in range(questions)
    ]
    columns.append(TableColumn("Total", 1.2, _fill_number))
    return table_block(rng, page_style, column, tuple(columns), int(rng.integers(3, 20)))


def ledger_block(rng: Generator, page_style: PageStyle, column: Box) -> Block:
    """A ledger, invoice or stock list: items and amounts, in print or by hand."""
    fillers: tuple[CellFiller, ...] = (
        _fill_number,
        _fill_number,
        _fill_printed_price,
        _fill_name,
        _fill_tick,
        _fill_number,
    )
    columns = [
        TableColumn(
            wording.choose(rng, ("Item", "Description", "Article")),
            2.6,
            _fill_printed_words if rng.random() < 0.6 else _fill_name,
        )
    ]
    columns += [
        TableColumn(
            wording.random_field_name(rng), float(rng.uniform(0.9, 1.6)), fillers[int(rng.integers(len(fillers)))]
        )
        for _ in range(int(rng.integers(2, 5)))
    ]
    if rng.random() < 0.5:
        columns.insert(0, TableColumn("No.", 0.6, _fill_row_number))
    return table_block(rng, page_style, column, tuple(columns), int(rng.integers(3, 16)))


def printed_table_block(rng: Generator, page_style: PageStyle, column: Box) -> Block:
    """A table that is entirely printed."""
    fillers: tuple[CellFiller, ...] = (_fill_printed_price, _fill_printed_number, _fill_printed_words)
    columns = [TableColumn(wording.random_field_name(rng), 1.5, _fill_printed_words)]
    columns += [
        TableColumn(wording.random_field_name(rng), 1.0, fillers[int(rng.integers(len(fillers)))])
        for _ in range(int(rng.integers(1, 6)))
    ]
    return table_block(rng, page_style, column, tuple(columns), int(rng.integers(3, 14)))


def tallies_block(rng: Generator, page_style: PageStyle, column: Box) -> Block:
    """A tally sheet: tally marks and their totals."""

    def strokes(rng: Generator, page_style: PageStyle, cell: Box, _: RowAndColumn) -> PageContent:
        pen = writing.resize_hand(page_style.hand, 0.6 * cell.height)
        most = max(min(int(cell.width / (0.42 * pen.height)) - 2, 24), 1)
        at = (cell.x + cell.width // 20, cell.bottom - cell.height // 5)
        return marks.draw_tally_marks(int(rng.integers(1, most + 1)), at, pen, rng)

    columns = (
        TableColumn(wording.random_field_name(rng), 1.6, _fill_printed_words),
        TableColumn("Count", 3.0, strokes),
        TableColumn("Total", 1.0, _fill_number),
    )
    return table_block(rng, page_style, column, columns, int(rng.integers(3, 11)))


def table_block(
    rng: Generator, page_style: PageStyle, column: Box, columns: tuple[TableColumn, ...], row_count: int
) -> Block:
    """A table with as many of its rows as fit into the column.

    Rows are numbered from 0 below the heading, columns from 0 on the left.
    """
    step = max(
        page_style.mm_to_pixels(rng.uniform(5.5, 10)),
        round(1.4 * page_style.body.size),
        round(page_style.hand.height * rng.uniform(0.95, 1.6)),
    )
    row_count = max(min(row_count, (column.bottom - column.y) // step - 1), 1)
    share = float(rng.uniform(0.55, 1.0)) if len(columns) < 5 else 1.0
    parts = np.array([table_column.relative_width for table_column in columns])
    edges = (
        np.rint(column.x + np.concatenate([[0], np.cumsum(parts / parts.sum())]) * column.width * share)
        .astype(int)
        .tolist()
    )
    top = column.y
    contents = [_draw_table_rules(rng, page_style, edges, top, step, row_count)]
    align = float(rng.choice([0.1, 0.5]))
    for table_column, left, right in zip(columns, edges, edges[1:], strict=False):
        heading = printed.shorten_to_width(table_column.heading, right - left, page_style.bold)
        if printed.text_width(heading, page_style.bold) <= right - left:
            contents.append(
                printed.typeset_line_in_box(heading, Box(left, top, right - left, step), page_style.bold, align)
            )
    # People leave the end of a table empty.
    filled_rows = row_count if rng.random() < 0.7 else int(rng.integers(0, row_count + 1))
    inset = max(round(page_style.rule_width) + 1, 1)
    for row in range(row_count):
        for index, table_column in enumerate(columns):
            left, right = edges[index] + inset, edges[index + 1] - inset
            cell = Box(left, top + (row + 1) * step, max(right - left, 4), step)
            if row < filled_rows or table_column.filler in _PRINTED_FILLERS or index == 0:
                contents.append(table_column.filler(rng, page_style, cell, (row, index)))
    return Block(page_content.merge_contents(contents), top + (row_count + 1) * step + page_style.body.size)


def write_number_in_cell(
    rng: Generator, page_style: PageStyle, cell: Box, row_and_column: RowAndColumn, text: str
) -> PageContent:
    """Write a number in a cell; now and then a dash, an X, nothing, a ringed or a corrected number instead."""
    hand = writing.resize_hand(page_style.hand, min(page_style.hand.height, 0.95 * cell.height))
    kind = rng.random()
    if kind < 0.07:
        return PageContent()
    middle = Box(
        cell.x + cell.width // 3, cell.y + cell.height // 5, max(cell.width // 3, 3), max(cell.height * 3 // 5, 3)
    )
    if kind < 0.1:
        return marks.draw_dash(middle, hand, rng)
    if kind < 0.115:
        return marks.draw_cross(middle, hand, rng)
    number = writing.write_characters_in_cell(text, cell, hand, rng, row_and_column)
    if kind < 0.14:
        return forms.correct_by_hand(rng, page_style, number)
    if kind < 0.155:
        return number + marks.draw_ring(number.box, hand, rng)
    return number


def _fill_number(rng: Generator, page_style: PageStyle, cell: Box, row_and_column: RowAndColumn) -> PageContent:
    return write_number_in_cell(
        rng, page_style, cell, row_and_column, wording.random_written_number(rng)[:6].rstrip(".,")
    )


def _fill_name(rng: Generator, page_style: PageStyle, cell: Box, _: RowAndColumn) -> PageContent:
    if rng.random() < 0.25:
        return writing.sign_in_cell(cell, page_style.hand if rng.random() < 0.7 else page_style.other_hand, rng)
    return writing.write_words_in_cell(wording.random_name(rng), cell, page_style.hand, rng)


def _fill_tick(rng: Generator, page_style: PageStyle, cell: Box, _: RowAndColumn) -> PageContent:
    if rng.random() < 0.3:
        return PageContent()
    side = max(round(0.7 * cell.height), 3)
    box = Box(cell.x + max((cell.width - side) // 2, 0), cell.y + (cell.height - side) // 2, side, side)
    pen = writing.resize_hand(page_style.hand, cell.height)
    return marks.draw_tick(box, pen, rng) if rng.random() < 0.7 else marks.draw_cross(box, pen, rng)


def _fill_printed_words(rng: Generator, page_style: PageStyle, cell: Box, _: RowAndColumn) -> PageContent:
    return _typeset_if_room(
        " ".join(wording.random_word(rng) for _ in range(int(rng.integers(1, 4)))).capitalize(), page_style, cell, 0.06
    )


def _fill_printed_name(rng: Generator, page_style: PageStyle, cell: Box, _: RowAndColumn) -> PageContent:
    return _typeset_if_room(f"{wording.random_name(rng)} {wording.random_name(rng)}", page_style, cell, 0.0)


def _fill_printed_number(rng: Generator, page_style: PageStyle, cell: Box, _: RowAndColumn) -> PageContent:
    return _typeset_if_room(wording.random_printed_number(rng), page_style, cell, 0.5)


def _fill_printed_price(rng: Generator, page_style: PageStyle, cell: Box, _: RowAndColumn) -> PageContent:
    return _typeset_if_room(wording.random_price(rng), page_style, cell, 1.0)


def _fill_row_number(_: Generator, page_style: PageStyle, cell: Box, row_and_column: RowAndColumn) -> PageContent:
    return printed.typeset_line_in_box(str(row_and_column[0] + 1), cell, page_style.body, 0.5)


_PRINTED_FILLERS: tuple[CellFiller, ...] = (
    _fill_printed_words,
    _fill_printed_name,
    _fill_printed_number,
    _fill_printed_price,
    _fill_row_number,
)


def _typeset_if_room(text: str, page_style: PageStyle, cell: Box, align: float) -> PageContent:
    """Typeset as much of the text as fits, if any."""
    inset = page_style.body.size // 3
    room = Box(cell.x + inset, cell.y, max(cell.width - 2 * inset, 1), cell.height)
    shortened = printed.shorten_to_width(text, room.width, page_style.body)
    if printed.text_width(shortened, page_style.body) > room.width:
        return PageContent()
    return printed.typeset_line_in_box(shortened, room, page_style.body, align)


def _draw_table_rules(
    rng: Generator, page_style: PageStyle, edges: list[int], top: int, step: int, rows: int
) -> PageContent:
    """Draw a full grid, rules between rows only, or a frame with rules between columns."""
    kind, thickness = rng.random(), page_style.rule_width
    bottom = top + (rows + 1) * step
    rules = [
        page_content.draw_rule((edges[0], y), (edges[-1], y), thickness * 1.5, page_style.rule_ink)
        for y in (top, top + step, bottom)
    ]
    if kind < 0.85:
        ys = range(top + 2 * step, bottom, step)
        rules += [page_content.draw_rule((edges[0], y), (edges[-1], y), thickness, page_style.rule_ink) for y in ys]
    if kind < 0.65 or kind > 0.85:
        rules += [page_content.draw_rule((x, top), (x, bottom), thickness, page_style.rule_ink) for x in edges]
    if rng.random() < 0.15:
        pale = page_content.InkStyle((200, 200, 200), 0.6)
        rules.insert(
            0,
            page_content.fill_box(Box(edges[0], top, edges[-1] - edges[0], step), pale, page_content.PixelClass.PAPER),
        )
    return page_content.merge_contents(rules)
