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

from scanner.synthesis import (
    barcodes_stamps,
    comb_fields,
    fonts,
    forms,
    freehand,
    page_content,
    paper_wear,
    printed,
    scans,
    tables,
    wording,
)
from scanner.synthesis.page_content import PageContent
from scanner.synthesis.page_style import PageStyle, random_page_style
from scanner.synthesis.printed import Block, TextStyle
from scanner.synthesis.scans import SyntheticPage
from scanner.types import Box

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from scanner.synthesis.ingredients import DigitPool
    from scanner.synthesis.writing import DrawnAlphabet

    Generator = np.random.Generator
    BlockMaker = Callable[[Generator, PageStyle, Box], Block]

DPI_RANGE = (100.0, 400.0)
"""Between these a page's resolution is drawn, its logarithm evenly, if none is asked for."""

# Width and height in millimetres: A4, letter, A5 upright and across, a slip, a cheque.
_PAPER_FORMATS_MM = ((210, 297), (216, 279), (148, 210), (210, 148), (297, 210), (90, 180), (178, 80))
_PAPER_FORMAT_SHARES = np.array([0.36, 0.36, 0.1, 0.06, 0.05, 0.04, 0.03])


def _heading_block(rng: Generator, page_style: PageStyle, column: Box) -> Block:
    kind = TextStyle(
        page_style.bold.font_path, round(page_style.body.size * float(rng.uniform(1.1, 2.2))), page_style.bold.ink
    )
    text = printed.shorten_to_width(wording.random_heading(rng), column.width, kind)
    if printed.text_width(text, kind) > column.width:
        kind = page_style.body
    if rng.random() < 0.15:
        text = text.upper() if printed.text_width(text.upper(), kind) < column.width else text
    content = printed.typeset_line_in_box(
        text, Box(column.x, column.y, column.width, round(1.3 * kind.size)), kind, float(rng.choice([0, 0, 0.5]))
    )
    bottom = column.y + round(1.6 * kind.size)
    if rng.random() < 0.25:
        content += page_content.draw_rule(
            (column.x, bottom), (column.right, bottom), page_style.rule_width * 2, page_style.rule_ink
        )
        bottom += kind.size // 2
    return Block(content, bottom)


