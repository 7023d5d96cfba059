"""What people write without a form: sums, lists of amounts, notes; and the paper with lines that they write it on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from scanner.synthesis import codes, forms, ink, marks, printed, wording, writing
from scanner.synthesis.ink import Content, Ink
from scanner.synthesis.printed import Block
from scanner.types import Box

if TYPE_CHECKING:
    from scanner.synthesis.forms import Setting

    Generator = np.random.Generator


def sums(rng: Generator, setting: Setting, column: Box) -> Block:
    """Sums line by line, in a frame now and then, some with powers, crossed out, underlined or circled results."""
    hand = setting.hand
    step = round(hand.height * rng.uniform(1.7, 3.2))
    rows = max(min(int(rng.integers(1, 9)), (column.bottom - column.y) // step - 1), 1)
    inset = round(rng.uniform(0.1, 0.4) * column.width)
    contents, y = [], column.y + step
    for row in range(rows):
        text = _sum(rng)
        at = (column.x + max(inset + round(rng.normal(0, 0.5) * hand.height), 0), y + round(rng.normal(0, 0.08) * step))
        written = _in_width(writing.text(text, at, hand, rng), column)
        if rng.random() < 0.05:
            written = marks.crossed_out(written, hand, rng)
        elif rng.random() < 0.25 and written.numbers:
            written += _power(rng, setting, written)
        if row == rows - 1 and rng.random() < 0.4 and written.numbers:
            emphasis = marks.underline if rng.random() < 0.6 else marks.ring
            written += emphasis(written.numbers[-1].box, hand, rng)
        contents.append(written)
        y += step
    if rng.random() < 0.4:
        area = Box(column.x, column.y, column.width, y - column.y)
        contents.append(ink.frame(area, setting.rule_width * 1.5, setting.rules))
    return Block(ink.together(contents), y + setting.body.size)


def columns_of_digits(rng: Generator, setting: Setting, column: Box) -> Block:
    """Numbers flush right below one another with a rule by hand and the total."""
    hand = setting.hand
    step = round(hand.height * rng.uniform(1.25, 2.2))
    beside = max(min(column.width // (8 * hand.height), 4), 1)
    rows = max(min(int(rng.integers(2, 12)), (column.bottom - column.y) // step - 3), 1)
    contents = []
    for place in range(beside):
        right = column.x + round((place + 0.85) * column.width / beside)
        for row in range(rows):
            number = writing.text(
                wording.written_number(rng)[:7].rstrip(".,"), (0, column.y + (row + 1) * step), hand, rng
            )
            number = ink.moved(number, right - number.box.right + round(rng.normal(0, 0.1) * hand.height), 0)
            contents.append(forms.corrected(rng, setting, number) if rng.random() < 0.03 else number)
        under = Box(right - 4 * hand.height, column.y + rows * step, 4 * hand.height, max(step // 2, 2))
        contents.append(marks.dash(Box(under.x, under.y, under.width, under.height), hand, rng))
        total = writing.text(
            str(int(rng.integers(10, 99999))), (0, column.y + (rows + 1) * step + step // 2), hand, rng
        )
        contents.append(ink.moved(total, right - total.box.right, 0))
    return Block(ink.together(contents), column.y + (rows + 2) * step)


def notes(rng: Generator, setting: Setting, column: Box) -> Block:
    """Lines of handwritten words with a number here and there."""
    hand = setting.hand
    if rng.random() < 0.3:
        hand = writing.sized(hand, hand.height * float(rng.uniform(0.8, 1.7)))
    step = round(hand.height * rng.uniform(1.6, 2.4))
    rows = max(min(int(rng.integers(1, 12)), (column.bottom - column.y) // step - 1), 1)
    numerals = float(rng.choice([0.0, 0.04, 0.15]))
    contents, y = [], column.y + step
    for _ in range(rows):
        x = column.x + round(abs(rng.normal(0, 0.3)) * hand.height)
        end = column.right if rng.random() < 0.8 else column.x + round(rng.uniform(0.2, 0.9) * column.width)
        while x < end - 3 * hand.height:
            level = y + round(rng.normal(0, 0.06) * hand.height)
            if rng.random() < numerals:
                part = writing.text(wording.amount(rng), (x, level), hand, rng)
            else:
                part = writing.words(wording.word(rng), (x, level), hand, rng)
            if part.box.right > column.right:
                break
            contents.append(marks.crossed_out(part, hand, rng) if rng.random() < 0.02 else part)
            x = part.box.right + round(hand.height * (rng.uniform(0.3, 0.8) + 1.5 * hand.script.spacing))
        y += step
    return Block(ink.together(contents), y - step // 2)


def cheque(rng: Generator, setting: Setting, column: Box) -> Block:
    """A slip with lines for a name and an amount in words, a framed amount, a date, a signature, machine digits."""
    tall = min(max(setting.pixels(62), 9 * setting.body.size), max(column.bottom - column.y, 60))
    area = Box(column.x, column.y, column.width, tall)
    pad = setting.body.size
    row = tall // 5
    content = ink.frame(area, setting.rule_width, setting.rules)
    bank = f"{wording.name(rng)} {wording.name(rng)}"
    content += printed.line(bank, (area.x + pad, area.y + 2 * pad), setting.bold)
    side = column.width * 2 // 7
    amount = Box(area.right - side - pad, area.y + row + pad // 2, side, max(row - pad // 2, 8))
    content += ink.frame(amount, setting.rule_width, setting.rules)
    sign = wording.chosen(rng, ("$", "EUR", "#", ""))
    if sign:
        content += printed.line_in(sign, Box(amount.x - 4 * pad, amount.y, 3 * pad, amount.height), setting.bold, 1.0)
    hand = writing.sized(setting.hand, min(setting.hand.height, 0.75 * amount.height))
    tail = wording.chosen(rng, ("", "", "-", " -", "/"))
    content += writing.text_in(wording.written_number(rng) + tail, amount, hand, rng)
    date = Box(area.right - side - pad, area.y + pad // 2, side, max(row - pad // 2, 8))
    content += writing.text_in(forms.written_date(rng), date, hand, rng) + forms.rule_under(date, setting, 0)
    for line, label in ((1, "Pay"), (2, "Sum of")):
        room = Box(area.x + 5 * pad, area.y + line * row, max(amount.x - area.x - 9 * pad, 20), row)
        content += printed.line(label, (area.x + pad, room.bottom), setting.body) + forms.rule_under(room, setting, 0)
        phrase = " ".join(wording.word(rng) for _ in range(int(rng.integers(2, 5))))
        content += writing.words_in(phrase, room, setting.hand, rng)
    name = Box(area.right - side - pad, area.y + 3 * row, side, row)
    content += writing.signed(name, setting.hand, rng) + forms.rule_under(name, setting, 0)
    machine = " ".join(str(int(rng.integers(10**5, 10**8))) for _ in range(3))
    content += printed.line(machine, (area.x + 3 * pad, area.bottom - pad // 2), setting.bold)
    return Block(content, area.bottom + pad)


def lined(rng: Generator, setting: Setting, page: Box) -> Content:
    """The rules of writing paper: lines, squares or dots, and a margin now and then; never darker than a pen."""
    kind = rng.random()
    pitch = setting.pixels(rng.uniform(6, 10) if kind < 0.55 else rng.uniform(4, 6))
    tints = ((215, 190, 165), (200, 200, 200), (190, 205, 175), (205, 175, 200))
    tint = tints[int(rng.integers(len(tints)))]
    pale, thick = Ink(tint, float(rng.uniform(0.5, 1.0))), max(0.16 * setting.dpi / 25.4, 0.5)
    lines = []
    if kind < 0.92:
        lines += [
            ink.line((page.x, y), (page.right, y), thick, pale) for y in range(page.y + pitch, page.bottom, pitch)
        ]
    if 0.55 <= kind < 0.92:
        lines += [
            ink.line((x, page.y), (x, page.bottom), thick, pale) for x in range(page.x + pitch, page.right, pitch)
        ]
    if rng.random() < 0.4:
        x = page.x + setting.pixels(rng.uniform(15, 30))
        lines.append(ink.line((x, page.y), (x, page.bottom), thick, Ink((150, 150, 225), 0.8)))
    return ink.together(lines)


def stamped(rng: Generator, setting: Setting, column: Box) -> Block:
    """A signature over a line with its caption, and perhaps an office's stamp partly over it."""
    room = Box(
        column.x + round(rng.uniform(0, 0.5) * column.width),
        column.y,
        max(column.width * 2 // 5, 20),
        setting.pixels(14),
    )
    content = forms.rule_under(room, setting, 0)
    content += writing.signed(room, setting.other, rng)
    caption = Box(room.x, room.bottom, room.width, round(1.4 * setting.body.size))
    content += printed.line_in(
        printed.shortened(wording.field_name(rng), room.width, setting.body), caption, setting.body, 0.5
    )
    if rng.random() < 0.7:
        radius = setting.pixels(rng.uniform(9, 18))
        center = (column.x + round(rng.uniform(0.1, 0.9) * column.width), room.y + round(0.5 * room.height))
        content += codes.stamp(center, radius, setting.bold.font, rng)
    return Block(content, caption.bottom + setting.body.size)


def _sum(rng: Generator) -> str:
    """A sum, or part of one."""
    a, b, c = (int(n) for n in rng.integers(1, 10 ** rng.integers(1, 4, 3), 3))
    return wording.chosen(rng, (f"{a} + {b} = {a + b}", f"{a} x {b} = {a * b}", f"{a + b} - {b} = {a}",
                                f"({a} + {b}) x {c}",
                                f"{a} x {b} + {c} x ({a})", f"= {a * c}", f"{a}", f"{a} / {b} = {a / b:.1f}",
                                f"{a} + {b}",
                                f"{a}/{b} + {c}/{b} = {a + c}/{b}", f"{a}x + {b} = {c}"))  # fmt: skip  # in columns


def _power(rng: Generator, setting: Setting, written: Content) -> Content:
    """A small number at the shoulder of the last one."""
    box = written.numbers[-1].box
    small = writing.sized(setting.hand, 0.55 * setting.hand.height)
    return writing.text(str(int(rng.integers(2, 10))), (box.right + 2, box.y + round(0.3 * small.height)), small, rng)


def _in_width(content: Content, column: Box) -> Content:
    """The content pushed back to the left where it reaches out of the column."""
    return ink.moved(content, min(column.right - content.box.right, 0), 0)
