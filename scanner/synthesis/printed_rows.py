"""Printed rows amid those to fill in: pars and distances on a scorecard, limits, last year's figures.

Many stand on a tinted or dark ground, and arrows point from some of their cells to others.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.synthesis import page_content, table_columns, table_grids, wording
from scanner.synthesis.page_content import InkElement, InkLayer, InkStyle, PageContent, PixelClass

if TYPE_CHECKING:
    from scanner.synthesis.cell_texts import TextOfRow
    from scanner.synthesis.page_style import PageStyle
    from scanner.synthesis.printed import TextStyle
    from scanner.types import Box

    Generator = np.random.Generator

WHITE_INK = InkStyle((250, 250, 250))
"""Paper that is left white in a dark ground."""
_TINTED_SHARE = 0.25
"""Share of printed rows on a tinted ground; a choice."""
_DARK_SHARE = 0.12
"""Share of printed rows on a dark ground; a choice."""
_ARROWED_SHARE = 0.12
"""Share of printed rows with arrows; a choice."""


@dataclass(frozen=True, slots=True)
class PrintedRow:
    """What is alike in a printed row."""

    text_of_cell: TextOfRow
    name: str
    """What stands in its first cell."""
    text_style: TextStyle
    ground: InkStyle | None
    """What its cells are filled with; None for bare paper."""
    arrow_share: float
    """Share of its cells with an arrow."""

    def fill(self, rng: Generator, cell: Box, index: int) -> PageContent:
        """Print what stands in the cell of a column, from 0."""
        text = self.text_of_cell(rng, index).replace("½", ".5").replace("·", ".") if index else self.name
        contents = [table_columns.typeset_in_cell(text, cell, self.text_style, 0.5 if index else 0.0)]
        if self.ground is not None:
            contents.insert(0, page_content.fill_box(cell, self.ground, PixelClass.PAPER))
        if index and rng.random() < self.arrow_share:
            contents.append(_draw_arrow(rng, cell, self.text_style.ink))
        return page_content.merge_contents(contents)


def random_printed_row(rng: Generator, page_style: PageStyle) -> PrintedRow:
    """Draw what is alike in a printed row."""
    kind = rng.random()
    if kind < 0.3:
        text = _numbers_up_to(9)
    elif kind < 0.5:
        text = _numbers_up_to(int(rng.choice([18, 31, 99])))
    elif kind < 0.75:
        text = _numbers_up_to(600, low=100)
    else:
        text = table_columns.random_number_texts(rng)[0](rng)
    style = page_style.bold if rng.random() < 0.35 else page_style.body
    style = replace(style, size=max(round(style.size * float(rng.uniform(0.7, 1.4))), 6))
    kind, ground = rng.random(), None
    if kind < _TINTED_SHARE:
        ground = InkStyle(table_grids.random_ground(rng, dark=False), float(rng.uniform(0.6, 1.0)))
    elif kind < _TINTED_SHARE + _DARK_SHARE:
        ground = InkStyle(table_grids.random_ground(rng, dark=True), float(rng.uniform(0.9, 1.0)))
        style = replace(style, ink=WHITE_INK)
    name = wording.choose(rng, ("PAR", "Limit", "Target", "Last year", wording.random_word(rng).capitalize()))
    return PrintedRow(text, name, style, ground, 0.5 if rng.random() < _ARROWED_SHARE else 0.0)


def _numbers_up_to(high: int, low: int = 1) -> TextOfRow:
    return lambda rng, _: str(int(rng.integers(low, high + 1)))


def _draw_arrow(rng: Generator, cell: Box, ink: InkStyle) -> PageContent:
    """A small filled triangle that points up at the upper edge of a cell, or down at the lower one."""
    side = max(round(min(cell.width, cell.height) * float(rng.uniform(0.15, 0.3))), 3)
    coverage = np.zeros((side, side), np.uint8)
    cv2.fillConvexPoly(coverage, np.array([(0, side - 1), (side - 1, side - 1), (side // 2, 0)]), 255, cv2.LINE_AA)
    left = round(cell.center[0] - side / 2)
    top = cell.y
    if rng.random() < 0.5:
        coverage, top = np.ascontiguousarray(coverage[::-1]), cell.bottom - side
    return PageContent((InkElement(coverage, left, top, PixelClass.PRINT, InkLayer.PRINT, ink),))
