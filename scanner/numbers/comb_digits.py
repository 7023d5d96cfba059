"""Ink in a comb field -> one digit per cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scanner.image.components import MIN_DIGIT_PART_INK_SHARE
from scanner.numbers.text_lines import TextLine
from scanner.types import Box, Glyph

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from scanner.layout.cell_assignment import CellAssignment
    from scanner.layout.comb_fields import CombField
    from scanner.types import Ink


_MIN_INK_SIZE_CELL_SHARE = 0.25
"""Ink lower and narrower than this part of the cell is a point, a dash or dirt: the cell is empty."""

_FULL_HEIGHT_SHARE = 0.6
"""Pieces with at least this part of the height of the cell's ink, ..."""

_MIN_CHARACTER_GAP_CELL_WIDTHS = 0.08
"""... this part of the cell's width apart, are two characters ..."""

_MAX_DOUBLE_CELL_SHARE = 0.34
"""... and where more than this part of the cells holds two, they are cells of a table, no comb."""


@dataclass(frozen=True, slots=True)
class CombDigits:
    """The ink in one comb field."""

    text_line: TextLine
    comb_cells: tuple[int, ...]
    """Of the cells with ink, from left to right; from 1."""
    glyphs: tuple[Glyph, ...]
    """All the ink of each of them, the specks left out."""


def find_comb_digits(
    inked: CellAssignment, component_indices: NDArray[np.int64], combs: Sequence[CombField], ink_without_rules: Ink
) -> tuple[CombDigits, ...]:
    """The ink in each comb field.

    Args:
        inked: ink by cells.
        component_indices: components that may be characters.
        combs: of the page.
        ink_without_rules: of the straightened page, without rules.

    Returns:
        Only of combs with ink, and not of those that hold several characters in a cell.
    """
    found = []
    for comb in combs:
        columns: list[int] = []
        glyphs: list[Glyph] = []
        used: list[int] = []
        pairs = 0
        for index, place in enumerate(inked.cell_places):
            if place.comb_field is not comb:
                continue
            own = component_indices[inked.cell_place_of_component[component_indices] == index]
            own = own[inked.components.areas[own] >= MIN_DIGIT_PART_INK_SHARE * inked.components.areas[own].sum()]
            if not own.size:
                continue
            glyph = _cell_glyph(inked, own, ink_without_rules)
            if max(glyph.box.height / place.cell.height, glyph.box.width / place.cell.width) < _MIN_INK_SIZE_CELL_SHARE:
                continue
            pairs += _holds_two_characters(inked.components.boxes[own], glyph.box.height, place.cell.width)
            columns.append(place.cell.column)
            glyphs.append(glyph)
            used.extend(int(i) for i in own)
        if glyphs and pairs <= _MAX_DOUBLE_CELL_SHARE * len(glyphs):
            box = Box.around(glyph.box for glyph in glyphs)
            height = float(np.median([glyph.box.height for glyph in glyphs]))
            found.append(CombDigits(TextLine(tuple(used), box, height), tuple(columns), tuple(glyphs)))
    return tuple(found)


def _cell_glyph(inked: CellAssignment, members: NDArray[np.int64], ink: Ink) -> Glyph:
    box = Box.around(inked.components.box(int(index)) for index in members)
    _, with_soft_edge = inked.components.cut_out(members, box)
    return Glyph(box, np.where(with_soft_edge, ink.strength[box.y : box.bottom, box.x : box.right], np.uint8(0)))


def _holds_two_characters(boxes: NDArray[np.int32], height: int, width: float) -> bool:
    """Whether two of the pieces are characters side by side."""
    full = boxes[boxes[:, 3] >= _FULL_HEIGHT_SHARE * height]
    full = full[np.argsort(full[:, 0])]
    gaps = full[1:, 0] - np.maximum.accumulate(full[:, 0] + full[:, 2])[:-1]
    return bool((gaps >= _MIN_CHARACTER_GAP_CELL_WIDTHS * width).any())
