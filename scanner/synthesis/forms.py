"""Parts of forms with what people fill in: strips of boxes, underlined fields, answer boxes, boxes to cross."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from scanner.synthesis import codes, ink, marks, printed, wording, writing
from scanner.synthesis.ink import Content, Ink
from scanner.synthesis.printed import Block, Type
from scanner.types import Box

if TYPE_CHECKING:
    from scanner.synthesis.writing import Hand

    Generator = np.random.Generator


@dataclass(frozen=True, slots=True)
class Setting:
    """What a page is printed and written with."""

    dpi: float
    body: Type
    bold: Type
    italic: Type
    rules: Ink
    rule_width: float
    """Pixels."""
    hand: Hand
    other: Hand
    """Somebody else's, who marks or signs."""

    def pixels(self, millimetres: float) -> int:
        """A length on the page."""
        return max(round(millimetres * self.dpi / 25.4), 1)


_LONG_STRIPS = 0.22
"""Share of strips with more than a dozen boxes: those are for names and addresses, few for numbers."""


def comb(rng: Generator, setting: Setting, column: Box) -> Block:
    """A label and a strip of boxes with one number, a digit to a box; or with a name."""
    long = rng.random() < _LONG_STRIPS
    count = int(rng.integers(13, 29) if long else rng.integers(3, 13))
    side = max(min(setting.pixels(rng.uniform(5, 9.5)), column.width // (count + 1)), 5)
    tall = round(side * float(rng.uniform(0.9, 1.5)))
    label = wording.field_name(rng)
    beside = printed.width(label, setting.body) + 2 * setting.body.size
    top = column.y + setting.body.size // 2
    if beside + count * side * 1.2 < column.width and rng.random() < 0.5:
        left = column.x + beside
        content = printed.line_in(label, Box(column.x, top, beside, tall), setting.body)
    else:
        left = column.x + round(rng.uniform(0, 1) * max(column.width - count * side * 1.3, 0))
        content = printed.line(label, (left, top + setting.body.size), setting.body)
        top += round(1.6 * setting.body.size)
    boxes, lines = _strip(rng, setting, Box(left, top, count * side, tall), count)
    content += lines
    kind = rng.random()
    if kind < (0.2 if long else 0.45):
        content += in_boxes(rng, setting.hand, _digits(rng, count), boxes)
    elif kind < 0.9:
        content += _letters(rng, setting.hand, boxes)
    return Block(content, top + tall + setting.body.size)


def in_boxes(rng: Generator, hand: Hand, digits: str, boxes: list[Box], row: int = 0) -> Content:
    """Digits, one to a box; together they are one number.  Fewer digits than boxes stand at one end."""
    first = len(boxes) - len(digits) if rng.random() < 0.6 else 0
    height = min(boxes[0].height * float(rng.uniform(0.5, 0.85)), 1.1 * boxes[0].width)
    small = writing.sized(hand, height)
    drawn = [writing.text_in(digit, box, small, rng) for digit, box in zip(digits, boxes[first:], strict=False)]
    whole = ink.together(drawn)
    hull = np.concatenate([number.outline for number in whole.numbers])
    return Content(whole.pieces, (replace(whole.numbers[0], text=digits, outline=hull, place=(row, first)),))


def fields(rng: Generator, setting: Setting, column: Box) -> Block:
    """Printed labels, each with a line to write on: words, numbers, a signature, nothing."""
    step = round(max(setting.pixels(rng.uniform(7, 11)), 1.5 * setting.hand.height))
    count = int(rng.integers(1, 6))
    beside = 2 if column.width > 30 * setting.body.size and rng.random() < 0.4 else 1
    mark = wording.chosen(rng, (":", "", ":", " :"))
    dotted = rng.random() < 0.25
    y, contents = column.y, []
    for _ in range(count):
        if y + step > column.bottom:
            break
        for place in range(beside):
            part = column.width // beside
            cell = Box(column.x + place * part, y, round(0.94 * part), step)
            contents.append(_field(rng, setting, cell, wording.field_name(rng) + mark, dotted=dotted))
        y += step
    return Block(ink.together(contents), y + setting.body.size)


def sentence_field(rng: Generator, setting: Setting, column: Box) -> Block:
    """Running print with a gap that is filled in."""
    words = wording.sentences(rng, int(rng.integers(3, 7)), 0.1)
    before = printed.shortened(" ".join(words), column.width // 2, setting.body)
    y, height = column.y, max(round(1.5 * setting.hand.height), 2 * setting.body.size)
    at = printed.width(before + " ", setting.body)
    gap = min(round(setting.hand.height * rng.uniform(3, 6)), column.width - at)
    baseline = y + height
    content = printed.line(before, (column.x, baseline), setting.body)
    cell = Box(column.x + at, y, max(gap, 4), height)
    content += rule_under(cell, setting, 0)
    content += _filled(rng, setting, _on_line(cell, setting))
    room = column.width - at - gap - setting.body.size
    if room > 8 * setting.body.size:
        after = printed.shortened(" ".join(wording.sentences(rng, 8, 0.05)), room, setting.body)
        if printed.width(after, setting.body) <= room:
            content += printed.line(after, (cell.right + setting.body.size // 2, baseline), setting.body)
    return Block(content, baseline + setting.body.size)


def rule_under(cell: Box, setting: Setting, lower: int) -> Content:
    """A line along the lower edge of a cell, ``lower`` pixels below it."""
    y = cell.bottom + lower
    return ink.line((cell.x, y), (cell.right, y), setting.rule_width, setting.rules)


_BROKEN_FRAMES = 0.2
"""Share of frames drawn in dashes, or in dashes and points."""


def answer_box(rng: Generator, setting: Setting, column: Box) -> Block:
    """A frame for an answer beside a code and a line of print, with a number or two, or empty."""
    side = setting.pixels(rng.uniform(10, 24))
    top = column.y + setting.body.size
    wide = round(side * rng.uniform(1.0, 2.4))
    left = column.right - wide - 2
    cell = Box(left, top, wide, side)
    thick = setting.rule_width * float(rng.uniform(1, 2.5))
    if rng.random() < _BROKEN_FRAMES:
        dash, gap = rng.uniform(1.0, 5.0), rng.uniform(0.5, 2.0)
        pattern = (dash, gap) if rng.random() < 0.5 else (dash, gap, 0.3, gap)
        content = ink.broken_frame(cell, thick, setting.rules, [setting.dpi / 25.4 * n for n in pattern])
    else:
        content = ink.frame(cell, thick, setting.rules)
    if rng.random() < 0.6:
        label = wording.field_name(rng).lower()
        content += printed.line_in(
            label, Box(left, top - setting.body.size - 2, wide, setting.body.size), setting.body, 0.5
        )
    room = left - column.x - setting.body.size
    if room > 8 * setting.body.size:
        text = " ".join(wording.sentences(rng, 9, 0.05))
        content += printed.line_in(
            printed.shortened(text, room, setting.body), Box(column.x, top, room, side), setting.bold
        )
    kind = rng.random()
    if kind < 0.35:
        content += _filled(rng, setting, cell)
    elif kind < 0.65:
        large = writing.sized(setting.hand, side * float(rng.uniform(0.4, 0.8)))
        content += writing.text_in(
            wording.written_number(rng)[: int(rng.integers(1, 4))].rstrip(".,"), cell, large, rng
        )
    return Block(content, top + side + setting.body.size)


_BLOTTED_OUT = 0.09
"""Share of boxes that were crossed by mistake and then blotted out."""


def choices(rng: Generator, setting: Setting, column: Box) -> Block:
    """A question with boxes to cross, tick or blot out, in a row or below one another."""
    box_side = setting.pixels(rng.uniform(3, 5.5))
    rows, options = int(rng.integers(1, 5)), int(rng.integers(2, 6))
    pitch = round(max(2.6 * box_side, 0.45 * column.width / (options + 1)))
    right = column.right - options * pitch
    y, contents = column.y, []
    sign = wording.chosen(rng, ("x", "x", "tick", "any"))
    heads = printed.line(
        wording.chosen(rng, "ABCDEFG") + str(rng.integers(1, 10)), (column.x, y + setting.body.size), setting.bold
    )
    question = " ".join(wording.sentences(rng, 8, 0.03))
    inset = column.x + 3 * setting.body.size
    contents += [
        heads,
        printed.line(
            printed.shortened(question, column.right - inset, setting.body),
            (inset, y + setting.body.size),
            setting.body,
        ),
    ]
    y += 2 * setting.body.size
    for _ in range(rows):
        chosen = int(rng.integers(-1, options))
        words = printed.shortened(" ".join(wording.sentences(rng, 5, 0.03)), right - inset, setting.body)
        contents.append(printed.line_in(words, Box(inset, y, 10, box_side), setting.body))
        for option in range(options):
            box = Box(right + option * pitch, y, box_side, box_side)
            contents.append(ink.frame(box, setting.rule_width, setting.rules))
            if option == chosen:
                contents.append(_crossed(rng, setting, box, sign))
            elif rng.random() < _BLOTTED_OUT:
                contents.append(marks.scribble(box, writing.sized(setting.hand, box_side), rng))
        y += round(1.7 * max(box_side, setting.body.size))
    return Block(ink.together(contents), y + setting.body.size)


def coded_head(rng: Generator, setting: Setting, column: Box) -> Block:
    """A code, a reference and a line of print: the head of pages that are handled by machines."""
    side = setting.pixels(rng.uniform(12, 24))
    text = f"{wording.word(rng)}{rng.integers(1, 9)}-v{rng.integers(1, 9)}-{rng.integers(1, 200)}-{rng.integers(1, 12)}"
    on_right = rng.random() < 0.5
    left = column.right - side if on_right else column.x
    kind = rng.random()
    if kind < 0.6:
        content = codes.square_code(Box(left, column.y, side, side), setting.body.ink, rng)
    elif kind < 0.9:
        side_x = min(round(side * rng.uniform(2, 4)), column.width // 2)
        left = column.right - side_x if on_right else column.x
        bars = Box(left, column.y, side_x, max(side // 2, 4))
        content = codes.bar_code(bars, setting.body.ink, rng)
        side = bars.height
        if rng.random() < 0.6:
            below = Box(left, bars.bottom, side_x, round(1.3 * setting.body.size))
            content += printed.line_in(str(int(rng.integers(10**7, 10**9))), below, setting.body, 0.5)
    else:
        content = codes.logo(Box(left, column.y, side, side), setting.body.ink, rng)
    wide = printed.width(text, setting.body)
    at = left - wide - setting.body.size if on_right else content.box.right + setting.body.size
    label = printed.line(text, (max(at, column.x), column.y + round(1.5 * setting.body.size)), setting.body)
    if rng.random() < 0.12:
        label = Content(
            label.pieces + marks.crossed_out(label, setting.hand, rng).pieces[len(label.pieces) :], label.numbers
        )
    return Block(content + label, column.y + side + 2 * setting.body.size)


_DROPPED_OUT = 0.2
"""Share of strips whose inner lines are not to be seen on the scan."""


def _strip(rng: Generator, setting: Setting, area: Box, count: int) -> tuple[list[Box], Content]:
    """The boxes of a strip and their lines: with shared borders, standing apart, or a comb of ticks."""
    kind, thick = rng.random(), setting.rule_width
    side = area.width // count
    if kind < 0.45:
        boxes = [Box(area.x + side * place, area.y, side, area.height) for place in range(count)]
        edges = [box.x for box in boxes] + [boxes[-1].right]
        lines = [ink.line((x, area.y), (x, area.bottom), thick, setting.rules) for x in edges]
        lines += [ink.line((edges[0], y), (edges[-1], y), thick, setting.rules) for y in (area.y, area.bottom)]
    elif kind < 0.75:
        gap = max(round(side * rng.uniform(0.06, 0.25)), 1)
        boxes = [Box(area.x + (side + gap) * place, area.y, side, area.height) for place in range(count)]
        lines = [ink.frame(box, thick, setting.rules) for box in boxes]
    else:
        boxes = [Box(area.x + side * place, area.y, side, area.height) for place in range(count)]
        tooth = round(area.height * rng.uniform(0.2, 0.6))
        edges = [box.x for box in boxes] + [boxes[-1].right]
        lines = [ink.line((edges[0], area.bottom), (edges[-1], area.bottom), thick, setting.rules)]
        lines += [ink.line((x, area.bottom - tooth), (x, area.bottom), thick, setting.rules) for x in edges]
        if rng.random() < 0.4:
            lines.append(ink.frame(Box(edges[0], area.y, edges[-1] - edges[0], area.height), thick, setting.rules))
    if rng.random() < _DROPPED_OUT:
        # Printed in a colour the scanner does not see: the outline is left of it, or nothing.
        whole = Box(boxes[0].x, area.y, boxes[-1].right - boxes[0].x, area.height)
        lines = [ink.frame(whole, thick, setting.rules)] if rng.random() < 0.7 else []
    return boxes, ink.together(lines)


def _letters(rng: Generator, hand: Hand, boxes: list[Box]) -> Content:
    """A name in capitals, a letter to a box."""
    letters = wording.lettered(rng, int(rng.integers(2, len(boxes) + 1))).upper()
    small = writing.sized(hand, min(0.7 * boxes[0].height, boxes[0].width))
    return ink.together(writing.words_in(letter, box, small, rng) for letter, box in zip(letters, boxes, strict=False))


def _field(rng: Generator, setting: Setting, cell: Box, label: str, *, dotted: bool) -> Content:
    """One label and its line."""
    baseline = cell.bottom - round(0.2 * setting.body.size)
    label = printed.shortened(label, cell.width // 2, setting.body)
    content = printed.line(label, (cell.x, baseline), setting.body)
    at = cell.x + printed.width(label, setting.body) + setting.body.size // 2
    if cell.right - at < setting.hand.height:
        return content
    room = _on_line(Box(at, cell.y, cell.right - at, cell.height), setting)
    if dotted:
        dots = "." * max(round(room.width / max(printed.width("." * 20, setting.body) / 20, 1)), 1)
        content += Content(printed.line(dots, (at, baseline), setting.body).pieces)
    else:
        content += rule_under(room, setting, 0)
    return content + _filled(rng, setting, room)


def _filled(rng: Generator, setting: Setting, room: Box) -> Content:
    """What somebody puts where there is room: a number, words, a signature, a dash, nothing."""
    kind, hand = rng.random(), setting.hand
    if room.width < 1.5 * hand.height:
        return Content()
    small = writing.sized(hand, min(hand.height, 0.85 * room.height))
    if room.width > 12 * small.height and rng.random() < 0.7:
        # People begin where the line begins.
        room = Box(room.x, room.y, min(room.width, round(small.height * rng.uniform(6, 14))), room.height)
    if kind < 0.45:
        number = writing.text_in(wording.amount(rng), room, small, rng)
        return corrected(rng, setting, number) if rng.random() < 0.06 else number
    if kind < 0.68:
        phrase = " ".join(wording.name(rng) for _ in range(int(rng.integers(1, 4))))
        return writing.words_in(phrase, room, small, rng)
    if kind < 0.74:
        return writing.text_in(written_date(rng), room, small, rng)
    if kind < 0.82:
        return writing.signed(room, setting.other if rng.random() < 0.5 else hand, rng)
    if kind < 0.87:
        return marks.dash(Box(room.x, room.y, min(room.width, 3 * room.height), room.height), small, rng)
    if kind < 0.95:
        return _typed(rng, setting, room)
    return Content()


def _typed(rng: Generator, setting: Setting, room: Box) -> Content:
    """What a machine filled in: a word or two, mostly in capitals, or a number."""
    kind = setting.bold if rng.random() < 0.6 else setting.body
    text = wording.numeral(rng) if rng.random() < 0.45 else f"{wording.name(rng)} {wording.name(rng)}"
    text = printed.shortened(text.upper() if rng.random() < 0.6 else text, room.width, kind)
    if printed.width(text, kind) > room.width:
        return Content()
    baseline = room.bottom - round(0.15 * kind.size)
    return printed.line(text, (room.x + kind.size // 2, baseline), kind)


def _on_line(cell: Box, setting: Setting) -> Box:
    """The lower part of a cell, where writing stands on its lower edge."""
    height = min(round(1.2 * setting.hand.height), cell.height)
    return Box(cell.x, cell.bottom - height, cell.width, height)


def corrected(rng: Generator, setting: Setting, number: Content) -> Content:
    """The number crossed out, and mostly another one behind it."""
    struck = marks.crossed_out(number, setting.hand, rng)
    if rng.random() < 0.3:
        return struck
    box = number.box
    small = writing.sized(setting.hand, 0.8 * box.height)
    at = (box.right + round(0.5 * box.height), box.bottom - round(box.height * rng.uniform(0.0, 0.3)))
    return struck + writing.text(wording.written_number(rng), at, small, rng)


def written_date(rng: Generator) -> str:
    """A date by hand."""
    mark = wording.chosen(rng, ("/", ".", "-", " / "))
    day, month, year = int(rng.integers(1, 32)), int(rng.integers(1, 13)), int(rng.integers(1990, 2031))
    return mark.join((str(day), str(month), str(year if rng.random() < 0.5 else f"{year % 100:02d}")))


def _crossed(rng: Generator, setting: Setting, box: Box, sign: str) -> Content:
    pen = writing.sized(setting.hand, box.height)
    if sign == "tick" or (sign == "any" and rng.random() < 0.4):
        return marks.tick(box, pen, rng)
    if sign == "any" and rng.random() < 0.3:
        return marks.scribble(box, pen, rng)
    return marks.cross(box, pen, rng)


def _digits(rng: Generator, count: int) -> str:
    """As many digits as there are boxes, or fewer."""
    used = count if rng.random() < 0.7 else int(rng.integers(1, count + 1))
    return "".join(map(str, rng.integers(0, 10, used)))
