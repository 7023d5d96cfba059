"""Synthetic pages of many types, as people scan them, with the truth about them.

A page is a stack of blocks.  Each block fills a column from a given height and returns how far down it reaches; the
type of the page decides which blocks there are.  Everything that varies is drawn from the random generator.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from scanner.synthesis import (
    backgrounds,
    barcodes_stamps,
    bending,
    freehand,
    page_content,
    paper_wear,
    printed,
    reproduction,
    scans,
    surroundings,
    wording,
)
from scanner.synthesis.page_recipes import PAGE_RECIPES
from scanner.synthesis.page_style import random_page_style
from scanner.synthesis.printed import TextStyle
from scanner.synthesis.scans import SyntheticPage
from scanner.types import Box

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scanner.synthesis.fonts import FontFamily
    from scanner.synthesis.ingredients import DigitPool
    from scanner.synthesis.page_content import PageContent
    from scanner.synthesis.page_style import PageStyle
    from scanner.synthesis.writing import DrawnAlphabet

    Generator = np.random.Generator
    PoolsAndAlphabets = tuple[Sequence[DigitPool], Sequence[DrawnAlphabet]]

DPI_RANGE = (100.0, 400.0)
"""Lowest and highest resolution of a page if none is given; drawn log-uniformly."""
PAGE_TYPES = tuple(PAGE_RECIPES)
"""The types of pages."""

_PHOTOGRAPH_SHARE = 0.36
"""Share of pages that are photographed; a choice: strangers send about as many photographs as scans."""

_WRITING_PAPER_TYPES = frozenset({"notes", "worksheet", "diary", "free numbers", "exercises"})
"""Types of pages that are often on lined or squared paper."""

_PAPER_FORMATS_MM = (
    *((210, 297), (216, 279), (148, 210), (210, 148), (297, 210), (90, 180), (178, 80)),
    *((105, 148), (148, 105), (80, 210), (330, 240)),
)
"""Width and height of papers, mm: A4, letter, A5 portrait and landscape, A4 landscape, a slip, a cheque; cards, a long
receipt, a wide ledger."""
_PAPER_FORMAT_SHARES = np.array([0.31, 0.28, 0.09, 0.06, 0.09, 0.03, 0.03, 0.03, 0.03, 0.02, 0.03])
"""How common each paper is; a choice."""


def synthesize_page(
    rng: Generator,
    families: Sequence[FontFamily],
    pools: Sequence[DigitPool] = (),
    dpi: float | None = None,
    page_type: str | None = None,
    alphabets: Sequence[DrawnAlphabet] = (),
) -> SyntheticPage:
    """Synthesize a page as a scanner or a camera delivers it.

    Args:
        rng: with the same state, fonts, pools and library versions, the page is the same.
        families: fonts to print with, at least one; see :func:`scanner.synthesis.fonts.group_by_family`.
        pools: pools of digits that about half of the hands write with; if empty, all digits are written with the pen.
        dpi: resolution at which the page is made; drawn from ``DPI_RANGE`` if None.  Time and memory grow with its
            square.  Some pages are reduced afterwards.
        page_type: one of ``PAGE_TYPES``; drawn by their shares if None.
        alphabets: drawn letters that some hands compose words from.

    Returns:
        The page, upright but for the skew of the scanner; see :func:`scanner.synthesis.scans.turn_page`.

    Raises:
        KeyError: if there is no such type.
    """
    if dpi is None:
        dpi = float(np.exp(rng.uniform(*np.log(DPI_RANGE))))
    if page_type is None:
        shares = np.array([recipe.share for recipe in PAGE_RECIPES.values()])
        page_type = PAGE_TYPES[int(rng.choice(len(PAGE_TYPES), p=shares / shares.sum()))]
    flat = _compose_page(rng, families, (pools, alphabets), dpi, page_type)
    return scans.mark_illegible_numbers(_capture(flat, rng))


def _capture(page: SyntheticPage, rng: Generator) -> SyntheticPage:
    """Scan, photograph or copy a page, bent or flat, whole or in part, at a high or low resolution."""
    kind = rng.random()
    if rng.random() < 0.12:
        page = reproduction.cut_out(page, rng)
    if rng.random() < (0.5 if kind < _PHOTOGRAPH_SHARE else 0.15):
        page = bending.bend_page(page, rng)
    if kind < _PHOTOGRAPH_SHARE:
        surrounded = rng.random() < 0.6
        if surrounded:
            page = surroundings.surround_page(page, rng)
        if rng.random() < 0.12:
            page = surroundings.cover_page(page, rng)
        page = scans.simulate_photograph(page, rng, fills_frame=surrounded or rng.random() < 0.25)
    elif kind < 0.94:
        if rng.random() < 0.12:
            page = scans.add_scanner_edges(page, rng)
        if rng.random() < 0.06:
            page = reproduction.add_streaks(page, rng)
        page = reproduction.photocopy(page, rng) if rng.random() < 0.12 else page
        page = scans.simulate_scan(page, rng)
    else:
        page = reproduction.copy_to_microfilm(page, rng)
    return reproduction.reduce_resolution(page, rng) if rng.random() < 0.3 else page


def _compose_page(
    rng: Generator, families: Sequence[FontFamily], handwriting: PoolsAndAlphabets, dpi: float, page_type: str
) -> SyntheticPage:
    """Compose a page, before it is scanned."""
    size_mm = _PAPER_FORMATS_MM[5 + int(rng.integers(2))] if page_type == "cheques" and rng.random() < 0.3 else None
    size_mm = size_mm or _PAPER_FORMATS_MM[int(rng.choice(len(_PAPER_FORMATS_MM), p=_PAPER_FORMAT_SHARES))]
    width, height = (round(side * dpi / 25.4) for side in size_mm)
    page_style = random_page_style(rng, families, *handwriting, dpi)
    margin = page_style.mm_to_pixels(rng.uniform(9, 24))
    inner = Box(margin, margin, width - 2 * margin, height - 2 * margin)
    content = _stack_blocks(rng, page_style, inner, page_type)
    if page_type in _WRITING_PAPER_TYPES and rng.random() < 0.5:
        content = freehand.draw_writing_lines(rng, page_style, Box(0, 0, width, height)) + content
    content += _extra_content(rng, page_style, Box(0, 0, width, height), margin)
    if page_type == "cheques" and rng.random() < 0.5:
        content += backgrounds.draw_security_pattern(Box(0, 0, width, height), dpi, rng)
    page = paper_wear.blank_paper(width, height, rng)
    if rng.random() < 0.04:
        page = paper_wear.add_cup_ring(page, dpi, rng)
    if rng.random() < 0.1:
        back = _stack_blocks(rng, page_style, inner, PAGE_TYPES[int(rng.integers(len(PAGE_TYPES)))])
        back_page, _ = page_content.lay_on_paper(np.full((height, width, 3), 255, np.uint8), back, rng)
        page = paper_wear.add_bleed_through(page, 255 - back_page[:, :, 1], float(rng.uniform(0.04, 0.22)))
    image, pixel_classes = page_content.lay_on_paper(page, content, rng)
    return SyntheticPage(
        image, pixel_classes, scans.sort_in_reading_order(_numbers_on_page(content, width, height)), dpi, page_type
    )


def _numbers_on_page(content: PageContent, width: int, height: int) -> list[page_content.PageNumber]:
    """The numbers that lie entirely on the page."""
    boxes = [(number, number.box) for number in content.numbers]
    return [
        number for number, box in boxes if box.x >= 0 and box.y >= 0 and box.right <= width and box.bottom <= height
    ]


def _stack_blocks(rng: Generator, page_style: PageStyle, inner: Box, page_type: str) -> PageContent:
    """Stack blocks from the top of the page to its bottom, or until the recipe ends."""
    recipe = PAGE_RECIPES[page_type]
    makers = [maker for maker, probability in recipe.opening if rng.random() < probability]
    shares = np.array([share for _, share in recipe.filling])
    filling_count = int(rng.integers(2, 10)) if recipe.opening else 9
    makers += [recipe.filling[int(rng.choice(len(shares), p=shares / shares.sum()))][0] for _ in range(filling_count)]
    columns = [inner]
    if page_type in {"print", "questionnaire"} and inner.width > 55 * page_style.body.size and rng.random() < 0.25:
        column_width = inner.width * 47 // 100
        columns = [Box(x, inner.y, column_width, inner.height) for x in (inner.x, inner.right - column_width)]
    contents = []
    for column in columns:
        y = column.y
        for maker in makers:
            room = column.bottom - y
            if room < 6 * page_style.body.size:
                break
            block = maker(rng, page_style, Box(column.x, y, column.width, room))
            if block.bottom > column.bottom + page_style.body.size:
                # It does not fit, but a lower block may.
                continue
            contents.append(block.content)
            y = max(block.bottom, y + 1)
    return page_content.merge_contents(contents)


def _extra_content(rng: Generator, page_style: PageStyle, page: Box, margin: int) -> PageContent:
    """Draw page numbers, corner marks, holes, dirt, watermarks, stamps and text in the margin."""
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
        footer_box = Box(margin, page.height - margin, page.width - 2 * margin, max(margin - body.size // 2, 4))
        contents.append(printed.typeset_line_in_box(footer, footer_box, body, float(rng.choice([0.0, 0.5, 1.0]))))
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
    if rng.random() < 0.06:
        contents.append(backgrounds.draw_security_pattern(page, dpi, rng))
    if rng.random() < 0.05:
        contents.append(backgrounds.draw_emblems(page, dpi, page_style.bold.font_path, rng))
    if rng.random() < 0.06:
        contents.append(backgrounds.draw_tinted_panels(page, page_style, rng))
    if rng.random() < 0.07:
        center = tuple(int(n) for n in rng.uniform((0.15, 0.1), (0.85, 0.9)) * (page.width, page.height))
        contents.append(
            barcodes_stamps.draw_stamp(
                (center[0], center[1]), page_style.mm_to_pixels(rng.uniform(8, 18)), page_style.bold.font_path, rng
            )
        )
    if rng.random() < 0.04:
        contents.append(freehand.scrawl_across(rng, page_style, page))
    if rng.random() < 0.12:
        large = TextStyle(
            page_style.bold.font_path, round(page_style.bold.size * float(rng.uniform(1.0, 2.5))), page_style.bold.ink
        )
        text = wording.random_date(rng) if rng.random() < 0.6 else wording.random_heading(rng)
        turned = printed.turn_quarter_left(printed.typeset_line(text, (0, 0), large), (0, 0))
        x = page.width - margin // 2 if rng.random() < 0.5 else round(page.width * float(rng.uniform(0.05, 0.95)))
        contents.append(page_content.move_content(turned, x, round(page.height * float(rng.uniform(0.4, 0.8)))))
    return page_content.merge_contents(contents)
