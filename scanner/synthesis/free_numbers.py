"""Numbers on paper without a table: far apart, huge, in lists, ringed, as fractions, in written sums and exercises."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from scanner.synthesis import (
    cell_texts,
    cell_writing,
    expressions,
    forms,
    marks,
    page_content,
    printed,
    wording,
    writing,
)
from scanner.synthesis.page_content import InkLayer, PageContent, PixelClass
from scanner.synthesis.printed import Block
from scanner.types import Box

if TYPE_CHECKING:
    from scanner.synthesis.page_style import PageStyle
    from scanner.synthesis.writing import Hand

    Generator = np.random.Generator


def wide_numbers_block(rng: Generator, page_style: PageStyle, column: Box) -> Block:
    """Numbers whose digits stand far apart, a few on each line."""
    hand = _sized_hand(rng, page_style, 0.7, 1.8)
    step = round(hand.height * float(rng.uniform(1.4, 3.0)))
    gap = float(rng.uniform(0.35, 1.5))
    lines = max(min(int(rng.integers(1, 14)), column.height // step - 1), 1)
    contents = []
    for line in range(lines):
        x = column.x + round(float(rng.uniform(0, 0.3)) * column.width)
        while True:
            digits = expressions.digits_with_outer_ones(rng, int(rng.integers(1, 8)))
            number = cell_writing.write_spaced_digits(digits, (x, column.y + (line + 1) * step), hand, rng, gap)
            if number.box.right > column.right:
                break
            contents.append(number)
            x = number.box.right + round(hand.height * (2.0 * gap + float(rng.uniform(0.6, 3.0))))
    return Block(page_content.merge_contents(contents), column.y + (lines + 1) * step)


def huge_number_block(rng: Generator, page_style: PageStyle, column: Box) -> Block:
    """One large number, as on a label, a sign or an otherwise empty page."""
    height = page_style.mm_to_pixels(float(np.exp(rng.uniform(np.log(8), np.log(45)))))
    text = wording.random_written_number(rng)[: int(rng.integers(1, 7))].rstrip(".,")
    height = max(min(height, round(0.9 * column.width / len(text)), column.height // 2), 8)
    hand = writing.resize_hand(page_style.hand, height)
    written = cell_writing.write_number(text, (0, column.y + round(1.3 * height)), hand, rng)
    slack = max(column.width - written.box.width, 0)
    x = column.x + round(float(rng.uniform(0, 1)) * slack)
    written = page_content.move_content(written, x - written.box.x, 0)
    if rng.random() < 0.2:
        written += marks.draw_ring(written.box, writing.resize_hand(page_style.other_hand, height), rng)
    return Block(written, column.y + 2 * height)


def list_block(rng: Generator, page_style: PageStyle, column: Box) -> Block:
    """A list of numbers without rules, in one or more columns, each after a printed or written item or ringed."""
    hand = _sized_hand(rng, page_style, 0.7, 1.3)
    step = round(hand.height * float(rng.uniform(1.2, 2.6)))
    count = max(min(int(rng.integers(1, 7)), column.width // (5 * hand.height)), 1)
    lines = max(min(int(rng.integers(2, 26)), column.height // step - 1), 1)
    shares = np.array([share for _, share, _ in cell_texts.NUMBER_COLUMNS])
    kind = wording.choose(rng, ("bare", "bare", "item", "written item", "ringed", "words"))
    contents = []
    for index in range(count):
        texts = cell_texts.NUMBER_COLUMNS[int(rng.choice(len(shares), p=shares / shares.sum()))][0](rng)
        left = column.x + round(index * column.width / count)
        lean = float(rng.normal(0, 0.05))
        for line in range(lines):
            at = (
                left + round(lean * line * step + abs(float(rng.normal(0, 0.3))) * hand.height),
                column.y + (line + 1) * step,
            )
            contents.append(_write_item(rng, page_style, hand, kind, texts(rng, line), at, line))
    return Block(page_content.merge_contents(contents), column.y + (lines + 1) * step)


def written_sums_block(rng: Generator, page_style: PageStyle, column: Box) -> Block:
    """Sums written below each other in columns, with a sign, a line, the result, and small carried digits."""
    hand = _sized_hand(rng, page_style, 0.8, 1.5)
    pitch, step = round(hand.height * float(rng.uniform(0.8, 1.25))), round(hand.height * float(rng.uniform(1.2, 1.7)))
    contents: list[PageContent] = []
    x, y = column.x + 2 * pitch, column.y
    bottom = y
    while True:
        digits = int(rng.integers(1, 6))
        rows = int(rng.choice([2, 2, 2, 3, 4]))
        if x + (digits + 3) * pitch > column.right:
            x, y = column.x + 2 * pitch, bottom + step
        if y + (rows + 3) * step > column.bottom or (contents and rng.random() < 0.12):
            break
        right = x + (digits + 1) * pitch
        contents.append(_write_sum(rng, hand, (right, y + step), (digits, rows), (pitch, step)))
        x = right + round(float(rng.uniform(2.0, 4.0)) * pitch)
        bottom = max(bottom, y + (rows + 2) * step)
    return Block(page_content.merge_contents(contents), max(bottom, column.y + 1) + step // 2)


def exercises_block(rng: Generator, page_style: PageStyle, column: Box) -> Block:
    """Printed exercises with the answers by hand: after the equals sign, on a rule, or in a box; some marked."""
    text_style = replace(page_style.body, size=round(page_style.body.size * float(rng.uniform(1.0, 1.8))))
    hand = writing.resize_hand(page_style.hand, max(text_style.size * float(rng.uniform(0.7, 1.4)), 8.0))
    step = round(max(text_style.size, hand.height) * float(rng.uniform(1.7, 3.0)))
    count = max(min(int(rng.integers(1, 5)), column.width // (13 * text_style.size)), 1)
    lines = max(min(int(rng.integers(2, 15)), column.height // step - 1), 1)
    where = wording.choose(rng, ("open", "rule", "box"))
    numbered = rng.random() < 0.5
    contents = []
    for index in range(count * lines):
        left = column.x + round(index % count * column.width / count)
        baseline = column.y + (index // count + 1) * step
        question, answer = _random_exercise(rng)
        text = (f"{index + 1}) " if numbered else "") + question
        contents.append(printed.typeset_line(text, (left, baseline), text_style))
        start = left + printed.text_width(text, text_style) + text_style.size // 3
        room = Box(start, baseline - round(1.05 * step * 0.6), max(round(3.2 * hand.height), 8), round(0.72 * step))
        if where == "rule":
            contents.append(forms.draw_rule_under(Box(room.x, room.y, room.width, baseline - room.y), page_style))
        elif where == "box":
            contents.append(page_content.draw_form_frame(room, page_style.rule_width, page_style.rule_ink))
        if rng.random() < 0.1:
            continue
        at = (start + round(float(rng.uniform(0.1, 0.6)) * hand.height), baseline)
        written = cell_writing.write_number(answer, at, hand, rng)
        if rng.random() < 0.04:
            written = forms.correct_by_hand(rng, page_style, written)
        contents.append(written)
        if rng.random() < 0.15:
            side = max(hand.height, 5)
            teacher = writing.resize_hand(page_style.other_hand, side)
            contents.append(marks.draw_tick(Box(room.right + side // 2, room.y, side, side), teacher, rng))
    return Block(page_content.merge_contents(contents), column.y + (lines + 1) * step)


def fractions_block(rng: Generator, page_style: PageStyle, column: Box) -> Block:
    """Fractions, powers and mixed numbers in a line of sums."""
    hand = _sized_hand(rng, page_style, 0.7, 1.2)
    step = round(hand.height * float(rng.uniform(2.8, 4.0)))
    lines = max(min(int(rng.integers(1, 7)), column.height // step - 1), 1)
    contents = []
    for line in range(lines):
        x, baseline = column.x + round(float(rng.uniform(0, 0.2)) * column.width), column.y + (line + 1) * step
        for _ in range(int(rng.integers(2, 7))):
            part = _write_term(rng, hand, (x, baseline))
            if part.box.right > column.right:
                break
            contents.append(part)
            sign_x = part.box.right + round(0.3 * hand.height)
            sign = writing.write_characters(wording.choose(rng, "+-x="), (sign_x, baseline), hand, rng)
            contents.append(sign)
            x = sign.box.right + round(0.3 * hand.height)
    return Block(page_content.merge_contents(contents), column.y + (lines + 1) * step)


def _sized_hand(rng: Generator, page_style: PageStyle, low: float, high: float) -> Hand:
    return writing.resize_hand(page_style.hand, max(page_style.hand.height * float(rng.uniform(low, high)), 8.0))


def _write_item(
    rng: Generator, page_style: PageStyle, hand: Hand, kind: str, text: str, at: tuple[int, int], line: int
) -> PageContent:
    """A line of a list: the number, and what the kind of the list puts before or around it."""
    x, baseline = at
    content = PageContent()
    if kind == "item":
        item = f"{line + 1}." if rng.random() < 0.9 else "-"
        content = printed.typeset_line(item, at, page_style.body)
    elif kind == "written item":
        small = writing.resize_hand(hand, 0.9 * hand.height)
        content = page_content.as_optional(writing.write_characters(f"{line + 1})", at, small, rng))
    elif kind == "words":
        content = writing.write_words(wording.random_word(rng), at, hand, rng)
    if content.elements:
        x = content.box.right + round(float(rng.uniform(0.5, 1.5)) * hand.height)
    number = cell_writing.write_number(text, (x, baseline), hand, rng)
    if kind == "ringed" and number.numbers:
        content += marks.draw_ring(number.numbers[0].box, hand, rng)
    elif number.numbers and rng.random() < 0.02:
        number = marks.cross_out(number, hand, rng)
    return content + number


def _write_sum(
    rng: Generator, hand: Hand, corner: tuple[int, int], shape: tuple[int, int], pitches: tuple[int, int]
) -> PageContent:
    """Write a sum of ``shape`` (digits, rows) with its right edge and first baseline at ``corner``."""
    digits, rows = shape
    pitch, step = pitches
    right, y = corner
    values = [int(rng.integers(1, 10**digits)) for _ in range(rows)]
    contents = []
    for row, value in enumerate(values):
        contents.append(_write_on_grid(rng, hand, str(value), (right, y + row * step), pitch))
    sign_at = (right - (digits + 1) * pitch, y + (rows - 1) * step)
    contents.append(writing.write_characters(wording.choose(rng, "+-x+"), sign_at, hand, rng))
    line_y = y + (rows - 1) * step + 0.3 * step
    contents.append(marks.draw_line((right - (digits + 1) * pitch, line_y), (right + 0.2 * pitch, line_y), hand, rng))
    if rng.random() < 0.9:
        contents.append(_write_on_grid(rng, hand, str(sum(values)), (right, y + rows * step + step // 6), pitch))
    if digits > 1 and rng.random() < 0.4:
        small = writing.resize_hand(hand, max(0.42 * hand.height, 5.0))
        for place in range(1, digits):
            if rng.random() < 0.6:
                at = (right - (place + 1) * pitch + pitch // 4, y - round(1.02 * hand.height))
                carried = writing.write_characters(str(int(rng.integers(1, 4))), at, small, rng)
                contents.append(page_content.as_optional(carried))
    return page_content.merge_contents(contents)


def _write_on_grid(rng: Generator, hand: Hand, digits: str, corner: tuple[int, int], pitch: int) -> PageContent:
    """Write a number with each digit in its place, flush right at ``corner``."""
    written = []
    for place, digit in enumerate(reversed(digits)):
        part = writing.write_characters(digit, (0, corner[1] + round(rng.normal(0, 0.03) * hand.height)), hand, rng)
        left, right = cell_writing.ink_extent(part)
        middle = corner[0] - (place + 0.5) * pitch + float(rng.normal(0, 0.06)) * pitch
        written.append(page_content.move_content(part, round(middle - (left + right) / 2), 0))
    merged = page_content.merge_contents(written[::-1])
    return PageContent(merged.elements, (cell_writing.combine_numbers(digits, merged.numbers, None),))


def _random_exercise(rng: Generator) -> tuple[str, str]:
    """A printed question and the answer to it, most of them right."""
    a, b = int(rng.integers(1, 100)), int(rng.integers(1, 13))
    question, answer = {
        0: (f"{a} + {b} =", a + b),
        1: (f"{a + b} - {b} =", a),
        2: (f"{a} x {b} =", a * b),
        3: (f"{a * b} : {b} =", a),
        4: (f"{wording.random_name(rng)}:", int(rng.integers(0, 1000))),
    }[int(rng.integers(5))]
    return question, str(answer if rng.random() < 0.9 else int(rng.integers(0, 200)))


def _write_term(rng: Generator, hand: Hand, start: tuple[int, int]) -> PageContent:
    """Write a fraction of two numbers, a power, a number with a half, or a plain number."""
    kind = rng.random()
    if kind < 0.45:
        small = writing.resize_hand(hand, max(float(rng.uniform(0.6, 0.9)) * hand.height, 5.0))
        upper, lower = (str(int(rng.integers(1, 100))) for _ in range(2))
        above = writing.write_characters(upper, (start[0], start[1] - round(0.75 * hand.height)), small, rng)
        below = writing.write_characters(lower, (start[0], start[1] + round(0.45 * hand.height)), small, rng)
        low, high = cell_writing.ink_extent(above + below)
        y = start[1] - 0.48 * hand.height
        bar = page_content.draw_stroke(
            np.array(
                [
                    (low - 0.15 * hand.height, y),
                    (high + 0.15 * hand.height, y + float(rng.normal(0, 0.05)) * hand.height),
                ]
            ),
            hand.writer.pen_width * hand.height,
            hand.ink,
            PixelClass.WRITING,
            InkLayer.WORDS,
        )
        return above + below + bar
    if kind < 0.65:
        base = writing.write_characters(str(int(rng.integers(1, 100))), start, hand, rng)
        small = writing.resize_hand(hand, max(0.5 * hand.height, 5.0))
        at = (base.numbers[0].box.right + 1, start[1] - round(0.65 * hand.height))
        return base + writing.write_characters(str(int(rng.integers(2, 10))), at, small, rng)
    if kind < 0.8:
        return cell_writing.write_number(f"{int(rng.integers(1, 20))}" + wording.choose(rng, "½¼¾"), start, hand, rng)
    return writing.write_characters(str(int(rng.integers(1, 200))), start, hand, rng)
