"""Parts of forms with what people fill in: strips of boxes, underlined fields, answer boxes, boxes to cross."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from scanner.synthesis import barcodes_stamps, marks, page_content, printed, wording, writing
from scanner.synthesis.page_content import InkStyle, PageContent
from scanner.synthesis.printed import Block, TextStyle
from scanner.types import Box

if TYPE_CHECKING:
    from scanner.synthesis.writing import Hand

    Generator = np.random.Generator


@dataclass(frozen=True, slots=True)
class PageStyle:
    """What a page is printed and written with."""

    dpi: float
    body: TextStyle
    bold: TextStyle
    italic: TextStyle
    rule_ink: InkStyle
    rule_width: float
    """Pixels."""
    hand: Hand
    other_hand: Hand
    """Somebody else's, who marks or signs."""

    def mm_to_pixels(self, millimetres: float) -> int:
        """A length on the page."""
        return max(round(millimetres * self.dpi / 25.4), 1)


_LONG_COMB_SHARE = 0.22
"""Share of strips with more than a dozen boxes: those are for names and addresses, few for numbers."""


def comb_block(rng: Generator, page_style: PageStyle, column: Box) -> Block:
    """A label and a strip of boxes with one number, a digit to a box; or with a name."""
    long = rng.random() < _LONG_COMB_SHARE
    count = int(rng.integers(13, 29) if long else rng.integers(3, 13))
    side = max(min(page_style.mm_to_pixels(rng.uniform(5, 9.5)), column.width // (count + 1)), 5)
    tall = round(side * float(rng.uniform(0.9, 1.5)))
    label = wording.random_field_name(rng)
    beside = printed.text_width(label, page_style.body) + 2 * page_style.body.size
    top = column.y + page_style.body.size // 2
    if beside + count * side * 1.2 < column.width and rng.random() < 0.5:
        left = column.x + beside
        content = printed.typeset_line_in_box(label, Box(column.x, top, beside, tall), page_style.body)
    else:
        left = column.x + round(rng.uniform(0, 1) * max(column.width - count * side * 1.3, 0))
        content = printed.typeset_line(label, (left, top + page_style.body.size), page_style.body)
        top += round(1.6 * page_style.body.size)
    boxes, lines = _draw_comb(rng, page_style, Box(left, top, count * side, tall), count)
    content += lines
    kind = rng.random()
    if kind < (0.2 if long else 0.45):
        content += write_in_comb(rng, page_style.hand, _random_digits(rng, count), boxes)
    elif kind < 0.9:
        content += _write_capitals_in_comb(rng, page_style.hand, boxes)
    return Block(content, top + tall + page_style.body.size)


def write_in_comb(rng: Generator, hand: Hand, digits: str, boxes: list[Box], row: int = 0) -> PageContent:
    """Digits, one to a box; together they are one number.  Fewer digits than boxes stand at one end."""
    first = len(boxes) - len(digits) if rng.random() < 0.6 else 0
    height = min(boxes[0].height * float(rng.uniform(0.5, 0.85)), 1.1 * boxes[0].width)
    small = writing.resize_hand(hand, height)
    drawn = [
        writing.write_characters_in_cell(digit, box, small, rng)
        for digit, box in zip(digits, boxes[first:], strict=False)
    ]
    whole = page_content.merge_contents(drawn)
    hull = np.concatenate([number.outline for number in whole.numbers])
    return PageContent(
        whole.elements, (replace(whole.numbers[0], text=digits, outline=hull, row_and_column=(row, first)),)
    )


def fields_block(rng: Generator, page_style: PageStyle, column: Box) -> Block:
    """Printed labels, each with a line to write on: words, numbers, a signature, nothing."""
    step = round(max(page_style.mm_to_pixels(rng.uniform(7, 11)), 1.5 * page_style.hand.height))
    count = int(rng.integers(1, 6))
    beside = 2 if column.width > 30 * page_style.body.size and rng.random() < 0.4 else 1
    mark = wording.choose(rng, (":", "", ":", " :"))
    dotted = rng.random() < 0.25
    y, contents = column.y, []
    for _ in range(count):
        if y + step > column.bottom:
            break
        for place in range(beside):
            part = column.width // beside
            cell = Box(column.x + place * part, y, round(0.94 * part), step)
            contents.append(_draw_field(rng, page_style, cell, wording.random_field_name(rng) + mark, dotted=dotted))
        y += step
    return Block(page_content.merge_contents(contents), y + page_style.body.size)


def sentence_field_block(rng: Generator, page_style: PageStyle, column: Box) -> Block:
    """Running print with a gap that is filled in."""
    words = wording.random_running_words(rng, int(rng.integers(3, 7)), 0.1)
    before = printed.shorten_to_width(" ".join(words), column.width // 2, page_style.body)
    y, height = column.y, max(round(1.5 * page_style.hand.height), 2 * page_style.body.size)
    at = printed.text_width(before + " ", page_style.body)
    gap = min(round(page_style.hand.height * rng.uniform(3, 6)), column.width - at)
    baseline = y + height
    content = printed.typeset_line(before, (column.x, baseline), page_style.body)
    cell = Box(column.x + at, y, max(gap, 4), height)
    content += draw_rule_under(cell, page_style, 0)
    content += _fill_in_by_hand_or_machine(rng, page_style, _writing_area(cell, page_style))
    room = column.width - at - gap - page_style.body.size
    if room > 8 * page_style.body.size:
        after = printed.shorten_to_width(" ".join(wording.random_running_words(rng, 8, 0.05)), room, page_style.body)
        if printed.text_width(after, page_style.body) <= room:
            content += printed.typeset_line(after, (cell.right + page_style.body.size // 2, baseline), page_style.body)
    return Block(content, baseline + page_style.body.size)


def draw_rule_under(cell: Box, page_style: PageStyle, lower: int) -> PageContent:
    """A line along the lower edge of a cell, ``lower`` pixels below it."""
    y = cell.bottom + lower
    return page_content.draw_rule((cell.x, y), (cell.right, y), page_style.rule_width, page_style.rule_ink)


_DASHED_FRAME_SHARE = 0.2
"""Share of frames drawn in dashes, or in dashes and points."""


def answer_box_block(rng: Generator, page_style: PageStyle, column: Box) -> Block:
    """A frame for an answer beside a code and a line of print, with a number or two, or empty."""
    side = page_style.mm_to_pixels(rng.uniform(10, 24))
    top = column.y + page_style.body.size
    wide = round(side * rng.uniform(1.0, 2.4))
    left = column.right - wide - 2
    cell = Box(left, top, wide, side)
    thick = page_style.rule_width * float(rng.uniform(1, 2.5))
    if rng.random() < _DASHED_FRAME_SHARE:
        dash, gap = rng.uniform(1.0, 5.0), rng.uniform(0.5, 2.0)
        pattern = (dash, gap) if rng.random() < 0.5 else (dash, gap, 0.3, gap)
        content = page_content.draw_dashed_form_frame(
            cell, thick, page_style.rule_ink, [page_style.dpi / 25.4 * n for n in pattern]
        )
    else:
        content = page_content.draw_form_frame(cell, thick, page_style.rule_ink)
    if rng.random() < 0.6:
        label = wording.random_field_name(rng).lower()
        content += printed.typeset_line_in_box(
            label, Box(left, top - page_style.body.size - 2, wide, page_style.body.size), page_style.body, 0.5
        )
    room = left - column.x - page_style.body.size
    if room > 8 * page_style.body.size:
        text = " ".join(wording.random_running_words(rng, 9, 0.05))
        content += printed.typeset_line_in_box(
            printed.shorten_to_width(text, room, page_style.body), Box(column.x, top, room, side), page_style.bold
        )
    kind = rng.random()
    if kind < 0.35:
        content += _fill_in_by_hand_or_machine(rng, page_style, cell)
    elif kind < 0.65:
        large = writing.resize_hand(page_style.hand, side * float(rng.uniform(0.4, 0.8)))
        content += writing.write_characters_in_cell(
            wording.random_written_number(rng)[: int(rng.integers(1, 4))].rstrip(".,"), cell, large, rng
        )
    return Block(content, top + side + page_style.body.size)


_BLOTTED_OUT_SHARE = 0.09
"""Share of boxes that were crossed by mistake and then blotted out."""


def choices_block(rng: Generator, page_style: PageStyle, column: Box) -> Block:
    """A question with boxes to cross, tick or blot out, in a row or below one another."""
    box_side = page_style.mm_to_pixels(rng.uniform(3, 5.5))
    rows, options = int(rng.integers(1, 5)), int(rng.integers(2, 6))
    pitch = round(max(2.6 * box_side, 0.45 * column.width / (options + 1)))
    right = column.right - options * pitch
    y, contents = column.y, []
    sign = wording.choose(rng, ("x", "x", "tick", "any"))
    heads = printed.typeset_line(
        wording.choose(rng, "ABCDEFG") + str(rng.integers(1, 10)), (column.x, y + page_style.body.size), page_style.bold
    )
    question = " ".join(wording.random_running_words(rng, 8, 0.03))
    inset = column.x + 3 * page_style.body.size
    contents += [
        heads,
        printed.typeset_line(
            printed.shorten_to_width(question, column.right - inset, page_style.body),
            (inset, y + page_style.body.size),
            page_style.body,
        ),
    ]
    y += 2 * page_style.body.size
    for _ in range(rows):
        chosen = int(rng.integers(-1, options))
        words = printed.shorten_to_width(
            " ".join(wording.random_running_words(rng, 5, 0.03)), right - inset, page_style.body
        )
        contents.append(printed.typeset_line_in_box(words, Box(inset, y, 10, box_side), page_style.body))
        for option in range(options):
            box = Box(right + option * pitch, y, box_side, box_side)
            contents.append(page_content.draw_form_frame(box, page_style.rule_width, page_style.rule_ink))
            if option == chosen:
                contents.append(_mark_choice(rng, page_style, box, sign))
            elif rng.random() < _BLOTTED_OUT_SHARE:
                contents.append(marks.draw_scribble(box, writing.resize_hand(page_style.hand, box_side), rng))
        y += round(1.7 * max(box_side, page_style.body.size))
    return Block(page_content.merge_contents(contents), y + page_style.body.size)


def coded_header_block(rng: Generator, page_style: PageStyle, column: Box) -> Block:
    """A code, a reference and a line of print: the head of pages that are handled by machines."""
    side = page_style.mm_to_pixels(rng.uniform(12, 24))
    text = f"{wording.random_word(rng)}{rng.integers(1, 9)}-v{rng.integers(1, 9)}-{rng.integers(1, 200)}-{rng.integers(1, 12)}"
    on_right = rng.random() < 0.5
    left = column.right - side if on_right else column.x
    kind = rng.random()
    if kind < 0.6:
        content = barcodes_stamps.draw_qr_like_code(Box(left, column.y, side, side), page_style.body.ink, rng)
    elif kind < 0.9:
        side_x = min(round(side * rng.uniform(2, 4)), column.width // 2)
        left = column.right - side_x if on_right else column.x
        bars = Box(left, column.y, side_x, max(side // 2, 4))
        content = barcodes_stamps.draw_barcode(bars, page_style.body.ink, rng)
        side = bars.height
        if rng.random() < 0.6:
            below = Box(left, bars.bottom, side_x, round(1.3 * page_style.body.size))
            content += printed.typeset_line_in_box(str(int(rng.integers(10**7, 10**9))), below, page_style.body, 0.5)
    else:
        content = barcodes_stamps.draw_logo(Box(left, column.y, side, side), page_style.body.ink, rng)
    wide = printed.text_width(text, page_style.body)
    at = left - wide - page_style.body.size if on_right else content.box.right + page_style.body.size
    label = printed.typeset_line(
        text, (max(at, column.x), column.y + round(1.5 * page_style.body.size)), page_style.body
    )
    if rng.random() < 0.12:
        label = PageContent(
            label.elements + marks.cross_out(label, page_style.hand, rng).elements[len(label.elements) :], label.numbers
        )
    return Block(content + label, column.y + side + 2 * page_style.body.size)


_DROPOUT_COLOUR_SHARE = 0.2
"""Share of strips whose inner lines are not to be seen on the scan."""


def _draw_comb(rng: Generator, setting: PageStyle, area: Box, count: int) -> tuple[list[Box], PageContent]:
    """The boxes of a strip and their lines: with shared borders, standing apart, or a comb of ticks."""
    kind, thick = rng.random(), setting.rule_width
    side = area.width // count
    if kind < 0.45:
        boxes = [Box(area.x + side * place, area.y, side, area.height) for place in range(count)]
        edges = [box.x for box in boxes] + [boxes[-1].right]
        lines = [page_content.draw_rule((x, area.y), (x, area.bottom), thick, setting.rule_ink) for x in edges]
        lines += [
            page_content.draw_rule((edges[0], y), (edges[-1], y), thick, setting.rule_ink)
            for y in (area.y, area.bottom)
        ]
    elif kind < 0.75:
        gap = max(round(side * rng.uniform(0.06, 0.25)), 1)
        boxes = [Box(area.x + (side + gap) * place, area.y, side, area.height) for place in range(count)]
        lines = [page_content.draw_form_frame(box, thick, setting.rule_ink) for box in boxes]
    else:
        boxes = [Box(area.x + side * place, area.y, side, area.height) for place in range(count)]
        tooth = round(area.height * rng.uniform(0.2, 0.6))
        edges = [box.x for box in boxes] + [boxes[-1].right]
        lines = [page_content.draw_rule((edges[0], area.bottom), (edges[-1], area.bottom), thick, setting.rule_ink)]
        lines += [
            page_content.draw_rule((x, area.bottom - tooth), (x, area.bottom), thick, setting.rule_ink) for x in edges
        ]
        if rng.random() < 0.4:
            lines.append(
                page_content.draw_form_frame(
                    Box(edges[0], area.y, edges[-1] - edges[0], area.height), thick, setting.rule_ink
                )
            )
    if rng.random() < _DROPOUT_COLOUR_SHARE:
        # Printed in a colour the scanner does not see: the outline is left of it, or nothing.
        whole = Box(boxes[0].x, area.y, boxes[-1].right - boxes[0].x, area.height)
        lines = [page_content.draw_form_frame(whole, thick, setting.rule_ink)] if rng.random() < 0.7 else []
    return boxes, page_content.merge_contents(lines)


def _write_capitals_in_comb(rng: Generator, hand: Hand, boxes: list[Box]) -> PageContent:
    """A name in capitals, a letter to a box."""
    letters = wording.random_letters(rng, int(rng.integers(2, len(boxes) + 1))).upper()
    small = writing.resize_hand(hand, min(0.7 * boxes[0].height, boxes[0].width))
    return page_content.merge_contents(
        writing.write_words_in_cell(letter, box, small, rng) for letter, box in zip(letters, boxes, strict=False)
    )


def _draw_field(rng: Generator, setting: PageStyle, cell: Box, label: str, *, dotted: bool) -> PageContent:
    """One label and its line."""
    baseline = cell.bottom - round(0.2 * setting.body.size)
    label = printed.shorten_to_width(label, cell.width // 2, setting.body)
    content = printed.typeset_line(label, (cell.x, baseline), setting.body)
    at = cell.x + printed.text_width(label, setting.body) + setting.body.size // 2
    if cell.right - at < setting.hand.height:
        return content
    room = _writing_area(Box(at, cell.y, cell.right - at, cell.height), setting)
    if dotted:
        dots = "." * max(round(room.width / max(printed.text_width("." * 20, setting.body) / 20, 1)), 1)
        content += PageContent(printed.typeset_line(dots, (at, baseline), setting.body).elements)
    else:
        content += draw_rule_under(room, setting, 0)
    return content + _fill_in_by_hand_or_machine(rng, setting, room)


def _fill_in_by_hand_or_machine(rng: Generator, setting: PageStyle, room: Box) -> PageContent:
    """What somebody puts where there is room: a number, words, a signature, a dash, nothing."""
    kind, hand = rng.random(), setting.hand
    if room.width < 1.5 * hand.height:
        return PageContent()
    small = writing.resize_hand(hand, min(hand.height, 0.85 * room.height))
    if room.width > 12 * small.height and rng.random() < 0.7:
        # People begin where the line begins.
        room = Box(room.x, room.y, min(room.width, round(small.height * rng.uniform(6, 14))), room.height)
    if kind < 0.45:
        number = writing.write_characters_in_cell(wording.random_number_with_unit(rng), room, small, rng)
        return correct_by_hand(rng, setting, number) if rng.random() < 0.06 else number
    if kind < 0.68:
        phrase = " ".join(wording.random_name(rng) for _ in range(int(rng.integers(1, 4))))
        return writing.write_words_in_cell(phrase, room, small, rng)
    if kind < 0.74:
        return writing.write_characters_in_cell(random_written_date(rng), room, small, rng)
    if kind < 0.82:
        return writing.sign_in_cell(room, setting.other_hand if rng.random() < 0.5 else hand, rng)
    if kind < 0.87:
        return marks.draw_dash(Box(room.x, room.y, min(room.width, 3 * room.height), room.height), small, rng)
    if kind < 0.95:
        return _typeset_entry(rng, setting, room)
    return PageContent()


def _typeset_entry(rng: Generator, setting: PageStyle, room: Box) -> PageContent:
    """What a machine filled in: a word or two, mostly in capitals, or a number."""
    kind = setting.bold if rng.random() < 0.6 else setting.body
    text = (
        wording.random_printed_number(rng)
        if rng.random() < 0.45
        else f"{wording.random_name(rng)} {wording.random_name(rng)}"
    )
    text = printed.shorten_to_width(text.upper() if rng.random() < 0.6 else text, room.width, kind)
    if printed.text_width(text, kind) > room.width:
        return PageContent()
    baseline = room.bottom - round(0.15 * kind.size)
    return printed.typeset_line(text, (room.x + kind.size // 2, baseline), kind)


def _writing_area(cell: Box, setting: PageStyle) -> Box:
    """The lower part of a cell, where writing stands on its lower edge."""
    height = min(round(1.2 * setting.hand.height), cell.height)
    return Box(cell.x, cell.bottom - height, cell.width, height)


def correct_by_hand(rng: Generator, page_style: PageStyle, number: PageContent) -> PageContent:
    """The number crossed out, and mostly another one behind it."""
    struck = marks.cross_out(number, page_style.hand, rng)
    if rng.random() < 0.3:
        return struck
    box = number.box
    small = writing.resize_hand(page_style.hand, 0.8 * box.height)
    at = (box.right + round(0.5 * box.height), box.bottom - round(box.height * rng.uniform(0.0, 0.3)))
    return struck + writing.write_characters(wording.random_written_number(rng), at, small, rng)


def random_written_date(rng: Generator) -> str:
    """A date by hand."""
    mark = wording.choose(rng, ("/", ".", "-", " / "))
    day, month, year = int(rng.integers(1, 32)), int(rng.integers(1, 13)), int(rng.integers(1990, 2031))
    return mark.join((str(day), str(month), str(year if rng.random() < 0.5 else f"{year % 100:02d}")))


def _mark_choice(rng: Generator, setting: PageStyle, box: Box, sign: str) -> PageContent:
    pen = writing.resize_hand(setting.hand, box.height)
    if sign == "tick" or (sign == "any" and rng.random() < 0.4):
        return marks.draw_tick(box, pen, rng)
    if sign == "any" and rng.random() < 0.3:
        return marks.draw_scribble(box, pen, rng)
    return marks.draw_cross(box, pen, rng)


def _random_digits(rng: Generator, count: int) -> str:
    """As many digits as there are boxes, or fewer."""
    used = count if rng.random() < 0.7 else int(rng.integers(1, count + 1))
    return "".join(map(str, rng.integers(0, 10, used)))
