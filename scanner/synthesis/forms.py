"""Filled-in parts of forms: fields with rules, gaps in sentences, answer boxes, check boxes, headers with codes."""

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
    """Fields: printed labels, each with a rule on which there are words, numbers, a signature or nothing."""
    step = round(max(page_style.mm_to_pixels(rng.uniform(7, 11)), 1.5 * page_style.hand.height))
    count = int(rng.integers(1, 6))
    columns = 2 if column.width > 30 * page_style.body.size and rng.random() < 0.4 else 1
    colon = wording.choose(rng, (":", "", ":", " :"))
    dotted = rng.random() < 0.25
    y, contents = column.y, []
    for _ in range(count):
        if y + step > column.bottom:
            break
        for index in range(columns):
            field_width = column.width // columns
            cell = Box(column.x + index * field_width, y, round(0.94 * field_width), step)
            contents.append(_draw_field(rng, page_style, cell, wording.random_field_name(rng) + colon, dotted=dotted))
        y += step
    return Block(page_content.merge_contents(contents), y + page_style.body.size)


def sentence_field_block(rng: Generator, page_style: PageStyle, column: Box) -> Block:
    """A printed sentence with a gap that is filled in."""
    words = wording.random_running_words(rng, int(rng.integers(3, 7)), 0.1)
    before = printed.shorten_to_width(" ".join(words), column.width // 2, page_style.body)
    y, height = column.y, max(round(1.5 * page_style.hand.height), 2 * page_style.body.size)
    indent = printed.text_width(before + " ", page_style.body)
    gap = min(round(page_style.hand.height * rng.uniform(3, 6)), column.width - indent)
    baseline = y + height
    content = printed.typeset_line(before, (column.x, baseline), page_style.body)
    cell = Box(column.x + indent, y, max(gap, 4), height)
    content += draw_rule_under(cell, page_style)
    content += _fill_in_by_hand_or_machine(rng, page_style, _writing_area(cell, page_style))
    room = column.width - indent - gap - page_style.body.size
    if room > 8 * page_style.body.size:
        after = printed.shorten_to_width(" ".join(wording.random_running_words(rng, 8, 0.05)), room, page_style.body)
        if printed.text_width(after, page_style.body) <= room:
            content += printed.typeset_line(after, (cell.right + page_style.body.size // 2, baseline), page_style.body)
    return Block(content, baseline + page_style.body.size)


def draw_rule_under(cell: Box, page_style: PageStyle) -> PageContent:
    """Draw a rule along the lower edge of a cell."""
    y = cell.bottom
    return page_content.draw_rule((cell.x, y), (cell.right, y), page_style.rule_width, page_style.rule_ink)


_DASHED_FRAME_SHARE = 0.2
"""Share of answer boxes with a dashed or dash-dotted frame; a choice."""


def answer_box_block(rng: Generator, page_style: PageStyle, column: Box) -> Block:
    """A framed box for an answer beside a line of print, empty or with a number."""
    side = page_style.mm_to_pixels(rng.uniform(10, 24))
    top = column.y + page_style.body.size
    width = round(side * rng.uniform(1.0, 2.4))
    left = column.right - width - 2
    cell = Box(left, top, width, side)
    thickness = page_style.rule_width * float(rng.uniform(1, 2.5))
    if rng.random() < _DASHED_FRAME_SHARE:
        dash, gap = rng.uniform(1.0, 5.0), rng.uniform(0.5, 2.0)
        pattern = (dash, gap) if rng.random() < 0.5 else (dash, gap, 0.3, gap)
        content = page_content.draw_dashed_form_frame(
            cell, thickness, page_style.rule_ink, [page_style.dpi / 25.4 * n for n in pattern]
        )
    else:
        content = page_content.draw_form_frame(cell, thickness, page_style.rule_ink)
    if rng.random() < 0.6:
        label = wording.random_field_name(rng).lower()
        content += printed.typeset_line_in_box(
            label, Box(left, top - page_style.body.size - 2, width, page_style.body.size), page_style.body, 0.5
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
"""Share of check boxes that are blotted out, as after a mistake; a choice."""


def choices_block(rng: Generator, page_style: PageStyle, column: Box) -> Block:
    """A question with rows of check boxes, some of them crossed, ticked or blotted out."""
    box_side = page_style.mm_to_pixels(rng.uniform(3, 5.5))
    rows, options = int(rng.integers(1, 5)), int(rng.integers(2, 6))
    pitch = round(max(2.6 * box_side, 0.45 * column.width / (options + 1)))
    right = column.right - options * pitch
    y, contents = column.y, []
    mark = wording.choose(rng, ("x", "x", "tick", "any"))
    number = printed.typeset_line(
        wording.choose(rng, "ABCDEFG") + str(rng.integers(1, 10)), (column.x, y + page_style.body.size), page_style.bold
    )
    question = " ".join(wording.random_running_words(rng, 8, 0.03))
    inset = column.x + 3 * page_style.body.size
    contents += [
        number,
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
                contents.append(_mark_choice(rng, page_style, box, mark))
            elif rng.random() < _BLOTTED_OUT_SHARE:
                contents.append(marks.draw_scribble(box, writing.resize_hand(page_style.hand, box_side), rng))
        y += round(1.7 * max(box_side, page_style.body.size))
    return Block(page_content.merge_contents(contents), y + page_style.body.size)


def coded_header_block(rng: Generator, page_style: PageStyle, column: Box) -> Block:
    """A code with a reference in print: the header of pages processed by machines."""
    side = page_style.mm_to_pixels(rng.uniform(12, 24))
    text = f"{wording.random_word(rng)}{rng.integers(1, 9)}-v{rng.integers(1, 9)}"
    text += f"-{rng.integers(1, 200)}-{rng.integers(1, 12)}"
    on_right = rng.random() < 0.5
    left = column.right - side if on_right else column.x
    kind = rng.random()
    if kind < 0.6:
        content = barcodes_stamps.draw_qr_like_code(Box(left, column.y, side, side), page_style.body.ink, rng)
    elif kind < 0.9:
        bar_width = min(round(side * rng.uniform(2, 4)), column.width // 2)
        left = column.right - bar_width if on_right else column.x
        bars = Box(left, column.y, bar_width, max(side // 2, 4))
        content = barcodes_stamps.draw_barcode(bars, page_style.body.ink, rng)
        side = bars.height
        if rng.random() < 0.6:
            below = Box(left, bars.bottom, bar_width, round(1.3 * page_style.body.size))
            content += printed.typeset_line_in_box(str(int(rng.integers(10**7, 10**9))), below, page_style.body, 0.5)
    else:
        content = barcodes_stamps.draw_logo(Box(left, column.y, side, side), page_style.body.ink, rng)
    width = printed.text_width(text, page_style.body)
    x = left - width - page_style.body.size if on_right else content.box.right + page_style.body.size
    label = printed.typeset_line(
        text, (max(x, column.x), column.y + round(1.5 * page_style.body.size)), page_style.body
    )
    if rng.random() < 0.12:
        label = PageContent(
            label.elements + marks.cross_out(label, page_style.hand, rng).elements[len(label.elements) :], label.numbers
        )
    return Block(content + label, column.y + side + 2 * page_style.body.size)


def _draw_field(rng: Generator, page_style: PageStyle, cell: Box, label: str, *, dotted: bool) -> PageContent:
    """A label and its rule, filled in."""
    baseline = cell.bottom - round(0.2 * page_style.body.size)
    label = printed.shorten_to_width(label, cell.width // 2, page_style.body)
    content = printed.typeset_line(label, (cell.x, baseline), page_style.body)
    x = cell.x + printed.text_width(label, page_style.body) + page_style.body.size // 2
    if cell.right - x < page_style.hand.height:
        return content
    room = _writing_area(Box(x, cell.y, cell.right - x, cell.height), page_style)
    if dotted:
        dots = "." * max(round(room.width / max(printed.text_width("." * 20, page_style.body) / 20, 1)), 1)
        content += PageContent(printed.typeset_line(dots, (x, baseline), page_style.body).elements)
    else:
        content += draw_rule_under(room, page_style)
    return content + _fill_in_by_hand_or_machine(rng, page_style, room)


def _fill_in_by_hand_or_machine(rng: Generator, page_style: PageStyle, room: Box) -> PageContent:
    """Fill in a field: a number, words, a date, a signature, a dash, typed text or nothing."""
    kind, hand = rng.random(), page_style.hand
    if room.width < 1.5 * hand.height:
        return PageContent()
    small = writing.resize_hand(hand, min(hand.height, 0.85 * room.height))
    if room.width > 12 * small.height and rng.random() < 0.7:
        # People start writing at the start of the rule.
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
    """Fill in a field by machine: a name, mostly in capitals, or a number."""
    text_style = page_style.bold if rng.random() < 0.6 else page_style.body
    text = (
        wording.random_printed_number(rng)
        if rng.random() < 0.45
        else f"{wording.random_name(rng)} {wording.random_name(rng)}"
    )
    text = printed.shorten_to_width(text.upper() if rng.random() < 0.6 else text, room.width, text_style)
    if printed.text_width(text, text_style) > room.width:
        return PageContent()
    baseline = room.bottom - round(0.15 * text_style.size)
    return printed.typeset_line(text, (room.x + text_style.size // 2, baseline), text_style)


def _writing_area(cell: Box, page_style: PageStyle) -> Box:
    """The lower part of a cell, as high as handwriting."""
    height = min(round(1.2 * page_style.hand.height), cell.height)
    return Box(cell.x, cell.bottom - height, cell.width, height)


def correct_by_hand(rng: Generator, page_style: PageStyle, number: PageContent) -> PageContent:
    """Cross out a number, mostly with another one written after it."""
    crossed_out = marks.cross_out(number, page_style.hand, rng)
    if rng.random() < 0.3:
        return crossed_out
    box = number.box
    small = writing.resize_hand(page_style.hand, 0.8 * box.height)
    start = (box.right + round(0.5 * box.height), box.bottom - round(box.height * rng.uniform(0.0, 0.3)))
    return crossed_out + writing.write_characters(wording.random_written_number(rng), start, small, rng)


def random_written_date(rng: Generator) -> str:
    """A date as written by hand."""
    separator = wording.choose(rng, ("/", ".", "-", " / "))
    day, month, year = int(rng.integers(1, 32)), int(rng.integers(1, 13)), int(rng.integers(1990, 2031))
    return separator.join((str(day), str(month), str(year if rng.random() < 0.5 else f"{year % 100:02d}")))


def _mark_choice(rng: Generator, page_style: PageStyle, box: Box, mark: str) -> PageContent:
    pen = writing.resize_hand(page_style.hand, box.height)
    if mark == "tick" or (mark == "any" and rng.random() < 0.4):
        return marks.draw_tick(box, pen, rng)
    if mark == "any" and rng.random() < 0.3:
        return marks.draw_scribble(box, pen, rng)
    return marks.draw_cross(box, pen, rng)
