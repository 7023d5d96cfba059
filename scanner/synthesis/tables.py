"""Tables as they are kept by hand: logs, mark sheets, ledgers, tally sheets, with printed heads and row labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scanner.synthesis import forms, ink, marks, printed, wording, writing
from scanner.synthesis.ink import Content
from scanner.synthesis.printed import Block
from scanner.types import Box

if TYPE_CHECKING:
    from collections.abc import Callable

    from scanner.synthesis.forms import Setting
    from scanner.synthesis.ink import Place

    Generator = np.random.Generator
    Filler = Callable[[Generator, Setting, Box, Place], Content]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table."""

    head: str
    share: float
    """Of the width, relative to the other columns."""
    fill: Filler


def log(rng: Generator, setting: Setting, column: Box) -> Block:
    """Hours or dates in print, a reading or two by hand, who read them."""
    start, step = int(rng.integers(0, 12)), int(rng.choice([1, 1, 1, 2]))
    form = wording.chosen(rng, ("{:02d}00", "{:02d}:00", "{}.00", "{}:30", "{}"))

    def hour(_: Generator, setting: Setting, cell: Box, place: Place) -> Content:
        return printed.line_in(form.format((start + step * place[0]) % 24), cell, setting.body, 0.5)

    low = int(rng.choice([10, 40, 60, 200, 980]))
    spread, decimals = int(rng.choice([5, 30])), int(rng.choice([0, 0, 1]))

    def reading(rng: Generator, setting: Setting, cell: Box, place: Place) -> Content:
        return number_cell(rng, setting, cell, place, f"{low + spread * rng.random():.{decimals}f}")

    columns = [Column(wording.chosen(rng, ("Time", "Hour", "Date", "Day")), 1.0, hour)]
    columns += [Column(wording.field_name(rng), 1.2, reading) for _ in range(int(rng.integers(1, 4)))]
    columns += [Column(wording.chosen(rng, ("Name", "Initials", "Signature", "Remarks")), 1.6, _somebody)]
    return table(rng, setting, column, tuple(columns), int(rng.integers(5, 26)))


def mark_sheet(rng: Generator, setting: Setting, column: Box) -> Block:
    """Names in print or by hand and a small number for each question, with the total."""
    names = _printed_name if rng.random() < 0.6 else _somebody
    questions = int(rng.integers(3, 9))

    def points(rng: Generator, setting: Setting, cell: Box, place: Place) -> Content:
        text = str(int(rng.integers(0, 21)))
        return number_cell(rng, setting, cell, place, text + ".5" if rng.random() < 0.08 else text)

    columns = [Column("Name", 3.0, names)]
    columns += [
        Column(f"Q{number + 1}" if rng.random() < 0.9 else str(number + 1), 1.0, points) for number in range(questions)
    ]
    columns.append(Column("Total", 1.2, _number))
    return table(rng, setting, column, tuple(columns), int(rng.integers(3, 20)))


def ledger(rng: Generator, setting: Setting, column: Box) -> Block:
    """Items in words and amounts, in print or by hand: invoices, orders, stock lists."""
    fillers: tuple[Filler, ...] = (_number, _number, _printed_price, _somebody, _tick, _number)
    columns = [
        Column(
            wording.chosen(rng, ("Item", "Description", "Article")),
            2.6,
            _printed_words if rng.random() < 0.6 else _somebody,
        )
    ]
    columns += [
        Column(wording.field_name(rng), float(rng.uniform(0.9, 1.6)), fillers[int(rng.integers(len(fillers)))])
        for _ in range(int(rng.integers(2, 5)))
    ]
    if rng.random() < 0.5:
        columns.insert(0, Column("No.", 0.6, _row_number))
    return table(rng, setting, column, tuple(columns), int(rng.integers(3, 16)))


def printed_table(rng: Generator, setting: Setting, column: Box) -> Block:
    """A table with nothing but print."""
    fillers: tuple[Filler, ...] = (_printed_price, _printed_number, _printed_words)
    columns = [Column(wording.field_name(rng), 1.5, _printed_words)]
    columns += [
        Column(wording.field_name(rng), 1.0, fillers[int(rng.integers(len(fillers)))])
        for _ in range(int(rng.integers(1, 6)))
    ]
    return table(rng, setting, column, tuple(columns), int(rng.integers(3, 14)))


