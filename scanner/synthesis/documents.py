"""Whole pages as people scan them, of many kinds, with everything that is true about them.

A page is a stack of blocks, each of which takes a column and says how far down
it reached.  Which blocks a page is made of is its kind: an exam's cover is a
code, fields, a strip of boxes and dense print, a log is fields and a table.
Everything that can differ does, and all of it comes from the generator.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from scanner.synthesis import codes, fonts, forms, freehand, ink, printed, scans, tables, wear, wording, writing
from scanner.synthesis.forms import Setting
from scanner.synthesis.ink import Content, Ink
from scanner.synthesis.printed import Block, Type
from scanner.synthesis.scans import Document
from scanner.types import Box

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from scanner.synthesis.material import Pool
    from scanner.synthesis.writing import Alphabet

    Generator = np.random.Generator
    Maker = Callable[[Generator, Setting, Box], Block]

DPI = (100.0, 400.0)
"""Between these a page's resolution is drawn, its logarithm evenly, if none is asked for."""

# Width and height in millimetres: A4, letter, A5 upright and across, a slip, a cheque.
_FORMATS = ((210, 297), (216, 279), (148, 210), (210, 148), (297, 210), (90, 180), (178, 80))
_FORMAT_SHARES = np.array([0.36, 0.36, 0.1, 0.06, 0.05, 0.04, 0.03])
# Sizes of type, millimetres to the em: 7 to 14 points.
_TYPE = (2.5, 4.9)
# Height of handwritten digits, millimetres.
_DIGIT = (2.4, 6.5)


def _heading(rng: Generator, setting: Setting, column: Box) -> Block:
    kind = Type(setting.bold.font, round(setting.body.size * float(rng.uniform(1.1, 2.2))), setting.bold.ink)
    text = printed.shortened(wording.heading(rng), column.width, kind)
    if printed.width(text, kind) > column.width:
        kind = setting.body
    if rng.random() < 0.15:
        text = text.upper() if printed.width(text.upper(), kind) < column.width else text
    content = printed.line_in(
        text, Box(column.x, column.y, column.width, round(1.3 * kind.size)), kind, float(rng.choice([0, 0, 0.5]))
    )
    bottom = column.y + round(1.6 * kind.size)
    if rng.random() < 0.25:
        content += ink.line((column.x, bottom), (column.right, bottom), setting.rule_width * 2, setting.rules)
        bottom += kind.size // 2
    return Block(content, bottom)