def _text_block(rng: Generator, page_style: PageStyle, column: Box, most: int = 160) -> Block:
    words = wording.random_running_words(rng, int(rng.integers(10, most)), float(rng.choice([0.0, 0.03, 0.12])))
    kind = page_style.italic if rng.random() < 0.12 else page_style.body
    if rng.random() < 0.12 and column.width > 40 * kind.size:
        part = column.width * 47 // 100
        left = printed.typeset_paragraph(
            words[: len(words) // 2], Box(column.x, column.y, part, column.height), kind, rng
        )
        right_column = Box(column.right - part, column.y, part, column.height)
        right = printed.typeset_paragraph(words[len(words) // 2 :], right_column, kind, rng)
        return Block(left.content + right.content, max(left.bottom, right.bottom) + kind.size)
    block = printed.typeset_paragraph(words, column, kind, rng)
    return Block(block.content, block.bottom + round(kind.size * float(rng.uniform(0.3, 1.5))))


def _questions_block(rng: Generator, page_style: PageStyle, column: Box) -> Block:
    return printed.typeset_questions(column, page_style.body, page_style.bold, rng)


def _bullets_block(rng: Generator, page_style: PageStyle, column: Box) -> Block:
    return printed.typeset_bullets(column, page_style.body, rng)


def _foreign_script_block(rng: Generator, page_style: PageStyle, column: Box) -> Block:
    """Words of a script of another kind, mostly before a line to write on or a word that says the same."""
    kind = page_style.bold if rng.random() < 0.3 else page_style.body
    x, y, contents = column.x, column.y + round(1.3 * kind.size), []
    for _ in range(int(rng.integers(1, 7))):
        count = int(rng.integers(1, 7))
        contents.append(printed.draw_foreign_script(rng, count, (x, y), kind))
        x += round((count + 0.6) * kind.size)
        if rng.random() < 0.4:
            text = wording.random_field_name(rng) + " :"
            contents.append(printed.typeset_line(text, (x, y), kind))
            x += printed.text_width(text, kind) + kind.size
        if x > column.right - 10 * kind.size:
            break
    return Block(page_content.merge_contents(contents), y + kind.size)


def _formulas_block(rng: Generator, page_style: PageStyle, column: Box) -> Block:
    return printed.typeset_formulas(column, page_style.body, rng)


def _gap_block(rng: Generator, page_style: PageStyle, column: Box) -> Block:
    return Block(PageContent(), column.y + page_style.mm_to_pixels(rng.uniform(3, 45)))


def _rule_block(_: Generator, page_style: PageStyle, column: Box) -> Block:
    y = column.y + page_style.body.size // 2
    return Block(
        page_content.draw_rule((column.x, y), (column.right, y), page_style.rule_width * 2, page_style.rule_ink),
        y + page_style.body.size,
    )


def _comb_between_text_block(rng: Generator, page_style: PageStyle, column: Box) -> Block:
    """A strip or a box with print on its left and right, as it stands in the middle of an exam's cover."""
    part = column.width // 4
    middle = Box(
        column.x + part + page_style.body.size,
        column.y,
        column.width - 2 * part - 2 * page_style.body.size,
        column.height,
    )
    block = comb_fields.comb_block(rng, page_style, middle)
    contents = [block.content]
    tall = max(block.bottom - column.y - page_style.body.size, 2 * page_style.body.size)
    for x in (column.x, column.right - part):
        if rng.random() < 0.3:
            side = min(part, tall)
            contents.append(barcodes_stamps.draw_qr_like_code(Box(x, column.y, side, side), page_style.body.ink, rng))
        else:
            words = wording.random_running_words(rng, 30, 0.04)
            contents.append(
                printed.typeset_paragraph(words, Box(x, column.y, part, tall), page_style.body, rng).content
            )
    return Block(page_content.merge_contents(contents), max(block.bottom, column.y + tall + page_style.body.size))


_short_text_block: BlockMaker = partial(_text_block, most=40)
_PAGE_RECIPES: dict[str, tuple[float, tuple[tuple[BlockMaker, float], ...], tuple[tuple[BlockMaker, float], ...]]] = {
    # How common it is; the blocks at its head with their probabilities; the blocks that fill it with their shares.
    "exam cover": (1.2, ((forms.coded_header_block, 0.5), (_heading_block, 0.9), (_text_block, 0.7), (_comb_between_text_block, 0.5), (comb_fields.comb_block, 0.75),
                         (_text_block, 0.8)), ((_text_block, 4), (_bullets_block, 1), (tables.printed_table_block, 0.6), (_rule_block, 0.4))),
    "print": (1.0, ((forms.coded_header_block, 0.4), (_heading_block, 0.8)),
              ((_text_block, 5), (_questions_block, 2), (_foreign_script_block, 0.5), (_bullets_block, 1), (_formulas_block, 1),
               (tables.printed_table_block, 1), (_heading_block, 1), (_gap_block, 0.7))),
    "exam": (1.0, ((forms.coded_header_block, 0.6), (_foreign_script_block, 0.15), (forms.fields_block, 0.6), (_heading_block, 0.5), (_questions_block, 0.4)),
             ((_short_text_block, 2), (_formulas_block, 1.5), (_foreign_script_block, 0.3), (freehand.notes_block, 1),
              (freehand.sums_block, 1), (forms.answer_box_block, 1.5), (_gap_block, 1), (forms.sentence_field_block, 0.6))),
    "questionnaire": (1.0, ((forms.coded_header_block, 0.6), (_heading_block, 1.0)),
                      ((forms.choices_block, 4), (comb_fields.comb_block, 2.5), (_heading_block, 1), (forms.fields_block, 1),
                       (forms.sentence_field_block, 1))),
    "log": (1.4, ((forms.coded_header_block, 0.15), (_heading_block, 0.9), (forms.fields_block, 0.6), (_short_text_block, 0.5), (tables.log_block, 1.0)),
            ((freehand.notes_block, 1), (freehand.signature_block, 1), (_short_text_block, 1), (_gap_block, 1))),
    "worksheet": (1.0, ((_heading_block, 0.4),),
                  ((freehand.sums_block, 4), (freehand.number_columns_block, 1.5), (_gap_block, 0.7), (_short_text_block, 0.4))),
    "ledger": (1.1, ((forms.coded_header_block, 0.2), (_heading_block, 0.8), (forms.fields_block, 0.6), (tables.ledger_block, 1.0)),
               ((tables.ledger_block, 0.6), (forms.fields_block, 1), (freehand.signature_block, 1), (_short_text_block, 1), (_gap_block, 0.6))),
    "form": (1.2, ((forms.coded_header_block, 0.3), (_heading_block, 0.9), (forms.fields_block, 1.0)),
             ((forms.fields_block, 3), (comb_fields.comb_block, 2), (_foreign_script_block, 0.4), (_short_text_block, 1), (forms.sentence_field_block, 1),
              (forms.choices_block, 0.8), (freehand.signature_block, 0.8), (tables.ledger_block, 0.4), (forms.answer_box_block, 0.6))),
    "mark sheet": (0.8, ((_heading_block, 0.9), (forms.fields_block, 0.4), (tables.mark_sheet_block, 1.0)),
                   ((tables.mark_sheet_block, 1), (freehand.signature_block, 1), (_short_text_block, 1), (_gap_block, 1))),
    "notes": (0.9, ((_heading_block, 0.1),),
              ((freehand.notes_block, 3), (freehand.number_columns_block, 1), (freehand.sums_block, 1), (_gap_block, 0.5))),
    "tally": (0.5, ((_heading_block, 0.9), (tables.tallies_block, 1.0)), ((tables.tallies_block, 1), (_short_text_block, 1), (freehand.notes_block, 0.5))),
    "cheques": (0.6, (), ((freehand.cheque_block, 1),)),
}  # fmt: skip  # in columns
PAGE_TYPES = tuple(_PAGE_RECIPES)
"""The kinds of pages."""


def synthesize_page(
    rng: Generator,
    families: Sequence[fonts.FontFamily],
    pools: Sequence[DigitPool] = (),
    dpi: float | None = None,
    page_type: str | None = None,
    alphabets: Sequence[DrawnAlphabet] = (),
) -> SyntheticPage:
    """A page as it comes out of a scanner or a camera.

    Args:
        rng: the same state of the generator gives the same page, with the same fonts, pools and libraries.
        families: to print with, at least one; see ``fonts.families``.
        pools: of framed digits that about half of the hands write with; without any all write with the pen.
        dpi: pixels per inch of paper; drawn from ``DPI_RANGE`` if None.  Time and memory grow with its square.
        page_type: one of ``PAGE_TYPES``; drawn by how common they are if None.
        alphabets: of drawn letters that the words of some hands are put together from.

    Returns:
        The page upright but for the skew of the scanner; see ``scans.turned``.

    Raises:
        KeyError: if there is no such kind.
    """
    if dpi is None:
        dpi = float(np.exp(rng.uniform(*np.log(DPI_RANGE))))
    if page_type is None:
        shares = np.array([share for share, _, _ in _PAGE_RECIPES.values()])
        page_type = PAGE_TYPES[int(rng.choice(len(PAGE_TYPES), p=shares / shares.sum()))]
    flat = _compose_page(rng, families, (pools, alphabets), dpi, page_type)
    if rng.random() < 0.12:
        flat = scans.add_scanner_edges(flat, rng)
    return scans.simulate_photograph(flat, rng) if rng.random() < 0.12 else scans.simulate_scan(flat, rng)


def _compose_page(
    rng: Generator, families: Sequence[fonts.FontFamily], drawn: PoolsAndAlphabets, dpi: float, kind: str
) -> SyntheticPage:
    """The page before it is scanned."""
    shape = _PAPER_FORMATS_MM[5 + int(rng.integers(2))] if kind == "cheques" and rng.random() < 0.3 else None
    shape = shape or _PAPER_FORMATS_MM[int(rng.choice(len(_PAPER_FORMATS_MM), p=_PAPER_FORMAT_SHARES))]
    width, height = (round(side * dpi / 25.4) for side in shape)
    page_style = random_page_style(rng, families, *drawn, dpi)
    margin = page_style.mm_to_pixels(rng.uniform(9, 24))
    inner = Box(margin, margin, width - 2 * margin, height - 2 * margin)
    content = _stack_blocks(rng, page_style, inner, kind)
    if kind in {"notes", "worksheet"} and rng.random() < 0.65:
        content = freehand.draw_writing_lines(rng, page_style, Box(0, 0, width, height)) + content
    content += _extra_content(rng, page_style, Box(0, 0, width, height), margin)
    page = paper_wear.blank_paper(width, height, rng)
    if rng.random() < 0.04:
        page = paper_wear.add_cup_ring(page, dpi, rng)
    if rng.random() < 0.1:
        back = _stack_blocks(rng, page_style, inner, PAGE_TYPES[int(rng.integers(len(PAGE_TYPES)))])
        shade, _ = page_content.lay_on_paper(np.full((height, width, 3), 255, np.uint8), back, rng)
        page = paper_wear.add_bleed_through(page, 255 - shade[:, :, 1], float(rng.uniform(0.04, 0.22)))
    image, labels = page_content.lay_on_paper(page, content, rng)
    return SyntheticPage(
        image, labels, scans.sort_in_reading_order(_numbers_on_page(content, width, height)), dpi, kind
    )


def _numbers_on_page(content: PageContent, width: int, height: int) -> list[page_content.PageNumber]:
    """The numbers that lie on the page altogether."""
    boxes = [(number, number.box) for number in content.numbers]
    return [
        number for number, box in boxes if box.x >= 0 and box.y >= 0 and box.right <= width and box.bottom <= height
    ]


def _stack_blocks(rng: Generator, page_style: PageStyle, inner: Box, kind: str) -> PageContent:
    """Blocks from the top of the page to its bottom, or until somebody had enough."""
    _, head, body = _PAGE_RECIPES[kind]
    makers = [maker for maker, chance in head if rng.random() < chance]
    shares = np.array([share for _, share in body])
    more = int(rng.integers(1, 9)) if head else 9
    makers += [body[int(rng.choice(len(body), p=shares / shares.sum()))][0] for _ in range(more)]
    columns = [inner]
    if kind in {"print", "questionnaire"} and inner.width > 55 * page_style.body.size and rng.random() < 0.25:
        part = inner.width * 47 // 100
        columns = [Box(inner.x, inner.y, part, inner.height), Box(inner.right - part, inner.y, part, inner.height)]
    contents = []
    for column in columns:
        y = column.y
        for maker in makers:
            room = column.bottom - y
            if room < 6 * page_style.body.size:
                break
            block = maker(rng, page_style, Box(column.x, y, column.width, room))
            if block.bottom > column.bottom + page_style.body.size:
                # It did not fit; a lower block may.
                continue
            contents.append(block.content)
            y = max(block.bottom, y + 1)
    return page_content.merge_contents(contents)


def _extra_content(rng: Generator, page_style: PageStyle, page: Box, margin: int) -> PageContent:
    """Page numbers, corner marks, holes, stamps, and what was scribbled into the margin."""
    contents = []
    body, dpi = page_style.body, page_style.dpi
    if rng.random() < 0.45:
        number = int(rng.integers(1, 200))
        footer = wording.choose(
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
        contents.append(printed.typeset_line_in_box(footer, place, body, float(rng.choice([0.0, 0.5, 1.0]))))
    if rng.random() < 0.08:
        inset = max(margin // 2, 2)
        area = Box(inset, inset, page.width - 2 * inset, page.height - 2 * inset)
        contents.append(barcodes_stamps.draw_corner_marks(area, body.ink, page_style.rule_width * 2))
    if rng.random() < 0.12:
        contents.append(paper_wear.draw_punched_holes(page.width, page.height, dpi, rng))
    if rng.random() < 0.05:
        contents.append(paper_wear.draw_staple(page.width, dpi, rng))
    if rng.random() < 0.3:
        contents.append(paper_wear.draw_specks(page.width, page.height, dpi, rng))
    if rng.random() < 0.05:
        contents.append(barcodes_stamps.draw_watermark(page, page_style.bold.font_path, rng))
    if rng.random() < 0.07:
        at = tuple(int(n) for n in rng.uniform((0.15, 0.1), (0.85, 0.9)) * (page.width, page.height))
        contents.append(
            barcodes_stamps.draw_stamp(
                (at[0], at[1]), page_style.mm_to_pixels(rng.uniform(8, 18)), page_style.bold.font_path, rng
            )
        )
    if rng.random() < 0.12:
        large = TextStyle(
            page_style.bold.font_path, round(page_style.bold.size * float(rng.uniform(1.0, 2.5))), page_style.bold.ink
        )
        text = wording.random_date(rng) if rng.random() < 0.6 else wording.random_heading(rng)
        date = printed.typeset_line(text, (0, 0), large)
        side = printed.turn_quarter_left(date, (0, 0))
        x = page.width - margin // 2 if rng.random() < 0.5 else round(page.width * float(rng.uniform(0.05, 0.95)))
        contents.append(page_content.move_content(side, x, round(page.height * float(rng.uniform(0.4, 0.8)))))
    return page_content.merge_contents(contents)
