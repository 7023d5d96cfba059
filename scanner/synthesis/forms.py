"""Parts of forms with what people fill in: strips of boxes, underlined fields, answer boxes, boxes to cross."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.synthesis import barcodes_stamps, marks, page_content, printed, wording, writing
from scanner.synthesis.page_content import PageContent
from scanner.synthesis.printed import Block
from scanner.types import Box

if TYPE_CHECKING:
    import numpy as np

    from scanner.synthesis.page_style import PageStyle

    Generator = np.random.Generator


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


def _draw_field(rng: Generator, page_style: PageStyle, cell: Box, label: str, *, dotted: bool) -> PageContent:
    """One label and its line."""
    baseline = cell.bottom - round(0.2 * page_style.body.size)
    label = printed.shorten_to_width(label, cell.width // 2, page_style.body)
    content = printed.typeset_line(label, (cell.x, baseline), page_style.body)
    at = cell.x + printed.text_width(label, page_style.body) + page_style.body.size // 2
    if cell.right - at < page_style.hand.height:
        return content
    room = _writing_area(Box(at, cell.y, cell.right - at, cell.height), page_style)
    if dotted:
        dots = "." * max(round(room.width / max(printed.text_width("." * 20, page_style.body) / 20, 1)), 1)
        content += PageContent(printed.typeset_line(dots, (at, baseline), page_style.body).elements)
    else:
        content += draw_rule_under(room, page_style, 0)
    return content + _fill_in_by_hand_or_machine(rng, page_style, room)


def _fill_in_by_hand_or_machine(rng: Generator, page_style: PageStyle, room: Box) -> PageContent:
    """What somebody puts where there is room: a number, words, a signature, a dash, nothing."""
    kind, hand = rng.random(), page_style.hand
    if room.width < 1.5 * hand.height:
        return PageContent()
    small = writing.resize_hand(hand, min(hand.height, 0.85 * room.height))
    if room.width > 12 * small.height and rng.random() < 0.7:
        # People begin where the line begins.
        room = Box(room.x, room.y, min(room.width, round(small.height * rng.uniform(6, 14))), room.height)
    if kind < 0.45:
        number = writing.write_characters_in_cell(wording.random_number_with_unit(rng), room, small, rng)
        return correct_by_hand(rng, page_style, number) if rng.random() < 0.06 else number
    if kind < 0.68:
        phrase = " ".join(wording.random_name(rng) for _ in range(int(rng.integers(1, 4))))
        return writing.write_words_in_cell(phrase, room, small, rng)
    if kind < 0.74:
        return writing.write_characters_in_cell(random_written_date(rng), room, small, rng)
    if kind < 0.82:
        return writing.sign_in_cell(room, page_style.other_hand if rng.random() < 0.5 else hand, rng)
    if kind < 0.87:
        return marks.draw_dash(Box(room.x, room.y, min(room.width, 3 * room.height), room.height), small, rng)
    if kind < 0.95:
        return _typeset_entry(rng, page_style, room)
    return PageContent()


def _typeset_entry(rng: Generator, page_style: PageStyle, room: Box) -> PageContent:
    """What a machine filled in: a word or two, mostly in capitals, or a number."""
    kind = page_style.bold if rng.random() < 0.6 else page_style.body
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


def _writing_area(cell: Box, page_style: PageStyle) -> Box:
    """The lower part of a cell, where writing stands on its lower edge."""
    height = min(round(1.2 * page_style.hand.height), cell.height)
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


def _mark_choice(rng: Generator, page_style: PageStyle, box: Box, sign: str) -> PageContent:
    pen = writing.resize_hand(page_style.hand, box.height)
    if sign == "tick" or (sign == "any" and rng.random() < 0.4):
        return marks.draw_tick(box, pen, rng)
    if sign == "any" and rng.random() < 0.3:
        return marks.draw_scribble(box, pen, rng)
    return marks.draw_cross(box, pen, rng)