def tallies(rng: Generator, setting: Setting, column: Box) -> Block:
    """Strokes in bundles of five and what they come to."""

    def strokes(rng: Generator, setting: Setting, cell: Box, _: Place) -> Content:
        pen = writing.sized(setting.hand, 0.6 * cell.height)
        most = max(min(int(cell.width / (0.42 * pen.height)) - 2, 24), 1)
        at = (cell.x + cell.width // 20, cell.bottom - cell.height // 5)
        return marks.tally(int(rng.integers(1, most + 1)), at, pen, rng)

    columns = (
        Column(wording.field_name(rng), 1.6, _printed_words),
        Column("Count", 3.0, strokes),
        Column("Total", 1.0, _number),
    )
    return table(rng, setting, column, columns, int(rng.integers(3, 11)))


def table(rng: Generator, setting: Setting, column: Box, columns: tuple[Column, ...], rows: int) -> Block:
    """A table as high as its rows need, or as there is room for.

    Rows are numbered from 0 below the head, columns from 0 on the left.
    """
    step = max(
        setting.pixels(rng.uniform(5.5, 10)),
        round(1.4 * setting.body.size),
        round(setting.hand.height * rng.uniform(0.95, 1.6)),
    )
    rows = max(min(rows, (column.bottom - column.y) // step - 1), 1)
    share = float(rng.uniform(0.55, 1.0)) if len(columns) < 5 else 1.0
    parts = np.array([kind.share for kind in columns])
    edges = (
        np.rint(column.x + np.concatenate([[0], np.cumsum(parts / parts.sum())]) * column.width * share)
        .astype(int)
        .tolist()
    )
    top = column.y
    contents = [_rules(rng, setting, edges, top, step, rows)]
    align = float(rng.choice([0.1, 0.5]))
    for kind, left, right in zip(columns, edges, edges[1:], strict=False):
        head = printed.shortened(kind.head, right - left, setting.bold)
        if printed.width(head, setting.bold) <= right - left:
            contents.append(printed.line_in(head, Box(left, top, right - left, step), setting.bold, align))
    # People stop filling in a table somewhere, and leave cells out.
    last = rows if rng.random() < 0.7 else int(rng.integers(0, rows + 1))
    inset = max(round(setting.rule_width) + 1, 1)
    for row in range(rows):
        for place, kind in enumerate(columns):
            left, right = edges[place] + inset, edges[place + 1] - inset
            cell = Box(left, top + (row + 1) * step, max(right - left, 4), step)
            if row < last or kind.fill in _PRINTERS or place == 0:
                contents.append(kind.fill(rng, setting, cell, (row, place)))
    return Block(ink.together(contents), top + (rows + 1) * step + setting.body.size)


def number_cell(rng: Generator, setting: Setting, cell: Box, place: Place, text: str) -> Content:
    """A number in a cell; now and then a dash, an X, nothing, or one number crossed out for another."""
    hand = writing.sized(setting.hand, min(setting.hand.height, 0.95 * cell.height))
    kind = rng.random()
    if kind < 0.07:
        return Content()
    middle = Box(
        cell.x + cell.width // 3, cell.y + cell.height // 5, max(cell.width // 3, 3), max(cell.height * 3 // 5, 3)
    )
    if kind < 0.1:
        return marks.dash(middle, hand, rng)
    if kind < 0.115:
        return marks.cross(middle, hand, rng)
    number = writing.text_in(text, cell, hand, rng, place)
    if kind < 0.14:
        return forms.corrected(rng, setting, number)
    if kind < 0.155:
        return number + marks.ring(number.box, hand, rng)
    return number


def _number(rng: Generator, setting: Setting, cell: Box, place: Place) -> Content:
    return number_cell(rng, setting, cell, place, wording.written_number(rng)[:6].rstrip(".,"))


def _somebody(rng: Generator, setting: Setting, cell: Box, _: Place) -> Content:
    if rng.random() < 0.25:
        return writing.signed(cell, setting.hand if rng.random() < 0.7 else setting.other, rng)
    return writing.words_in(wording.name(rng), cell, setting.hand, rng)


def _tick(rng: Generator, setting: Setting, cell: Box, _: Place) -> Content:
    if rng.random() < 0.3:
        return Content()
    side = max(round(0.7 * cell.height), 3)
    box = Box(cell.x + max((cell.width - side) // 2, 0), cell.y + (cell.height - side) // 2, side, side)
    pen = writing.sized(setting.hand, cell.height)
    return marks.tick(box, pen, rng) if rng.random() < 0.7 else marks.cross(box, pen, rng)


def _printed_words(rng: Generator, setting: Setting, cell: Box, _: Place) -> Content:
    return _fitting(
        " ".join(wording.word(rng) for _ in range(int(rng.integers(1, 4)))).capitalize(), setting, cell, 0.06
    )


def _printed_name(rng: Generator, setting: Setting, cell: Box, _: Place) -> Content:
    return _fitting(f"{wording.name(rng)} {wording.name(rng)}", setting, cell, 0.0)


def _printed_number(rng: Generator, setting: Setting, cell: Box, _: Place) -> Content:
    return _fitting(wording.numeral(rng), setting, cell, 0.5)


def _printed_price(rng: Generator, setting: Setting, cell: Box, _: Place) -> Content:
    return _fitting(wording.price(rng), setting, cell, 1.0)


def _row_number(_: Generator, setting: Setting, cell: Box, place: Place) -> Content:
    return printed.line_in(str(place[0] + 1), cell, setting.body, 0.5)


_PRINTERS: tuple[Filler, ...] = (_printed_words, _printed_name, _printed_number, _printed_price, _row_number)


def _fitting(text: str, setting: Setting, cell: Box, align: float) -> Content:
    """The text if there is room for some of it."""
    inset = setting.body.size // 3
    room = Box(cell.x + inset, cell.y, max(cell.width - 2 * inset, 1), cell.height)
    short = printed.shortened(text, room.width, setting.body)
    if printed.width(short, setting.body) > room.width:
        return Content()
    return printed.line_in(short, room, setting.body, align)


def _rules(rng: Generator, setting: Setting, edges: list[int], top: int, step: int, rows: int) -> Content:
    """A full grid, rules between the rows only, or a frame with columns."""
    kind, thick = rng.random(), setting.rule_width
    bottom = top + (rows + 1) * step
    lines = [ink.line((edges[0], y), (edges[-1], y), thick * 1.5, setting.rules) for y in (top, top + step, bottom)]
    if kind < 0.85:
        ys = range(top + 2 * step, bottom, step)
        lines += [ink.line((edges[0], y), (edges[-1], y), thick, setting.rules) for y in ys]
    if kind < 0.65 or kind > 0.85:
        lines += [ink.line((x, top), (x, bottom), thick, setting.rules) for x in edges]
    if rng.random() < 0.15:
        pale = ink.Ink((200, 200, 200), 0.6)
        lines.insert(0, ink.filled(Box(edges[0], top, edges[-1] - edges[0], step), pale, ink.Label.PAPER))
    return ink.together(lines)
