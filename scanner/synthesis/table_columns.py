"""Columns of many kinds for tables: numbers, grades, names, dates, bubbles, tallies, signatures, print, combs.

Each function draws the kind once and returns a column whose cells are alike, as in a table that one person fills in.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from scanner.synthesis import (
    cell_marks,
    cell_texts,
    cell_writing,
    comb_cells,
    marks,
    page_content,
    printed,
    wording,
    writing,
)
from scanner.synthesis.page_content import PageContent
from scanner.synthesis.tables import TableColumn
from scanner.types import Box

if TYPE_CHECKING:
    from collections.abc import Callable

    from scanner.synthesis.cell_texts import TextOfRow
    from scanner.synthesis.cell_writing import CellHabit
    from scanner.synthesis.page_content import RowAndColumn
    from scanner.synthesis.page_style import PageStyle
    from scanner.synthesis.tables import CellFiller
    from scanner.synthesis.writing import Hand

    Generator = np.random.Generator
    ColumnMaker = Callable[[Generator, PageStyle, CellHabit], TableColumn]

_OTHER_PEN_SHARE = 0.18
"""Share of columns that somebody else, or another pen, fills in; a choice."""
_LETTERS_LIKE_DIGITS = "BGILOQSZ"
"""Capitals that nobody could tell from digits behind a number."""
_CORRECTED_SHARE = 0.025
"""Share of numbers in cells that are struck out and written again; a choice."""


def random_number_texts(rng: Generator) -> tuple[Callable[[Generator], TextOfRow], float]:
    """Draw a kind of number column: what makes its texts, and their usual count of characters."""
    shares = np.array([share for _, share, _ in cell_texts.NUMBER_COLUMNS])
    maker, _, characters = cell_texts.NUMBER_COLUMNS[int(rng.choice(len(shares), p=shares / shares.sum()))]
    return maker, characters


def number_column(rng: Generator, _: PageStyle, habit: CellHabit) -> TableColumn:
    """Handwritten numbers of one kind."""
    maker, characters = random_number_texts(rng)
    return column_of_numbers(rng, habit, maker(rng), characters)


def digit_column(rng: Generator, _: PageStyle, habit: CellHabit) -> TableColumn:
    """One handwritten digit per cell, now and then two."""
    high = int(rng.choice([2, 6, 8, 10, 11]))
    return column_of_numbers(rng, habit, lambda rng, _: str(int(rng.integers(0, high))), 1.3)


def column_of_numbers(rng: Generator, habit: CellHabit, text_of_row: TextOfRow, characters: float) -> TableColumn:
    """Handwritten numbers with the given texts, about ``characters`` characters wide."""
    hand_of = _hand_of_column(rng)
    fill_empty = _random_empty_cells(rng)
    unit = wording.choose(rng, ("kg", "m", "C", "F", "%", "h", "mm")) if rng.random() < 0.06 else ""
    printed_tail = wording.choose(rng, ("/10", "/20", "/5", "/100", "%", ".00", "kg")) if rng.random() < 0.07 else ""
    second_share = float(rng.choice([0.0, 0.0, 0.0, 0.0, 0.06, 0.6]))

    def fill(rng: Generator, page_style: PageStyle, cell: Box, row_and_column: RowAndColumn) -> PageContent:
        hand, room, tail = hand_of(page_style), cell, PageContent()
        if printed_tail and printed.text_width(printed_tail, page_style.body) < 0.5 * cell.width:
            tail_width = printed.text_width(printed_tail, page_style.body) + page_style.body.size // 4
            room = Box(cell.x, cell.y, cell.width - tail_width, cell.height)
            tail_box = Box(room.right, cell.y, tail_width, cell.height)
            tail = printed.typeset_line_in_box(printed_tail, tail_box, page_style.body)
        empty = fill_empty(rng, hand, cell)
        if empty is not None:
            return empty + tail
        text = text_of_row(rng, row_and_column[0])
        written = cell_writing.write_number_in_cell(text, room, hand, rng, habit, row_and_column)
        if not written.numbers:
            return written + tail
        if second_share and rng.random() < second_share:
            written += _write_second(rng, hand, cell, text_of_row(rng, row_and_column[0]), row_and_column)
        if unit:
            written += _write_unit(rng, hand, unit, written)
        return _mark_number(rng, page_style, hand, written) + tail

    return TableColumn(_heading(rng), characters + (1.5 if unit or printed_tail else 0.0) + 0.8, fill)


def letter_column(rng: Generator, _: PageStyle, habit: CellHabit) -> TableColumn:
    """Handwritten grades, letters or initials."""
    is_initials = rng.random() < 0.3
    texts = cell_texts.initials(rng) if is_initials else cell_texts.letter_grades(rng)
    return TableColumn(_heading(rng), 3.5 if is_initials else 2.4, _word_filler(rng, habit, texts))


def code_column(rng: Generator, _: PageStyle, habit: CellHabit) -> TableColumn:
    """Codes by hand: digits with a capital behind them, which are read, or before them, which nobody asks for alone."""
    letters = wording.random_letters(rng, int(rng.integers(1, 4))).upper()
    digits, after = int(rng.choice([1, 1, 1, 2, 2, 3, 4])), rng.random() < 0.6
    if after:
        letters = "".join(letter for letter in letters if letter not in _LETTERS_LIKE_DIGITS) or "A"
    hand_of = _hand_of_column(rng)

    def fill(rng: Generator, page_style: PageStyle, cell: Box, row_and_column: RowAndColumn) -> PageContent:
        height = max(min(habit.height, 0.8) * cell.height, 5.0)
        hand = writing.resize_hand(hand_of(page_style), min(height, 1.3 * cell.width / (digits + len(letters))))
        baseline = cell.bottom - round(habit.baseline * cell.height)
        letter = writing.write_words(wording.choose(rng, letters), (0, 0), hand, rng)
        number = writing.write_characters(wording.random_digits(rng, digits), (0, 0), hand, rng, row_and_column)
        first, second = (number, letter) if after else (letter, page_content.as_optional(number))
        low, high = cell_writing.ink_extent(first)
        gap = round(float(rng.uniform(0.02, 0.4)) * hand.height)
        second = page_content.move_content(second, high + gap - cell_writing.ink_extent(second)[0], 0)
        return page_content.move_content(first + second, cell.x + round(0.08 * cell.width) - low, baseline)

    return TableColumn(_heading(rng), digits + 2.5, fill)


def name_column(rng: Generator, _: PageStyle, habit: CellHabit) -> TableColumn:
    """Handwritten names, with ditto marks in some columns."""
    return TableColumn(
        wording.choose(rng, ("Name", "Pupil", "Player", "Item", "Place", "Patient", wording.random_field_name(rng))),
        float(rng.uniform(7, 13)),
        _word_filler(rng, habit, cell_texts.names(rng)),
    )


def remark_column(rng: Generator, _: PageStyle, habit: CellHabit) -> TableColumn:
    """Handwritten words, in some cells only."""
    return TableColumn(
        wording.choose(rng, ("Remarks", "Notes", "Comments", "Wind", "Work done", wording.random_field_name(rng))),
        float(rng.uniform(6, 14)),
        _word_filler(rng, habit, cell_texts.remarks(rng), empty_share=float(rng.uniform(0.0, 0.7))),
    )


def signature_column(rng: Generator, _: PageStyle, __: CellHabit) -> TableColumn:
    """Signatures of few people."""

    def fill(rng: Generator, page_style: PageStyle, cell: Box, _: RowAndColumn) -> PageContent:
        return writing.sign_in_cell(cell, page_style.other_hand if rng.random() < 0.4 else page_style.hand, rng)

    return TableColumn(wording.choose(rng, ("Signature", "Sign", "Checked", "By")), float(rng.uniform(4, 7)), fill)


def tick_column(rng: Generator, _: PageStyle, __: CellHabit) -> TableColumn:
    """Ticks, crosses or filled boxes."""
    hand_of, tick_share, empty_share = _hand_of_column(rng), rng.choice([0.0, 0.5, 1.0]), rng.uniform(0, 0.6)

    def fill(rng: Generator, page_style: PageStyle, cell: Box, _: RowAndColumn) -> PageContent:
        if rng.random() < empty_share:
            return PageContent()
        side = min(0.7 * cell.height, 0.9 * cell.width)
        box = cell_marks.inner_box(cell, side / cell.width, side / cell.height, rng)
        pen = writing.resize_hand(hand_of(page_style), max(side, 5.0))
        return marks.draw_tick(box, pen, rng) if rng.random() < tick_share else marks.draw_cross(box, pen, rng)

    return TableColumn(_heading(rng), 2.2, fill)


def bubble_column(rng: Generator, page_style: PageStyle, _: CellHabit) -> TableColumn:
    """Printed bubbles, one of them filled."""
    bubbles, hand_of = cell_marks.random_bubble_style(rng, page_style), _hand_of_column(rng)

    def fill(rng: Generator, page_style: PageStyle, cell: Box, _: RowAndColumn) -> PageContent:
        return cell_marks.draw_bubbles(rng, page_style, hand_of(page_style), cell, bubbles)

    return TableColumn(_heading(rng), 1.3 * len(bubbles.labels) + 1, fill)


def tally_column(rng: Generator, _: PageStyle, __: CellHabit) -> TableColumn:
    """Tally strokes."""
    hand_of = _hand_of_column(rng)

    def fill(rng: Generator, page_style: PageStyle, cell: Box, _: RowAndColumn) -> PageContent:
        return cell_marks.draw_tallies_in_cell(rng, hand_of(page_style), cell)

    return TableColumn(wording.choose(rng, ("Count", "Tally", "Votes")), float(rng.uniform(6, 14)), fill)


def comb_column(rng: Generator, page_style: PageStyle, habit: CellHabit) -> TableColumn:
    """Cells divided into boxes for one digit each."""
    count = int(rng.choice([2, 3, 3, 3, 4, 5, 6]))
    aspect = float(rng.uniform(0.7, 2.3))
    return TableColumn(_heading(rng), 1.9 * aspect * count, comb_cells.comb_filler(rng, page_style, habit, count))


def printed_column(rng: Generator, page_style: PageStyle, _: CellHabit) -> TableColumn:
    """Print: row or day numbers, times, names, words, amounts, codes."""
    kind = int(rng.integers(10))
    maker, characters = random_number_texts(rng)
    typed = maker(rng)
    start, step = int(rng.choice([0, 1, 1, 1, 10, 1890, 1940])), int(rng.choice([1, 1, 1, 5, 30]))
    clock = wording.choose(rng, ("{:02d}:00", "{:02d}00", "{}.00", "{}h"))
    capitals = rng.random() < 0.4
    ordinal = wording.choose(rng, ("{}", "{}", "{}.", "{}.", "{:02d}", "{:02d}.", "({})", "{})"))
    text_style = page_style.bold if rng.random() < 0.35 else page_style.body
    text_style = replace(text_style, size=round(text_style.size * float(rng.choice([1.0, 1.0, 1.3, 1.7]))))

    def text(rng: Generator, row: int) -> str:
        if kind < 2:
            return ordinal.format(start + step * row)
        if kind == 2:
            return clock.format((start + row) % 24)
        if kind == 3:
            return wording.choose(rng, "ABCDEFGH") + wording.random_digits(rng, 3)
        if kind == 4:
            return wording.random_price(rng)
        if kind > 7:
            return typed(rng, row).replace("½", ".5").replace("·", ".")
        words = f"{wording.random_name(rng)} {wording.random_name(rng)}" if kind < 7 else wording.random_word(rng)
        return words.upper() if capitals else words.capitalize() if kind == 7 else words

    flush_left = 4 < kind < 8
    align = float(rng.choice([0.0, 0.0, 0.5] if flush_left else [0.0, 0.5, 1.0]))

    def fill(rng: Generator, _: PageStyle, cell: Box, row_and_column: RowAndColumn) -> PageContent:
        return typeset_in_cell(text(rng, row_and_column[0]), cell, text_style, align)

    widths = (2.2, 2.4, 3.2, 3.4, 5.0, 9.5, 9.5, 6.0, characters, characters)
    return TableColumn(_heading(rng), widths[kind], fill)


def typeset_in_cell(text: str, cell: Box, text_style: printed.TextStyle, align: float) -> PageContent:
    """Typeset as much of a text as fits into a cell, in smaller type if need be."""
    size = min(text_style.size, max(round(0.9 * cell.height), 6))
    inset = max(size // 4, 1)
    room = Box(cell.x + inset, cell.y, max(cell.width - 2 * inset, 3), cell.height)
    fitting = replace(text_style, size=size)
    text = printed.shorten_to_width(text, room.width, fitting)
    width = printed.text_width(text, fitting)
    if width > room.width:
        fitting = replace(fitting, size=max(int(size * room.width / width), 6))
        if printed.text_width(text, fitting) > cell.width:
            return PageContent()
    return printed.typeset_line_in_box(text, room, fitting, align)


def _heading(rng: Generator) -> str:
    kind = rng.random()
    if kind < 0.5:
        return wording.random_field_name(rng)
    if kind < 0.6:
        return f"({int(rng.integers(1, 20))})"
    if kind < 0.75:
        return wording.random_name(rng)[:4] + "."
    if kind < 0.9:
        return wording.random_heading(rng)
    return ""


def _hand_of_column(rng: Generator) -> Callable[[PageStyle], Hand]:
    """Which hand fills in a column: that of the page, or of the row; another pen of it, or somebody else."""
    kind = rng.random()
    if kind > _OTHER_PEN_SHARE:
        return lambda page_style: page_style.hand
    if kind > 0.5 * _OTHER_PEN_SHARE:
        return lambda page_style: replace(page_style.hand, ink=page_style.other_hand.ink)
    return lambda page_style: page_style.other_hand


def _random_empty_cells(rng: Generator) -> Callable[[Generator, Hand, Box], PageContent | None]:
    """A function that says what stands in a cell instead of a number; None if there is a number."""
    share = float(rng.choice([0.0, 0.04, 0.15, 0.4, 0.75], p=[0.3, 0.3, 0.2, 0.12, 0.08]))
    mark = cell_marks.EMPTY_MARKS[int(rng.integers(len(cell_marks.EMPTY_MARKS)))]
    marked_share = float(rng.choice([0.0, 0.3, 1.0], p=[0.5, 0.2, 0.3]))

    def fill(rng: Generator, hand: Hand, cell: Box) -> PageContent | None:
        if rng.random() >= share:
            return None
        if rng.random() >= marked_share:
            return PageContent()
        return mark(rng, writing.resize_hand(hand, min(hand.height, 0.8 * cell.height)), cell)

    return fill


def _word_filler(rng: Generator, habit: CellHabit, texts: TextOfRow, empty_share: float = 0.03) -> CellFiller:
    hand_of = _hand_of_column(rng)
    ditto_share = float(rng.choice([0.0, 0.0, 0.3]))

    def fill(rng: Generator, page_style: PageStyle, cell: Box, row_and_column: RowAndColumn) -> PageContent:
        sized = writing.resize_hand(hand_of(page_style), max(habit.height * cell.height, 5.0))
        if row_and_column[0] and rng.random() < ditto_share:
            return cell_marks.draw_ditto_in_cell(rng, sized, cell)
        if rng.random() < empty_share:
            return PageContent()
        return writing.write_words_in_cell(texts(rng, row_and_column[0]), cell, sized, rng)

    return fill


def _write_second(rng: Generator, hand: Hand, cell: Box, text: str, row_and_column: RowAndColumn) -> PageContent:
    """Write a second, smaller number into a corner of the cell."""
    height = 0.38 * cell.height
    if height < 5:
        return PageContent()
    corner = Box(cell.x + cell.width // 2, cell.y, max(cell.width // 2, 3), max(cell.height // 2, 3))
    habit = cell_writing.CellHabit(0.75, 0.8, 0.1, 0.15, 0.05, 0.8)
    return cell_writing.write_number_in_cell(text[:3].rstrip(".,·-:/"), corner, hand, rng, habit, row_and_column)


def _write_unit(rng: Generator, hand: Hand, unit: str, written: PageContent) -> PageContent:
    box = written.numbers[-1].box
    small = writing.resize_hand(hand, max(0.75 * box.height, 5.0))
    start = box.right + round(0.3 * box.height), box.bottom
    return writing.write_words(unit, start, small, rng)


def _mark_number(rng: Generator, page_style: PageStyle, hand: Hand, written: PageContent) -> PageContent:
    """Now and then: a number struck out and corrected, ringed, underlined or ticked off."""
    kind, box = rng.random(), written.numbers[0].box
    pen = writing.resize_hand(hand, max(box.height, 5))
    if kind < _CORRECTED_SHARE:
        struck = marks.cross_out(written, pen, rng)
        small = writing.resize_hand(hand, max(0.7 * box.height, 5.0))
        start = (box.x + round(0.2 * box.width), box.y - 1) if rng.random() < 0.5 else (box.right + 2, box.bottom)
        again = str(int(rng.integers(1, 100)))
        return struck + writing.write_characters(again, start, small, rng, written.numbers[0].row_and_column)
    if kind < _CORRECTED_SHARE + 0.015:
        other = writing.resize_hand(page_style.other_hand, max(box.height, 5))
        return written + marks.draw_ring(box, other if rng.random() < 0.5 else pen, rng)
    if kind < _CORRECTED_SHARE + 0.025:
        return written + marks.draw_underline(box, pen, rng)
    if kind < _CORRECTED_SHARE + 0.04:
        side = max(round(0.6 * box.height), 4)
        return written + marks.draw_tick(Box(box.right + 2, box.y, side, side), pen, rng)
    if kind < _CORRECTED_SHARE + 0.05:
        return written + cell_marks.draw_correction_patch(rng, box)
    return written + cell_marks.draw_highlight(rng, box) if kind > 0.992 else written
