"""Handwriting without a form: sums, columns of numbers, notes, cheques, signatures, and ruled paper."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from scanner.synthesis import barcodes_stamps, forms, marks, page_content, printed, wording, writing
from scanner.synthesis.page_content import InkStyle, PageContent
from scanner.synthesis.printed import Block
from scanner.types import Box

if TYPE_CHECKING:
    from scanner.synthesis.page_style import PageStyle
    from scanner.synthesis.writing import Hand

    Generator = np.random.Generator


def scrawl_across(rng: Generator, page_style: PageStyle, page: Box) -> PageContent:
    """A note in large letters across whatever is on the page, as with a marker; nobody asks for its numbers."""
    height = page_style.mm_to_pixels(rng.uniform(8, 22))
    pen = writing.resize_hand(page_style.other_hand, height)
    words = writing.write_words(wording.random_word(rng), (0, 0), pen, rng)
    if rng.random() < 0.5:
        digits = page_content.as_optional(
            writing.write_characters(wording.random_written_number(rng), (0, 0), pen, rng)
        )
        words += page_content.move_content(digits, words.box.right + height // 2, 0)
    x, y = (round(side * float(rng.uniform(0.05, 0.7))) for side in (page.width, page.height))
    return page_content.move_content(words, x, y + height)


def sums_block(rng: Generator, page_style: PageStyle, column: Box) -> Block:
    """Sums, one per line, some with exponents, crossed out, underlined, circled or framed."""
    hand = _widely_spaced(page_style.hand, rng) if rng.random() < 0.5 else page_style.hand
    step = round(hand.height * rng.uniform(1.7, 3.2))
    rows = max(min(int(rng.integers(1, 9)), (column.bottom - column.y) // step - 1), 1)
    is_tight = rng.random() < 0.5
    inset = round(rng.uniform(0.1, 0.4) * column.width)
    contents, y = [], column.y + step
    for row in range(rows):
        text = _random_sum(rng)
        if is_tight:
            # Signs as near as digits.
            text = text.replace(" ", "")
        start = (
            column.x + max(inset + round(rng.normal(0, 0.5) * hand.height), 0),
            y + round(rng.normal(0, 0.08) * step),
        )
        written = _push_into_column(writing.write_characters(text, start, hand, rng), column)
        if rng.random() < 0.05:
            written = marks.cross_out(written, hand, rng)
        elif rng.random() < 0.25 and written.numbers:
            written += _write_exponent(rng, page_style, written)
        if row == rows - 1 and rng.random() < 0.4 and written.numbers:
            emphasis = marks.draw_underline if rng.random() < 0.6 else marks.draw_ring
            written += emphasis(written.numbers[-1].box, hand, rng)
        contents.append(written)
        y += step
    if rng.random() < 0.4:
        area = Box(column.x, column.y, column.width, y - column.y)
        contents.append(page_content.draw_form_frame(area, page_style.rule_width * 1.5, page_style.rule_ink))
    return Block(page_content.merge_contents(contents), y + page_style.body.size)


def number_columns_block(rng: Generator, page_style: PageStyle, column: Box) -> Block:
    """Columns of right-aligned numbers with a line by hand and the total below."""
    hand = page_style.hand
    step = round(hand.height * rng.uniform(1.25, 2.2))
    column_count = max(min(column.width // (8 * hand.height), 4), 1)
    rows = max(min(int(rng.integers(2, 12)), (column.bottom - column.y) // step - 3), 1)
    contents = []
    for index in range(column_count):
        right = column.x + round((index + 0.85) * column.width / column_count)
        for row in range(rows):
            number = writing.write_characters(
                wording.random_written_number(rng)[:7].rstrip(".,"), (0, column.y + (row + 1) * step), hand, rng
            )
            number = page_content.move_content(
                number, right - number.box.right + round(rng.normal(0, 0.1) * hand.height), 0
            )
            contents.append(forms.correct_by_hand(rng, page_style, number) if rng.random() < 0.03 else number)
        under = Box(right - 4 * hand.height, column.y + rows * step, 4 * hand.height, max(step // 2, 2))
        contents.append(marks.draw_dash(under, hand, rng))
        total = writing.write_characters(
            str(int(rng.integers(10, 99999))), (0, column.y + (rows + 1) * step + step // 2), hand, rng
        )
        contents.append(page_content.move_content(total, right - total.box.right, 0))
    return Block(page_content.merge_contents(contents), column.y + (rows + 2) * step)


def notes_block(rng: Generator, page_style: PageStyle, column: Box) -> Block:
    """Lines of handwritten words with some numbers."""
    hand = page_style.hand
    if rng.random() < 0.3:
        hand = writing.resize_hand(hand, hand.height * float(rng.uniform(0.8, 1.7)))
    step = round(hand.height * rng.uniform(1.6, 2.4))
    rows = max(min(int(rng.integers(1, 12)), (column.bottom - column.y) // step - 1), 1)
    number_share = float(rng.choice([0.0, 0.04, 0.15]))
    contents, y = [], column.y + step
    for _ in range(rows):
        x = column.x + round(abs(rng.normal(0, 0.3)) * hand.height)
        end = column.right if rng.random() < 0.8 else column.x + round(rng.uniform(0.2, 0.9) * column.width)
        while x < end - 3 * hand.height:
            baseline = y + round(rng.normal(0, 0.06) * hand.height)
            if rng.random() < number_share:
                text = wording.random_number_with_unit(rng)
                part = page_content.as_optional(writing.write_characters(text, (x, baseline), hand, rng))
            else:
                part = writing.write_words(wording.random_word(rng), (x, baseline), hand, rng)
            if part.box.right > column.right:
                break
            contents.append(marks.cross_out(part, hand, rng) if rng.random() < 0.02 else part)
            x = part.box.right + round(hand.height * (rng.uniform(0.3, 0.8) + 1.5 * hand.word_style.spacing))
        y += step
    return Block(page_content.merge_contents(contents), y - step // 2)


def cheque_block(rng: Generator, page_style: PageStyle, column: Box) -> Block:
    """A cheque: payee and amount in words, a framed amount, a date, a signature and a line of machine digits."""
    height = min(max(page_style.mm_to_pixels(62), 9 * page_style.body.size), max(column.bottom - column.y, 60))
    area = Box(column.x, column.y, column.width, height)
    pad = page_style.body.size
    row = height // 5
    content = page_content.draw_form_frame(area, page_style.rule_width, page_style.rule_ink)
    bank = f"{wording.random_name(rng)} {wording.random_name(rng)}"
    content += printed.typeset_line(bank, (area.x + pad, area.y + 2 * pad), page_style.bold)
    side = column.width * 2 // 7
    amount = Box(area.right - side - pad, area.y + row + pad // 2, side, max(row - pad // 2, 8))
    content += page_content.draw_form_frame(amount, page_style.rule_width, page_style.rule_ink)
    currency = wording.choose(rng, ("$", "EUR", "#", ""))
    if currency:
        content += printed.typeset_line_in_box(
            currency, Box(amount.x - 4 * pad, amount.y, 3 * pad, amount.height), page_style.bold, 1.0
        )
    hand = writing.resize_hand(page_style.hand, min(page_style.hand.height, 0.75 * amount.height))
    tail = wording.choose(rng, ("", "", "-", " -", "/"))
    content += writing.write_characters_in_cell(wording.random_written_number(rng) + tail, amount, hand, rng)
    date = Box(area.right - side - pad, area.y + pad // 2, side, max(row - pad // 2, 8))
    content += writing.write_characters_in_cell(
        forms.random_written_date(rng), date, hand, rng
    ) + forms.draw_rule_under(date, page_style)
    for line, label in ((1, "Pay"), (2, "Sum of")):
        room = Box(area.x + 5 * pad, area.y + line * row, max(amount.x - area.x - 9 * pad, 20), row)
        content += printed.typeset_line(label, (area.x + pad, room.bottom), page_style.body) + forms.draw_rule_under(
            room, page_style
        )
        phrase = " ".join(wording.random_word(rng) for _ in range(int(rng.integers(2, 5))))
        content += writing.write_words_in_cell(phrase, room, page_style.hand, rng)
    name = Box(area.right - side - pad, area.y + 3 * row, side, row)
    content += writing.sign_in_cell(name, page_style.hand, rng) + forms.draw_rule_under(name, page_style)
    machine = " ".join(str(int(rng.integers(10**5, 10**8))) for _ in range(3))
    content += printed.typeset_line(machine, (area.x + 3 * pad, area.bottom - pad // 2), page_style.bold)
    return Block(content, area.bottom + pad)


def draw_writing_lines(rng: Generator, page_style: PageStyle, page: Box) -> PageContent:
    """Pale rules of writing paper: none, lines or squares, now and then with a margin line."""
    kind = rng.random()
    pitch = page_style.mm_to_pixels(rng.uniform(6, 10) if kind < 0.55 else rng.uniform(4, 6))
    tints = ((215, 190, 165), (200, 200, 200), (190, 205, 175), (205, 175, 200))
    tint = tints[int(rng.integers(len(tints)))]
    pale_ink, thickness = InkStyle(tint, float(rng.uniform(0.5, 1.0))), max(0.16 * page_style.dpi / 25.4, 0.5)
    lines = []
    if kind < 0.92:
        lines += [
            page_content.draw_rule((page.x, y), (page.right, y), thickness, pale_ink)
            for y in range(page.y + pitch, page.bottom, pitch)
        ]
    if 0.55 <= kind < 0.92:
        lines += [
            page_content.draw_rule((x, page.y), (x, page.bottom), thickness, pale_ink)
            for x in range(page.x + pitch, page.right, pitch)
        ]
    if rng.random() < 0.4:
        x = page.x + page_style.mm_to_pixels(rng.uniform(15, 30))
        lines.append(page_content.draw_rule((x, page.y), (x, page.bottom), thickness, InkStyle((150, 150, 225), 0.8)))
    return page_content.merge_contents(lines)


def signature_block(rng: Generator, page_style: PageStyle, column: Box) -> Block:
    """A signature on a rule with a caption, and perhaps a stamp partly over it."""
    room = Box(
        column.x + round(rng.uniform(0, 0.5) * column.width),
        column.y,
        max(column.width * 2 // 5, 20),
        page_style.mm_to_pixels(14),
    )
    content = forms.draw_rule_under(room, page_style)
    content += writing.sign_in_cell(room, page_style.other_hand, rng)
    caption = Box(room.x, room.bottom, room.width, round(1.4 * page_style.body.size))
    content += printed.typeset_line_in_box(
        printed.shorten_to_width(wording.random_field_name(rng), room.width, page_style.body),
        caption,
        page_style.body,
        0.5,
    )
    if rng.random() < 0.7:
        radius = page_style.mm_to_pixels(rng.uniform(9, 18))
        center = (column.x + round(rng.uniform(0.1, 0.9) * column.width), room.y + round(0.5 * room.height))
        content += barcodes_stamps.draw_stamp(center, radius, page_style.bold.font_path, rng)
    return Block(content, caption.bottom + page_style.body.size)


def _widely_spaced(hand: Hand, rng: Generator) -> Hand:
    """The same hand with more room between characters."""
    spacing = hand.writer.spacing + float(rng.uniform(0.05, 0.5))
    return replace(hand, writer=replace(hand.writer, spacing=spacing))


def _random_sum(rng: Generator) -> str:
    """A sum or part of one, as people write it in exercises."""
    a, b, c = (int(n) for n in rng.integers(1, 10 ** rng.integers(1, 4, 3), 3))
    return wording.choose(rng, (f"{a} + {b} = {a + b}", f"{a} x {b} = {a * b}", f"{a + b} - {b} = {a}",
                                f"({a} + {b}) x {c}",
                                f"{a} x {b} + {c} x ({a})", f"= {a * c}", f"{a}", f"{a} / {b} = {a / b:.1f}",
                                f"{a} + {b}",
                                f"{a}/{b} + {c}/{b} = {a + c}/{b}", f"{a}x + {b} = {c}"))  # fmt: skip  # in columns


def _write_exponent(rng: Generator, page_style: PageStyle, written: PageContent) -> PageContent:
    """Write an exponent after the last number."""
    box = written.numbers[-1].box
    small = writing.resize_hand(page_style.hand, 0.55 * page_style.hand.height)
    return writing.write_characters(
        str(int(rng.integers(2, 10))), (box.right + 2, box.y + round(0.3 * small.height)), small, rng
    )


def _push_into_column(content: PageContent, column: Box) -> PageContent:
    """Move content to the left if it extends beyond the column."""
    return page_content.move_content(content, min(column.right - content.box.right, 0), 0)