def _text(rng: Generator, setting: Setting, column: Box, most: int = 160) -> Block:
    words = wording.sentences(rng, int(rng.integers(10, most)), float(rng.choice([0.0, 0.03, 0.12])))
    kind = setting.italic if rng.random() < 0.12 else setting.body
    if rng.random() < 0.12 and column.width > 40 * kind.size:
        part = column.width * 47 // 100
        left = printed.paragraph(words[: len(words) // 2], Box(column.x, column.y, part, column.height), kind, rng)
        right_column = Box(column.right - part, column.y, part, column.height)
        right = printed.paragraph(words[len(words) // 2 :], right_column, kind, rng)
        return Block(left.content + right.content, max(left.bottom, right.bottom) + kind.size)
    block = printed.paragraph(words, column, kind, rng)
    return Block(block.content, block.bottom + round(kind.size * float(rng.uniform(0.3, 1.5))))


def _questions(rng: Generator, setting: Setting, column: Box) -> Block:
    return printed.numbered_questions(column, setting.body, setting.bold, rng)


def _bullets(rng: Generator, setting: Setting, column: Box) -> Block:
    return printed.bullets(column, setting.body, rng)


def _foreign(rng: Generator, setting: Setting, column: Box) -> Block:
    """Words of a script of another kind, mostly before a line to write on or a word that says the same."""
    kind = setting.bold if rng.random() < 0.3 else setting.body
    x, y, contents = column.x, column.y + round(1.3 * kind.size), []
    for _ in range(int(rng.integers(1, 7))):
        count = int(rng.integers(1, 7))
        contents.append(printed.foreign(rng, count, (x, y), kind))
        x += round((count + 0.6) * kind.size)
        if rng.random() < 0.4:
            text = wording.field_name(rng) + " :"
            contents.append(printed.line(text, (x, y), kind))
            x += printed.width(text, kind) + kind.size
        if x > column.right - 10 * kind.size:
            break
    return Block(ink.together(contents), y + kind.size)


def _formulas(rng: Generator, setting: Setting, column: Box) -> Block:
    return printed.formulas(column, setting.body, rng)


def _gap(rng: Generator, setting: Setting, column: Box) -> Block:
    return Block(Content(), column.y + setting.pixels(rng.uniform(3, 45)))


def _rule(_: Generator, setting: Setting, column: Box) -> Block:
    y = column.y + setting.body.size // 2
    return Block(
        ink.line((column.x, y), (column.right, y), setting.rule_width * 2, setting.rules), y + setting.body.size
    )


def _beside(rng: Generator, setting: Setting, column: Box) -> Block:
    """A strip or a box with print on its left and right, as it stands in the middle of an exam's cover."""
    part = column.width // 4
    middle = Box(
        column.x + part + setting.body.size, column.y, column.width - 2 * part - 2 * setting.body.size, column.height
    )
    block = forms.comb(rng, setting, middle)
    contents = [block.content]
    tall = max(block.bottom - column.y - setting.body.size, 2 * setting.body.size)
    for x in (column.x, column.right - part):
        if rng.random() < 0.3:
            side = min(part, tall)
            contents.append(codes.square_code(Box(x, column.y, side, side), setting.body.ink, rng))
        else:
            words = wording.sentences(rng, 30, 0.04)
            contents.append(printed.paragraph(words, Box(x, column.y, part, tall), setting.body, rng).content)
    return Block(ink.together(contents), max(block.bottom, column.y + tall + setting.body.size))


_short: Maker = partial(_text, most=40)
_KINDS: dict[str, tuple[float, tuple[tuple[Maker, float], ...], tuple[tuple[Maker, float], ...]]] = {
    # How common it is; the blocks at its head with their probabilities; the blocks that fill it with their shares.
    "exam cover": (1.2, ((forms.coded_head, 0.5), (_heading, 0.9), (_text, 0.7), (_beside, 0.5), (forms.comb, 0.75),
                         (_text, 0.8)), ((_text, 4), (_bullets, 1), (tables.printed_table, 0.6), (_rule, 0.4))),
    "print": (1.0, ((forms.coded_head, 0.4), (_heading, 0.8)),
              ((_text, 5), (_questions, 2), (_foreign, 0.5), (_bullets, 1), (_formulas, 1),
               (tables.printed_table, 1), (_heading, 1), (_gap, 0.7))),
    "exam": (1.0, ((forms.coded_head, 0.6), (_foreign, 0.15), (forms.fields, 0.6), (_heading, 0.5), (_questions, 0.4)),
             ((_short, 2), (_formulas, 1.5), (_foreign, 0.3), (freehand.notes, 1),
              (freehand.sums, 1), (forms.answer_box, 1.5), (_gap, 1), (forms.sentence_field, 0.6))),
    "questionnaire": (1.0, ((forms.coded_head, 0.6), (_heading, 1.0)),
                      ((forms.choices, 4), (forms.comb, 2.5), (_heading, 1), (forms.fields, 1),
                       (forms.sentence_field, 1))),
    "log": (1.4, ((forms.coded_head, 0.15), (_heading, 0.9), (forms.fields, 0.6), (_short, 0.5), (tables.log, 1.0)),
            ((freehand.notes, 1), (freehand.stamped, 1), (_short, 1), (_gap, 1))),
    "worksheet": (1.0, ((_heading, 0.4),),
                  ((freehand.sums, 4), (freehand.columns_of_digits, 1.5), (_gap, 0.7), (_short, 0.4))),
    "ledger": (1.1, ((forms.coded_head, 0.2), (_heading, 0.8), (forms.fields, 0.6), (tables.ledger, 1.0)),
               ((tables.ledger, 0.6), (forms.fields, 1), (freehand.stamped, 1), (_short, 1), (_gap, 0.6))),
    "form": (1.2, ((forms.coded_head, 0.3), (_heading, 0.9), (forms.fields, 1.0)),
             ((forms.fields, 3), (forms.comb, 2), (_foreign, 0.4), (_short, 1), (forms.sentence_field, 1),
              (forms.choices, 0.8), (freehand.stamped, 0.8), (tables.ledger, 0.4), (forms.answer_box, 0.6))),
    "mark sheet": (0.8, ((_heading, 0.9), (forms.fields, 0.4), (tables.mark_sheet, 1.0)),
                   ((tables.mark_sheet, 1), (freehand.stamped, 1), (_short, 1), (_gap, 1))),
    "notes": (0.9, ((_heading, 0.1),),
              ((freehand.notes, 3), (freehand.columns_of_digits, 1), (freehand.sums, 1), (_gap, 0.5))),
    "tally": (0.5, ((_heading, 0.9), (tables.tallies, 1.0)), ((tables.tallies, 1), (_short, 1), (freehand.notes, 0.5))),
    "cheques": (0.6, (), ((freehand.cheque, 1),)),
}  # fmt: skip  # in columns
KINDS = tuple(_KINDS)
"""The kinds of pages."""


def document(
    rng: Generator,
    families: Sequence[fonts.Family],
    pools: Sequence[Pool] = (),
    dpi: float | None = None,
    kind: str | None = None,
    alphabets: Sequence[Alphabet] = (),
) -> Document:
    """A page as it comes out of a scanner or a camera.

    Args:
        rng: the same state of the generator gives the same page, with the same fonts, pools and libraries.
        families: to print with, at least one; see ``fonts.families``.
        pools: of framed digits that about half of the hands write with; without any all write with the pen.
        dpi: pixels per inch of paper; drawn from ``DPI`` if None.  Time and memory grow with its square.
        kind: one of ``KINDS``; drawn by how common they are if None.
        alphabets: of drawn letters that the words of some hands are put together from.

    Returns:
        The page upright but for the skew of the scanner; see ``scans.turned``.

    Raises:
        KeyError: if there is no such kind.
    """
    if dpi is None:
        dpi = float(np.exp(rng.uniform(*np.log(DPI))))
    if kind is None:
        shares = np.array([share for share, _, _ in _KINDS.values()])
        kind = KINDS[int(rng.choice(len(KINDS), p=shares / shares.sum()))]
    flat = _flat(rng, families, (pools, alphabets), dpi, kind)
    if rng.random() < 0.12:
        flat = scans.with_edges(flat, rng)
    return scans.photographed(flat, rng) if rng.random() < 0.12 else scans.scanned(flat, rng)


Drawn = tuple["Sequence[Pool]", "Sequence[Alphabet]"]


def _flat(rng: Generator, families: Sequence[fonts.Family], drawn: Drawn, dpi: float, kind: str) -> Document:
    """The page before it is scanned."""
    shape = _FORMATS[5 + int(rng.integers(2))] if kind == "cheques" and rng.random() < 0.3 else None
    shape = shape or _FORMATS[int(rng.choice(len(_FORMATS), p=_FORMAT_SHARES))]
    width, height = (round(side * dpi / 25.4) for side in shape)
    setting = _setting(rng, families, drawn, dpi)
    margin = setting.pixels(rng.uniform(9, 24))
    inner = Box(margin, margin, width - 2 * margin, height - 2 * margin)
    content = _stacked(rng, setting, inner, kind)
    if kind in {"notes", "worksheet"} and rng.random() < 0.65:
        content = freehand.lined(rng, setting, Box(0, 0, width, height)) + content
    content += _extras(rng, setting, Box(0, 0, width, height), margin)
    page = wear.paper(width, height, rng)
    if rng.random() < 0.04:
        page = wear.stained(page, dpi, rng)
    if rng.random() < 0.1:
        back = _stacked(rng, setting, inner, KINDS[int(rng.integers(len(KINDS)))])
        shade, _ = ink.laid(np.full((height, width, 3), 255, np.uint8), back, rng)
        page = wear.bled_through(page, 255 - shade[:, :, 1], float(rng.uniform(0.04, 0.22)))
    image, labels = ink.laid(page, content, rng)
    return Document(image, labels, scans.in_reading_order(_on_page(content, width, height)), dpi, kind)


def _on_page(content: Content, width: int, height: int) -> list[ink.PageNumber]:
    """The numbers that lie on the page altogether."""
    boxes = [(number, number.box) for number in content.numbers]
    return [
        number for number, box in boxes if box.x >= 0 and box.y >= 0 and box.right <= width and box.bottom <= height
    ]


def _stacked(rng: Generator, setting: Setting, inner: Box, kind: str) -> Content:
    """Blocks from the top of the page to its bottom, or until somebody had enough."""
    _, head, body = _KINDS[kind]
    makers = [maker for maker, chance in head if rng.random() < chance]
    shares = np.array([share for _, share in body])
    more = int(rng.integers(1, 9)) if head else 9
    makers += [body[int(rng.choice(len(body), p=shares / shares.sum()))][0] for _ in range(more)]
    columns = [inner]
    if kind in {"print", "questionnaire"} and inner.width > 55 * setting.body.size and rng.random() < 0.25:
        part = inner.width * 47 // 100
        columns = [Box(inner.x, inner.y, part, inner.height), Box(inner.right - part, inner.y, part, inner.height)]
    contents = []
    for column in columns:
        y = column.y
        for maker in makers:
            room = column.bottom - y
            if room < 6 * setting.body.size:
                break
            block = maker(rng, setting, Box(column.x, y, column.width, room))
            if block.bottom > column.bottom + setting.body.size:
                # It did not fit; a lower block may.
                continue
            contents.append(block.content)
            y = max(block.bottom, y + 1)
    return ink.together(contents)


def _extras(rng: Generator, setting: Setting, page: Box, margin: int) -> Content:
    """Page numbers, corner marks, holes, stamps, and what was scribbled into the margin."""
    contents = []
    body, dpi = setting.body, setting.dpi
    if rng.random() < 0.45:
        number = int(rng.integers(1, 200))
        footer = wording.chosen(
            rng,
            (
                f"{number}",
                f"Page {number}",
                f"- {number} -",
                f"Page {number % 9 + 1} of {number % 9 + 3}",
                f"{number % 9 + 1}/9",
            ),
        )
        place = Box(margin, page.height - margin, page.width - 2 * margin, max(margin - body.size // 2, 4))
        contents.append(printed.line_in(footer, place, body, float(rng.choice([0.0, 0.5, 1.0]))))
    if rng.random() < 0.08:
        inset = max(margin // 2, 2)
        area = Box(inset, inset, page.width - 2 * inset, page.height - 2 * inset)
        contents.append(codes.corner_marks(area, body.ink, setting.rule_width * 2))
    if rng.random() < 0.12:
        contents.append(wear.holes(page.width, page.height, dpi, rng))
    if rng.random() < 0.05:
        contents.append(wear.staple(page.width, dpi, rng))
    if rng.random() < 0.3:
        contents.append(wear.specks(page.width, page.height, dpi, rng))
    if rng.random() < 0.05:
        contents.append(codes.watermark(page, setting.bold.font, rng))
    if rng.random() < 0.07:
        at = tuple(int(n) for n in rng.uniform((0.15, 0.1), (0.85, 0.9)) * (page.width, page.height))
        contents.append(codes.stamp((at[0], at[1]), setting.pixels(rng.uniform(8, 18)), setting.bold.font, rng))
    if rng.random() < 0.12:
        large = Type(setting.bold.font, round(setting.bold.size * float(rng.uniform(1.0, 2.5))), setting.bold.ink)
        text = wording.date(rng) if rng.random() < 0.6 else wording.heading(rng)
        date = printed.line(text, (0, 0), large)
        side = printed.upright(date, (0, 0))
        x = page.width - margin // 2 if rng.random() < 0.5 else round(page.width * float(rng.uniform(0.05, 0.95)))
        contents.append(ink.moved(side, x, round(page.height * float(rng.uniform(0.4, 0.8)))))
    return ink.together(contents)


def _setting(rng: Generator, families: Sequence[fonts.Family], drawn: Drawn, dpi: float) -> Setting:
    """Type, rules and hands of a page."""
    family = families[int(rng.integers(len(families)))]
    other = families[int(rng.integers(len(families)))] if rng.random() < 0.25 else family
    pixel = 25.4 / dpi
    size = max(round(float(rng.uniform(*_TYPE)) / pixel), 7)
    grey = int(rng.choice([0, 20, 45, 70, 110], p=[0.35, 0.3, 0.2, 0.1, 0.05]))
    black = Ink((grey, grey, grey), float(rng.uniform(0.75, 1.0)))
    coloured = rng.random() < 0.2
    tint = tuple(int(n) for n in rng.integers(60, 220, 3)) if coloured else (grey, grey, grey)
    rules = Ink((tint[0], tint[1], tint[2]), float(rng.uniform(0.5, 1.0)))
    body_ink = rules if coloured and rng.random() < 0.3 else black
    digit = float(np.exp(rng.uniform(*np.log(_DIGIT)))) / pixel
    # Who fills in large print writes no smaller than most of its letters.
    digit = max(digit, 0.7 * size)
    pools, alphabets = drawn
    hand = writing.random_hand(rng, pools, max(round(digit), 8), pixel, alphabets)
    other_height = max(round(digit * float(rng.uniform(0.8, 1.4))), 8)
    marker = writing.random_hand(rng, pools, other_height, pixel, alphabets)
    return Setting(
        dpi=dpi,
        body=Type(family.regular, size, body_ink),
        bold=Type(other.bold, size, black),
        italic=Type(family.italic, size, body_ink),
        rules=rules,
        rule_width=max(float(np.clip(rng.lognormal(np.log(0.2), 0.4), 0.08, 0.6)) / pixel, 0.6),
        hand=hand,
        other=marker,
    )
