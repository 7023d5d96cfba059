"""Pages with nothing but a table of two-digit numbers in one hand, with or without printed heads and names.

Such a table has no letters, or hardly any, by which to tell which way up it lies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.synthesis import page_content, paper_wear, printed, scans, wording, writing
from scanner.synthesis.page_style import random_page_style
from scanner.types import Box

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy as np

    from scanner.synthesis.fonts import FontFamily
    from scanner.synthesis.ingredients import DigitPool
    from scanner.synthesis.page_content import PageContent
    from scanner.synthesis.page_style import PageStyle
    from scanner.synthesis.scans import SyntheticPage

    Generator = np.random.Generator

_PAPER_FORMATS_MM = ((210, 297), (297, 210), (210, 148), (216, 279))
"""Width and height of papers, mm: A4 portrait and landscape, A5 landscape, letter."""
_MAX_COLUMNS, _MAX_ROWS = 12, 30
"""Maximum numbers side by side, and one below the other; a choice."""
_MIN_COLUMNS, _MIN_ROWS = 3, 4
"""Minimum numbers side by side, and one below the other; a choice."""
_NAME_COLUMN_WIDTH = 2.5
"""Width of the column of names, relative to those of numbers; a choice."""
_PRINTED_HEADS_SHARE, _PRINTED_NAMES_SHARE, _RULED_SHARE, _EMPTY_CELL_SHARE = 0.5, 0.35, 0.8, 0.05
"""Shares of tables with printed heads, with a column of printed names, and with rules, and of cells without a number;
a choice."""


def synthesize_number_table(
    rng: Generator, families: Sequence[FontFamily], pools: Sequence[DigitPool], dpi: float
) -> SyntheticPage:
    """Synthesize a page with a table of two-digit numbers, as a scanner delivers it.

    Args:
        rng: with the same state, fonts, pools and library versions, the page is the same.
        families: fonts to print with, at least one.
        pools: pools of digits that about half of the hands write with; if empty, all digits are written with the pen.
        dpi: resolution.

    Returns:
        The page, upright but for the skew of the scanner, with its numbers.
    """
    page_style = random_page_style(rng, families, pools, (), dpi)
    format_mm = _PAPER_FORMATS_MM[int(rng.integers(len(_PAPER_FORMATS_MM)))]
    width, height = (round(side * dpi / 25.4) for side in format_mm)
    margin = page_style.mm_to_pixels(rng.uniform(8, 22))
    content = _draw_table(rng, page_style, Box(margin, margin, width - 2 * margin, height - 2 * margin))
    image, pixel_classes = page_content.lay_on_paper(paper_wear.blank_paper(width, height, rng), content, rng)
    numbers = scans.sort_in_reading_order(content.numbers)
    return scans.simulate_scan(scans.SyntheticPage(image, pixel_classes, numbers, dpi, "number table"), rng)


def _draw_table(rng: Generator, page_style: PageStyle, area: Box) -> PageContent:
    has_heads, has_names = rng.random() < _PRINTED_HEADS_SHARE, rng.random() < _PRINTED_NAMES_SHARE
    row_height = max(page_style.mm_to_pixels(rng.uniform(6, 14)), round(1.1 * page_style.hand.height))
    row_count = min(int(rng.integers(_MIN_ROWS, _MAX_ROWS + 1)), area.height // row_height - has_heads)
    column_width = max(page_style.mm_to_pixels(rng.uniform(11, 26)), round(1.8 * page_style.hand.height))
    names_width = round(_NAME_COLUMN_WIDTH * column_width) if has_names else 0
    most_columns = max((area.width - names_width) // column_width, 1)
    column_count = min(int(rng.integers(_MIN_COLUMNS, _MAX_COLUMNS + 1)), most_columns)
    left, top = area.x + names_width, area.y + (row_height if has_heads else 0)
    right, bottom = left + column_count * column_width, top + row_count * row_height
    contents = []
    if rng.random() < _RULED_SHARE:
        xs = {area.x, *range(left, right + 1, column_width)}
        contents.append(_draw_rules(page_style, xs, range(area.y, bottom + 1, row_height)))
    if has_heads:
        heads = [Box(left + index * column_width, area.y, column_width, row_height) for index in range(column_count)]
        contents += [_print_words(wording.random_field_name(rng), head, page_style, 0.5) for head in heads]
    upper_case = rng.random() < 0.5
    for row in range(row_count):
        y = top + row * row_height
        if has_names:
            name = f"{wording.random_name(rng)} {wording.random_name(rng)}"
            box = Box(area.x, y, names_width, row_height)
            contents.append(_print_words(name.upper() if upper_case else name, box, page_style, 0.1))
        for column in range(column_count):
            if rng.random() >= _EMPTY_CELL_SHARE:
                cell = Box(left + column * column_width, y, column_width, row_height)
                text = str(int(rng.integers(10, 100)))
                contents.append(writing.write_characters_in_cell(text, cell, page_style.hand, rng, (row, column)))
    return page_content.merge_contents(contents)


def _draw_rules(page_style: PageStyle, xs: Iterable[int], ys: Iterable[int]) -> PageContent:
    """Draw a grid of rules at these columns and rows."""
    across, down = sorted(xs), sorted(ys)
    vertical = [((x, down[0]), (x, down[-1])) for x in across]
    horizontal = [((across[0], y), (across[-1], y)) for y in down]
    return page_content.merge_contents(
        page_content.draw_rule(start, end, page_style.rule_width, page_style.rule_ink)
        for start, end in (*vertical, *horizontal)
    )


def _print_words(words: str, box: Box, page_style: PageStyle, align: float) -> PageContent:
    """Print as many of the words as fit."""
    shortened = printed.shorten_to_width(words, box.width, page_style.body)
    if printed.text_width(shortened, page_style.body) > box.width:
        return page_content.PageContent()
    return printed.typeset_line_in_box(shortened, box, page_style.body, align)
